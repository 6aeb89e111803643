//! A meter whose history ends on a day.

use super::*;

impl Book {
    fn end(&mut self, last: Option<&str>) {
        self.meter = self.meter.ending(last.map(date));
    }
}

#[test]
fn days_after_the_end_count_nothing_and_come_back_without_it() {
    let mut book = open("2026-06-01");
    book.ledger.set_anchor(book.meter, date("2026-06-01")).unwrap();
    book.fill("2026-06-01", "2026-06-10");
    assert_eq!(book.total("2026-06-10"), Some(10.0));
    book.end(Some("2026-06-04"));
    assert_eq!(book.total("2026-06-10"), Some(4.0));
    let snapshot = book.ledger.snapshot(book.meter, date("2026-06-10")).unwrap();
    assert_eq!(snapshot.day.unwrap().date, date("2026-06-04"));
    assert_eq!(snapshot.complete_until, Some(at("2026-06-04T22:00:00Z")));
    book.end(None);
    assert_eq!(book.total("2026-06-10"), Some(10.0));
}

#[test]
fn an_end_before_the_anchor_leaves_nothing() {
    let mut book = open("2026-06-05");
    book.ledger.set_anchor(book.meter, date("2026-06-05")).unwrap();
    book.fill("2026-06-05", "2026-06-10");
    book.end(Some("2026-06-04"));
    assert_eq!(book.total("2026-06-10"), None);
    let snapshot = book.ledger.snapshot(book.meter, date("2026-06-10")).unwrap();
    assert_eq!((snapshot.day, snapshot.complete_until), (None, None));
}

#[test]
fn totals_that_wait_are_released_when_all_until_the_end_is_in() {
    let mut book = open("2026-06-01");
    book.ledger.set_anchor(book.meter, date("2026-06-01")).unwrap();
    book.fill("2026-06-01", "2026-06-03");
    book.fill("2026-06-06", "2026-06-08");
    assert_eq!(book.total("2026-06-10"), None, "a hole holds them back");
    book.end(Some("2026-06-03"));
    assert_eq!(book.total("2026-06-10"), Some(3.0), "it lies after the end");
}

#[test]
fn adopted_sums_that_reach_beyond_the_end_are_left_when_the_days_until_it_are_here() {
    let mut book = open("2026-06-04");
    book.ledger.adopt(book.meter, &adopted("2026-06-01", 48_000_000)).unwrap();
    book.end(Some("2026-06-03"));
    assert_eq!(book.total("2026-06-10"), Some(5.0), "what was shown stands until then");
    book.fill("2026-06-01", "2026-06-03");
    assert_eq!(book.total("2026-06-10"), Some(3.0));
}
