mod beside;
mod corrections;
mod counting;
mod ends;
mod gas;
mod hours;
mod imported;
mod injection;
mod peaks;
mod quality;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use proptest::prelude::*;

use super::*;
use crate::energy::{Amount, Direction, Ean, Interval, MeterDay, MeterKind, Reading, Register, Unit};

const QUARTER: u32 = 900;

struct Book {
    ledger: Ledger,
    meter: MeterId,
    _folder: tempfile::TempDir,
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn day(text: &str) -> MeterDay {
    MeterDay::new(MeterKind::Electricity, date(text), Brussels).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn open(first_day: &str) -> Book {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path(), Brussels).unwrap();
    let meter = ledger
        .meter(&Ean::parse("541448860000000011").unwrap(), MeterKind::Electricity, Unit::KilowattHour, date(first_day))
        .unwrap();
    Book { ledger, meter, _folder: folder }
}

/// A whole day of quarter-hours, `millionths` each.
fn quarters(day: MeterDay, direction: Direction, register: Register, millionths: i64) -> Vec<Reading> {
    (0..day.interval().seconds() / QUARTER).map(|slot| quarter(day, slot, direction, register, millionths)).collect()
}

fn quarter(day: MeterDay, slot: u32, direction: Direction, register: Register, millionths: i64) -> Reading {
    let start = day.interval().start() + TimeDelta::seconds(i64::from(slot * QUARTER));
    Reading {
        direction,
        register,
        unit: Unit::KilowattHour,
        interval: Interval::new(start, start + TimeDelta::minutes(15)).unwrap(),
        amount: Amount::from_millionths(millionths),
        status: 2,
    }
}

fn whole(day: MeterDay) -> Vec<Reading> {
    let mut rows = quarters(day, Direction::Consumption, Register::High, 100_000);
    rows.extend(quarters(day, Direction::Injection, Register::High, 30_000));
    rows
}

impl Book {
    fn fill(&mut self, first: &str, last: &str) {
        for date in date(first).iter_days().take_while(|day| *day <= date(last)) {
            let day = MeterDay::new(MeterKind::Electricity, date, Brussels).unwrap();
            self.ledger.merge(self.meter, day, &whole(day), at("2026-06-20T05:00:00Z")).unwrap();
        }
    }

    fn answer(&mut self, days: &[&str], now: &str) {
        let days: Vec<_> = days.iter().map(|date| day(date)).collect();
        self.ledger.answer(self.meter, &days, &[], Asked::Totals, at(now)).unwrap();
    }

    /// The consumption total, in whole days of [`whole`].
    fn total(&mut self, newest: &str) -> Option<f64> {
        self.ledger.release_totals(self.meter, date(newest)).unwrap();
        let snapshot = self.ledger.snapshot(self.meter, date(newest)).unwrap();
        snapshot.totals.map(|totals| totals.consumption.total.millionths() as f64 / 9_600_000.0)
    }

