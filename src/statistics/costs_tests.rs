use std::collections::BTreeMap;

use chrono::TimeDelta;
use chrono_tz::Europe::Brussels;

use super::*;
use crate::config::Euros;
use crate::energy::{Amount, Peak, Power};
use Direction::{Consumption, Injection};
use Register::{High, Low, Single};

/// Peaks in millionths of a kW by year and month.
pub(super) type Peaks = BTreeMap<(i32, u32), i64>;

/// The costs with each peak in some quarter-hour of its month.
pub(super) fn costs(hours: &[HourOf], prices: &[Price], peaks: &Peaks, zone: Tz) -> (Vec<Row>, Vec<Row>) {
    let peak = |(&(year, month), &power): (&(i32, u32), &i64)| {
        Peak::new(Power::from_millionths(power), at(&format!("{year}-{month:02}-15T12:00:00Z")), zone).unwrap()
    };
    super::costs(hours, prices, &peaks.iter().map(peak).collect(), zone)
}

pub(super) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn hour(start: &str, direction: Direction, register: Register, millionths: i64) -> HourOf {
    HourOf { start: at(start), direction, register, amount: Amount::from_millionths(millionths) }
}

/// A period without any price.
pub(super) fn from(day: &str) -> Price {
    let from = day.parse().unwrap();
    Price { from, consumption: None, injection: None, gas: None, standing_charge: None, capacity: None }
}

const fn euros(millionths: i64) -> Option<Euros> {
    Some(Euros::from_millionths(millionths))
}

const fn one(millionths: i64) -> Option<ConsumptionPrice> {
    Some(ConsumptionPrice::One(Euros::from_millionths(millionths)))
}

const fn by_tariff(high: i64, low: i64) -> Option<ConsumptionPrice> {
    Some(ConsumptionPrice::HighLow { high: Euros::from_millionths(high), low: Euros::from_millionths(low) })
}

/// All hours from one local midnight until another, each with so much consumption.
fn hours(first: &str, next: &str, millionths: i64) -> Vec<HourOf> {
    let midnight = |day: &str| local_to_utc(day.parse::<NaiveDate>().unwrap().into(), Brussels).unwrap();
    let (start, end) = (midnight(first), midnight(next));
    let starts = (0..).map(|number| start + TimeDelta::hours(number)).take_while(|start| *start < end);
    let amount = Amount::from_millionths(millionths);
    starts.map(|start| HourOf { start, direction: Consumption, register: Single, amount }).collect()
}

fn cost(hours: &[HourOf], prices: &[Price], peaks: &Peaks) -> Vec<Row> {
    costs(hours, prices, peaks, Brussels).0
}

/// The sum of the last row.
fn total(hours: &[HourOf], prices: &[Price], peaks: &Peaks) -> i64 {
    cost(hours, prices, peaks).last().unwrap().sum
}

fn states(rows: &[Row]) -> Vec<i64> {
    rows.iter().map(|row| row.state).collect()
}

#[test]
fn nothing_costs_nothing() {
    let none = (Vec::new(), Vec::new());
    let prices = [Price { consumption: one(300_000), injection: euros(35_000), ..from("2026-01-01") }];
    assert_eq!(costs(&[], &prices, &Peaks::new(), Brussels), none);
    let used = hours("2026-01-01", "2026-01-02", 1_000_000);
    assert_eq!(costs(&used, &[], &Peaks::new(), Brussels), none);
    assert_eq!(costs(&used, &[from("2026-01-01")], &Peaks::new(), Brussels), none);
}

#[test]
fn each_register_has_its_price() {
    let hours = [
        hour("2026-01-05T10:00:00Z", Consumption, High, 1_000_000),
        hour("2026-01-05T10:00:00Z", Consumption, Low, 2_000_000),
        hour("2026-01-05T11:00:00Z", Consumption, Low, 1_000_000),
        hour("2026-01-05T12:00:00Z", Consumption, Single, 1_000_000),
        hour("2026-01-05T13:00:00Z", Consumption, High, 0),
    ];
    let prices = [Price { consumption: by_tariff(312_000, 276_000), ..from("2026-01-01") }];
    let rows = cost(&hours, &prices, &Peaks::new());
    assert_eq!(states(&rows), [864_000, 276_000, 312_000, 0]);
    assert_eq!(rows[3], Row { start: hours[4].start, state: 0, sum: 1_452_000 });
    let prices = [Price { consumption: one(100_000), ..from("2026-01-01") }];
    assert_eq!(states(&cost(&hours, &prices, &Peaks::new())), [300_000, 100_000, 100_000, 0]);
}

