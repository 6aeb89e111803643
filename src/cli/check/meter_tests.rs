use chrono_tz::Europe::Brussels;

use super::*;
use crate::cli::check::finding::Outcome;
use crate::energy::{Amount, Direction, Ean, Interval, Register};

fn settings(kind: MeterKind, unit: Unit) -> Meter {
    Meter {
        ean: Ean::parse("541448860000000011").unwrap(),
        serial: "1SAG1100000015".to_owned(),
        name: None,
        kind,
        unit,
        resolution: History::Finest,
        history_from: None,
        history_until: None,
    }
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The days that are asked for at an instant, as dates.
fn asked(settings: &Meter, now: &str, back: u64, count: u64) -> (Vec<MeterDay>, Vec<NaiveDate>) {
    let days = days(settings, now.parse().unwrap(), Brussels, back, count);
    let dates = days.iter().map(|day| day.date()).collect();
    (days, dates)
}

fn reading(day: MeterDay, unit: Unit) -> Reading {
    Reading {
        direction: Direction::Consumption,
        register: Register::Single,
        unit,
        interval: day.interval(),
        amount: Amount::from_millionths(1),
        status: 2,
    }
}

#[test]
fn the_days_end_three_days_ago_or_with_the_history() {
    let mut meter = settings(MeterKind::Electricity, Unit::KilowattHour);
    let last = |meter: &Meter, now| *asked(meter, now, 3, 8).1.last().unwrap();
    assert_eq!(asked(&meter, "2026-11-24T22:30:00Z", 3, 8).1.len(), 8);
    assert_eq!(last(&meter, "2026-11-24T22:30:00Z"), date("2026-11-21"));
    assert_eq!(last(&meter, "2026-11-24T23:30:00Z"), date("2026-11-22"), "it is the next day in Brussels");
    for (until, expected) in [("2026-06-30", "2026-06-30"), ("2026-11-23", "2026-11-21")] {
        meter.history_until = Some(date(until));
        assert_eq!(last(&meter, "2026-11-24T12:00:00Z"), date(expected), "until {until}");
    }
    // A gas day begins at six.
    let gas = settings(MeterKind::Gas, Unit::KilowattHour);
    assert_eq!(last(&gas, "2026-11-24T04:30:00Z"), date("2026-11-20"));
    assert_eq!(last(&gas, "2026-11-24T05:30:00Z"), date("2026-11-21"));
}

#[test]
fn days_on_which_the_clocks_change_are_whole() {
    for (now, changed, hours) in
        [("2026-04-02T10:00:00Z", "2026-03-29", 23), ("2026-10-29T10:00:00Z", "2026-10-25", 25)]
    {
        let meter = settings(MeterKind::Electricity, Unit::KilowattHour);
        let (days, _) = asked(&meter, now, 3, 8);
        let day = days.iter().find(|day| day.date() == date(changed)).unwrap();
        assert_eq!(day.interval().seconds(), hours * 3_600);
        let readings: Vec<_> = days.iter().map(|day| reading(*day, Unit::KilowattHour)).collect();
        let seen = Seen::new(&days, &readings);
        assert_eq!((seen.dates.len(), seen.misfits), (8, false), "{changed}");
    }
}

#[test]
fn readings_of_a_meter_of_another_kind_fit_in_no_day() {
    let subject = Subject::meters();
    for (kind, other, remedy) in [
        (MeterKind::Electricity, MeterKind::Gas, "Set `kind: gas` for this meter"),
        (MeterKind::Gas, MeterKind::Electricity, "Set `kind: electricity` for this meter"),
    ] {
        let meter = settings(kind, Unit::KilowattHour);
        let (days, dates) = asked(&meter, "2026-11-24T12:00:00Z", 3, 8);
        let of_other = |date: &NaiveDate| reading(MeterDay::new(other, *date, Brussels).unwrap(), Unit::KilowattHour);
        let seen = Seen::new(&days, &dates.iter().map(of_other).collect::<Vec<_>>());
        let finding = judge(&subject, &meter, &days, &seen);
        assert_eq!((finding.outcome, finding.remedy.as_deref()), (Outcome::Bad, Some(remedy)));
        assert_eq!(judge_again(&subject, &meter, &days, &days, &seen).remedy.as_deref(), Some(remedy));
    }
}

#[test]
fn gas_that_comes_in_the_other_unit_only_is_told() {
    for (wanted, given, remedy) in [
        (Unit::KilowattHour, Unit::CubicMetre, "Set `gas_unit: m3` for this meter"),
        (Unit::CubicMetre, Unit::KilowattHour, "Set `gas_unit: kwh` for this meter"),
    ] {
        let meter = settings(MeterKind::Gas, wanted);
        let (days, _) = asked(&meter, "2026-11-24T12:00:00Z", 3, 8);
        let rows = |unit| days.iter().map(|day| reading(*day, unit)).collect::<Vec<_>>();
        let finding = judge(&Subject::meters(), &meter, &days, &Seen::new(&days, &rows(given)));
        assert_eq!((finding.outcome, finding.remedy.as_deref()), (Outcome::Bad, Some(remedy)));
        let both = Seen::new(&days, &[rows(given), rows(wanted)].concat());
        assert_eq!(judge(&Subject::meters(), &meter, &days, &both).outcome, Outcome::Good);
    }
}

#[test]
fn days_that_are_missing_are_counted() {
    let meter = settings(MeterKind::Electricity, Unit::KilowattHour);
    let (days, _) = asked(&meter, "2026-11-24T12:00:00Z", 3, 8);
    let seen = Seen::new(&days, &days[..5].iter().map(|day| reading(*day, Unit::KilowattHour)).collect::<Vec<_>>());
    let finding = judge(&Subject::meters(), &meter, &days, &seen);
    assert_eq!(finding.outcome, Outcome::Good);
    assert_eq!(finding.message, "the portal has readings of 5 of the 8 days from 2026-11-14 to 2026-11-21");
    let half = Interval::new(days[0].interval().start(), days[2].interval().end()).unwrap();
    assert!(Seen::new(&days, &[Reading { interval: half, ..reading(days[0], Unit::KilowattHour) }]).misfits);
}
