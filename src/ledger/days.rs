use std::collections::BTreeMap;

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use super::merge::merge_day;
use super::{Change, Error, Ledger, MeterId, codes};
use crate::energy::{MeterDay, MeterKind, Reading};

/// How far back the portal keeps history.
const PORTAL_HISTORY: Months = Months::new(36);

/// So often must the portal have answered, on occasions at least [`APART`], before a late day is given up.
pub const OCCASIONS: u32 = 3;

/// The least time between two answers that count as two.
pub const APART: TimeDelta = TimeDelta::minutes(50);

/// How many of the newest days are read again by every poll, since the portal corrects amounts in the days after. Gas is
/// published about 72 hours late, and corrected for a week.
#[must_use]
pub const fn trailing_days(kind: MeterKind) -> i64 {
    match kind {
        MeterKind::Electricity => 3,
        MeterKind::Gas => 10,
    }
}

/// So many days after the date of a meter day it should be published: electricity is there the morning after, gas about 72
/// hours after the end of its day.
#[must_use]
pub const fn publication_days(kind: MeterKind) -> u64 {
    match kind {
        MeterKind::Electricity => 1,
        MeterKind::Gas => 4,
    }
}

/// A day that is open so many days after its end is not expected any more: the portal publishes electricity at most three
/// days late, and gas as late again.
#[must_use]
pub const fn late_days(kind: MeterKind) -> i64 {
    match kind {
        MeterKind::Electricity => 7,
        MeterKind::Gas => 14,
    }
}

/// The first day that the portal can still have when `newest` is the last one.
#[must_use]
pub fn portal_floor(newest: NaiveDate) -> NaiveDate {
    newest.checked_sub_months(PORTAL_HISTORY).unwrap_or(newest)
}

/// What is known of a day, beside its amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayState {
    /// The length, in seconds, of the shortest intervals that cover it: that of the day itself for a daily total.
    pub finest: Option<u32>,
    /// All of its amounts are known, be it as a daily total.
    pub complete: bool,
    /// Something of it is known.
    pub has_amounts: bool,
    /// The answers to requests for its intervals.
    pub intervals: Answers,
    /// The answers to requests for its daily total.
    pub totals: Answers,
    /// It is not asked for any more.
    pub closed: bool,
    /// It was given up as not existing, and is never part of the totals.
    pub absent: bool,
}

/// The answers to one kind of request for a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// On how many occasions, each [`APART`] from the one before.
    pub count: u32,
    /// When the last of these was.
    pub last: Option<DateTime<Utc>>,
}

/// What the portal was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// The intervals of a day.
    Intervals,
    /// The daily total.
    Totals,
}

impl Ledger {
    /// Merges an answer of the portal and notes that it has said all that it has of these days, in one transaction.
    /// Readings of other days are left out.
    ///
    /// A day that still has no total although it is late, and for which totals were asked repeatedly, is closed: with the
    /// amounts that are there, or else as absent.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn answer(
        &mut self,
        meter: MeterId,
        days: &[MeterDay],
        readings: &[Reading],
        asked: Asked,
        at: DateTime<Utc>,
    ) -> Result<Change, Error> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut change = Change::default();
        for day in days {
            change = change.and(merge_day(&transaction, meter, *day, readings, at)?);
            note(&transaction, meter, *day, asked, at)?;
        }
        transaction.commit()?;
        Ok(change)
    }

    /// Gives up the days from `first` until `last`, since the portal has nothing before the days that follow them: what is
    /// there of a day is all of it, and a day without anything is absent.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn give_up(
        &mut self,
        meter: MeterId,
        first: NaiveDate,
        last: NaiveDate,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for date in first.iter_days().take_while(|date| *date <= last) {
            transaction
                .prepare_cached(
                    "INSERT INTO day (meter, date, answers, answered) VALUES (?1, ?2, 1, ?3)
                     ON CONFLICT DO UPDATE SET answers = max(answers, 1), answered = coalesce(answered, ?3)",
                )?
                .execute((meter.row, date.to_string(), at.timestamp()))?;
            close(&transaction, meter, date)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The days from `first` until `newest` that are not complete and have not been given up, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn missing(&self, meter: MeterId, first: NaiveDate, newest: NaiveDate) -> Result<Vec<NaiveDate>, Error> {
        let first = first.max(portal_floor(newest));
        let known = self.days(meter, first)?;
        let open = |date: &NaiveDate| {
            let day = known.get(date).copied().unwrap_or_default();
            !(day.complete || day.closed || day.absent)
        };
        Ok(first.iter_days().take_while(|date| *date <= newest).filter(open).collect())
    }

    /// Whether all of a day's amounts are known, be it as a daily total.
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_complete(&self, meter: MeterId, date: NaiveDate) -> Result<bool, Error> {
        Ok(self.day(meter, date)?.complete)
    }

    /// What is known of a day.
    ///
    /// # Errors
    /// When the store fails.
    pub fn day(&self, meter: MeterId, date: NaiveDate) -> Result<DayState, Error> {
        let mut select = self.db.prepare_cached(&format!("{SELECT} AND d.date = ?2"))?;
        let found = select.query_row((meter.row, date.to_string()), |row| Ok(state(row))).optional()?;
        found.map_or_else(|| Ok(DayState::default()), |found| found.map(|(_, state)| state))
    }

    /// What is known of the days from a date on.
    ///
    /// # Errors
    /// When the store fails.
    pub fn days(&self, meter: MeterId, first: NaiveDate) -> Result<BTreeMap<NaiveDate, DayState>, Error> {
        let mut select = self.db.prepare_cached(&format!("{SELECT} AND d.date >= ?2"))?;
        let mut rows = select.query((meter.row, first.to_string()))?;
        let mut days = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (date, state) = state(row)?;
            days.insert(date, state);
        }
        Ok(days)
    }
}

