//! From hours to rows with running sums. Pure.

use chrono::{DateTime, Utc};

use super::hours::HourOf;
use super::series::{Kind, Row};
use crate::energy::{Amount, Direction, Register, Unit};

/// The statistics of an electricity meter from its hours in the order of time; with `splits`, each tariff register has one
/// as well. A statistic without a single hour is left out.
#[must_use]
pub fn plan(hours: &[HourOf], splits: bool) -> Vec<(Kind, Vec<Row>)> {
    let by_register: &[Kind] = if splits {
        &[Kind::ConsumptionHigh, Kind::ConsumptionLow, Kind::InjectionHigh, Kind::InjectionLow]
    } else {
        &[]
    };
    [Kind::Consumption, Kind::Injection]
        .iter()
        .chain(by_register)
        .map(|kind| (*kind, rows(hours.iter().filter(|hour| counts(*kind, hour)))))
        .filter(|(_, rows)| !rows.is_empty())
        .collect()
}

/// The statistic of a gas meter from its hours in the order of time and in its unit; none without a single hour.
#[must_use]
pub fn plan_gas(hours: &[HourOf], unit: Unit) -> Vec<(Kind, Vec<Row>)> {
    let rows = rows(hours.iter().filter(|hour| counts(Kind::Gas(unit), hour)));
    if rows.is_empty() { Vec::new() } else { vec![(Kind::Gas(unit), rows)] }
}

/// The hours without those of injection, if it never was more than nothing: such a home has no panels.
#[must_use]
pub fn without_idle_injection(mut hours: Vec<HourOf>) -> Vec<HourOf> {
    let is_injection = |hour: &HourOf| hour.direction == Direction::Injection;
    if !hours.iter().any(|hour| is_injection(hour) && hour.amount > Amount::ZERO) {
        hours.retain(|hour| !is_injection(hour));
    }
    hours
}

fn counts(kind: Kind, hour: &HourOf) -> bool {
    match kind {
        Kind::Consumption | Kind::Gas(_) => hour.direction == Direction::Consumption,
        Kind::ConsumptionHigh => hour.direction == Direction::Consumption && hour.register == Register::High,
        Kind::ConsumptionLow => hour.direction == Direction::Consumption && hour.register == Register::Low,
        Kind::Injection => hour.direction == Direction::Injection,
        Kind::InjectionHigh => hour.direction == Direction::Injection && hour.register == Register::High,
        Kind::InjectionLow => hour.direction == Direction::Injection && hour.register == Register::Low,
        Kind::Cost | Kind::Compensation => false,
    }
}

fn rows<'a>(hours: impl Iterator<Item = &'a HourOf>) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for hour in hours {
        let amount = hour.amount.millionths();
        match rows.last_mut() {
            Some(last) if last.start == hour.start => {
                last.state = last.state.saturating_add(amount);
                last.sum = last.sum.saturating_add(amount);
            }
            last => {
                let before = last.map_or(0, |last| last.sum);
                rows.push(Row { start: hour.start, state: amount, sum: before.saturating_add(amount) });
            }
        }
    }
    rows
}

/// The rows that Home Assistant is to hold, when it holds `base` before the first of them and has hours of its own among
/// them: those go on existing, since a row can't be taken away, and count nothing. So do those after the end of the meter's
/// history, if it has one; what is held between our last row and that end counts on, since a lost ledger may have had it.
#[must_use]
pub(super) fn fitted(rows: &[Row], base: i64, held: &[Row], ends: Option<DateTime<Utc>>) -> Vec<Row> {
    let mut fitted = Vec::with_capacity(rows.len());
    let mut strangers = held.iter().peekable();
    let mut sum = base;
    for row in rows {
        while let Some(stranger) = strangers.next_if(|stranger| stranger.start < row.start) {
            fitted.push(Row { start: stranger.start, state: 0, sum });
        }
        strangers.next_if(|stranger| stranger.start == row.start);
        sum = base.saturating_add(row.sum);
        fitted.push(Row { sum, ..*row });
    }
    let Some(ends) = ends else { return fitted };
    for stranger in strangers {
        let state = if stranger.start < ends { stranger.state } else { 0 };
        sum = sum.saturating_add(state);
        fitted.push(Row { start: stranger.start, state, sum });
    }
    fitted
}