#[test]
fn injection_earns_and_has_no_cost() {
    let hours = [
        hour("2026-07-05T09:00:00Z", Consumption, Single, 1_000_000),
        hour("2026-07-05T10:00:00Z", Injection, High, 2_000_000),
        hour("2026-07-05T10:00:00Z", Injection, Low, 1_000_000),
    ];
    let price = Price { standing_charge: euros(87_600_000), injection: euros(35_000), ..from("2026-01-01") };
    let (cost, compensation) = costs(&hours, std::slice::from_ref(&price), &Peaks::new(), Brussels);
    assert_eq!(cost, [Row { start: hours[0].start, state: 10_000, sum: 10_000 }], "only what is used has a cost");
    assert_eq!(compensation, [Row { start: hours[1].start, state: 105_000, sum: 105_000 }]);
    let prices = [Price { injection: euros(-10_000), ..price }];
    assert_eq!(states(&costs(&hours, &prices, &Peaks::new(), Brussels).1), [-30_000]);
}

#[test]
fn a_row_is_rounded_and_the_next_one_does_not_inherit_that() {
    // Half a millionth of a euro each.
    let hours = hours("2026-01-01", "2026-01-02", 500_000);
    let prices = [Price { consumption: one(1), ..from("2026-01-01") }];
    let rows = cost(&hours, &prices, &Peaks::new());
    assert_eq!(states(&rows)[..4], [1, 0, 1, 0], "halves go away from zero");
    assert_eq!(rows[23].sum, 12);
    let injected: Vec<HourOf> = hours.iter().map(|hour| HourOf { direction: Injection, ..*hour }).collect();
    let prices = [Price { injection: euros(-1), ..from("2026-01-01") }];
    assert_eq!(states(&costs(&injected, &prices, &Peaks::new(), Brussels).1)[..4], [-1, 0, -1, 0]);
}

#[test]
fn a_period_begins_at_local_midnight() {
    let hours = ["2026-06-30T21:00:00Z", "2026-06-30T22:00:00Z", "2026-07-31T21:00:00Z", "2026-07-31T22:00:00Z"]
        .map(|start| hour(start, Consumption, Single, 1_000_000));
    let prices = [
        Price { consumption: one(100_000), ..from("2026-07-01") },
        Price { consumption: one(200_000), ..from("2026-08-01") },
    ];
    let rows = cost(&hours, &prices, &Peaks::new());
    assert_eq!(rows[0].start, hours[1].start, "nothing before the first period");
    assert_eq!(states(&rows), [100_000, 100_000, 200_000]);
}

#[test]
fn a_year_has_exactly_its_standing_charge() {
    for (year, next, count) in [("2026-01-01", "2027-01-01", 8_760), ("2028-01-01", "2029-01-01", 8_784)] {
        let hours = hours(year, next, 0);
        assert_eq!(hours.len(), count);
        for charge in [120_000_000, 123_456_789, 1] {
            let prices = [Price { standing_charge: euros(charge), ..from("2020-01-01") }];
            assert_eq!(total(&hours, &prices, &Peaks::new()), charge);
        }
    }
    let hours = hours("2026-01-01", "2029-01-01", 0);
    let prices = [Price { standing_charge: euros(100_000_001), ..from("2020-01-01") }];
    let rows = cost(&hours, &prices, &Peaks::new());
    let at_the_end_of = |year: usize| rows[..year].last().unwrap().sum;
    assert_eq!(at_the_end_of(8_760), 100_000_001, "the next year begins anew at local midnight");
    assert_eq!(at_the_end_of(2 * 8_760), 200_000_002);
    assert_eq!(rows.last().unwrap().sum, 300_000_003);
}

#[test]
fn the_parts_of_all_hours_are_the_whole() {
    let midnight = |day: &str| day.parse::<NaiveDate>().unwrap();
    for (first, next) in [("2026-01-01", "2027-01-01"), ("2026-03-01", "2026-04-01"), ("2026-10-01", "2026-11-01")] {
        let span = Span::new(midnight(first), midnight(next), Brussels).unwrap();
        for whole in [0, 1, 120_000_000_000_001, 123_456_789_012_345] {
            let parts = hours(first, next, 0).into_iter().map(|hour| span.part(hour.start, whole, 1));
            assert_eq!(parts.sum::<i128>(), whole, "{first}: no fraction gets lost");
        }
    }
}

#[test]
fn an_hour_has_its_part_on_the_days_of_the_clock_changes_too() {
    // A cent an hour.
    let prices = [Price { standing_charge: euros(87_600_000), ..from("2026-01-01") }];
    for (day, next, count) in [("2026-03-29", "2026-03-30", 23), ("2026-10-25", "2026-10-26", 25)] {
        let rows = cost(&hours(day, next, 0), &prices, &Peaks::new());
        assert_eq!(states(&rows), vec![10_000; count], "{day}");
    }
}

