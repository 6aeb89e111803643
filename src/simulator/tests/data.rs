use chrono::{Datelike as _, Timelike as _};

use super::*;
use crate::simulator::household::{Household, Tariffs};
use crate::simulator::{Gap, Rows};

/// The rows of days, as the portal decides them.
fn rows(meter: &SimulatedMeter, day: &str, rows: Rows) -> Vec<crate::simulator::counted::Counted> {
    crate::simulator::counted::published(meter, date(day), rows, at("2026-10-27T10:00:00Z"))
}

fn day(meter: &SimulatedMeter, day: &str) -> Sums {
    let truth = crate::simulator::DayTruth::of(meter, date(day), at("2026-10-27T10:00:00Z"));
    truth.map(|truth| truth.sums).unwrap_or_default()
}

#[test]
fn a_year_of_a_household_is_plausible() {
    let meter = electricity();
    let (mut year, mut summer, mut winter) = (Sums::default(), 0, 0);
    for date in date("2025-10-01").iter_days().take(365) {
        let truth = crate::simulator::DayTruth::of(&meter, date, at("2026-10-27T10:00:00Z")).unwrap();
        for slot in &truth.slots {
            let local = slot.start.with_timezone(&Brussels);
            let hour = local.hour();
            let high = local.weekday().num_days_from_monday() < 5 && (7..22).contains(&hour);
            let of = slot.sums;
            let other =
                if high { of.consumption_low + of.injection_low } else { of.consumption_high + of.injection_high };
            assert_eq!(other + of.consumption_single + of.injection_single, 0, "{local}");
            assert!(
                of.consumption() >= 0 && of.injection() >= 0 && of.consumption().min(of.injection()) == 0,
                "{local}"
            );
            if !(5..23).contains(&hour) {
                assert!(of.injection() == 0 && of.consumption() > 0, "{local}");
            }
        }
        year += truth.sums;
        match date.month() {
            6 => summer += truth.sums.injection(),
            12 => winter += truth.sums.injection(),
            _ => {}
        }
    }
    let kilowatt_hours = |millionths: i64| millionths / 1_000_000;
    assert!((1_500..6_000).contains(&kilowatt_hours(year.consumption())), "{year:?}");
    assert!((1_500..6_000).contains(&kilowatt_hours(year.injection())), "{year:?}");
    assert!(summer > 4 * winter, "{summer} {winter}");
}

#[test]
fn the_same_seed_lives_the_same_life_and_another_does_not() {
    let mut other = electricity();
    assert_eq!(day(&electricity(), "2026-10-26"), day(&other, "2026-10-26"));
    other.household.seed = 2;
    assert_ne!(day(&electricity(), "2026-10-26"), day(&other, "2026-10-26"));
}

#[test]
fn longer_rows_are_the_sums_of_shorter_ones() {
    let total = |meter: &SimulatedMeter, date: &str, length| {
        let values = rows(meter, date, length).into_iter().flat_map(|row| row.values);
        let mut sums = std::collections::BTreeMap::<_, i64>::new();
        for value in values {
            *sums.entry((value.register, value.direction, value.unit)).or_default() += value.amount.unwrap();
        }
        sums
    };
    for date in ["2026-03-29", "2026-10-23", "2026-10-24", "2026-10-25"] {
        let quarters = total(&electricity(), date, Rows::Quarters);
        assert_eq!(quarters, total(&electricity(), date, Rows::Hours), "{date}");
        assert_eq!(quarters, total(&electricity(), date, Rows::Days), "{date}");
    }
    assert_eq!(total(&gas(), "2026-10-24", Rows::Hours), total(&gas(), "2026-10-24", Rows::Days));
    assert_eq!(rows(&electricity(), "2026-10-25", Rows::Hours).len(), 25);
    let (weekday, saturday) =
        (total(&electricity(), "2026-10-23", Rows::Days), total(&electricity(), "2026-10-24", Rows::Days));
    assert_eq!((weekday.len(), saturday.len()), (4, 2), "two registers on a weekday, one in the weekend");
}

#[test]
fn gas_comes_in_two_units_of_a_steady_ratio() {
    for date in ["2026-01-13", "2026-07-13", "2026-10-24"] {
        let sums = day(&gas(), date);
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let ratio = sums.gas_energy as f64 / sums.gas_volume as f64;
        assert!((11.30..11.40).contains(&ratio), "{date}: {ratio}");
    }
    for (only, volume, energy) in [(Unit::CubicMetre, true, false), (Unit::KilowattHour, false, true)] {
        let mut meter = gas();
        meter.only_unit = Some(only);
        let sums = day(&meter, "2026-01-13");
        assert_eq!((sums.gas_volume > 0, sums.gas_energy > 0), (volume, energy));
        assert_eq!(rows(&meter, "2026-01-13", Rows::Days)[0].values.len(), 1);
    }
    assert!(day(&gas(), "2026-01-13").gas_volume > 3 * day(&gas(), "2026-07-13").gas_volume);
    assert_eq!(rows(&gas(), "2026-10-23", Rows::Hours)[0].start, at("2026-10-23T04:00:00Z"));
}

