use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::config::Meter;
use crate::energy::{Amount, Direction, Interval, MeterDay, Reading, Register, Unit};
use crate::ledger::{self, Conflict, Ledger, MeterId};

/// What an import did for a meter, or would do.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// How many readings the files hold of it.
    pub(super) readings: usize,
    /// Readings that the ledger had not, by day.
    pub(super) added: BTreeMap<NaiveDate, usize>,
    /// Readings that an earlier import had brought with another amount, by day.
    pub(super) corrected: BTreeMap<NaiveDate, usize>,
    /// Days of which the ledger had everything that the files tell.
    pub(super) known: Vec<NaiveDate>,
    /// Where the files differ from what the portal has told, by day.
    pub(super) conflicts: Vec<(NaiveDate, Conflict)>,
    /// Readings after the last day that counts.
    pub(super) too_late: usize,
    /// Readings of injection from before the first one that is more than nothing.
    pub(super) no_injection: usize,
}

/// What makes two readings the same.
type Key = (Interval, Direction, Register, Unit);

/// The readings of all files, in the order of time; those of later files take the place of others.
pub(super) fn together<'a>(histories: impl Iterator<Item = &'a Vec<Reading>>) -> Vec<Reading> {
    let mut together: BTreeMap<Key, Reading> = BTreeMap::new();
    for reading in histories.flatten() {
        together.insert((reading.interval, reading.direction, reading.register, reading.unit), *reading);
    }
    together.into_values().collect()
}

/// Takes in the readings of a meter, in the order of time; without `now` it only looks what that would do.
///
/// A home without panels may find nothing but zeros as its injection in a file, while the API leaves them out. Kept, they
/// would make the ledger wait for injection with each day from then on, so they are passed by.
pub(super) fn take(
    ledger: &mut Ledger,
    meter: &Meter,
    id: MeterId,
    zone: Tz,
    readings: Vec<Reading>,
    now: Option<DateTime<Utc>>,
) -> Result<Taken, ledger::Error> {
    let mut taken = Taken { readings: readings.len(), ..Taken::default() };
    let mut days: BTreeMap<MeterDay, Vec<Reading>> = BTreeMap::new();
    for reading in readings {
        let day = MeterDay::containing(meter.kind, reading.interval.start(), zone);
        match day.filter(|day| meter.history_until.is_none_or(|until| day.date() <= until)) {
            Some(day) => days.entry(day).or_default().push(reading),
            None => taken.too_late = taken.too_late.saturating_add(1),
        }
    }
    let injects = |readings: &Vec<Reading>| {
        readings.iter().any(|reading| reading.direction == Direction::Injection && reading.amount > Amount::ZERO)
    };
    let first = days.iter().find(|(_, readings)| injects(readings)).map(|(day, _)| day.date());
    let injects_since = first.into_iter().chain(ledger.injects_since(id)?).min();
    for (day, mut readings) in days {
        if injects_since.is_none_or(|since| day.date() < since) {
            let all = readings.len();
            readings.retain(|reading| reading.direction == Direction::Consumption);
            taken.no_injection = taken.no_injection.saturating_add(all.saturating_sub(readings.len()));
        }
        take_day(ledger, id, day, &readings, now, &mut taken)?;
    }
    Ok(taken)
}

fn take_day(
    ledger: &mut Ledger,
    id: MeterId,
    day: MeterDay,
    readings: &[Reading],
    now: Option<DateTime<Utc>>,
    taken: &mut Taken,
) -> Result<(), ledger::Error> {
    let weighed = ledger.weigh(id, day, readings)?;
    if let Some(now) = now.filter(|_| !weighed.news.is_empty()) {
        ledger.import(id, day, &weighed.news, now)?;
    }
    let corrected = weighed.news.len().saturating_sub(weighed.added);
    for (days, count) in [(&mut taken.added, weighed.added), (&mut taken.corrected, corrected)] {
        if count > 0 {
            days.insert(day.date(), count);
        }
    }
    if weighed.news.is_empty() && !readings.is_empty() {
        taken.known.push(day.date());
    }
    taken.conflicts.extend(weighed.conflicts.into_iter().map(|conflict| (day.date(), conflict)));
    Ok(())
}
