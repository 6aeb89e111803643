//! Whether the data directory can be used, and whether a service has it.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use super::finding::{Finding, Subject};
use crate::bridge::{self, lock};
use crate::config::Config;
use crate::ledger::{self, Ledger};

/// Who has the data directory.
pub(super) enum DataDir {
    /// This run, as long as it holds the lock.
    Ours(#[expect(dead_code, reason = "held, not read")] File),
    /// A service that runs.
    Theirs,
    /// Nobody: it can't be used.
    Unusable,
}

pub(super) fn check(config: &Config, tell: &mut impl FnMut(Finding)) -> DataDir {
    let folder = &config.data_dir;
    let subject = Subject::data_dir();
    let data_dir = match lock(folder) {
        Ok(lock) => DataDir::Ours(lock),
        Err(bridge::Error::InUse(_)) => DataDir::Theirs,
        Err(bridge::Error::DataDir { cause, .. }) => {
            tell(unusable(&subject, &cause).at(folder.display()));
            return DataDir::Unusable;
        }
        Err(other) => {
            tell(Finding::bad(&subject, "can't be used").because(other).at(folder.display()));
            return DataDir::Unusable;
        }
    };
    if let Err(cause) = write(folder) {
        tell(unusable(&subject, &cause).at(folder.display()));
        return DataDir::Unusable;
    }
    let used = if matches!(data_dir, DataDir::Theirs) { ", and fluvius2mqtt is running on it" } else { "" };
    let finding = match Ledger::examine(folder) {
        Ok(true) => Finding::good(&subject, format!("can be written, and the ledger in it is sound{used}")),
        Ok(false) => Finding::good(&subject, format!("can be written; the first poll makes the ledger{used}")),
        Err(error) => damaged(&subject, error),
    };
    tell(finding.at(folder.display()));
    data_dir
}

fn unusable(subject: &Subject, cause: &io::Error) -> Finding {
    let remedy = "make it, or set data_dir to a folder that this user can write; with Docker it must be a volume";
    Finding::bad(subject, "can't be written").because(cause).remedy(remedy)
}

fn damaged(subject: &Subject, error: ledger::Error) -> Finding {
    let move_away = "restore it from a backup, or move it away: the history is then fetched again";
    match error {
        ledger::Error::Open { cause, .. } => {
            Finding::bad(subject, "the ledger in it can't be used").because(cause).remedy(move_away)
        }
        ledger::Error::Newer { found, known, .. } => {
            let message = format!("a newer version has written the ledger in it (schema {found}, not {known})");
            Finding::bad(subject, message).remedy("update fluvius2mqtt")
        }
        ledger::Error::Missing { .. } | ledger::Error::Older { .. } => {
            Finding::bad(subject, "the ledger in it isn't ready").remedy("start the bridge once")
        }
        ledger::Error::Store(cause) => {
            Finding::bad(subject, "the ledger in it can't be read").because(cause).remedy(move_away)
        }
        ledger::Error::Damaged(what) => {
            Finding::bad(subject, format!("the ledger in it is damaged ({what})")).remedy(move_away)
        }
    }
}

/// Writes a file that is gone at once.
fn write(folder: &Path) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(b"check")?;
    file.as_file().sync_all()
}