/// The first row that isn't held as it should be, as an index in `wanted`. Both are in the order of time.
#[must_use]
pub(super) fn first_difference(wanted: &[Row], held: &[Row]) -> Option<usize> {
    let equal = wanted.iter().zip(held).take_while(|(wanted, held)| wanted == held).count();
    (equal < wanted.len()).then_some(equal)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        "2026-10-24T20:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
    }

    fn hour(hour: i64, direction: Direction, register: Register, millionths: i64) -> HourOf {
        HourOf { start: at(hour), direction, register, amount: Amount::from_millionths(millionths) }
    }

    fn row(hour: i64, state: i64, sum: i64) -> Row {
        Row { start: at(hour), state, sum }
    }

    #[test]
    fn registers_are_added_up_and_split_on_request() {
        let hours = [
            hour(0, Direction::Consumption, Register::High, 3),
            hour(0, Direction::Consumption, Register::Low, 4),
            hour(0, Direction::Injection, Register::High, 1),
            // An hour is missing here.
            hour(2, Direction::Consumption, Register::Low, 5),
        ];
        let total = plan(&hours, false);
        assert_eq!(
            total,
            [(Kind::Consumption, vec![row(0, 7, 7), row(2, 5, 12)]), (Kind::Injection, vec![row(0, 1, 1)])]
        );
        let split = plan(&hours, true);
        let kinds: Vec<_> = split.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(
            kinds,
            [Kind::Consumption, Kind::Injection, Kind::ConsumptionHigh, Kind::ConsumptionLow, Kind::InjectionHigh]
        );
        assert_eq!(split[3].1, [row(0, 4, 4), row(2, 5, 9)]);
    }

    #[test]
    fn sums_go_on_from_what_is_held_before_and_strange_hours_count_nothing() {
        let held = [row(-1, 9, 9), row(1, 50, 59), row(2, 1, 60), row(3, 2, 62)];
        let fitted = fitted(&[row(0, 7, 7), row(2, 5, 12)], 100, &held[1..], None);
        assert_eq!(fitted, [row(0, 7, 107), row(1, 0, 107), row(2, 5, 112)]);
        assert_eq!(first_difference(&fitted, &[row(0, 7, 107), row(1, 0, 107), row(2, 5, 111)]), Some(2));
        assert_eq!(first_difference(&fitted, &fitted), None);
        assert_eq!(first_difference(&fitted, &fitted[..2]), Some(2));
        assert_eq!(first_difference(&[], &fitted), None);
    }

    #[test]
    fn what_is_held_after_the_end_counts_nothing_and_before_it_stays() {
        let rows = [row(0, 7, 7), row(1, 5, 12)];
        let held = [row(0, 7, 7), row(1, 5, 12), row(2, 3, 15), row(4, 2, 17), row(6, 9, 26)];
        let with_end = |end| fitted(&rows, 0, &held, Some(at(end)));
        assert_eq!(with_end(2), [rows[0], rows[1], row(2, 0, 12), row(4, 0, 12), row(6, 0, 12)]);
        assert_eq!(with_end(3), [rows[0], rows[1], row(2, 3, 15), row(4, 0, 15), row(6, 0, 15)]);
        assert_eq!(with_end(7), held);
        assert_eq!(fitted(&rows, 100, &held, Some(at(3)))[2..4], [row(2, 3, 115), row(4, 0, 115)]);
        assert_eq!(fitted(&rows, 0, &with_end(3), Some(at(3))), with_end(3), "once is enough");
        assert_eq!(fitted(&rows, 0, &held, None), rows, "without an end, what is newer is none of our business");
        let alone = fitted(&[], 40, &held[3..], Some(at(2)));
        assert_eq!(alone, [row(4, 0, 40), row(6, 0, 40)], "all of ours lies after the end");
    }

    #[test]
    fn gas_has_one_statistic_whatever_its_register() {
        let hours =
            [hour(0, Direction::Consumption, Register::Single, 3), hour(1, Direction::Consumption, Register::High, 4)];
        for unit in [Unit::KilowattHour, Unit::CubicMetre] {
            assert_eq!(plan_gas(&hours, unit), [(Kind::Gas(unit), vec![row(0, 3, 3), row(1, 4, 7)])]);
            assert_eq!(plan_gas(&[], unit), []);
        }
    }

    #[test]
    fn injection_of_nothing_has_no_statistic_until_there_is_some() {
        let mut hours = vec![
            hour(0, Direction::Consumption, Register::Single, 3),
            hour(0, Direction::Injection, Register::Single, 0),
        ];
        assert_eq!(without_idle_injection(hours.clone()), hours[..1]);
        hours.push(hour(1, Direction::Injection, Register::Single, 1));
        assert_eq!(without_idle_injection(hours.clone()), hours);
    }

    proptest! {
        #[test]
        fn with_an_end_the_last_sum_is_that_before_it(
            ours in proptest::collection::vec((0_i64..50, 0_i64..9), 0..30),
            theirs in proptest::collection::btree_map(0_i64..90, 0_i64..9, 0..40),
            base in 0_i64..100,
        ) {
            let hour = |(start, amount): &(i64, i64)| hour(*start, Direction::Consumption, Register::Single, *amount);
            let mut hours: Vec<_> = ours.iter().map(hour).collect();
            hours.sort_by_key(|hour| hour.start);
            let rows = rows(hours.iter());
            let held: Vec<_> = theirs.iter().map(|(start, state)| row(*start, *state, start * 10)).collect();
            let fitted = fitted(&rows, base, &held, Some(at(50)));
            let sum = fitted.iter().rev().find(|row| row.start < at(50)).map_or(base, |row| row.sum);
            for row in fitted.iter().filter(|row| row.start >= at(50)) {
                prop_assert_eq!((row.state, row.sum), (0, sum));
            }
            prop_assert!(fitted.windows(2).all(|pair| pair[0].start < pair[1].start));
            let last = rows.last().map_or(base, |row| base + row.sum);
            let is_newer = |held: &&Row| held.start < at(50) && rows.last().is_none_or(|row| held.start > row.start);
            prop_assert_eq!(sum, last + held.iter().filter(is_newer).map(|held| held.state).sum::<i64>());
        }

        #[test]
        fn the_last_sum_is_all_that_was_counted(amounts in proptest::collection::vec((0_i64..200, 0_i64..3, 0_i64..9_000_000), 0..300)) {
            let mut hours: Vec<_> = amounts.iter().map(|(start, register, amount)| {
                let register = [Register::Single, Register::High, Register::Low][usize::try_from(*register).unwrap()];
                hour(*start, Direction::Consumption, register, *amount)
            }).collect();
            hours.sort_by_key(|hour| hour.start);
            let total: i64 = amounts.iter().map(|(_, _, amount)| amount).sum();
            let planned = plan(&hours, false);
            let rows = planned.first().map_or(&[][..], |(_, rows)| rows);
            prop_assert_eq!(rows.last().map_or(0, |row| row.sum), total);
            prop_assert_eq!(rows.iter().map(|row| row.state).sum::<i64>(), total);
            prop_assert!(rows.windows(2).all(|pair| pair[0].start < pair[1].start && pair[0].sum + pair[1].state == pair[1].sum));
        }
    }
}