#[test]
fn electricity_is_published_at_six_the_next_morning_and_gas_later() {
    for (now, power, of_gas) in [
        ("2026-10-27T04:59:59Z", "2026-10-25", "2026-10-23"),
        ("2026-10-27T05:00:00Z", "2026-10-26", "2026-10-24"),
        ("2026-10-27T23:30:00Z", "2026-10-26", "2026-10-24"),
    ] {
        assert_eq!(electricity().last_published(at(now)), date(power), "{now}");
        assert_eq!(gas().last_published(at(now)), date(of_gas), "{now}");
    }
}

#[test]
fn what_is_withheld_missing_or_corrected_shows_in_the_truth() {
    let whole = day(&electricity(), "2026-10-26");
    let changed = |change: &dyn Fn(&mut SimulatedMeter)| {
        let mut meter = electricity();
        change(&mut meter);
        meter
    };
    let monday = date("2026-10-26");
    let late = changed(&|meter| meter.published_until = Some(date("2026-10-25")));
    let withheld = changed(&|meter| {
        meter.withheld.insert(monday);
    });
    for meter in [late, withheld] {
        assert!(rows(&meter, "2026-10-26", Rows::Quarters).is_empty());
        assert!(rows(&meter, "2026-10-26", Rows::Days).is_empty());
        assert_eq!(rows(&meter, "2026-10-25", Rows::Quarters).len(), 100);
    }
    let partial = changed(&|meter| {
        meter.partial.insert(monday, 40);
    });
    assert_eq!(rows(&partial, "2026-10-26", Rows::Quarters).len(), 40);
    assert!(day(&partial, "2026-10-26").consumption() < whole.consumption());
    for (gap, length, values) in [(Gap::NullAmounts, 96, 2), (Gap::NoValues, 96, 0), (Gap::NoRow, 95, 2)] {
        let noon = at("2026-10-26T11:00:00Z");
        let meter = changed(&|meter| {
            meter.gaps.insert(noon, gap);
        });
        let quarters = rows(&meter, "2026-10-26", Rows::Quarters);
        assert_eq!((quarters.len(), quarters[48].values.len()), (length, values), "{gap:?}");
        assert_ne!(day(&meter, "2026-10-26"), whole, "{gap:?}");
    }
    let up = changed(&|meter| {
        meter.corrections.insert(monday, 7);
    });
    assert_eq!(day(&up, "2026-10-26").consumption(), whole.consumption() + 96 * 700);
    let down = changed(&|meter| {
        meter.corrections.insert(monday, -7);
    });
    assert!(day(&down, "2026-10-26").consumption() < whole.consumption());
    assert_eq!(day(&down, "2026-10-25"), day(&electricity(), "2026-10-25"));
}

#[test]
fn registers_panels_and_quarters_begin_on_their_day() {
    let mut meter = electricity();
    meter.household = Household { tariffs: Tariffs::HighLow, solar: true, seed: 5 };
    meter.tariffs_since = Some(date("2026-07-02"));
    meter.solar_since = Some(date("2026-07-03"));
    meter.fine_since = date("2026-07-02");
    let (first, second, third) = (day(&meter, "2026-07-01"), day(&meter, "2026-07-02"), day(&meter, "2026-07-03"));
    assert!(first.consumption_single == first.consumption() && first.injection() == 0);
    assert!(second.consumption_single == 0 && second.consumption_high > 0 && second.injection() == 0);
    assert!(third.injection_high > 0);
    assert!(rows(&meter, "2026-07-01", Rows::Quarters).is_empty());
    let days = rows(&meter, "2026-07-01", Rows::Days);
    assert_eq!((days.len(), days[0].values.len()), (1, 1), "a single register without panels has no injection");
    meter.idle_injection = true;
    let idle = rows(&meter, "2026-07-01", Rows::Days)[0].values[1];
    assert_eq!((idle.direction, idle.amount), (Direction::Injection, Some(0)));
    assert_eq!(day(&meter, "2026-07-01"), first);
    assert!(rows(&meter, "2024-01-31", Rows::Days).is_empty(), "before the contract");
}
