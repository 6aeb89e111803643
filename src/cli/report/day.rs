//! The hours of one meter day. Pure.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use super::model::Period;
use crate::energy::{Amount, Direction, MeterDay, Reading, Register};
use crate::statistics::{HourOf, Row};

const HOUR: TimeDelta = TimeDelta::hours(1);

const HOUR_SECONDS: u32 = 3_600;

/// The quarter-hour, over which a peak is the mean power.
const QUARTER: u32 = 900;

/// Quarter-hours in an hour: so many kW is a kWh in one of them.
const QUARTERS: i64 = 4;

/// The hours of a day that have passed, each with what the readings that count tell of it. A day of which a direction is
/// known as a daily total alone is one period. `injects` says whether injection is to be expected; `money` gives what hours
/// cost and earn.
pub(super) fn periods(
    day: MeterDay,
    readings: &[Reading],
    injects: bool,
    now: DateTime<Utc>,
    money: impl FnOnce(&[HourOf]) -> (Vec<Row>, Vec<Row>),
) -> Vec<Period> {
    let interval = day.interval();
    let starts = (0..interval.seconds() / HOUR_SECONDS).map(|hour| interval.start() + TimeDelta::hours(hour.into()));
    let hour = |start| Period { hours: 1, ..Period::unknown(String::new(), start, start + HOUR) };
    let mut hours: Vec<Period> = starts.map(hour).filter(|hour| hour.end <= now).collect();
    let mut by_hour: BTreeMap<DateTime<Utc>, Vec<&Reading>> = BTreeMap::new();
    for reading in readings {
        by_hour.entry(hour_of(reading)).or_default().push(reading);
    }
    let [consumption, injection] =
        [Direction::Consumption, Direction::Injection].map(|direction| known(readings, direction));
    let (cost, compensation) = money(&counted(&by_hour));
    for hour in &mut hours {
        let readings = by_hour.get(&hour.start).map(Vec::as_slice).unwrap_or_default();
        let is_known = consumption.contains(&hour.start) && (!injects || injection.contains(&hour.start));
        hour.consumption = sum(readings, Direction::Consumption);
        hour.injection = sum(readings, Direction::Injection);
        hour.peak = peak(readings);
        hour.known = u32::from(is_known);
        let of_hour = |rows: &[Row]| rows.iter().find(|row| row.start == hour.start).map(|row| row.state);
        (hour.cost, hour.compensation) = (of_hour(&cost), of_hour(&compensation));
    }
    let is_daily = readings.iter().any(|reading| reading.interval.seconds() > HOUR_SECONDS);
    if is_daily { whole(&hours).into_iter().collect() } else { hours }
}

/// The one period of a day that is known as a daily total.
fn whole(hours: &[Period]) -> Option<Period> {
    let (first, rest) = hours.split_first()?;
    let mut whole = first.clone();
    rest.iter().for_each(|hour| whole.add(hour));
    Some(Period { daily: whole.known, ..whole })
}

/// The starts of the hours of which a direction is known in full.
fn known(readings: &[Reading], direction: Direction) -> BTreeSet<DateTime<Utc>> {
    let intervals = readings.iter().filter(|reading| reading.direction == direction).map(|reading| reading.interval);
    // Registers share an interval.
    let intervals: BTreeSet<_> = intervals.collect();
    let mut seconds: BTreeMap<DateTime<Utc>, u32> = BTreeMap::new();
    for interval in intervals {
        let mut start = interval.start();
        while start < interval.end() {
            let hour = start.duration_trunc(HOUR).unwrap_or(start);
            let until = (hour + HOUR).min(interval.end());
            *seconds.entry(hour).or_default() += u32::try_from((until - start).num_seconds()).unwrap_or(0);
            start = until;
        }
    }
    seconds.into_iter().filter(|(_, seconds)| *seconds == HOUR_SECONDS).map(|(hour, _)| hour).collect()
}

fn sum(readings: &[&Reading], direction: Direction) -> Option<Amount> {
    let of_direction = readings.iter().filter(|reading| reading.direction == direction);
    of_direction.map(|reading| reading.amount).reduce(Amount::plus)
}

/// The highest quarter-hour among the readings.
fn peak(readings: &[&Reading]) -> Option<i64> {
    let mut quarters: BTreeMap<DateTime<Utc>, Amount> = BTreeMap::new();
    for reading in readings {
        if reading.direction == Direction::Consumption && reading.interval.seconds() == QUARTER {
            let sum = quarters.entry(reading.interval.start()).or_default();
            *sum = sum.plus(reading.amount);
        }
    }
    quarters.into_values().max().map(|energy| energy.millionths().saturating_mul(QUARTERS))
}

