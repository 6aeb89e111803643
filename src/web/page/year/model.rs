//! What the hours of many days amount to, by the clock. All but [`read`] is pure.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike as _, Utc};
use chrono_tz::Tz;

use crate::energy::{Amount, Direction, MeterDay, MeterKind, Reading};
use crate::ledger::{Error, Ledger, MeterId};
use crate::web::chart::ROWS;

const HOUR: u32 = 3_600;

/// Which hour of the clock is in which row: that in which a day of the meter begins is in the first one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    first: usize,
    zone: Tz,
}

impl Rows {
    pub(super) fn new(kind: MeterKind, zone: Tz) -> Self {
        Self { first: kind.day_begins().hour() as usize, zone }
    }

    /// The hour in a row.
    pub(super) const fn hour(self, row: usize) -> usize {
        (self.first + row) % ROWS
    }

    /// The row of an instant.
    fn row(self, at: DateTime<Utc>) -> usize {
        (at.with_timezone(&self.zone).hour() as usize + ROWS - self.first) % ROWS
    }
}

/// An hour of a day by the clock, which shows it once, or when it is changed twice or not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hour {
    /// How often the clock shows it on that day.
    pub(super) times: u32,
    /// The seconds of it that are known.
    covered: u32,
    sum: Amount,
}

impl Hour {
    /// What was counted in all of it that is known; `None` when nothing is.
    pub(super) fn amount(self) -> Option<Amount> {
        (self.covered > 0).then_some(self.sum)
    }

    /// Whether nothing of it is missing.
    pub(super) const fn is_whole(self) -> bool {
        self.covered >= self.times.saturating_mul(HOUR)
    }
}

/// What is known of a day in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Its hours, as far as they are there.
    Hours(Box<[Hour; ROWS]>),
    /// What was counted on all of it, and not when.
    Total(Amount),
    /// Nothing, though it belongs to the history.
    Missing,
    /// Nothing, and nothing is expected.
    Outside,
}

impl Known {
    /// What the readings of a day that count tell of it, in the order of [`Ledger::counting`]; `None` if they have nothing of
    /// that direction.
    pub(super) fn of(day: MeterDay, readings: &[Reading], direction: Direction, rows: Rows) -> Option<Self> {
        let readings = || readings.iter().filter(|reading| reading.direction == direction);
        readings().next()?;
        if readings().any(|reading| reading.interval.seconds() > HOUR) {
            return Some(Self::Total(readings().map(|reading| reading.amount).sum()));
        }
        let mut hours = Box::new([Hour::default(); ROWS]);
        let next = |at: &DateTime<Utc>| at.checked_add_signed(TimeDelta::hours(1));
        let starts = std::iter::successors(Some(day.interval().start()), next);
        for start in starts.take_while(|start| *start < day.interval().end()) {
            if let Some(hour) = hours.get_mut(rows.row(start)) {
                hour.times = hour.times.saturating_add(1);
            }
        }
        let mut before = None;
        for reading in readings() {
            let Some(hour) = hours.get_mut(rows.row(reading.interval.start())) else { continue };
            hour.sum = hour.sum.plus(reading.amount);
            // Several registers may have counted at the same time.
            if before.replace(reading.interval) != Some(reading.interval) {
                hour.covered = hour.covered.saturating_add(reading.interval.seconds());
            }
        }
        Some(Self::Hours(hours))
    }

    /// The amounts of its hours, as far as they are known.
    pub(super) fn amounts(&self) -> impl Iterator<Item = (usize, Amount)> {
        let hours: &[Hour] = match self {
            Self::Hours(hours) => hours.as_slice(),
            _ => &[],
        };
        hours.iter().enumerate().filter_map(|(row, hour)| Some((row, hour.amount()?)))
    }

    /// What was counted on all of it that is known.
    pub(super) fn total(&self) -> Option<Amount> {
        match self {
            Self::Hours(_) => Some(self.amounts().map(|(_, amount)| amount).sum()),
            Self::Total(amount) => Some(*amount),
            Self::Missing | Self::Outside => None,
        }
    }

    /// The row of the hour in which most was counted, the first of equal ones, and how much.
    pub(super) fn highest(&self) -> Option<(usize, Amount)> {
        self.amounts().reduce(|highest, hour| if hour.1 > highest.1 { hour } else { highest })
    }

