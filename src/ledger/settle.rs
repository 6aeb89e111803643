//! What the readings of one meter day amount to. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::MeterId;
use crate::energy::{Amount, Direction, MeterDay, MeterKind, Reading, Register};

/// Sums by direction and register, in the unit that counts.
pub type Amounts = BTreeMap<(Direction, Register), Amount>;

/// A settled day.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Settled {
    /// What was counted. A register without a reading is absent, not zero.
    pub(super) amounts: Amounts,
    /// The length, in seconds, of the intervals that cover every direction; `None` while something is missing.
    pub(super) finest: Option<u32>,
    /// The daily total is known to be that of a part of the day.
    pub(super) is_part: bool,
}

/// The readings of one direction that count.
pub(super) struct Chosen<'a> {
    pub(super) readings: Vec<&'a Reading>,
    /// Their length in seconds, if they leave no gap.
    covers: Option<u32>,
    is_part: bool,
}

/// Chooses the readings of a day that count, of whatever length they are.
///
/// For each direction the shortest intervals that leave no gap are the ones that count; failing those, the daily total;
/// failing that, the shortest ones that are there. So quarter-hours take the place of a daily total when the last of them
/// is in, and not before. Gas comes in two units, of which the meter's counts: both are the same gas.
pub(super) fn choose(meter: MeterId, day: MeterDay, readings: &[Reading]) -> BTreeMap<Direction, Chosen<'_>> {
    let mut by_direction: BTreeMap<Direction, BTreeMap<u32, Vec<&Reading>>> = BTreeMap::new();
    for reading in readings.iter().filter(|reading| reading.unit == meter.unit && lies_on_grid(day, reading)) {
        let lengths = by_direction.entry(reading.direction).or_default();
        lengths.entry(reading.interval.seconds()).or_default().push(reading);
    }
    let chosen = by_direction.into_iter().map(|(direction, mut lengths)| {
        let is_part = direction == Direction::Consumption && is_total_of_a_part(meter.kind, day, &lengths);
        let covering = lengths.iter().find(|(seconds, rows)| covers(day, **seconds, rows));
        let covers = covering.map(|(seconds, _)| *seconds).filter(|_| !is_part);
        let counting = covers.and_then(|seconds| lengths.remove(&seconds));
        let readings = counting.or_else(|| lengths.into_values().next()).unwrap_or_default();
        (direction, Chosen { readings, covers, is_part })
    });
    chosen.collect()
}

/// Settles a day from all of its readings.
pub(super) fn settle(meter: MeterId, day: MeterDay, readings: &[Reading], injects: bool) -> Settled {
    let by_direction = choose(meter, day, readings);
    let mut settled = Settled::default();
    let mut coarsest = Some(0);
    for chosen in by_direction.values() {
        settled.is_part |= chosen.is_part;
        for reading in &chosen.readings {
            let sum = settled.amounts.entry((reading.direction, reading.register)).or_default();
            *sum = sum.plus(reading.amount);
        }
        coarsest = chosen.covers.and_then(|seconds| coarsest.map(|coarsest: u32| coarsest.max(seconds)));
    }
    let has = |direction| by_direction.contains_key(&direction);
    if has(Direction::Consumption) && (!injects || has(Direction::Injection)) {
        settled.finest = coarsest;
    }
    settled
}

/// Whether the daily total was made before all of the day was in: shorter intervals that don't cover the day add up to
/// more than it. Every home consumes electricity all day long, so that as much tells it too; gas may have stood still in
/// the hours that are missing.
fn is_total_of_a_part(kind: MeterKind, day: MeterDay, lengths: &BTreeMap<u32, Vec<&Reading>>) -> bool {
    let sum = |rows: &[&Reading]| rows.iter().map(|reading| reading.amount).sum::<Amount>();
    match (lengths.first_key_value(), lengths.last_key_value()) {
        (Some((shortest, part)), Some((longest, total))) if shortest < longest && !covers(day, *shortest, part) => {
            match kind {
                MeterKind::Electricity => sum(part) >= sum(total),
                MeterKind::Gas => sum(part) > sum(total),
            }
        }
        _ => false,
    }
}

/// Whether a reading lies in the day, at a multiple of its own length from the day's start.
fn lies_on_grid(day: MeterDay, reading: &Reading) -> bool {
    let offset = reading.interval.start().timestamp().saturating_sub(day.interval().start().timestamp());
    offset >= 0
        && reading.interval.end() <= day.interval().end()
        && offset.checked_rem(i64::from(reading.interval.seconds())) == Some(0)
}

