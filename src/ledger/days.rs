use std::collections::BTreeMap;

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};

use super::{Error, Ledger, MeterId, codes};
use crate::energy::MeterDay;

/// How many of the newest days are read again by every poll, since the portal corrects amounts in the days after.
pub const TRAILING_DAYS: u64 = 3;

/// How far back the portal keeps history.
const PORTAL_HISTORY: Months = Months::new(36);

/// A day that was left open this long after its end is not expected any more: the portal is at most three days late.
const LATE: TimeDelta = TimeDelta::days(7);

/// So often must the portal have answered, on occasions at least [`APART`], before a late day is given up.
const ANSWERS: u32 = 3;

/// The least time between two answers that count as two.
const APART: TimeDelta = TimeDelta::minutes(50);

/// What the ledger keeps about a day, beside its amounts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DayRow {
    pub(super) finest: Option<u32>,
    pub(super) complete: bool,
    pub(super) answers: u32,
    pub(super) closed: bool,
    pub(super) absent: bool,
}

/// The first day that the portal can still have.
pub(super) fn portal_floor(newest: NaiveDate) -> NaiveDate {
    newest.checked_sub_months(PORTAL_HISTORY).unwrap_or(newest)
}

impl Ledger {
    /// The days from `first` until `newest` that are missing, not there in intervals of `seconds` or shorter, or among
    /// the newest [`TRAILING_DAYS`]; newest first. Days that were given up, or that the portal can't have, are left out.
    ///
    /// # Errors
    /// When the store fails.
    pub fn wanted(
        &self,
        meter: MeterId,
        first: NaiveDate,
        newest: NaiveDate,
        seconds: u32,
    ) -> Result<Vec<MeterDay>, Error> {
        let first = first.max(portal_floor(newest));
        let known = self.day_rows(meter, first)?;
        let trailing = newest.checked_sub_days(Days::new(TRAILING_DAYS)).unwrap_or(newest);
        let mut wanted = Vec::new();
        let mut date = newest;
        while date >= first {
            let row = known.get(&date).copied().unwrap_or_default();
            let settled = row.closed || row.finest.is_some_and(|finest| finest <= seconds);
            if !settled || date > trailing {
                wanted.extend(MeterDay::new(meter.kind, date, self.zone));
            }
            let Some(before) = date.pred_opt() else { break };
            date = before;
        }
        Ok(wanted)
    }

    /// Whether a day is there in intervals of `seconds` or shorter.
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_covered(&self, meter: MeterId, day: MeterDay, seconds: u32) -> Result<bool, Error> {
        let row = self.day_rows(meter, day.date())?.get(&day.date()).copied().unwrap_or_default();
        Ok(row.finest.is_some_and(|finest| finest <= seconds))
    }

    /// The days from `first` until `newest` that are not complete and have not been given up, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn missing(&self, meter: MeterId, first: NaiveDate, newest: NaiveDate) -> Result<Vec<NaiveDate>, Error> {
        let first = first.max(portal_floor(newest));
        let known = self.day_rows(meter, first)?;
        let open = |date: &NaiveDate| {
            let row = known.get(date).copied().unwrap_or_default();
            !(row.complete || row.closed || row.absent)
        };
        Ok(first.iter_days().take_while(|date| *date <= newest).filter(open).collect())
    }

    /// Whether all of a day's amounts are known, be it as a daily total.
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_complete(&self, meter: MeterId, date: NaiveDate) -> Result<bool, Error> {
        Ok(self.day_rows(meter, date)?.get(&date).is_some_and(|row| row.complete))
    }

    /// Notes that the portal has said all that it knows of these days. A day that stays open although it is long past
    /// and was asked for repeatedly is closed: with the amounts that are there, or else as absent.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn note_answers(
        &mut self,
        meter: MeterId,
        days: &[MeterDay],
        seconds: u32,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let transaction = self.db.transaction()?;
        for day in days {
            let date = day.date().to_string();
            transaction
                .prepare_cached(
                    "INSERT INTO day (meter, date, answers, answered) VALUES (?1, ?2, 1, ?3)
                     ON CONFLICT DO UPDATE SET answers = answers + 1, answered = ?3
                     WHERE answered IS NULL OR answered <= ?4",
                )?
                .execute((meter.row, &date, at.timestamp(), at.timestamp().saturating_sub(APART.num_seconds())))?;
            if at.signed_duration_since(day.interval().end()) > LATE {
                transaction
                    .prepare_cached(
                        "UPDATE day SET closed = 1,
                            absent = CASE WHEN complete THEN absent ELSE NOT EXISTS
                                (SELECT 1 FROM day_amount AS a WHERE a.meter = ?1 AND a.date = ?2) END,
                            complete = max(complete, EXISTS
                                (SELECT 1 FROM day_amount AS a WHERE a.meter = ?1 AND a.date = ?2))
                         WHERE meter = ?1 AND date = ?2 AND answers >= ?3 AND (finest IS NULL OR finest > ?4)",
                    )?
                    .execute((meter.row, &date, ANSWERS, seconds))?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// What is kept about the days from a date on.
    pub(super) fn day_rows(&self, meter: MeterId, first: NaiveDate) -> Result<BTreeMap<NaiveDate, DayRow>, Error> {
        let mut select = self.db.prepare_cached(
            "SELECT date, finest, complete, answers, closed, absent FROM day WHERE meter = ?1 AND date >= ?2",
        )?;
        let mut rows = select.query((meter.row, first.to_string()))?;
        let mut days = BTreeMap::new();
        while let Some(row) = rows.next()? {
            days.insert(
                codes::date(&row.get::<_, String>(0)?)?,
                DayRow {
                    finest: row.get(1)?,
                    complete: row.get(2)?,
                    answers: row.get(3)?,
                    closed: row.get(4)?,
                    absent: row.get(5)?,
                },
            );
        }
        Ok(days)
    }
}