const SELECT: &str = "SELECT d.date, d.finest, d.complete,
        EXISTS (SELECT 1 FROM day_amount AS a WHERE a.meter = d.meter AND a.date = d.date),
        d.interval_answers, d.interval_answered, d.answers, d.answered, d.closed, d.absent
    FROM day AS d WHERE d.meter = ?1";

fn state(row: &rusqlite::Row<'_>) -> Result<(NaiveDate, DayState), Error> {
    let answers = |count, last| -> Result<Answers, Error> {
        let last: Option<i64> = row.get(last)?;
        Ok(Answers { count: row.get(count)?, last: last.map(codes::instant).transpose()? })
    };
    let state = DayState {
        finest: row.get(1)?,
        complete: row.get(2)?,
        has_amounts: row.get(3)?,
        intervals: answers(4, 5)?,
        totals: answers(6, 7)?,
        closed: row.get(8)?,
        absent: row.get(9)?,
    };
    Ok((codes::date(&row.get::<_, String>(0)?)?, state))
}

fn note(db: &Connection, meter: MeterId, day: MeterDay, asked: Asked, at: DateTime<Utc>) -> Result<(), Error> {
    let date = day.date().to_string();
    let sql = match asked {
        Asked::Intervals => {
            "INSERT INTO day (meter, date, interval_answers, interval_answered) VALUES (?1, ?2, 1, ?3)
             ON CONFLICT DO UPDATE SET interval_answers = interval_answers + 1, interval_answered = ?3
             WHERE interval_answered IS NULL OR interval_answered <= ?4"
        }
        Asked::Totals => {
            "INSERT INTO day (meter, date, answers, answered) VALUES (?1, ?2, 1, ?3)
             ON CONFLICT DO UPDATE SET answers = answers + 1, answered = ?3
             WHERE answered IS NULL OR answered <= ?4"
        }
    };
    let apart = at.timestamp().saturating_sub(APART.num_seconds());
    db.prepare_cached(sql)?.execute((meter.row, &date, at.timestamp(), apart))?;
    if at.signed_duration_since(day.interval().end()) > TimeDelta::days(late_days(meter.kind)) {
        let is_given_up = db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM day WHERE meter = ?1 AND date = ?2 AND answers >= ?3 AND finest IS NULL)",
            )?
            .query_row((meter.row, &date, OCCASIONS), |row| row.get::<_, bool>(0))?;
        if is_given_up {
            close(db, meter, day.date())?;
        }
    }
    Ok(())
}

/// Asks for a day no more: what is there of it is all, and if nothing is, the day doesn't exist.
fn close(db: &Connection, meter: MeterId, date: NaiveDate) -> Result<(), Error> {
    db.prepare_cached(
        "UPDATE day SET closed = 1,
            absent = CASE WHEN complete THEN absent ELSE NOT EXISTS
                (SELECT 1 FROM day_amount AS a WHERE a.meter = ?1 AND a.date = ?2) END,
            complete = max(complete, EXISTS (SELECT 1 FROM day_amount AS a WHERE a.meter = ?1 AND a.date = ?2))
         WHERE meter = ?1 AND date = ?2",
    )?
    .execute((meter.row, date.to_string()))?;
    Ok(())
}