pub(super) fn covers(day: MeterDay, seconds: u32, rows: &[&Reading]) -> bool {
    let starts: BTreeSet<_> = rows.iter().map(|reading| reading.interval.start()).collect();
    let length = day.interval().seconds();
    length.checked_rem(seconds) == Some(0)
        && length.checked_div(seconds).is_some_and(|slots| starts.len() == slots as usize)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use chrono_tz::Europe::Brussels;
    use proptest::prelude::*;

    use super::*;
    use crate::energy::{Interval, Unit};

    const POWER: MeterId = MeterId { row: 1, kind: MeterKind::Electricity, unit: Unit::KilowattHour, until: None };
    const GAS: MeterId = MeterId { row: 1, kind: MeterKind::Gas, unit: Unit::CubicMetre, until: None };

    /// Settles a day of an electricity meter.
    fn settle(day: MeterDay, readings: &[Reading], injects: bool) -> Settled {
        super::settle(POWER, day, readings, injects)
    }

    fn day(date: &str) -> MeterDay {
        MeterDay::new(MeterKind::Electricity, date.parse().unwrap(), Brussels).unwrap()
    }

    fn row(day: MeterDay, direction: Direction, seconds: u32, slot: u32, amount: i64) -> Reading {
        let start = day.interval().start() + TimeDelta::seconds(i64::from(seconds * slot));
        let interval = Interval::new(start, start + TimeDelta::seconds(i64::from(seconds))).unwrap();
        let amount = Amount::from_millionths(amount);
        Reading { direction, register: Register::Single, unit: Unit::KilowattHour, interval, amount, status: 2 }
    }

    fn quarters(day: MeterDay, direction: Direction) -> Vec<Reading> {
        (0..day.interval().seconds() / 900).map(|slot| row(day, direction, 900, slot, 10)).collect()
    }

    fn total(settled: &Settled, direction: Direction) -> Option<i64> {
        settled.amounts.get(&(direction, Register::Single)).map(|amount| amount.millionths())
    }

    #[test]
    fn a_whole_day_of_quarters_is_complete_whatever_its_length() {
        for (date, count) in [("2026-03-29", 92), ("2026-06-01", 96), ("2026-10-25", 100)] {
            let day = day(date);
            let rows = quarters(day, Direction::Consumption);
            assert_eq!(rows.len(), count);
            let settled = settle(day, &rows, false);
            assert_eq!((settled.finest, total(&settled, Direction::Consumption)), (Some(900), Some(count as i64 * 10)));
            assert_eq!(settle(day, &rows[1..], false).finest, None, "a quarter is missing on {date}");
        }
    }

    #[test]
    fn quarters_replace_the_daily_total_when_the_last_one_is_in() {
        let day = day("2026-06-01");
        let mut rows = quarters(day, Direction::Consumption);
        let last = rows.pop().unwrap();
        rows.push(row(day, Direction::Consumption, 86_400, 0, 7_777));
        let partial = settle(day, &rows, false);
        assert_eq!((partial.finest, total(&partial, Direction::Consumption)), (Some(86_400), Some(7_777)));
        rows.push(last);
        let whole = settle(day, &rows, false);
        assert_eq!((whole.finest, total(&whole, Direction::Consumption)), (Some(900), Some(960)));
    }

    #[test]
    fn a_daily_total_that_was_made_from_a_part_of_the_day_is_not_complete() {
        let day = day("2026-06-01");
        let mut rows = quarters(day, Direction::Consumption);
        rows.truncate(50);
        for total in [500, 499] {
            // One that is even less is that of a smaller part, from an earlier fetch.
            rows.push(row(day, Direction::Consumption, 86_400, 0, total));
            let settled = settle(day, &rows, false);
            assert_eq!((settled.finest, settled.is_part), (None, true));
            rows.pop();
        }
        rows.push(row(day, Direction::Consumption, 86_400, 0, 501));
        let settled = settle(day, &rows, false);
        assert_eq!((settled.finest, settled.is_part), (Some(86_400), false));
    }

    #[test]
    fn a_meter_that_injects_is_not_complete_without_its_injection() {
        let day = day("2026-06-01");
        let mut rows = quarters(day, Direction::Consumption);
        assert_eq!(settle(day, &rows, true).finest, None);
        rows.extend(quarters(day, Direction::Injection));
        assert_eq!(settle(day, &rows, true).finest, Some(900));
        rows.pop();
        assert_eq!(settle(day, &rows, false).finest, None, "injection that is there must be whole");
    }

    /// A row of gas in one unit.
    fn gas(day: MeterDay, unit: Unit, seconds: u32, slot: u32, amount: i64) -> Reading {
        Reading { unit, ..row(day, Direction::Consumption, seconds, slot, amount) }
    }

    /// The hours of a gas day, each with so many m³ and eleven times as many kWh.
    fn hours(day: MeterDay, amounts: &[i64]) -> Vec<Reading> {
        let hour = |(slot, amount): (u32, &i64)| {
            [gas(day, Unit::CubicMetre, 3_600, slot, *amount), gas(day, Unit::KilowattHour, 3_600, slot, *amount * 11)]
        };
        (0..).zip(amounts).flat_map(hour).collect()
    }

    fn gas_day(date: &str) -> MeterDay {
        MeterDay::new(MeterKind::Gas, date.parse().unwrap(), Brussels).unwrap()
    }

    #[test]
    fn gas_counts_in_the_unit_of_the_meter_and_never_in_both() {
        for (date, count) in [("2026-03-28", 23), ("2026-10-24", 25), ("2026-10-25", 24)] {
            let day = gas_day(date);
            let rows = hours(day, &vec![2; count]);
            for (unit, each) in [(Unit::CubicMetre, 2), (Unit::KilowattHour, 22)] {
                let settled = super::settle(MeterId { unit, ..GAS }, day, &rows, false);
                let total = total(&settled, Direction::Consumption);
                assert_eq!((settled.finest, total), (Some(3_600), Some(count as i64 * each)), "{date}");
                assert_eq!(settled.amounts.len(), 1);
            }
        }
    }

    #[test]
    fn gas_in_the_other_unit_alone_is_nothing() {
        let day = gas_day("2026-01-13");
        let mut rows = hours(day, &[2; 24]);
        rows.retain(|row| row.unit == Unit::KilowattHour);
        rows.push(gas(day, Unit::CubicMetre, 3_600, 0, 2));
        let settled = super::settle(GAS, day, &rows, false);
        assert_eq!((settled.finest, total(&settled, Direction::Consumption)), (None, Some(2)));
        assert_eq!(super::settle(GAS, day, &rows[..24], false), Settled::default());
    }

    #[test]
    fn a_daily_total_of_gas_is_whole_unless_a_part_of_the_day_is_more() {
        let day = gas_day("2026-01-13");
        for (daily, is_part) in [(11, false), (10, false), (9, true)] {
            let mut rows = hours(day, &[5, 5]);
            rows.push(gas(day, Unit::CubicMetre, 86_400, 0, daily));
            let settled = super::settle(GAS, day, &rows, false);
            assert_eq!(settled.is_part, is_part, "{daily}");
            assert_eq!(settled.finest, (!is_part).then_some(86_400), "{daily}");
        }
    }

    #[test]
    fn nothing_is_not_zero() {
        let settled = settle(day("2026-06-01"), &[], false);
        assert_eq!(settled, Settled::default());
        assert!(settled.amounts.is_empty() && settled.finest.is_none());
    }

    proptest! {
        #[test]
        fn the_order_of_rows_does_not_matter(seed in any::<u64>(), amounts in proptest::collection::vec(0_i64..5_000_000, 200)) {
            let day = day("2026-10-25");
            let mut rows: Vec<_> = amounts.iter().enumerate().map(|(index, amount)| {
                let direction = if index % 2 == 0 { Direction::Consumption } else { Direction::Injection };
                row(day, direction, 900, (index / 2) as u32, *amount)
            }).collect();
            let sorted = settle(day, &rows, true);
            let mut state = seed;
            rows.sort_by_cached_key(|_| { state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1); state });
            prop_assert_eq!(&sorted, &settle(day, &rows, true));
            prop_assert_eq!(total(&sorted, Direction::Consumption), Some(amounts.iter().step_by(2).sum::<i64>()));
        }

        #[test]
        fn no_row_in_another_unit_changes_anything(
            ours in proptest::collection::vec(0_i64..5_000_000, 0..=24),
            theirs in proptest::collection::vec((0_u32..24, 0_i64..5_000_000), 0..40),
            daily in proptest::option::of(0_i64..9_000_000),
        ) {
            let day = gas_day("2026-01-13");
            let mut rows: Vec<_> =
                (0..).zip(&ours).map(|(slot, amount)| gas(day, Unit::CubicMetre, 3_600, slot, *amount)).collect();
            let alone = super::settle(GAS, day, &rows, false);
            rows.extend(theirs.iter().map(|(slot, amount)| gas(day, Unit::KilowattHour, 3_600, *slot, *amount)));
            rows.extend(daily.map(|amount| gas(day, Unit::KilowattHour, 86_400, 0, amount)));
            prop_assert_eq!(&alone, &super::settle(GAS, day, &rows, false));
            let sum = (!ours.is_empty()).then(|| ours.iter().sum::<i64>());
            prop_assert_eq!(total(&alone, Direction::Consumption), sum);
        }
    }
}
