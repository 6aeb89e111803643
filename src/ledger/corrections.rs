//! What the portal has said otherwise than before.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Connection, params};

use super::codes::{self, direction_code, register_code, unit_code};
use super::imported::FIRST_FETCH;
use super::merge::Stored;
use super::{Error, Ledger, MeterId};
use crate::energy::{Amount, Direction, MeterDay};

/// What one fetch corrected of a day, over intervals of one length in one direction. Amounts are in the unit in which the
/// meter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The local date of the meter day.
    pub date: NaiveDate,
    /// The direction of the readings.
    pub direction: Direction,
    /// The length of their intervals, in seconds: that of the day itself for a daily total.
    pub seconds: u32,
    /// When they were fetched.
    pub at: DateTime<Utc>,
    /// How many readings went up or down, those of each register on their own.
    pub readings: u32,
    /// What these readings were together, all registers.
    pub before: Amount,
    /// What they have become.
    pub after: Amount,
}

impl Ledger {
    /// What was corrected of the days from `first` until `last`: the days in order, and of each the newest fetch first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn corrections(&self, meter: MeterId, first: NaiveDate, last: NaiveDate) -> Result<Vec<Correction>, Error> {
        let mut select = self.db.prepare_cached(
            "SELECT date, direction, seconds, fetched_at, sum(readings), sum(amount_before), sum(amount_after)
             FROM correction WHERE meter = ?1 AND date BETWEEN ?2 AND ?3 AND unit = ?4
             GROUP BY date, direction, seconds, fetched_at ORDER BY date, fetched_at DESC, direction, seconds",
        )?;
        let mut rows = select.query((meter.row, first.to_string(), last.to_string(), unit_code(meter.unit)))?;
        let mut corrections = Vec::new();
        while let Some(row) = rows.next()? {
            corrections.push(Correction {
                date: codes::date(&row.get::<_, String>(0)?)?,
                direction: codes::direction(row.get(1)?)?,
                seconds: row.get(2)?,
                at: DateTime::from_timestamp_millis(row.get(3)?).ok_or(Error::Damaged("instant"))?,
                readings: row.get(4)?,
                before: Amount::from_millionths(row.get(5)?),
                after: Amount::from_millionths(row.get(6)?),
            });
        }
        Ok(corrections)
    }
}

/// Keeps what a fetch has made of the readings of a day that were there before it, as a part of a transaction.
///
/// An import that gives way to what the portal tells later is no correction: it is the first word of the portal.
/// Registers are kept apart, so that the reading codes can be swapped here too.
pub(super) fn keep_corrections(
    db: &Connection,
    meter: MeterId,
    day: MeterDay,
    before: &Stored,
    after: &Stored,
    fetched_at: i64,
) -> Result<(), Error> {
    let mut corrected: BTreeMap<_, (u32, Amount, Amount)> = BTreeMap::new();
    for (key, (old, told_at)) in before {
        let Some((new, _)) = after.get(key).filter(|(new, _)| new.amount != old.amount) else { continue };
        if *told_at < FIRST_FETCH {
            continue;
        }
        let group = (new.direction, new.register, new.unit, new.interval.seconds());
        let (readings, before, after) = corrected.entry(group).or_default();
        *readings = readings.saturating_add(1);
        *before = before.plus(old.amount);
        *after = after.plus(new.amount);
    }
    for ((direction, register, unit, seconds), (readings, before, after)) in corrected {
        // The clock may stand still between two answers.
        db.prepare_cached(
            "INSERT INTO correction VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT DO UPDATE SET
                readings = readings + excluded.readings,
                amount_before = amount_before + excluded.amount_before,
                amount_after = amount_after + excluded.amount_after",
        )?
        .execute(params![
            meter.row,
            day.date().to_string(),
            direction_code(direction),
            register_code(register),
            unit_code(unit),
            seconds,
            fetched_at,
            readings,
            before.millionths(),
            after.millionths(),
        ])?;
    }
    Ok(())
}
