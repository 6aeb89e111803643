//! What a user writes, and what they get or are told.

mod addon;
mod addon_folder;
mod app;
mod environment;
mod faults;
mod flags;
mod home_assistant;
mod prices;
mod secrets;
mod valid;
mod web;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::{CommandLine, Faults, Loaded, load_with};

/// The shortest file that is complete.
pub(super) const SHORTEST: &str = "\
fluvius: {email: you@example.com, password: 'horse staple'}
meters: [{ean: '541448860000000011', serial: 1SAG1100000015}]
";

/// A folder with a configuration file, and the environment and command line that go with it.
pub(super) struct Case {
    pub(super) folder: TempDir,
    pub(super) command_line: CommandLine,
    environment: Vec<(OsString, OsString)>,
}

impl Case {
    /// Without a file.
    pub(super) fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, command_line: CommandLine::default(), environment: Vec::new() }
    }

    /// With a file that only its owner reads.
    pub(super) fn file(text: &str) -> Self {
        let case = Self::empty();
        case.write("config.yaml", text, 0o600);
        case
    }

    pub(super) fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    pub(super) fn var(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    pub(super) fn load(&self) -> Result<Loaded, Faults> {
        load_with(&self.command_line, self.environment.clone(), &self.folder.path().join("config.yaml"))
    }

    pub(super) fn loaded(&self) -> Loaded {
        self.load().unwrap_or_else(|faults| panic!("{faults}"))
    }

    /// All faults, a line each.
    pub(super) fn told(&self) -> Vec<String> {
        self.load().unwrap_err().to_string().lines().map(str::to_owned).collect()
    }
}

/// Loads a file.
pub(super) fn loaded(text: &str) -> Loaded {
    Case::file(text).loaded()
}

/// What is told about a file.
pub(super) fn told(text: &str) -> Vec<String> {
    Case::file(text).told()
}

/// The shortest file with more below it.
pub(super) fn with(more: &str) -> String {
    format!("{SHORTEST}{more}\n")
}

/// The shortest file with more in `fluvius`.
pub(super) fn with_fluvius(more: &str) -> String {
    SHORTEST.replace("'horse staple'}", &format!("'horse staple', {more}}}"))
}

/// The shortest file with more in its meter.
pub(super) fn with_meter(more: &str) -> String {
    SHORTEST.replace("1SAG1100000015}", &format!("1SAG1100000015, {more}}}"))
}

/// The shortest file must have exactly one fault, which says this.
pub(super) fn assert_one_fault(text: &str, expected: &str) {
    let told = told(text);
    assert_eq!(told.len(), 1, "{told:#?} for {text}");
    assert!(told[0].contains(expected), "{told:#?} for {text}");
}

pub(super) fn repository_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
