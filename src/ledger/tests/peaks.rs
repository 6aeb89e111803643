use std::collections::BTreeMap;

use chrono::Datelike as _;
use proptest::prelude::*;

use super::*;
use crate::energy::{Peak, Peaks, Power};

fn peak(start: &str, millionths: i64) -> Peak {
    Peak::new(Power::from_millionths(millionths), at(start), Brussels).unwrap()
}

impl Book {
    fn publish(&mut self, peaks: &[Peak], asked: &str) {
        let peaks: Peaks = peaks.iter().copied().collect();
        self.ledger.keep_peaks(self.meter, &peaks, date(asked)).unwrap();
    }

    /// Counts so much in a quarter-hour of a day.
    fn consume(&mut self, date: &str, slot: u32, register: Register, millionths: i64) {
        let row = quarter(day(date), slot, Direction::Consumption, register, millionths);
        self.ledger.merge(self.meter, day(date), &[row], at("2026-11-20T05:00:00Z")).unwrap();
    }

    fn peaks(&self) -> Vec<Peak> {
        self.ledger.month_peaks(self.meter).unwrap().iter().copied().collect()
    }

    /// What the sensors show: the newest peak and the average peak.
    fn shown(&self) -> (Option<Peak>, Option<i64>) {
        let snapshot = self.ledger.snapshot(self.meter, date("2026-11-19")).unwrap();
        (snapshot.peak, snapshot.average_peak.map(Power::millionths))
    }
}

#[test]
fn a_peak_is_the_quarter_hour_in_which_all_registers_together_consume_most() {
    let mut book = open("2026-06-01");
    assert_eq!((book.peaks(), book.shown()), (vec![], (None, None)));
    for (slot, register, millionths) in [
        (3, Register::High, 900_000),
        (5, Register::High, 600_000),
        (5, Register::Low, 700_000),
        (9, Register::Single, 1_300_000),
    ] {
        book.consume("2026-06-02", slot, register, millionths);
    }
    let injected = quarter(day("2026-06-02"), 40, Direction::Injection, Register::High, 9_000_000);
    book.ledger.merge(book.meter, day("2026-06-02"), &[injected], at("2026-06-03T05:00:00Z")).unwrap();
    assert_eq!(book.peaks(), [peak("2026-06-01T23:15:00Z", 5_200_000)], "the first of two that are equal");
    assert_eq!(book.shown(), (Some(peak("2026-06-01T23:15:00Z", 5_200_000)), Some(5_200_000)));
}

#[test]
fn a_quarter_hour_belongs_to_the_month_of_its_local_time() {
    let mut book = open("2026-01-01");
    for (date, slot, millionths) in
        [("2026-01-31", 95, 1), ("2026-02-01", 0, 2), ("2026-10-31", 95, 3), ("2026-11-01", 0, 4)]
    {
        book.consume(date, slot, Register::Single, millionths);
    }
    let starts = ["2026-01-31T22:45:00Z", "2026-01-31T23:00:00Z", "2026-10-31T22:45:00Z", "2026-10-31T23:00:00Z"];
    assert_eq!(book.peaks(), [1, 2, 3, 4].map(|number| peak(starts[number - 1], 4 * i64::try_from(number).unwrap())));
}

#[test]
fn what_the_portal_has_published_counts_and_its_last_word_most() {
    let mut book = open("2026-05-01");
    book.consume("2026-05-20", 40, Register::Single, 1_500_000);
    book.consume("2026-06-02", 40, Register::Single, 1_000_000);
    let (lower, higher) = (peak("2026-05-03T10:00:00Z", 4_000_000), peak("2026-05-04T10:00:00Z", 7_000_000));
    let (before, after) = (peak("2026-02-03T10:00:00Z", 3_000_000), peak("2026-06-02T08:00:00Z", 4_000_000));
    book.publish(&[lower, before], "2026-06-03");
    assert_eq!(book.peaks(), [before, lower, after], "be it lower than the quarter-hours");
    book.publish(&[higher], "2026-06-04");
    assert_eq!(book.peaks(), [before, higher, after], "what it no longer says stays");
    assert_eq!(book.ledger.peaks_asked(book.meter).unwrap(), Some(date("2026-06-04")));
    assert_eq!(book.ledger.peaks_published_until(book.meter).unwrap(), Some(date("2026-05-01")));
}

#[test]
fn a_portal_that_has_nothing_was_asked_all_the_same() {
    let mut book = open("2026-05-01");
    assert_eq!(book.ledger.peaks_asked(book.meter).unwrap(), None);
    book.publish(&[], "2026-06-03");
    assert_eq!(book.ledger.peaks_asked(book.meter).unwrap(), Some(date("2026-06-03")));
    assert_eq!(book.ledger.peaks_published_until(book.meter).unwrap(), None);
    assert_eq!(book.shown(), (None, None));
}

