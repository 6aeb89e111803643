//! Registers and injection that come late, or never.

use super::*;

/// A day of quarter-hours with as much injection in each.
fn with_injection(day: MeterDay, register: Register, millionths: i64) -> Vec<Reading> {
    let mut rows = quarters(day, Direction::Consumption, register, 100_000);
    rows.extend(quarters(day, Direction::Injection, register, millionths));
    rows
}

impl Book {
    fn merge(&mut self, text: &str, rows: &[Reading]) {
        self.ledger.merge(self.meter, day(text), rows, at("2026-06-20T05:00:00Z")).unwrap();
    }

    fn look(&mut self, newest: &str) -> Snapshot {
        self.ledger.release_totals(self.meter, date(newest)).unwrap();
        self.ledger.snapshot(self.meter, date(newest)).unwrap()
    }
}

#[test]
fn injection_of_nothing_is_that_of_a_home_without_panels() {
    let mut book = open("2026-06-01");
    book.ledger.set_anchor(book.meter, date("2026-06-01")).unwrap();
    for text in ["2026-06-01", "2026-06-02"] {
        book.merge(text, &with_injection(day(text), Register::Single, 0));
    }
    let snapshot = book.look("2026-06-02");
    assert!(!snapshot.injects && !snapshot.has_tariffs);
    assert_eq!(snapshot.day.unwrap().injection, None);
    assert_eq!(snapshot.totals.unwrap().injection, None);
    book.merge("2026-06-03", &quarters(day("2026-06-03"), Direction::Consumption, Register::Single, 100_000));
    assert_eq!(book.look("2026-06-03").day.unwrap().date, date("2026-06-03"), "it needs no row of nothing");
}

#[test]
fn panels_that_come_later_add_injection_and_leave_the_rest() {
    let mut book = open("2026-06-01");
    book.ledger.set_anchor(book.meter, date("2026-06-01")).unwrap();
    for text in ["2026-06-01", "2026-06-02"] {
        book.merge(text, &with_injection(day(text), Register::Single, 0));
    }
    let before = book.look("2026-06-02").totals.unwrap();
    book.merge("2026-06-03", &with_injection(day("2026-06-03"), Register::Single, 30_000));
    let snapshot = book.look("2026-06-03");
    let (after, day) = (snapshot.totals.unwrap(), snapshot.day.unwrap());
    assert!(snapshot.injects);
    assert_eq!(after.consumption.total.minus(before.consumption.total), Amount::from_millionths(9_600_000));
    assert_eq!(after.injection.unwrap().total, Amount::from_millionths(2_880_000));
    assert_eq!(day.injection, Some(Amount::from_millionths(2_880_000)));
    book.merge("2026-06-04", &quarters(super::day("2026-06-04"), Direction::Consumption, Register::Single, 100_000));
    assert_eq!(book.look("2026-06-04").day.unwrap().date, date("2026-06-03"), "from now on its injection is awaited");
}

#[test]
fn tariffs_that_come_later_add_registers_and_leave_the_total() {
    let mut book = open("2026-06-01");
    book.ledger.set_anchor(book.meter, date("2026-06-01")).unwrap();
    book.merge("2026-06-01", &quarters(day("2026-06-01"), Direction::Consumption, Register::Single, 100_000));
    let before = book.look("2026-06-01").totals.unwrap().consumption;
    assert_eq!((before.high, before.low), (None, None));
    book.merge("2026-06-02", &quarters(day("2026-06-02"), Direction::Consumption, Register::Low, 100_000));
    let after = book.look("2026-06-02").totals.unwrap().consumption;
    assert_eq!(after.total, before.total.plus(Amount::from_millionths(9_600_000)));
    assert_eq!((after.high, after.low), (Some(Amount::ZERO), Some(Amount::from_millionths(9_600_000))));
}