#[test]
fn the_part_of_an_hour_that_is_missing_is_lost() {
    let prices = [Price { standing_charge: euros(87_600_000), ..from("2026-01-01") }];
    let mut hours = hours("2026-01-01", "2027-01-01", 0);
    hours.drain(1_000..1_100);
    let rows = cost(&hours, &prices, &Peaks::new());
    assert!(rows.iter().all(|row| row.state == 10_000), "no hour has the part of another");
    assert_eq!(rows.last().unwrap().sum, 86_600_000);
}

#[test]
fn a_month_has_a_twelfth_of_the_capacity_tariff() {
    let prices = [Price { capacity: euros(60_000_000), ..from("2020-01-01") }];
    let peaks = Peaks::from([((2026, 1), 4_000_000)]);
    for (month, next) in [
        ("2026-01-01", "2026-02-01"),
        ("2026-02-01", "2026-03-01"),
        ("2026-03-01", "2026-04-01"),
        ("2026-10-01", "2026-11-01"),
    ] {
        assert_eq!(total(&hours(month, next, 0), &prices, &peaks), 20_000_000, "{month}: 4 kW at 5 EUR a month");
    }
    let january = hours("2026-01-01", "2026-02-01", 0);
    let half = total(&january[..372], &prices, &peaks);
    assert_eq!(half, 10_000_000, "it lies evenly on the hours");
    assert_eq!(total(&january, &prices, &Peaks::new()), 0, "no peak is known");
    assert_eq!(total(&january, &prices, &Peaks::from([((2026, 2), 4_000_000)])), 0, "a later peak is not known yet");
}

#[test]
fn the_capacity_tariff_is_on_the_mean_of_twelve_peaks() {
    let prices = [Price { capacity: euros(12_000_000), ..from("2020-01-01") }];
    // January 2025 is the thirteenth month before.
    let mut peaks = Peaks::from([((2025, 1), 99_000_000)]);
    let january = |peaks: &Peaks| total(&hours("2026-01-01", "2026-02-01", 0), &prices, peaks);
    assert_eq!(january(&peaks), 0);
    peaks.insert((2026, 1), 5_000_000);
    assert_eq!(january(&peaks), 5_000_000, "that of the month itself counts");
    peaks.insert((2025, 2), 1_000_000);
    assert_eq!(january(&peaks), 3_750_000, "each is at least 2.5 kW");
    for month in 3..=12 {
        peaks.insert((2025, month), 5_000_000);
    }
    assert_eq!(january(&peaks), 4_791_667, "(11 × 5 kW + 2.5 kW) / 12");
}

#[test]
fn all_that_is_due_is_in_one_row() {
    let price = Price { consumption: one(300_000), standing_charge: euros(87_600_000), ..from("2026-01-01") };
    let prices = [Price { capacity: euros(12_000_000), ..price }];
    let hours = [hour("2026-04-01T00:00:00Z", Consumption, Single, 1_000_000)];
    // 720 hours in April.
    let peaks = Peaks::from([((2026, 4), 7_200_000)]);
    assert_eq!(states(&cost(&hours, &prices, &peaks)), [300_000 + 10_000 + 10_000]);
}

#[test]
fn gas_has_its_own_price_and_no_other() {
    let hours = ["2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z", "2026-01-31T22:00:00Z", "2026-01-31T23:00:00Z"]
        .map(|start| hour(start, Consumption, Single, 5_083_000));
    let electricity = Price {
        consumption: one(300_000),
        standing_charge: euros(87_600_000),
        capacity: euros(12_000_000),
        ..from("2026-01-01")
    };
    let prices =
        [Price { gas: euros(71_000), ..electricity.clone() }, Price { gas: euros(100_000), ..from("2026-02-01") }];
    let rows = gas_costs(&hours, &prices, Brussels);
    assert_eq!(states(&rows), [360_893, 360_893, 360_893, 508_300], "the price begins at local midnight");
    assert_eq!(rows[3].sum, 1_590_979);
    assert_eq!(gas_costs(&hours, std::slice::from_ref(&electricity), Brussels), []);
    assert_eq!(gas_costs(&hours, &[Price { gas: euros(1), ..from("2026-03-01") }], Brussels), []);
    let of_power = |prices: &[Price]| costs(&hours, prices, &Peaks::new(), Brussels);
    assert_eq!(of_power(&prices[..1]), of_power(&[electricity]), "and electricity doesn't know that of gas");
    assert_eq!(of_power(&prices[1..]), (Vec::new(), Vec::new()));
}
