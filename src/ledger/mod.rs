//! The ledger: every reading that was ever fetched, in SQLite, and what follows from them.
//!
//! This room owns the store: merging and corrections, which days are complete, which ones are still to be asked for,
//! the anchor of the totals, and the sums. It knows `energy` alone. It must not know where readings come from, nor what
//! a sink does with them; a sink is a function of what stands here and can be rebuilt from it.
//!
//! Two rules carry the rest. A reading is replaced by a later fetch of the same interval and by nothing else, so that
//! the order and number of merges don't matter; what comes from elsewhere is noted as older than any fetch. And a day is
//! settled in the transaction that changed it: its amounts in the table `day_amount` always follow from its rows in
//! `reading`. Gas comes twice, in kWh and in m³: both are kept in `reading`, and all else is made of the one that its meter
//! counts in.
//!
//! The table `correction` alone remembers something else than how things stand: what a fetch has replaced. It is there to be
//! looked at, and nothing is counted by it.

mod adopt;
mod beside;
mod codes;
mod confirmed;
mod corrections;
mod counting;
mod days;
mod error;
mod hours;
mod imported;
mod merge;
mod meters;
mod peaks;
mod quality;
mod recount;
mod schema;
mod settle;
mod snapshot;
mod swap;
#[cfg(test)]
mod tests;
mod totals;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use rusqlite::Connection;

pub use adopt::Adopted;
pub use confirmed::Confirmed;
pub use corrections::Correction;
pub use days::{APART, Answers, Asked, DayState, OCCASIONS, late_days, portal_floor, publication_days, trailing_days};
pub use error::Error;
pub use imported::{Conflict, Weighed};
pub use merge::Change;
pub use meters::{IntervalCode, MeterId};
pub use quality::Quality;
pub use settle::Amounts;
pub use snapshot::{DayAmounts, RegisterSums, Snapshot, Totals};

/// An open ledger.
pub struct Ledger {
    db: Connection,
    zone: Tz,
    path: PathBuf,
}

impl Ledger {
    /// The name of the ledger's file in the data directory.
    pub const FILE: &str = "ledger.sqlite";

    /// Opens the ledger in a folder, making or upgrading it as needed. `zone` is the one whose midnight ends a day.
    ///
    /// # Errors
    /// When the file can't be opened, isn't a ledger, or was written by a newer version.
    pub fn open(folder: &Path, zone: Tz) -> Result<Self, Error> {
        let path = folder.join(Self::FILE);
        match schema::open(&path) {
            Ok(db) => Ok(Self { db, zone, path }),
            Err(cause) => Err(Error::at(path, cause)),
        }
    }

    /// Looks whether the ledger in a folder can be used, without making or changing one. `false` when there is none yet.
    ///
    /// # Errors
    /// When the file can't be read and written, is damaged, or was written by a newer version.
    pub fn examine(folder: &Path) -> Result<bool, Error> {
        let path = folder.join(Self::FILE);
        schema::examine(&path).map_err(|cause| Error::at(path, cause))
    }

    /// Writes a copy of the ledger into another folder.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn copy_to(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(Self::FILE);
        self.db.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
        Ok(())
    }

    /// How many bytes the ledger's file takes, together with the write-ahead log beside it.
    ///
    /// # Errors
    /// When the file is gone, or can't be looked at.
    pub fn size(&self) -> Result<u64, Error> {
        let mut log = self.path.clone().into_os_string();
        log.push("-wal");
        let log = match fs::metadata(log) {
            Ok(log) => log.len(),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => 0,
            Err(cause) => return Err(Error::at(self.path.clone(), cause.into())),
        };
        let file = fs::metadata(&self.path).map_err(|cause| Error::at(self.path.clone(), cause.into()))?;
        Ok(file.len().saturating_add(log))
    }
}
