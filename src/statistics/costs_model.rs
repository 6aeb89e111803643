//! The costs against a model that counts everything anew for each hour.

use chrono::{Days, TimeDelta};
use chrono_tz::Europe::Brussels;
use proptest::prelude::*;

use super::tests::{Peaks, at, costs, from};
use super::*;
use crate::config::Euros;
use crate::energy::Amount;
use Direction::{Consumption, Injection};
use Register::{High, Low, Single};

/// A price whose every part may be missing.
fn any_price() -> impl Strategy<Value = Price> {
    let part = |lowest, highest| prop::option::of((lowest..=highest).prop_map(Euros::from_millionths));
    let price = || (0..=10_000_000_i64).prop_map(Euros::from_millionths);
    let consumption = prop_oneof![
        price().prop_map(ConsumptionPrice::One),
        (price(), price()).prop_map(|(high, low)| ConsumptionPrice::HighLow { high, low }),
    ];
    let parts = (
        prop::option::of(consumption),
        part(-10_000_000_i64, 10_000_000),
        part(0, 10_000_000_000),
        part(0, 10_000_000_000),
    );
    parts.prop_map(|(consumption, injection, standing_charge, capacity)| Price {
        consumption,
        injection,
        standing_charge,
        capacity,
        ..from("2026-01-01")
    })
}

/// Up to four periods, in the order of their days.
fn any_prices() -> impl Strategy<Value = Vec<Price>> {
    let first = from("2025-06-01").from;
    let periods = prop::collection::btree_map(0..800_u64, any_price(), 0..4);
    periods.prop_map(move |periods| {
        periods.into_iter().map(|(day, price)| Price { from: first + Days::new(day), ..price }).collect()
    })
}

/// Hours of 2025 to 2027 with any of the registers, in the order of time.
fn any_hours() -> impl Strategy<Value = Vec<HourOf>> {
    let first = at("2025-01-01T00:00:00Z");
    let register = prop::sample::select(vec![
        (Consumption, High),
        (Consumption, Single),
        (Injection, Low),
        (Injection, High),
        (Consumption, Low),
    ]);
    // Close together, so that hours share a start, or far apart.
    let step = prop_oneof![0..3_i64, 0..600_i64];
    prop::collection::vec((step, register, 0..50_000_000_i64), 0..60).prop_map(move |steps| {
        let mut start = first + TimeDelta::hours(3_000);
        let hours = steps.into_iter().map(|(step, (direction, register), amount)| {
            start += TimeDelta::hours(step);
            HourOf { start, direction, register, amount: Amount::from_millionths(amount) }
        });
        hours.collect()
    })
}

fn any_peaks() -> impl Strategy<Value = Peaks> {
    prop::collection::btree_map((2024..=2027, 1..=12_u32), 0..30_000_000_i64, 0..30)
}

/// Which of its hours an hour is, and how many there are, by counting those with the same local name.
fn counted(hour: DateTime<Utc>, name: impl Fn(NaiveDate) -> (i32, u32)) -> (i128, i128) {
    let named = |hour: DateTime<Utc>| name(hour.with_timezone(&Brussels).date_naive());
    let same = |step: i64| {
        (1..).map(move |n| hour + TimeDelta::hours(n * step)).take_while(|other| named(*other) == named(hour)).count()
            as i128
    };
    let (before, after) = (same(-1), same(1));
    (before, before + 1 + after)
}