    fn is_closed(&self, day: &str) -> bool {
        self.ledger.day(self.meter, date(day)).unwrap().closed
    }
}

#[test]
fn merging_tells_what_changed_and_since_when() {
    let mut book = open("2026-06-01");
    let monday = day("2026-06-01");
    let rows = quarters(monday, Direction::Consumption, Register::Single, 5);
    let first = book.ledger.merge(book.meter, monday, &rows, at("2026-06-02T05:00:00Z")).unwrap();
    assert_eq!(first, Change { since: Some(monday.interval().start()), added: 96, corrected: 0 });
    let again = book.ledger.merge(book.meter, monday, &rows, at("2026-06-02T11:00:00Z")).unwrap();
    assert_eq!(again, Change::default());
    let down = quarter(monday, 40, Direction::Consumption, Register::Single, 2);
    let change = book.ledger.merge(book.meter, monday, &[down], at("2026-06-03T05:00:00Z")).unwrap();
    assert_eq!(change, Change { since: Some(down.interval.start()), added: 0, corrected: 1 });
    let snapshot = book.ledger.snapshot(book.meter, date("2026-06-02")).unwrap();
    assert_eq!(snapshot.day.unwrap().consumption, Some(Amount::from_millionths(95 * 5 + 2)));
    assert_eq!(snapshot.day.unwrap().injection, None, "a meter without injection has none, not zero");
}

#[test]
fn an_answer_is_noted_with_its_readings_and_counts_once_an_occasion() {
    let mut book = open("2026-06-01");
    let (monday, tuesday) = (day("2026-06-01"), day("2026-06-02"));
    let rows = whole(monday);
    for (now, count) in [("2026-06-03T05:00:00Z", 1), ("2026-06-03T05:49:59Z", 1), ("2026-06-03T05:50:00Z", 2)] {
        book.ledger.answer(book.meter, &[monday, tuesday], &rows, Asked::Intervals, at(now)).unwrap();
        let state = book.ledger.day(book.meter, date("2026-06-01")).unwrap();
        assert_eq!((state.finest, state.complete, state.has_amounts), (Some(QUARTER), true, true));
        assert_eq!((state.intervals.count, state.totals), (count, Answers::default()));
        let empty = book.ledger.day(book.meter, date("2026-06-02")).unwrap();
        assert_eq!((empty.intervals, empty.has_amounts, empty.finest), (state.intervals, false, None));
    }
    assert_eq!(book.ledger.days(book.meter, date("2026-06-02")).unwrap().len(), 1);
}

#[test]
fn what_lies_before_the_history_is_given_up_at_once_and_what_is_there_stays() {
    let mut book = open("2026-06-01");
    book.ledger.set_anchor(book.meter, date("2026-06-01")).unwrap();
    let (first, second) = (day("2026-06-01"), day("2026-06-02"));
    book.ledger.merge(book.meter, second, &whole(second)[..10], at("2026-06-20T05:00:00Z")).unwrap();
    book.fill("2026-06-04", "2026-06-06");
    let until = date("2026-06-03");
    book.ledger.give_up(book.meter, first.date(), until, at("2026-06-20T05:00:00Z")).unwrap();
    let states = book.ledger.days(book.meter, first.date()).unwrap();
    assert!(states[&first.date()].absent && states[&until].absent && !states[&second.date()].absent);
    assert!(states[&second.date()].complete && states[&second.date()].closed);
    assert!(!states[&date("2026-06-04")].closed);
    assert!(book.total("2026-06-06").unwrap() > 3.0);
}

#[test]
fn a_day_is_given_up_only_when_long_past_and_asked_for_repeatedly() {
    let mut book = open("2026-06-01");
    book.ledger.set_anchor(book.meter, date("2026-06-01")).unwrap();
    book.fill("2026-06-01", "2026-06-01");
    book.fill("2026-06-03", "2026-06-20");
    for now in ["2026-06-20T05:00:00Z", "2026-06-20T05:10:00Z", "2026-06-20T11:00:00Z"] {
        book.answer(&["2026-06-02"], now);
        assert!(!book.is_closed("2026-06-02"), "ten minutes apart is one occasion");
    }
    assert_eq!(book.total("2026-06-20"), None, "a hole that may yet be filled holds the totals back");
    book.answer(&["2026-06-02"], "2026-06-20T17:00:00Z");
    assert!(book.is_closed("2026-06-02"));
    assert_eq!(book.total("2026-06-20"), Some(19.0));
    for now in ["2026-06-20T05:00:00Z", "2026-06-20T11:00:00Z", "2026-06-20T17:00:00Z", "2026-06-21T17:00:00Z"] {
        book.answer(&["2026-06-21"], now);
    }
    assert!(!book.is_closed("2026-06-21"), "yesterday is never given up");
}

#[test]
fn totals_wait_for_the_history_and_then_count_from_the_anchor_alone() {
    let mut book = open("2026-06-03");
    book.ledger.set_anchor(book.meter, date("2026-06-03")).unwrap();
    book.fill("2026-06-05", "2026-06-09");
    assert_eq!(book.total("2026-06-10"), None, "two days were not asked for yet");
    assert!(book.ledger.snapshot(book.meter, date("2026-06-10")).unwrap().day.is_some());
    book.fill("2026-06-03", "2026-06-04");
    assert_eq!(book.total("2026-06-10"), Some(7.0));
    book.fill("2026-06-01", "2026-06-02");
    assert_eq!(book.total("2026-06-10"), Some(7.0), "older history is none of the totals' business");
    book.fill("2026-06-10", "2026-06-10");
    assert_eq!(book.total("2026-06-10"), Some(8.0));
    let snapshot = book.ledger.snapshot(book.meter, date("2026-06-10")).unwrap();
    assert_eq!(snapshot.totals.unwrap().from, at("2026-06-02T22:00:00Z"));
    assert_eq!(snapshot.complete_until, Some(at("2026-06-10T22:00:00Z")));
}

#[test]
fn days_before_the_contract_are_given_up_and_never_counted_later() {
    let mut book = open("2026-06-01");
    book.ledger.set_anchor(book.meter, date("2026-06-01")).unwrap();
    book.fill("2026-06-04", "2026-06-10");
    book.answer(&["2026-06-03", "2026-06-02", "2026-06-01"], "2026-06-11T05:00:00Z");
    assert_eq!(book.total("2026-06-10"), Some(7.0));
    book.fill("2026-06-01", "2026-06-03");
    assert_eq!(book.total("2026-06-10"), Some(7.0), "a late back-fill is not energy used now");
}

#[test]
fn complete_until_stops_at_the_first_day_that_is_awaited() {
    let mut book = open("2026-06-01");
    book.fill("2026-06-01", "2026-06-05");
    book.fill("2026-06-07", "2026-06-08");
    let until = |book: &Book| book.ledger.snapshot(book.meter, date("2026-06-10")).unwrap().complete_until.unwrap();
    assert_eq!(until(&book), at("2026-06-05T22:00:00Z"));
    book.fill("2026-06-06", "2026-06-06");
    assert_eq!(until(&book), at("2026-06-08T22:00:00Z"));
}

fn adopted(anchor: &str, total: i64) -> Adopted {
    Adopted {
        anchor: date(anchor),
        last_day: Some(date("2026-06-05")),
        sums: vec![("consumption_total".to_owned(), Amount::from_millionths(total))],
        injects: true,
        has_tariffs: false,
    }
}

#[test]
fn a_new_ledger_counts_from_the_adopted_anchor() {
    let mut book = open("2026-06-04");
    book.ledger.adopt(book.meter, &adopted("2026-06-01", 48_000_000)).unwrap();
    assert_eq!(book.ledger.history_start(book.meter, None).unwrap(), date("2026-06-01"));
    book.fill("2026-06-04", "2026-06-06");
    assert_eq!(book.total("2026-06-06"), Some(5.0), "what was shown stands while days are missing");
    book.fill("2026-06-01", "2026-06-03");
    assert_eq!(book.total("2026-06-06"), Some(6.0));
    book.ledger.adopt(book.meter, &adopted("2026-05-01", 0)).unwrap();
    assert_eq!(book.ledger.anchor(book.meter).unwrap(), Some(date("2026-06-01")), "an anchor never moves");
}

#[test]
fn adopted_totals_stand_with_the_day_that_they_reach_until_the_history_is_in() {
    let mut book = open("2026-06-04");
    book.ledger.adopt(book.meter, &adopted("2026-06-01", 48_000_000)).unwrap();
    for (filled, shown, consumption) in [
        ("2026-06-04", "2026-06-05", None),
        ("2026-06-05", "2026-06-05", Some(1)),
        ("2026-06-06", "2026-06-06", Some(1)),
    ] {
        book.fill(filled, filled);
        assert_eq!(book.total("2026-06-06"), Some(5.0));
        let snapshot = book.ledger.snapshot(book.meter, date("2026-06-06")).unwrap();
        assert_eq!(snapshot.totals.unwrap().from, day("2026-06-01").interval().start());
        let expected = consumption.map(|days: i64| Amount::from_millionths(days * 9_600_000));
        assert_eq!(snapshot.day.map(|day| (day.date, day.consumption)), Some((date(shown), expected)));
    }
}

#[test]
fn totals_go_on_from_the_adopted_sum_when_the_portal_has_lost_the_days() {
    let mut book = open("2026-06-04");
    book.ledger.adopt(book.meter, &adopted("2026-06-01", 48_000_000)).unwrap();
    book.fill("2026-06-03", "2026-06-06");
    book.answer(&["2026-06-01", "2026-06-02"], "2026-06-07T05:00:00Z");
    assert_eq!(book.total("2026-06-06"), Some(6.0), "what was shown until the 5th, and the 6th");
}

#[test]
fn a_meter_that_lost_its_ledger_long_ago_is_not_held_up_by_days_that_nobody_has() {
    let mut book = open("2026-06-04");
    book.ledger.adopt(book.meter, &adopted("2020-01-01", 48_000_000)).unwrap();
    assert_eq!(portal_floor(date("2026-06-06")), date("2023-06-06"), "the portal keeps three years");
    book.fill("2023-06-06", "2026-06-06");
    assert!(book.total("2026-06-06").is_some());
}

#[test]
fn the_other_reading_of_the_codes_swaps_what_is_there() {
    let mut book = open("2026-06-01");
    let monday = day("2026-06-01");
    assert!(!book.ledger.follow_reading_codes("t").unwrap());
    let mut rows = quarters(monday, Direction::Consumption, Register::High, 7);
    rows.extend(quarters(monday, Direction::Consumption, Register::Low, 1));
    rows.extend(quarters(monday, Direction::Injection, Register::High, 3));
    book.ledger.merge(book.meter, monday, &rows, at("2026-06-02T05:00:00Z")).unwrap();
    assert!(book.ledger.follow_reading_codes("dc").unwrap());
    assert!(!book.ledger.follow_reading_codes("dc").unwrap());
    let swapped = book.ledger.snapshot(book.meter, date("2026-06-01")).unwrap().day.unwrap();
    assert_eq!(swapped.consumption, Some(Amount::from_millionths(96 * (7 + 3))));
    assert_eq!(swapped.injection, Some(Amount::from_millionths(96)));
}

#[test]
fn only_its_owner_may_read_a_ledger() {
    use std::os::unix::fs::PermissionsExt as _;
    let book = open("2026-06-01");
    for entry in std::fs::read_dir(book._folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
}

#[test]
fn a_ledger_is_examined_without_being_made_or_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(Ledger::FILE);
    assert!(!Ledger::examine(folder.path()).unwrap());
    assert!(!path.exists());

    let book = open("2026-06-01");
    assert!(Ledger::examine(book._folder.path()).unwrap(), "beside the one that has it open");
    book.ledger.copy_to(folder.path()).unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(Ledger::examine(folder.path()).unwrap());
    assert_eq!(std::fs::read(&path).unwrap(), before);

    // A page in the middle is lost.
    let mut damaged = before.clone();
    damaged[4_096..8_192].fill(0x5a);
    std::fs::write(&path, damaged).unwrap();
    assert!(matches!(Ledger::examine(folder.path()), Err(Error::Open { .. })));
    std::fs::write(&path, "not a ledger at all".repeat(1_000)).unwrap();
    assert!(matches!(Ledger::examine(folder.path()), Err(Error::Open { .. })));
    std::fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Ledger::examine(folder.path()), Err(Error::Newer { found: 99, .. })));
}

