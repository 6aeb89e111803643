//! Secrets: written in place, or in a file of their own.

use std::path::Path;

use super::fault::Wrong;
use super::file;
use super::reader::{Reader, Table};
use super::values;
use crate::secret::Secret;

/// Reads a secret from its key or from the file that the other key names. Both at once are a fault.
pub(super) fn optional<'a>(reader: &mut Reader<'a>, table: &Table<'a>, key: &str, file_key: &str) -> Option<Secret> {
    if table.get(file_key).is_none() {
        // A key with nothing after it may be a password such as ~ without quotes.
        let value = table.written(key)?;
        return match values::secret(value) {
            Ok(text) => Some(Secret::new(text)),
            Err(wrong) => {
                reader.fault(&table.at(key), wrong);
                None
            }
        };
    }
    if table.get(key).is_some() {
        let remedy = format!("remove either `{key}` or `{file_key}`");
        reader.fault(&table.at(key), Wrong::new(format!("`{file_key}` is set as well"), remedy));
    }
    let path = reader.optional(table, file_key, values::path)?;
    match from_file(&path) {
        Ok((secret, warning)) => {
            reader.warnings.extend(warning);
            Some(secret)
        }
        Err(wrong) => {
            reader.fault(&table.at(file_key), wrong);
            None
        }
    }
}

/// Reads a secret that has to be there.
pub(super) fn required<'a>(reader: &mut Reader<'a>, table: &Table<'a>, key: &str, file_key: &str) -> Option<Secret> {
    if table.written(key).is_none() && table.get(file_key).is_none() {
        reader.missing(&table.at(key));
    }
    optional(reader, table, key, file_key)
}

fn from_file(path: &Path) -> Result<(Secret, Option<String>), Wrong> {
    let shown = shown(path);
    let content = file::read(path).map_err(|reason| {
        Wrong::new(format!("{shown} can't be read: {reason}"), "check the path, and that this user may read the file")
    })?;
    let text = content.text.strip_suffix('\n').map_or(content.text.as_str(), |text| {
        // One line end, in either spelling.
        text.strip_suffix('\r').unwrap_or(text)
    });
    if text.is_empty() {
        return Err(Wrong::new(format!("{shown} is empty"), "write the secret into it, on its first line"));
    }
    let readable_by_all = content.open_to & 0o004 != 0;
    let warning =
        readable_by_all.then(|| format!("{shown} holds a secret and every user may read it; run: chmod 600 {shown}"));
    Ok((Secret::new(text.to_owned()), warning))
}

/// A path for a message, unless it may be a secret that was written in the place of a path.
pub(super) fn shown(path: &Path) -> String {
    let is_a_path = path.is_absolute()
        || path.starts_with("..")
        || path.starts_with(".")
        || path.parent().is_some_and(|parent| !parent.as_os_str().is_empty() && parent.is_dir());
    if is_a_path || path.is_file() { path.display().to_string() } else { "the file".to_owned() }
}
