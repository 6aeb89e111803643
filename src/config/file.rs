//! Files as a source: the configuration file, and reading any file within limits.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use reqwest::Url;
use serde_yaml::Value;

use super::environment::Environment;
use super::fault::{Fault, Wrong};
use super::{CommandLine, keys};

/// No file that is meant for this program is larger.
const LARGEST: u64 = 1024 * 1024;

/// The configuration file, or nothing when there is none.
pub(super) struct Found {
    pub(super) value: Value,
    pub(super) path: Option<PathBuf>,
    pub(super) warnings: Vec<String>,
}

/// The text of a file, and which others may read it.
pub(super) struct Content {
    pub(super) text: String,
    /// The permissions of group and others, as in `chmod`.
    pub(super) open_to: u32,
}

impl Found {
    /// Reads the file that the command line or the environment names, or else the default one if it exists.
    pub(super) fn read(
        command_line: &CommandLine,
        environment: &Environment,
        default_file: &Path,
    ) -> Result<Self, Fault> {
        let (path, named_by) = match (&command_line.config, environment.file()) {
            (Some(path), _) => (path.clone(), "--config"),
            (None, Some((path, name))) => (path, name),
            (None, None) if default_file.try_exists().is_ok_and(|exists| !exists) => {
                return Ok(Self { value: Value::Null, path: None, warnings: Vec::new() });
            }
            (None, None) => (default_file.to_owned(), ""),
        };
        let shown = path.display().to_string();
        let key = if named_by.is_empty() { shown.clone() } else { named_by.to_owned() };
        let content = read(&path).map_err(|reason| {
            let problem = format!("the configuration file {shown} can't be read: {reason}");
            Wrong::new(problem, "check the path, and that this user may read the file").at(key)
        })?;
        let value = parse(&content.text).map_err(|wrong| wrong.at(shown.clone()))?;
        let mut warnings = Vec::new();
        if content.open_to != 0 && holds_a_secret(&value) {
            warnings.push(format!("{shown} holds a password and other users may read it; run: chmod 600 {shown}"));
        }
        Ok(Self { value, path: Some(path), warnings })
    }
}

/// Reads a text file, or says why it can't be read.
pub(super) fn read(path: &Path) -> Result<Content, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if metadata.is_dir() {
        return Err("it is a folder (Docker makes one when the file to mount doesn't exist)".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err("it is far too large".to_owned());
    }
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())?;
    Ok(Content { text, open_to: open_to(&metadata) })
}

/// Parses YAML. The parser's own messages quote what they stumble on, so only the place is told.
pub(super) fn parse(text: &str) -> Result<Value, Wrong> {
    serde_yaml::from_str(text).map_err(|error| {
        let place = match error.location() {
            Some(at) => format!("line {}, column {}", at.line(), at.column()),
            None => "an unknown place".to_owned(),
        };
        if error.to_string().contains("duplicate entry") {
            let problem = format!("the section that begins at {place} has a key twice");
            return Wrong::new(problem, "remove one of the two");
        }
        Wrong::new(
            format!("this is not valid YAML at {place}"),
            "check the indentation (spaces, no tabs) and the space after each colon, and put text with special \
             characters between quotes",
        )
    })
}

fn holds_a_secret(value: &Value) -> bool {
    let get = |section: &str, key: &str| value.get(section).and_then(|section| section.get(key));
    let url = get("mqtt", "url").and_then(Value::as_str).and_then(|url| Url::parse(url).ok());
    keys::SECRETS.iter().any(|(section, key, _)| get(section, key).is_some_and(|secret| !secret.is_null()))
        || url.is_some_and(|url| url.password().is_some())
}

#[cfg(unix)]
fn open_to(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077
}

/// Only Unix has these permissions.
#[cfg(not(unix))]
fn open_to(_: &Metadata) -> u32 {
    0
}