#[test]
fn daily_totals_and_hours_tell_no_peak() {
    let mut book = open("2026-06-01");
    let monday = day("2026-06-01");
    let mut hour = quarter(monday, 0, Direction::Consumption, Register::Single, 9_000_000);
    let mut total = hour;
    hour.interval = Interval::new(hour.interval.start(), hour.interval.start() + TimeDelta::hours(1)).unwrap();
    total.interval = monday.interval();
    book.ledger.merge(book.meter, monday, &[hour, total], at("2026-06-02T05:00:00Z")).unwrap();
    assert_eq!(book.shown(), (None, None));
}

#[test]
fn a_gas_meter_has_no_peaks() {
    let book = open("2026-06-01");
    let ean = Ean::parse("541448860000000028").unwrap();
    let gas = book.ledger.meter(&ean, MeterKind::Gas, Unit::KilowattHour, date("2026-06-01")).unwrap();
    assert_eq!(book.ledger.month_peaks(gas).unwrap(), Peaks::default());
}

#[test]
fn the_average_peak_is_that_of_the_newest_month_with_a_peak_however_long_ago() {
    let mut book = open("2023-06-01");
    book.consume("2024-07-10", 40, Register::Single, 9_000_000);
    book.consume("2024-08-10", 40, Register::Single, 1_000_000);
    book.consume("2025-07-10", 40, Register::Single, 1_500_000);
    // Days without any quarter-hour are in the ledger until long after that.
    book.answer(&["2026-06-01"], "2026-06-02T05:00:00Z");
    let newest = peak("2025-07-10T08:00:00Z", 6_000_000);
    assert_eq!(book.shown(), (Some(newest), Some(5_000_000)), "July a year before is the thirteenth month");
    book.publish(&[peak("2025-01-10T08:00:00Z", 1_000_000)], "2026-06-02");
    assert_eq!(book.shown(), (Some(newest), Some(4_166_667)), "(4 + 2.5 + 6) / 3");
    book.publish(&[peak("2026-02-10T08:00:00Z", 3_000_000)], "2026-06-03");
    assert_eq!(book.shown().0, Some(peak("2026-02-10T08:00:00Z", 3_000_000)));
    assert_eq!(book.shown().1, Some(4_500_000), "(6 + 3) / 2, and January is out of the window");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn peaks_are_those_that_counting_by_hand_gives(
        rows in proptest::collection::vec((0_u64..70, 0_u32..92, 0_u8..3, 0_i64..3_000_000), 0..80),
        published in proptest::collection::vec((0_u64..70, 0_i64..9_000_000), 0..4),
    ) {
        // Around each change of the clocks, over four months.
        for first in ["2026-02-25", "2026-09-20"] {
            let mut book = open(first);
            let mut counted: BTreeMap<(NaiveDate, u32), BTreeMap<u8, i64>> = BTreeMap::new();
            for (days, slot, register, millionths) in &rows {
                let date = date(first) + Days::new(*days);
                let of_code = [Register::Single, Register::High, Register::Low][usize::from(*register)];
                book.consume(&date.to_string(), *slot, of_code, *millionths);
                // Of two fetches with the same time, the larger amount stays.
                let kept = counted.entry((date, *slot)).or_default().entry(*register).or_default();
                *kept = (*kept).max(*millionths);
            }
            let mut expected: BTreeMap<(i32, u32), (i64, DateTime<Utc>)> = BTreeMap::new();
            for ((date, slot), registers) in counted {
                let start = day(&date.to_string()).interval().start() + TimeDelta::minutes(15 * i64::from(slot));
                let power = 4 * registers.values().sum::<i64>();
                let highest = expected.entry((date.year(), date.month())).or_insert((power, start));
                if power > highest.0 {
                    *highest = (power, start);
                }
            }
            let published: Peaks = published.iter().map(|(days, power)| {
                let noon = (date(first) + Days::new(*days)).and_hms_opt(11, 0, 0).unwrap().and_utc();
                Peak::new(Power::from_millionths(*power), noon, Brussels).unwrap()
            }).collect();
            book.ledger.keep_peaks(book.meter, &published, date("2026-12-01")).unwrap();
            for peak in published.iter() {
                expected.insert((peak.month.year(), peak.month.month()), (peak.power.millionths(), peak.quarter.start()));
            }
            let found: BTreeMap<_, _> = book.peaks().into_iter().map(|peak| {
                ((peak.month.year(), peak.month.month()), (peak.power.millionths(), peak.quarter.start()))
            }).collect();
            prop_assert_eq!(found, expected);
            let all = book.ledger.month_peaks(book.meter).unwrap();
            let average = all.newest().and_then(|peak| all.average(peak.month)).map(|average| average.power().millionths());
            prop_assert_eq!(book.shown(), (all.newest(), average), "four months lie in one window");
        }
    }
}