#[test]
fn a_ledger_of_a_newer_version_and_a_broken_one_are_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    drop(Ledger::open(folder.path(), Brussels).unwrap());
    let path = folder.path().join(Ledger::FILE);
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Ledger::open(folder.path(), Brussels), Err(Error::Newer { found: 99, .. })));
    std::fs::write(&path, "this is not a database, whatever its name says, and it is long enough to tell").unwrap();
    let message = Ledger::open(folder.path(), Brussels).err().unwrap().to_string();
    assert!(message.contains("move it away"), "{message}");
}

/// A fetch of some quarters of a day, as the portal may give them: partly, repeatedly, corrected. The day, the hour of
/// the fetch, and for each row the quarter, whether it is injection, and the amount.
type Fetch = (u64, i64, Vec<(u32, bool, i64)>);

fn fetches() -> impl Strategy<Value = Vec<Fetch>> {
    let rows = proptest::collection::vec((0_u32..100, any::<bool>(), 0_i64..50), 0..60);
    proptest::collection::vec((0_u64..2, 0_i64..4, rows), 1..7)
}

fn contents(book: &Book) -> Vec<String> {
    let mut select = book
        .ledger
        .db
        .prepare(
            "SELECT 'r' || start || ' ' || direction || ' ' || amount || ' ' || status || ' ' || fetched_at FROM reading
             UNION ALL SELECT 'd' || date || ' ' || direction || ' ' || amount FROM day_amount ORDER BY 1",
        )
        .unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

impl Book {
    fn take(&mut self, (offset, time, rows): &Fetch) {
        let date = date("2026-10-25").checked_add_days(Days::new(*offset)).unwrap();
        let day = MeterDay::new(MeterKind::Electricity, date, Brussels).unwrap();
        let readings: Vec<_> = rows
            .iter()
            .map(|(slot, injected, amount)| {
                let direction = if *injected { Direction::Injection } else { Direction::Consumption };
                quarter(day, *slot, direction, Register::Single, *amount)
            })
            .collect();
        let at = at("2026-10-28T05:00:00Z") + TimeDelta::hours(*time);
        self.ledger.merge(self.meter, day, &readings, at).unwrap();
    }
}

fn apply(fetches: &[Fetch]) -> Book {
    let mut book = open("2026-10-25");
    fetches.iter().for_each(|fetch| book.take(fetch));
    book
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn merging_is_idempotent_and_free_of_order(fetches in fetches(), turn in 0_usize..7) {
        let once = contents(&apply(&fetches));
        let twice: Vec<_> = fetches.iter().chain(&fetches).cloned().collect();
        prop_assert_eq!(&once, &contents(&apply(&twice)));
        let mut turned = fetches.clone();
        turned.rotate_left(turn % fetches.len());
        turned.reverse();
        prop_assert_eq!(&once, &contents(&apply(&turned)));
    }

    #[test]
    fn totals_equal_what_was_put_in(amounts in proptest::collection::vec(0_i64..3_000_000, 4 * 96)) {
        let mut book = open("2026-06-01");
        book.ledger.set_anchor(book.meter, date("2026-06-01")).unwrap();
        for (index, chunk) in amounts.chunks(96).enumerate() {
            let day = day(&format!("2026-06-0{}", index + 1));
            let rows: Vec<_> = chunk.iter().zip(0..).map(|(amount, slot)| {
                let register = if slot % 3 == 0 { Register::Low } else { Register::High };
                quarter(day, slot, Direction::Consumption, register, *amount)
            }).collect();
            book.ledger.merge(book.meter, day, &rows, at("2026-06-05T05:00:00Z")).unwrap();
        }
        book.ledger.release_totals(book.meter, date("2026-06-04")).unwrap();
        let sums = book.ledger.snapshot(book.meter, date("2026-06-04")).unwrap().totals.unwrap().consumption;
        let low: i64 = amounts.iter().enumerate().filter(|(index, _)| index % 96 % 3 == 0).map(|(_, amount)| amount).sum();
        prop_assert_eq!(sums.total.millionths(), amounts.iter().sum::<i64>());
        prop_assert_eq!(sums.low.unwrap().millionths(), low);
        prop_assert_eq!(sums.high.unwrap().plus(sums.low.unwrap()), sums.total);
    }
}
