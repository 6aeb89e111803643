use super::*;
use crate::ledger::quality::ESTIMATED;

/// When days are given up, and what is merged is fetched.
const NOW: &str = "2026-06-20T05:00:00Z";

impl Book {
    fn put(&mut self, text: &str, rows: &[Reading], now: &str) {
        self.ledger.merge(self.meter, day(text), rows, at(now)).unwrap();
    }

    fn quality(&self, text: &str) -> Quality {
        self.ledger.day(self.meter, date(text)).unwrap().quality()
    }

    fn estimated(&self, first: &str, last: &str) -> Vec<(String, u32)> {
        let days = self.ledger.estimated(self.meter, date(first), date(last)).unwrap();
        days.into_iter().map(|(date, readings)| (date.to_string(), readings)).collect()
    }
}

fn total(day: MeterDay, millionths: i64) -> Reading {
    Reading { interval: day.interval(), ..quarter(day, 0, Direction::Consumption, Register::High, millionths) }
}

fn with_status(status: i64, readings: Vec<Reading>) -> Vec<Reading> {
    readings.into_iter().map(|reading| Reading { status, ..reading }).collect()
}

#[test]
fn a_day_is_as_good_as_the_shortest_intervals_that_cover_it() {
    let mut book = open("2026-06-01");
    let monday = day("2026-06-01");
    assert_eq!(book.quality("2026-06-01"), Quality::Missing);
    book.answer(&["2026-06-01"], "2026-06-02T05:00:00Z");
    assert_eq!(book.quality("2026-06-01"), Quality::Missing, "it was asked for, and is awaited");
    let rows = quarters(monday, Direction::Consumption, Register::High, 100_000);
    book.put("2026-06-01", &rows[..40], NOW);
    assert_eq!(book.quality("2026-06-01"), Quality::Partial);
    book.put("2026-06-01", &[total(monday, 9_600_000)], NOW);
    assert_eq!(book.quality("2026-06-01"), Quality::DailyOnly);
    book.put("2026-06-01", &rows[40..], NOW);
    assert_eq!(book.quality("2026-06-01"), Quality::Complete);
    let hourly = DayState { finest: Some(3_600), complete: true, has_amounts: true, ..DayState::default() };
    assert_eq!(hourly.quality(), Quality::Complete);
    for hours in [23, 24, 25] {
        assert_eq!(DayState { finest: Some(hours * 3_600), ..hourly }.quality(), Quality::DailyOnly);
    }
}

#[test]
fn a_day_without_its_injection_is_partial() {
    let mut book = open("2026-06-01");
    book.fill("2026-06-01", "2026-06-01");
    book.put("2026-06-02", &quarters(day("2026-06-02"), Direction::Consumption, Register::High, 100_000), NOW);
    assert_eq!(book.quality("2026-06-02"), Quality::Partial);
}

#[test]
fn days_that_are_given_up_are_absent_or_partial_or_what_they_were() {
    let mut book = open("2026-06-01");
    book.put("2026-06-02", &whole(day("2026-06-02"))[..10], NOW);
    book.put("2026-06-03", &whole(day("2026-06-03")), NOW);
    let consumed = total(day("2026-06-04"), 5);
    book.put("2026-06-04", &[consumed, Reading { direction: Direction::Injection, ..consumed }], NOW);
    book.ledger.give_up(book.meter, date("2026-06-01"), date("2026-06-04"), at(NOW)).unwrap();
    book.put("2026-06-06", &whole(day("2026-06-06"))[..10], NOW);
    for now in ["2026-06-20T05:00:00Z", "2026-06-20T11:00:00Z", "2026-06-20T17:00:00Z"] {
        assert_eq!((book.quality("2026-06-05"), book.quality("2026-06-06")), (Quality::Missing, Quality::Partial));
        book.answer(&["2026-06-05", "2026-06-06"], now);
    }
    assert!(book.is_closed("2026-06-05") && book.is_closed("2026-06-06"));
    for (day, expected) in [
        ("2026-06-01", Quality::Absent),
        ("2026-06-02", Quality::Partial),
        ("2026-06-03", Quality::Complete),
        ("2026-06-04", Quality::DailyOnly),
        ("2026-06-05", Quality::Absent),
        ("2026-06-06", Quality::Partial),
    ] {
        assert_eq!(book.quality(day), expected, "{day}");
    }
    book.put("2026-06-01", &whole(day("2026-06-01")), NOW);
    assert!(book.ledger.day(book.meter, date("2026-06-01")).unwrap().absent);
    assert_eq!(book.quality("2026-06-01"), Quality::Complete, "it came after all");
}

