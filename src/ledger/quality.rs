//! How well a day is known.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::merge::stored;
use super::settle::choose;
use super::{DayState, Error, Ledger, MeterId, codes};
use crate::energy::{MeterDay, Reading};

/// An hour, in seconds: the longest intervals that are shorter than a day.
const HOUR: u32 = 3_600;

/// When the readings of a meter start that are not valid. SQLite takes the primary key to be as good as the index, and would
/// look at all the valid ones.
pub(super) const ESTIMATED: &str = "SELECT DISTINCT start FROM reading INDEXED BY estimated
    WHERE meter = ?1 AND start >= ?2 AND start < ?3 AND unit = ?4 AND status <> 2 ORDER BY start";

/// How much is known of a meter day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Nothing, and it is still awaited.
    Missing,
    /// A part, whether the rest is awaited or was given up.
    Partial,
    /// All of it, as a daily total alone.
    DailyOnly,
    /// All of it, in quarter-hours or hours.
    Complete,
    /// Nothing, and it was given up as not existing.
    Absent,
}

impl DayState {
    /// How much is known of the day. One that was given up as not existing, and came after all, is known like any other,
    /// though no total counts it.
    #[must_use]
    pub const fn quality(self) -> Quality {
        match (self.has_amounts, self.finest) {
            (false, _) if self.absent => Quality::Absent,
            (false, _) => Quality::Missing,
            (true, None) => Quality::Partial,
            (true, Some(seconds)) if seconds > HOUR => Quality::DailyOnly,
            (true, Some(_)) => Quality::Complete,
        }
    }
}

impl Ledger {
    /// The days from `first` until `last` that rest on readings which the portal, or the file that they were imported from,
    /// has not called valid: how many of the readings that count these are. A daily total that gave way to its
    /// quarter-hours says nothing about the day any more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn estimated(
        &self,
        meter: MeterId,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeMap<NaiveDate, u32>, Error> {
        let mut estimated = BTreeMap::new();
        let lies_in = |date| MeterDay::new(meter.kind, date, self.zone).map(MeterDay::interval);
        let (Some(first), Some(last)) = (lies_in(first), lies_in(last)) else { return Ok(estimated) };
        let mut select = self.db.prepare_cached(ESTIMATED)?;
        let (from, until) = (first.start().timestamp(), last.end().timestamp());
        let mut rows = select.query((meter.row, from, until, codes::unit_code(meter.unit)))?;
        let mut looked_at: Option<MeterDay> = None;
        while let Some(row) = rows.next()? {
            let start = codes::instant(row.get(0)?)?;
            if looked_at.is_some_and(|day| start < day.interval().end()) {
                continue;
            }
            looked_at = MeterDay::containing(meter.kind, start, self.zone);
            let Some(day) = looked_at else { continue };
            let readings: Vec<Reading> =
                stored(&self.db, meter, day)?.into_values().map(|(reading, _)| reading).collect();
            let counting = choose(meter, day, &readings).into_values().flat_map(|chosen| chosen.readings);
            let count = counting.filter(|reading| !reading.is_valid()).count();
            if count > 0 {
                estimated.insert(day.date(), u32::try_from(count).unwrap_or(u32::MAX));
            }
        }
        Ok(estimated)
    }
}
