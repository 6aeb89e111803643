//! From hours to rows with running sums. Pure.

use super::hours::HourOf;
use super::series::{Kind, Row};
use crate::energy::{Direction, Register};

/// The statistics of a meter from its hours in the order of time; with `splits`, each tariff register has one as well. A
/// statistic without a single hour is left out.
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

fn counts(kind: Kind, hour: &HourOf) -> bool {
    match kind {
        Kind::Consumption => hour.direction == Direction::Consumption,
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
/// them: those go on existing, since a row can't be taken away, and count nothing.
#[must_use]
pub(super) fn fitted(rows: &[Row], base: i64, held: &[Row]) -> Vec<Row> {
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
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::*;

    use super::*;
    use crate::energy::Amount;

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
        let fitted = fitted(&[row(0, 7, 7), row(2, 5, 12)], 100, &held[1..]);
        assert_eq!(fitted, [row(0, 7, 107), row(1, 0, 107), row(2, 5, 112)]);
        assert_eq!(first_difference(&fitted, &[row(0, 7, 107), row(1, 0, 107), row(2, 5, 111)]), Some(2));
        assert_eq!(first_difference(&fitted, &fitted), None);
        assert_eq!(first_difference(&fitted, &fitted[..2]), Some(2));
        assert_eq!(first_difference(&[], &fitted), None);
    }

    proptest! {
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