    /// Whether its hours are there, but not all of them.
    pub(super) fn is_part(&self) -> bool {
        matches!(self, Self::Hours(hours) if hours.iter().any(|hour| !hour.is_whole()))
    }
}

/// Reads the days of a range; `wanted` are those that belong to the history. One day's readings at a time are in memory.
pub(super) fn read(
    ledger: &Ledger,
    meter: MeterId,
    direction: Direction,
    rows: Rows,
    range: &RangeInclusive<NaiveDate>,
    wanted: &RangeInclusive<NaiveDate>,
) -> Result<Vec<(NaiveDate, Known)>, Error> {
    let mut known = BTreeMap::new();
    ledger.counting(meter, *range.start(), *range.end(), |day, readings| {
        known.extend(Known::of(day, readings, direction, rows).map(|known| (day.date(), known)));
        Ok::<_, Error>(())
    })?;
    let dates = range.start().iter_days().take_while(|date| date <= range.end());
    let nothing = |date: &NaiveDate| if wanted.contains(date) { Known::Missing } else { Known::Outside };
    Ok(dates.map(|date| (date, known.remove(&date).unwrap_or_else(|| nothing(&date)))).collect())
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;

    use super::*;
    use crate::energy::{Interval, Register, Unit};

    fn day(kind: MeterKind, date: &str) -> MeterDay {
        MeterDay::new(kind, date.parse().unwrap(), Brussels).unwrap()
    }

    /// Readings of so many seconds, one after the other from the start of a day, each counting one more than the one before.
    fn readings(day: MeterDay, seconds: u32, direction: Direction) -> Vec<Reading> {
        (0..day.interval().seconds() / seconds)
            .map(|slot| {
                let start = day.interval().start() + TimeDelta::seconds(i64::from(slot * seconds));
                let interval = Interval::new(start, start + TimeDelta::seconds(i64::from(seconds))).unwrap();
                let amount = Amount::from_millionths(i64::from(slot) + 1);
                Reading { direction, register: Register::High, unit: Unit::KilowattHour, interval, amount, status: 2 }
            })
            .collect()
    }

    fn known(kind: MeterKind, date: &str, readings: impl Fn(MeterDay) -> Vec<Reading>) -> Known {
        let day = day(kind, date);
        Known::of(day, &readings(day), Direction::Consumption, Rows::new(kind, Brussels)).unwrap()
    }

    fn hours(known: &Known) -> &[Hour] {
        match known {
            Known::Hours(hours) => hours.as_slice(),
            other => panic!("{other:?}"),
        }
    }

    fn millionths(known: &Known) -> Vec<Option<i64>> {
        hours(known).iter().map(|hour| hour.amount().map(Amount::millionths)).collect()
    }

    fn hourly(day: MeterDay) -> Vec<Reading> {
        readings(day, HOUR, Direction::Consumption)
    }

    #[test]
    fn quarter_hours_add_up_to_the_hours_of_the_clock() {
        let known = known(MeterKind::Electricity, "2026-06-01", |day| readings(day, 900, Direction::Consumption));
        let expected: Vec<Option<i64>> = (0..24).map(|hour| Some(16 * hour + 10)).collect();
        assert_eq!(millionths(&known), expected);
        assert_eq!(known.total(), Some(Amount::from_millionths(96 * 97 / 2)));
        assert_eq!(known.highest(), Some((23, Amount::from_millionths(16 * 23 + 10))));
        assert!(!known.is_part());
    }

    #[test]
    fn the_hour_that_comes_twice_holds_both() {
        let known = known(MeterKind::Electricity, "2026-10-25", hourly);
        assert_eq!(millionths(&known)[..5], [Some(1), Some(2), Some(3 + 4), Some(5), Some(6)]);
        assert_eq!(hours(&known)[2].times, 2);
        assert!(hours(&known).iter().all(|hour| hour.is_whole()));
        let half = super::Known::of(
            day(MeterKind::Electricity, "2026-10-25"),
            &hourly(day(MeterKind::Electricity, "2026-10-25"))[..3],
            Direction::Consumption,
            Rows::new(MeterKind::Electricity, Brussels),
        );
        let half = half.unwrap();
        assert_eq!(hours(&half)[2].amount(), Some(Amount::from_millionths(3)));
        assert!(!hours(&half)[2].is_whole(), "its second time is missing");
    }

    #[test]
    fn the_hour_that_is_left_out_does_not_exist_and_is_not_missing() {
        let known = known(MeterKind::Electricity, "2026-03-29", hourly);
        assert_eq!(millionths(&known)[..5], [Some(1), Some(2), None, Some(3), Some(4)]);
        assert_eq!(hours(&known)[2].times, 0);
        assert!(!known.is_part());
    }

    #[test]
    fn a_day_of_gas_begins_at_six_and_has_the_change_of_the_next_morning() {
        let rows = Rows::new(MeterKind::Gas, Brussels);
        assert_eq!((rows.hour(0), rows.hour(17), rows.hour(20)), (6, 23, 2));
        let spring = known(MeterKind::Gas, "2026-03-28", hourly);
        assert_eq!(millionths(&spring)[18..], [Some(19), Some(20), None, Some(21), Some(22), Some(23)]);
        let autumn = known(MeterKind::Gas, "2026-10-24", hourly);
        assert_eq!(millionths(&autumn)[19..22], [Some(20), Some(21 + 22), Some(23)]);
        assert!(!spring.is_part() && !autumn.is_part());
    }

    #[test]
    fn a_day_known_as_a_total_has_no_hours() {
        let known = known(MeterKind::Electricity, "2026-06-01", |day| readings(day, 86_400, Direction::Consumption));
        assert_eq!(known, Known::Total(Amount::from_millionths(1)));
        assert_eq!((known.highest(), known.total()), (None, Some(Amount::from_millionths(1))));
    }

    #[test]
    fn what_is_missing_is_not_zero() {
        let known = known(MeterKind::Electricity, "2026-06-01", |day| {
            let mut readings = readings(day, 900, Direction::Consumption);
            readings.drain(..7);
            readings
        });
        assert_eq!(millionths(&known)[..3], [None, Some(8), Some(9 + 10 + 11 + 12)]);
        assert!(!hours(&known)[1].is_whole() && hours(&known)[2].is_whole());
        assert!(known.is_part());
    }

    #[test]
    fn registers_that_count_at_the_same_time_are_one_hour() {
        let low = |reading: Reading| Reading { register: Register::Low, ..reading };
        let known = known(MeterKind::Electricity, "2026-06-01", |day| {
            hourly(day).into_iter().take(1).flat_map(|reading| [reading, low(reading)]).collect()
        });
        assert_eq!(millionths(&known)[..2], [Some(2), None]);
        assert_eq!(hours(&known)[0].covered, HOUR);
    }

    #[test]
    fn only_the_direction_that_is_wanted_counts() {
        let day = day(MeterKind::Electricity, "2026-06-01");
        let rows = Rows::new(MeterKind::Electricity, Brussels);
        let injected = readings(day, 900, Direction::Injection);
        assert_eq!(Known::of(day, &injected, Direction::Consumption, rows), None);
        let both: Vec<Reading> = hourly(day).into_iter().chain(injected).collect();
        assert_eq!(Known::of(day, &both, Direction::Consumption, rows).unwrap().total().unwrap().millionths(), 300);
    }

    #[test]
    fn a_day_without_readings_is_missing_only_where_it_belongs_to_the_history() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(folder.path(), Brussels).unwrap();
        let ean = crate::energy::Ean::parse("541448860000000011").unwrap();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let meter = ledger.meter(&ean, MeterKind::Electricity, Unit::KilowattHour, date("2026-06-02")).unwrap();
        let read_day = day(MeterKind::Electricity, "2026-06-03");
        ledger.merge(meter, read_day, &hourly(read_day), Utc::now()).unwrap();
        let rows = Rows::new(MeterKind::Electricity, Brussels);
        let (range, wanted) = (date("2026-06-01")..=date("2026-06-05"), date("2026-06-02")..=date("2026-06-04"));
        let days = read(&ledger, meter, Direction::Consumption, rows, &range, &wanted).unwrap();
        let dates: Vec<NaiveDate> = days.iter().map(|(date, _)| *date).collect();
        assert_eq!(dates, range.start().iter_days().take(5).collect::<Vec<_>>());
        let looks: Vec<bool> = days.iter().map(|(_, known)| *known == Known::Missing).collect();
        assert_eq!(looks, [false, true, false, true, false]);
        assert!(matches!(days[2].1, Known::Hours(_)));
        assert_eq!((&days[0].1, &days[4].1), (&Known::Outside, &Known::Outside));
    }
}
