use std::path::Path;

use chrono_tz::Tz;
use rusqlite::OptionalExtension as _;

use super::{Error, Ledger, MeterId, schema};
use crate::energy::{Ean, MeterKind, Unit};

impl Ledger {
    /// Opens a ledger that is there, to read it beside a service that may be writing. Nothing is made and nothing upgraded, and
    /// all that is read is of the moment of the first look.
    ///
    /// # Errors
    /// When there is none, when it can't be opened, or when another version has written it.
    pub fn open_to_read(folder: &Path, zone: Tz) -> Result<Self, Error> {
        let path = Self::existing(folder)?;
        match schema::open_to_read(&path) {
            Ok(db) => Ok(Self { db, zone, path }),
            Err(cause) => Err(Error::at(path, cause)),
        }
    }

    /// Opens a ledger that is there, to write beside a service that may be writing too.
    ///
    /// # Errors
    /// When there is none, and as [`Ledger::open`].
    pub fn open_existing(folder: &Path, zone: Tz) -> Result<Self, Error> {
        Self::existing(folder)?;
        Self::open(folder, zone)
    }

    /// The meter with an EAN, if a first run has entered it. Amounts in `unit` count.
    ///
    /// # Errors
    /// When the store fails.
    pub fn known_meter(&self, ean: &Ean, kind: MeterKind, unit: Unit) -> Result<Option<MeterId>, Error> {
        let row =
            self.db.query_row("SELECT id FROM meter WHERE ean = ?1", [ean.digits()], |row| row.get(0)).optional()?;
        Ok(row.map(|row| MeterId { row, kind, unit, until: None }))
    }

    fn existing(folder: &Path) -> Result<std::path::PathBuf, Error> {
        let path = folder.join(Self::FILE);
        if path.is_file() { Ok(path) } else { Err(Error::Missing { path }) }
    }
}
