use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::OptionalExtension as _;

use super::codes;
use super::{Error, Ledger};
use crate::energy::{Ean, MeterKind, Unit};

/// A meter in the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeterId {
    pub(super) row: i64,
    pub(super) kind: MeterKind,
    /// The unit whose amounts count.
    pub(super) unit: Unit,
    /// The last day that counts, if there is one.
    pub(super) until: Option<NaiveDate>,
}

impl MeterId {
    /// The same meter with an end: later days are kept and count nothing.
    #[must_use]
    pub const fn ending(self, until: Option<NaiveDate>) -> Self {
        Self { until, ..self }
    }

    /// The last day that counts: the end, or else the last of those that are in order as texts too.
    pub(super) fn last_day(self) -> NaiveDate {
        self.until.or_else(|| NaiveDate::from_ymd_opt(9999, 12, 31)).unwrap_or(NaiveDate::MAX)
    }
}

/// The portal's granularity code that was found to give rows shorter than a day, and how long they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntervalCode {
    /// The code to ask with.
    pub code: u8,
    /// The length of the rows that it gives, in seconds.
    pub seconds: u32,
}

impl Ledger {
    /// The meter with an EAN, entered on its first run. Amounts in `unit` count, those in another one are kept beside them.
    /// `first_day` is where its history starts by default; it is kept from that first run on.
    ///
    /// # Errors
    /// When the store fails.
    pub fn meter(&self, ean: &Ean, kind: MeterKind, unit: Unit, first_day: NaiveDate) -> Result<MeterId, Error> {
        self.db.execute(
            "INSERT INTO meter (ean, kind, unit, first_day) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            (ean.digits(), codes::kind_name(kind), codes::unit_code(unit), first_day.to_string()),
        )?;
        let row = self.db.query_row("SELECT id FROM meter WHERE ean = ?1", [ean.digits()], |row| row.get(0))?;
        Ok(MeterId { row, kind, unit, until: None })
    }

    /// The first day of history that a meter needs: the one that is asked for, or 31 days before its first run, and
    /// never later than its anchor.
    ///
    /// # Errors
    /// When the store fails.
    pub fn history_start(&self, meter: MeterId, history_from: Option<NaiveDate>) -> Result<NaiveDate, Error> {
        let first_day: String =
            self.db.query_row("SELECT first_day FROM meter WHERE id = ?1", [meter.row], |row| row.get(0))?;
        let start = history_from.map_or_else(|| codes::date(&first_day), Ok)?;
        Ok(self.anchor(meter)?.map_or(start, |anchor| anchor.min(start)))
    }

    /// The first day that a meter's totals count, once it is decided.
    ///
    /// # Errors
    /// When the store fails.
    pub fn anchor(&self, meter: MeterId) -> Result<Option<NaiveDate>, Error> {
        let anchor: Option<String> =
            self.db.query_row("SELECT anchor FROM meter WHERE id = ?1", [meter.row], |row| row.get(0))?;
        anchor.map(|date| codes::date(&date)).transpose()
    }

    /// Decides the anchor, for good: a second call changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub fn set_anchor(&self, meter: MeterId, date: NaiveDate) -> Result<(), Error> {
        self.db
            .execute("UPDATE meter SET anchor = ?2 WHERE id = ?1 AND anchor IS NULL", (meter.row, date.to_string()))?;
        Ok(())
    }

    /// Whether anything was ever read of a meter, be it in a unit that doesn't count.
    ///
    /// # Errors
    /// When the store fails.
    pub fn has_readings(&self, meter: MeterId) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM reading WHERE meter = ?1)";
        Ok(self.db.query_row(sql, [meter.row], |row| row.get(0))?)
    }

    /// The code that was found for rows shorter than a day.
    ///
    /// # Errors
    /// When the store fails.
    pub fn interval_code(&self, meter: MeterId) -> Result<Option<IntervalCode>, Error> {
        Ok(self.db.query_row("SELECT code, code_seconds FROM meter WHERE id = ?1", [meter.row], |row| {
            Ok(match (row.get(0)?, row.get(1)?) {
                (Some(code), Some(seconds)) => Some(IntervalCode { code, seconds }),
                _ => None,
            })
        })?)
    }

    /// Remembers the code for rows shorter than a day.
    ///
    /// # Errors
    /// When the store fails.
    pub fn set_interval_code(&self, meter: MeterId, found: Option<IntervalCode>) -> Result<(), Error> {
        self.db.execute(
            "UPDATE meter SET code = ?2, code_seconds = ?3 WHERE id = ?1",
            (meter.row, found.map(|found| found.code), found.map(|found| found.seconds)),
        )?;
        Ok(())
    }

    /// When a poll of this meter last left no question open.
    ///
    /// # Errors
    /// When the store fails.
    pub fn last_sync(&self, meter: MeterId) -> Result<Option<DateTime<Utc>>, Error> {
        let at: Option<i64> =
            self.db.query_row("SELECT last_sync FROM meter WHERE id = ?1", [meter.row], |row| row.get(0))?;
        at.map(codes::instant).transpose()
    }

    /// Notes that a poll of this meter left no question open.
    ///
    /// # Errors
    /// When the store fails.
    pub fn set_last_sync(&self, meter: MeterId, at: DateTime<Utc>) -> Result<(), Error> {
        self.db.execute("UPDATE meter SET last_sync = ?2 WHERE id = ?1", (meter.row, at.timestamp()))?;
        Ok(())
    }

    /// A text kept under a name; the first time, the one that `make` gives.
    ///
    /// # Errors
    /// When the store fails.
    pub fn setting(&self, name: &str, make: impl FnOnce() -> String) -> Result<String, Error> {
        let found =
            self.db.query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0)).optional()?;
        if let Some(value) = found {
            return Ok(value);
        }
        let value = make();
        self.db.execute("INSERT INTO setting (name, value) VALUES (?1, ?2)", (name, &value))?;
        Ok(value)
    }
}
