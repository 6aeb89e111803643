use chrono::Utc;

use super::*;
use crate::energy::{Amount, Direction, MeterKind};
use crate::ledger::Answers;
use crate::web::tests::{date, span};

const QUARTERS: DayState = DayState { finest: Some(900), complete: true, has_amounts: true, ..UNKNOWN };
const TOTAL: DayState = DayState { finest: Some(86_400), ..QUARTERS };
const PART: DayState = DayState { has_amounts: true, ..UNKNOWN };
const ABSENT: DayState = DayState { closed: true, absent: true, ..UNKNOWN };
const UNKNOWN: DayState = DayState {
    finest: None,
    complete: false,
    has_amounts: false,
    intervals: Answers { count: 0, last: None },
    totals: Answers { count: 0, last: None },
    closed: false,
    absent: false,
};

/// A report at noon on days of November 2026, of which these states are known.
fn report(resolution: History, told: RangeInclusive<u32>, states: &[(RangeInclusive<u32>, DayState)]) -> Report {
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let days = states.iter().flat_map(|(days, state)| days.clone().map(move |date| (day(date), *state))).collect();
    let known = Known { days: &days, estimated: &BTreeMap::new(), corrections: &[] };
    Report::of(day(*told.start())..=day(*told.end()), resolution, &span(MeterKind::Electricity), &known)
}

fn told<N: Copy>(runs: &[Run<N>]) -> Vec<(String, i64, N)> {
    runs.iter().map(|run| (run.first.to_string(), run.days(), run.note)).collect()
}

#[test]
fn days_in_a_row_of_one_kind_are_told_together_newest_first() {
    let given_up = DayState { closed: true, complete: true, ..PART };
    let states = [
        (1..=3, ABSENT),
        (4..=9, TOTAL),
        (10..=12, QUARTERS),
        (13..=13, TOTAL),
        (14..=15, given_up),
        (16..=16, PART),
        (17..=23, QUARTERS),
    ];
    let report = report(History::Finest, 1..=23, &states);
    assert_eq!(told(&report.absent), [("2026-11-01".to_owned(), 3, Standing::Absent)]);
    assert_eq!(
        told(&report.daily_only),
        [("2026-11-13".to_owned(), 1, Standing::DailyOnly), ("2026-11-04".to_owned(), 6, Standing::DailyOnly)]
    );
    let partial = [
        ("2026-11-16".to_owned(), 1, Standing::Partial { is_final: false }),
        ("2026-11-14".to_owned(), 2, Standing::Partial { is_final: true }),
    ];
    assert_eq!(told(&report.partial), partial);
    assert_eq!((report.missing.len(), report.daily), (0, None));
    let counts = Counts { all: 23, complete: 10, daily_only: 7, partial: 3, absent: 3, ..Counts::default() };
    assert_eq!(report.counts, counts);
}

#[test]
fn missing_days_with_other_reasons_stand_apart() {
    let asked = DayState { totals: Answers { count: 2, last: None }, ..UNKNOWN };
    let report = report(History::Finest, 18..=23, &[(20..=21, asked), (23..=23, asked)]);
    let expected = [
        ("2026-11-23".to_owned(), 1, Standing::Late),
        ("2026-11-22".to_owned(), 1, Standing::Unasked),
        ("2026-11-20".to_owned(), 2, Standing::Late),
        ("2026-11-18".to_owned(), 2, Standing::Unasked),
    ];
    assert_eq!(told(&report.missing), expected);
}

#[test]
fn a_meter_with_daily_totals_alone_has_no_flaw() {
    for (resolution, states, daily) in [
        (History::Finest, vec![(1..=23, TOTAL)], Daily::Granted),
        (History::Days, vec![(1..=23, TOTAL)], Daily::Wanted),
        (History::Days, vec![(1..=9, QUARTERS), (10..=23, TOTAL)], Daily::Wanted),
    ] {
        let report = report(resolution, 1..=23, &states);
        assert!(report.is_spotless(), "{report:?}");
        assert_eq!(report.daily, Some(daily));
        assert_eq!(report.counts, Counts { all: 23, complete: 23, ..Counts::default() });
    }
    let days = [(1..=9, TOTAL), (10..=23, QUARTERS)];
    let of_part = report(History::Finest, 1..=9, &days);
    assert_eq!((of_part.daily, of_part.counts.daily_only), (None, 9), "other days than those told have more");
}

#[test]
fn estimated_readings_are_added_up_and_corrections_are_told_by_day() {
    let days = BTreeMap::new();
    let estimated = ["2026-11-02", "2026-11-03", "2026-11-05"].map(|day| (date(day), 96)).into();
    let correction = |day: &str, readings| Correction {
        date: date(day),
        direction: Direction::Consumption,
        seconds: 900,
        at: Utc::now(),
        readings,
        before: Amount::ZERO,
        after: Amount::ZERO,
    };
    let corrections = [correction("2026-11-02", 1), correction("2026-11-02", 2), correction("2026-11-04", 3)];
    let known = Known { days: &days, estimated: &estimated, corrections: &corrections };
    let told_days = date("2026-11-01")..=date("2026-11-05");
    let report = Report::of(told_days, History::Finest, &span(MeterKind::Electricity), &known);
    let expected = [("2026-11-05".to_owned(), 1, 96), ("2026-11-02".to_owned(), 2, 192)];
    assert_eq!(told(&report.estimated), expected);
    let [first, second, third] = corrections;
    let by_day = [(date("2026-11-04"), vec![third]), (date("2026-11-02"), vec![first, second])];
    assert_eq!(report.corrected, by_day);
    assert_eq!((report.counts.estimated, report.counts.corrected), (3, 2));
}

#[test]
fn a_year_has_those_of_the_days_that_lie_in_it() {
    let days = date("2024-12-30")..=date("2026-11-23");
    assert_eq!(years(&days).collect::<Vec<_>>(), [2026, 2025, 2024]);
    assert_eq!(within(&days, 2024), Some(date("2024-12-30")..=date("2024-12-31")));
    assert_eq!(within(&days, 2025), Some(date("2025-01-01")..=date("2025-12-31")));
    assert_eq!(within(&days, 2026), Some(date("2026-01-01")..=date("2026-11-23")));
    for year in [2023, 2027, i32::MIN, i32::MAX] {
        assert_eq!(within(&days, year), None);
    }
}