#[test]
fn readings_that_are_not_valid_are_told_by_day_until_they_are() {
    let mut book = open("2026-06-01");
    book.fill("2026-06-01", "2026-06-03");
    let (monday, wednesday) = (day("2026-06-01"), day("2026-06-03"));
    book.put("2026-06-01", &with_status(9, whole(monday)[95..97].to_vec()), "2026-06-21T05:00:00Z");
    book.put("2026-06-03", &with_status(1, whole(wednesday)), "2026-06-21T05:00:00Z");
    let gas = Reading {
        unit: Unit::CubicMetre,
        status: 1,
        ..quarter(day("2026-06-02"), 0, Direction::Consumption, Register::Single, 1)
    };
    book.put("2026-06-02", &[gas], "2026-06-21T05:00:00Z");
    let expected = [("2026-06-01".to_owned(), 2), ("2026-06-03".to_owned(), 192)];
    assert_eq!(book.estimated("2026-05-01", "2026-06-30"), expected);
    assert_eq!(book.estimated("2026-06-01", "2026-06-02"), expected[..1]);
    assert_eq!(book.estimated("2026-06-02", "2026-06-03"), expected[1..]);
    book.put("2026-06-03", &whole(wednesday)[1..], "2026-06-22T05:00:00Z");
    assert_eq!(book.estimated("2026-06-02", "2026-06-03"), [("2026-06-03".to_owned(), 1)]);
}

#[test]
fn an_estimated_total_that_gave_way_to_valid_quarter_hours_is_not_told() {
    let mut book = open("2026-06-01");
    let monday = day("2026-06-01");
    let imported = with_status(0, vec![total(monday, 9_700_000)]);
    book.ledger.import(book.meter, monday, &imported, at(NOW)).unwrap();
    assert_eq!(book.estimated("2026-06-01", "2026-06-01"), [("2026-06-01".to_owned(), 1)], "a file says so too");
    book.put("2026-06-01", &quarters(monday, Direction::Consumption, Register::High, 100_000), NOW);
    assert_eq!(book.estimated("2026-06-01", "2026-06-01"), []);
}

#[test]
fn estimated_readings_lie_in_the_gas_day_that_began_the_morning_before() {
    let mut book = open("2026-06-01");
    book.meter = MeterId { kind: MeterKind::Gas, ..book.meter };
    let day = MeterDay::new(MeterKind::Gas, date("2026-06-01"), Brussels).unwrap();
    let night = quarter(day, 95, Direction::Consumption, Register::Single, 1);
    assert_eq!(night.interval.start(), at("2026-06-02T03:45:00Z"));
    book.ledger.merge(book.meter, day, &with_status(1, vec![night]), at(NOW)).unwrap();
    assert_eq!(book.estimated("2026-06-01", "2026-06-01"), [("2026-06-01".to_owned(), 1)]);
    assert_eq!(book.estimated("2026-06-02", "2026-06-02"), []);
}

#[test]
fn estimated_readings_are_found_without_a_look_at_the_valid_ones() {
    let mut book = open("2026-06-01");
    book.fill("2026-06-01", "2026-06-03");
    let mut select = book.ledger.db.prepare(&format!("EXPLAIN QUERY PLAN {ESTIMATED}")).unwrap();
    let steps = select.query_map((1, 0, i64::MAX, 3), |row| row.get::<_, String>("detail")).unwrap();
    let steps: Vec<String> = steps.map(Result::unwrap).collect();
    assert_eq!(steps, ["SEARCH reading USING INDEX estimated (meter=? AND start>? AND start<?)"]);
}
