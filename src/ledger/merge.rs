use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, TransactionBehavior, params};

use super::codes::{self, direction_code, register_code, unit_code};
use super::corrections::keep_corrections;
use super::settle::{Settled, settle};
use super::{Error, Ledger, MeterId};
use crate::energy::{Amount, Direction, MeterDay, Reading, Register, Unit};

/// What a merge did to the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The start of the earliest interval whose amount is new or different.
    pub since: Option<DateTime<Utc>>,
    /// Readings that were not there before.
    pub added: usize,
    /// Readings whose amount went up or down.
    pub corrected: usize,
}

impl Change {
    /// What has come to this change since it was another one.
    #[must_use]
    pub fn after(self, before: Self) -> Self {
        Self {
            added: self.added.saturating_sub(before.added),
            corrected: self.corrected.saturating_sub(before.corrected),
            ..self
        }
    }

    /// Both changes together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            since: self.since.into_iter().chain(other.since).min(),
            added: self.added.saturating_add(other.added),
            corrected: self.corrected.saturating_add(other.corrected),
        }
    }
}

pub(super) type Key = (DateTime<Utc>, Direction, Register, Unit, u32);

/// Readings, each with the unix milliseconds of its fetch.
pub(super) type Stored = BTreeMap<Key, (Reading, i64)>;

pub(super) fn key(reading: &Reading) -> Key {
    (reading.interval.start(), reading.direction, reading.register, reading.unit, reading.interval.seconds())
}

impl Ledger {
    /// Merges the readings of one meter day, fetched at `at`, in one transaction. Readings outside of the day are left
    /// out; those that the ledger has and the fetch has not stay as they are.
    ///
    /// A later fetch wins over an earlier one, whichever is merged first; of two with the same time the larger amount
    /// wins, so that the outcome never depends on the order.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn merge(
        &mut self,
        meter: MeterId,
        day: MeterDay,
        readings: &[Reading],
        at: DateTime<Utc>,
    ) -> Result<Change, Error> {
        // It reads before it writes, and what it read must still hold then: an import may be writing beside the service.
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let change = merge_day(&transaction, meter, day, readings, at)?;
        transaction.commit()?;
        Ok(change)
    }
}

/// Merges the readings of one meter day and settles it, as a part of a transaction.
pub(super) fn merge_day(
    db: &Connection,
    meter: MeterId,
    day: MeterDay,
    readings: &[Reading],
    at: DateTime<Utc>,
) -> Result<Change, Error> {
    let before = stored(db, meter, day)?;
    let mut known = before.clone();
    let mut change = Change::default();
    let fetched_at = at.timestamp_millis();
    for reading in readings.iter().filter(|reading| {
        reading.interval.start() >= day.interval().start() && reading.interval.end() <= day.interval().end()
    }) {
        let corrected = match known.get(&key(reading)) {
            None => false,
            Some((old, when)) if (*when, old.amount, old.status) >= (fetched_at, reading.amount, reading.status) => {
                continue;
            }
            Some((old, _)) if old.amount == reading.amount => {
                write(db, meter, reading, fetched_at)?;
                known.insert(key(reading), (*reading, fetched_at));
                continue;
            }
            Some(_) => true,
        };
        write(db, meter, reading, fetched_at)?;
        known.insert(key(reading), (*reading, fetched_at));
        change = change.and(Change {
            since: Some(reading.interval.start()),
            added: usize::from(!corrected),
            corrected: usize::from(corrected),
        });
    }
    if change.corrected > 0 {
        keep_corrections(db, meter, day, &before, &known, fetched_at)?;
    }
    settle_day(db, meter, day, &known.into_values().map(|(reading, _)| reading).collect::<Vec<_>>())?;
    Ok(change)
}

pub(super) fn stored(db: &Connection, meter: MeterId, day: MeterDay) -> Result<Stored, Error> {
    let mut select = db.prepare_cached(
        "SELECT direction, register, unit, start, seconds, amount, status, fetched_at FROM reading
         WHERE meter = ?1 AND start >= ?2 AND start < ?3",
    )?;
    let interval = day.interval();
    let mut rows = select.query((meter.row, interval.start().timestamp(), interval.end().timestamp()))?;
    let mut stored = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let reading = codes::reading(row)?;
        stored.insert(key(&reading), (reading, row.get(7)?));
    }
    Ok(stored)
}

fn write(db: &Connection, meter: MeterId, reading: &Reading, fetched_at: i64) -> Result<(), Error> {
    db.prepare_cached(
        "INSERT INTO reading (meter, start, direction, register, unit, seconds, amount, status, fetched_at, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
         ON CONFLICT DO UPDATE SET
            changed_at = CASE WHEN amount = excluded.amount THEN changed_at ELSE excluded.changed_at END,
            amount = excluded.amount, status = excluded.status, fetched_at = excluded.fetched_at",
    )?
    .execute(params![
        meter.row,
        reading.interval.start().timestamp(),
        direction_code(reading.direction),
        register_code(reading.register),
        unit_code(reading.unit),
        reading.interval.seconds(),
        reading.amount.millionths(),
        reading.status,
        fetched_at,
    ])?;
    Ok(())
}

/// Brings `day_amount`, `day` and what is known of the meter in line with all readings of a day.
pub(super) fn settle_day(db: &Connection, meter: MeterId, day: MeterDay, readings: &[Reading]) -> Result<(), Error> {
    if readings.is_empty() {
        return Ok(());
    }
    let date = day.date().to_string();
    // A home keeps its panels: a meter that injected before is expected to report injection, be it nothing. One that has
    // reported nothing else has no panels.
    let injects = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM day_amount WHERE meter = ?1 AND direction = ?2 AND date < ?3 AND amount > 0)",
        (meter.row, direction_code(Direction::Injection), &date),
        |row| row.get(0),
    )?;
    let Settled { amounts, finest, is_part } = settle(meter, day, readings, injects);
    db.execute("DELETE FROM day_amount WHERE meter = ?1 AND date = ?2", (meter.row, &date))?;
    for ((direction, register), amount) in &amounts {
        db.prepare_cached("INSERT INTO day_amount VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?.execute(params![
            meter.row,
            &date,
            direction_code(*direction),
            register_code(*register),
            unit_code(meter.unit),
            amount.millionths(),
        ])?;
    }
    db.execute(
        "INSERT INTO day (meter, date, finest, complete) VALUES (?1, ?2, ?3, ?3 IS NOT NULL)
         ON CONFLICT DO UPDATE SET finest = excluded.finest,
            complete = CASE WHEN ?4 AND NOT closed THEN 0 ELSE max(complete, excluded.complete) END",
        (meter.row, &date, finest, is_part),
    )?;
    let injects = |((direction, _), amount): (&(Direction, Register), &Amount)| {
        *direction == Direction::Injection && *amount > Amount::ZERO
    };
    db.execute(
        "UPDATE meter SET injects = max(injects, ?2), has_tariffs = max(has_tariffs, ?3) WHERE id = ?1",
        (meter.row, amounts.iter().any(injects), amounts.keys().any(|(_, register)| *register != Register::Single)),
    )?;
    Ok(())
}
