use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound as _, NaiveDate, TimeDelta, Utc};

use super::settle::choose;
use super::{Error, Ledger, MeterId, codes};
use crate::energy::{Amount, Direction, Interval, MeterDay, Reading, Register, Unit};

/// An incomplete day is taken as it is when it ended this long ago.
const OLD: TimeDelta = TimeDelta::days(2);

const HOUR: TimeDelta = TimeDelta::hours(1);

impl Ledger {
    /// Gives each hour of a meter to `each`, in the order of time: the sum of its quarter-hours, and for a day that is known
    /// as a total alone, all of it in the first hour. An hour without a reading is left out, and so are the days that are
    /// still incomplete and young, and what isn't over yet. All amounts are in the unit that counts; hours after the end of
    /// the meter are given as well.
    ///
    /// # Errors
    /// When the store fails.
    pub fn hours(&self, meter: MeterId, now: DateTime<Utc>, mut each: impl FnMut(Reading)) -> Result<(), Error> {
        let days = self.days(meter, NaiveDate::default())?;
        let mut select = self.db.prepare_cached(
            "SELECT direction, register, unit, start, seconds, amount, status FROM reading WHERE meter = ?1 ORDER BY start",
        )?;
        let mut rows = select.query([meter.row])?;
        let mut of_day: Option<MeterDay> = None;
        let mut readings = Vec::new();
        let mut give = |day: MeterDay, readings: &[Reading]| {
            let is_complete = days.get(&day.date()).is_some_and(|row| row.complete);
            if is_complete || now.signed_duration_since(day.interval().end()) >= OLD {
                by_hour(meter, day, readings).filter(|hour| hour.interval.end() <= now).for_each(&mut each);
            }
        };
        while let Some(row) = rows.next()? {
            let reading = codes::reading(row)?;
            if let Some(day) = of_day.filter(|day| reading.interval.start() >= day.interval().end()) {
                give(day, &readings);
                readings.clear();
                of_day = None;
            }
            if of_day.is_none() {
                of_day = MeterDay::containing(meter.kind, reading.interval.start(), self.zone);
            }
            readings.push(reading);
        }
        if let Some(day) = of_day {
            give(day, &readings);
        }
        Ok(())
    }
}

/// What an hour of the day is of.
type Key = (DateTime<Utc>, Direction, Register, Unit);

fn by_hour(meter: MeterId, day: MeterDay, readings: &[Reading]) -> impl Iterator<Item = Reading> {
    let mut hours: BTreeMap<Key, (Amount, i64)> = BTreeMap::new();
    for reading in choose(meter, day, readings).into_values().flat_map(|chosen| chosen.readings) {
        let start = reading.interval.start();
        // Local time differs from UTC by whole hours, so an hour of one is an hour of the other.
        let hour = start.duration_trunc(HOUR).unwrap_or(start);
        let key = (hour, reading.direction, reading.register, reading.unit);
        let (sum, _) = hours.entry(key).or_insert((Amount::ZERO, reading.status));
        *sum = sum.plus(reading.amount);
    }
    hours.into_iter().filter_map(|((start, direction, register, unit), (amount, status))| {
        let interval = Interval::new(start, start.checked_add_signed(HOUR)?).ok()?;
        Some(Reading { direction, register, unit, interval, amount, status })
    })
}