/// What each register counted in each hour; a daily total in its first one.
fn counted(by_hour: &BTreeMap<DateTime<Utc>, Vec<&Reading>>) -> Vec<HourOf> {
    let mut counted: BTreeMap<(DateTime<Utc>, Direction, Register), Amount> = BTreeMap::new();
    for (start, readings) in by_hour {
        for reading in readings {
            let sum = counted.entry((*start, reading.direction, reading.register)).or_default();
            *sum = sum.plus(reading.amount);
        }
    }
    let hour = |((start, direction, register), amount)| HourOf { start, direction, register, amount };
    counted.into_iter().map(hour).collect()
}

/// The start of the hour in which a reading begins. Local time differs from UTC by whole hours, so it is one of the day's.
fn hour_of(reading: &Reading) -> DateTime<Utc> {
    let start = reading.interval.start();
    start.duration_trunc(HOUR).unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;

    use super::*;
    use crate::energy::{Interval, MeterKind, Unit};

    fn day(date: &str) -> MeterDay {
        MeterDay::new(MeterKind::Electricity, date.parse().unwrap(), Brussels).unwrap()
    }

    /// Intervals of a length from the start of the day on, a millionth each.
    fn readings(day: MeterDay, direction: Direction, seconds: u32, count: u32) -> Vec<Reading> {
        let reading = |slot: u32| {
            let start = day.interval().start() + TimeDelta::seconds((slot * seconds).into());
            let interval = Interval::new(start, start + TimeDelta::seconds(seconds.into())).unwrap();
            let (register, unit) = (Register::Single, Unit::KilowattHour);
            Reading { direction, register, unit, interval, amount: Amount::from_millionths(1), status: 2 }
        };
        (0..count).map(reading).collect()
    }

    /// Hours that have passed, that are known, and that are known as a daily total; and how many periods there are.
    fn known(day: MeterDay, readings: &[Reading], injects: bool, now: &str) -> (u32, u32, u32, usize) {
        let periods = periods(day, readings, injects, now.parse().unwrap(), |_| Default::default());
        let sum = |count: fn(&Period) -> u32| periods.iter().map(count).sum();
        (sum(|period| period.hours), sum(|period| period.known), sum(|period| period.daily), periods.len())
    }

    const LATER: &str = "2027-01-01T00:00:00Z";

    #[test]
    fn a_day_has_as_many_hours_as_the_clock_lets_it_have() {
        for (date, hours) in [("2026-03-29", 23), ("2026-06-01", 24), ("2026-10-25", 25)] {
            let day = day(date);
            let all = readings(day, Direction::Consumption, 900, hours * 4);
            assert_eq!(known(day, &all, false, LATER), (hours, hours, 0, hours as usize), "{date}");
            assert_eq!(known(day, &[], false, LATER), (hours, 0, 0, hours as usize), "{date}");
            let total = readings(day, Direction::Consumption, day.interval().seconds(), 1);
            assert_eq!(known(day, &total, false, LATER), (hours, hours, hours, 1), "{date}");
        }
    }

    #[test]
    fn only_hours_that_have_passed_can_be_missing_and_only_whole_ones_are_known() {
        let day = day("2026-06-01");
        let part = readings(day, Direction::Consumption, 900, 30);
        assert_eq!(known(day, &part, false, LATER), (24, 7, 0, 24));
        assert_eq!(known(day, &part, false, "2026-06-01T07:59:00Z"), (9, 7, 0, 9));
        assert_eq!(known(day, &part, false, "2026-05-31T12:00:00Z"), (0, 0, 0, 0));
    }

    #[test]
    fn a_meter_that_injects_is_known_where_both_directions_are() {
        let day = day("2026-06-01");
        let mut both = readings(day, Direction::Consumption, 900, 96);
        assert_eq!(known(day, &both, true, LATER), (24, 0, 0, 24));
        let hours = readings(day, Direction::Injection, 3_600, 10);
        assert_eq!(known(day, &[&both[..], &hours].concat(), true, LATER), (24, 10, 0, 24));
        both.extend(readings(day, Direction::Injection, 86_400, 1));
        assert_eq!(known(day, &both, true, LATER), (24, 24, 24, 1), "a daily total can't be parted into hours");
    }
}