/// The exact cost of what was counted in an hour, in 10^-12 EUR, or `None` when it has none.
fn naive(
    hours: &[HourOf],
    start: DateTime<Utc>,
    direction: Direction,
    prices: &[Price],
    peaks: &Peaks,
) -> Option<i128> {
    let date = start.with_timezone(&Brussels).date_naive();
    let price = prices.iter().filter(|price| price.from <= date).max_by_key(|price| price.from)?;
    let mut exact = 0;
    for hour in hours.iter().filter(|hour| hour.start == start && hour.direction == direction) {
        let unit = match (direction, price.consumption) {
            (Injection, _) => price.injection?.millionths(),
            (Consumption, None) => 0,
            (Consumption, Some(ConsumptionPrice::One(price))) => price.millionths(),
            (Consumption, Some(ConsumptionPrice::HighLow { high, low })) => {
                if hour.register == Low { low } else { high }.millionths()
            }
        };
        exact += i128::from(hour.amount.millionths()) * i128::from(unit);
    }
    if direction == Injection {
        return Some(exact);
    }
    if (price.consumption, price.standing_charge, price.capacity) == (None, None, None) {
        return None;
    }
    let until = |whole: i128, parts: i128, number: i128| whole * number / parts;
    if let Some(charge) = price.standing_charge {
        let (number, count) = counted(start, |date| (date.year(), 0));
        let whole = i128::from(charge.millionths()) * 1_000_000;
        exact += until(whole, count, number + 1) - until(whole, count, number);
    }
    let months = i64::from(date.year()) * 12 + i64::from(date.month());
    let recent: Vec<i128> = peaks
        .iter()
        .filter(|((year, month), _)| (0..12).contains(&(months - i64::from(*year) * 12 - i64::from(*month))))
        .map(|(_, peak)| i128::from(*peak).max(2_500_000))
        .collect();
    if let (Some(charge), false) = (price.capacity, recent.is_empty()) {
        let (number, count) = counted(start, |date| (date.year(), date.month()));
        let whole = i128::from(charge.millionths()) * recent.iter().sum::<i128>();
        let parts = count * 12 * recent.len() as i128;
        exact += until(whole, parts, number + 1) - until(whole, parts, number);
    }
    Some(exact)
}

fn assert_as_naive(
    rows: &[Row],
    hours: &[HourOf],
    direction: Direction,
    prices: &[Price],
    peaks: &Peaks,
) -> Result<(), TestCaseError> {
    let mut starts: Vec<_> = hours.iter().filter(|hour| hour.direction == direction).map(|hour| hour.start).collect();
    starts.dedup();
    let amounts = starts.into_iter().filter_map(|start| Some((start, naive(hours, start, direction, prices, peaks)?)));
    let amounts: Vec<_> = amounts.collect();
    prop_assert_eq!(rows.len(), amounts.len());
    let (mut exact, mut states) = (0_i128, 0_i64);
    for (row, (start, amount)) in rows.iter().zip(amounts) {
        exact += amount;
        states += row.state;
        prop_assert_eq!(row.start, start);
        prop_assert_eq!(states, row.sum, "the states add up");
        let off = exact - i128::from(row.sum) * 1_000_000;
        prop_assert!(off.abs() < 500_000 || off == -500_000 * exact.signum(), "{} is {} off", row.sum, off);
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_sum_is_the_exact_one(hours in any_hours(), prices in any_prices(), peaks in any_peaks()) {
        let (cost, compensation) = costs(&hours, &prices, &peaks, Brussels);
        assert_as_naive(&cost, &hours, Consumption, &prices, &peaks)?;
        assert_as_naive(&compensation, &hours, Injection, &prices, &peaks)?;
    }

    #[test]
    fn a_price_changes_nothing_before_its_period(
        hours in any_hours(), prices in any_prices(), peaks in any_peaks(), day in 0..800_u64, price in any_price(),
    ) {
        let from = from("2025-06-01").from + Days::new(day);
        let mut changed: Vec<Price> = prices.iter().filter(|price| price.from != from).cloned().collect();
        changed.push(Price { from, ..price });
        changed.sort_unstable_by_key(|price| price.from);
        let before = local_to_utc(from.into(), Brussels).unwrap();
        let (old, new) = (costs(&hours, &prices, &peaks, Brussels), costs(&hours, &changed, &peaks, Brussels));
        let earlier = |rows: Vec<Row>| rows.into_iter().filter(|row| row.start < before).collect::<Vec<_>>();
        prop_assert_eq!(earlier(old.0), earlier(new.0));
        prop_assert_eq!(earlier(old.1), earlier(new.1));
    }

    #[test]
    fn hours_that_come_later_change_no_earlier_row(hours in any_hours(), prices in any_prices(), peaks in any_peaks(), cut in any::<prop::sample::Index>()) {
        let starts: Vec<_> = hours.iter().map(|hour| hour.start).chain([at("2030-01-01T00:00:00Z")]).collect();
        let until = *cut.get(&starts);
        let earlier: Vec<HourOf> = hours.iter().copied().filter(|hour| hour.start < until).collect();
        let (some, all) = (costs(&earlier, &prices, &peaks, Brussels), costs(&hours, &prices, &peaks, Brussels));
        prop_assert!(all.0.starts_with(&some.0) && all.1.starts_with(&some.1));
    }
}
