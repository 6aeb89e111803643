use std::collections::BTreeMap;

use super::*;
use Direction::{Consumption, Injection};
use Register::{High, Low, Single};

impl Book {
    fn merge_at(&mut self, text: &str, rows: &[Reading], now: &str) -> Change {
        self.ledger.merge(self.meter, day(text), rows, at(now)).unwrap()
    }

    fn corrections(&self, first: &str, last: &str) -> Vec<Told> {
        let corrections = self.ledger.corrections(self.meter, date(first), date(last)).unwrap();
        corrections.into_iter().map(told).collect()
    }

    /// All amounts in millionths, by direction and start.
    fn readings(&self) -> BTreeMap<(i64, i64), i64> {
        let mut select = self.ledger.db.prepare("SELECT direction, start, amount FROM reading").unwrap();
        select.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?))).unwrap().map(Result::unwrap).collect()
    }
}

/// A correction: its day, direction and fetch, the length of its intervals, how many there are, and the amounts.
type Told = (String, Direction, String, u32, u32, i64, i64);

fn told(correction: Correction) -> Told {
    let Correction { date, direction, seconds, at, readings, before, after } = correction;
    let at = at.format("%dT%H:%M:%S%.3f").to_string();
    (date.to_string(), direction, at, seconds, readings, before.millionths(), after.millionths())
}

fn correction(date: &str, direction: Direction, at: &str, sums: (u32, i64, i64)) -> Told {
    (date.to_owned(), direction, at.to_owned(), QUARTER, sums.0, sums.1, sums.2)
}

#[test]
fn a_correction_is_remembered_with_what_was_there_before_newest_first() {
    let mut book = open("2026-06-01");
    for text in ["2026-06-01", "2026-06-02"] {
        let mut rows = quarters(day(text), Consumption, High, 5);
        rows[50..].iter_mut().for_each(|row| row.register = Low);
        rows.extend(quarters(day(text), Injection, High, 3));
        book.merge_at(text, &rows, "2026-06-03T05:00:00Z");
        assert_eq!(book.merge_at(text, &rows, "2026-06-03T11:00:00Z"), Change::default());
    }
    assert_eq!(book.corrections("2026-06-01", "2026-06-02"), [], "what is new, or the same, is no correction");

    let tuesday = day("2026-06-02");
    let both = [quarter(tuesday, 49, Consumption, High, 9), quarter(tuesday, 50, Consumption, Low, 2)];
    book.merge_at("2026-06-02", &both, "2026-06-04T05:00:00.125Z");
    let later = [quarter(tuesday, 50, Consumption, Low, 4), quarter(tuesday, 3, Injection, High, 0)];
    book.merge_at("2026-06-02", &later, "2026-06-05T05:00:00Z");
    let monday = [quarter(day("2026-06-01"), 0, Consumption, High, 6)];
    book.merge_at("2026-06-01", &monday, "2026-06-06T05:00:00Z");
    let of_tuesday = [
        correction("2026-06-02", Consumption, "05T05:00:00.000", (1, 2, 4)),
        correction("2026-06-02", Injection, "05T05:00:00.000", (1, 3, 0)),
        correction("2026-06-02", Consumption, "04T05:00:00.125", (2, 10, 11)),
    ];
    assert_eq!(book.corrections("2026-06-02", "2026-06-03"), of_tuesday);
    let of_monday = [correction("2026-06-01", Consumption, "06T05:00:00.000", (1, 5, 6))];
    assert_eq!(book.corrections("2026-06-01", "2026-06-01"), of_monday);
    assert_eq!(book.corrections("2026-05-01", "2026-06-30"), [&of_monday[..], &of_tuesday].concat());
}

#[test]
fn a_daily_total_and_its_quarter_hours_are_corrected_apart() {
    let mut book = open("2026-06-01");
    let monday = day("2026-06-01");
    let total =
        |millionths| Reading { interval: monday.interval(), ..quarter(monday, 0, Consumption, Single, millionths) };
    let rows = |each| [quarter(monday, 7, Consumption, Single, each), total(90 * each)];
    book.merge_at("2026-06-01", &rows(5), "2026-06-02T05:00:00Z");
    book.merge_at("2026-06-01", &rows(6), "2026-06-03T05:00:00Z");
    let told: Vec<_> = book
        .corrections("2026-06-01", "2026-06-01")
        .into_iter()
        .map(|(_, _, _, seconds, _, before, after)| (seconds, before, after))
        .collect();
    assert_eq!(told, [(900, 5, 6), (86_400, 450, 540)]);
}

#[test]
fn two_answers_in_the_same_millisecond_are_one_correction() {
    let mut book = open("2026-06-01");
    let rows = |each| quarters(day("2026-06-01"), Consumption, Single, each);
    book.merge_at("2026-06-01", &rows(5), "2026-06-02T05:00:00Z");
    book.merge_at("2026-06-01", &rows(6)[..40], "2026-06-03T05:00:00Z");
    book.merge_at("2026-06-01", &rows(7)[40..], "2026-06-03T05:00:00Z");
    let all = correction("2026-06-01", Consumption, "03T05:00:00.000", (96, 96 * 5, 40 * 6 + 56 * 7));
    assert_eq!(book.corrections("2026-06-01", "2026-06-01"), [all]);
}

#[test]
fn an_answer_that_contradicts_itself_corrects_nothing_however_often_it_comes() {
    let mut book = open("2026-06-01");
    let rows = [7, 9].map(|amount| quarter(day("2026-06-01"), 0, Consumption, Single, amount));
    for now in ["2026-06-02T05:00:00Z", "2026-06-03T05:00:00Z"] {
        book.merge_at("2026-06-01", &rows, now);
    }
    assert_eq!(book.corrections("2026-06-01", "2026-06-01"), []);
}

#[test]
fn an_import_is_not_corrected_by_the_first_word_of_the_portal_but_by_its_second() {
    let mut book = open("2026-06-01");
    let monday = day("2026-06-01");
    let rows = |each| quarters(monday, Consumption, High, each);
    book.ledger.import(book.meter, monday, &rows(1), at("2026-11-20T12:00:00Z")).unwrap();
    let again = book.ledger.import(book.meter, monday, &rows(2), at("2026-11-20T12:00:01Z")).unwrap();
    let first = book.merge_at("2026-06-01", &rows(3), "2026-06-02T05:00:00Z");
    assert_eq!((again.corrected, first.corrected), (96, 96), "both change amounts");
    assert_eq!(book.corrections("2026-06-01", "2026-06-01"), []);
    book.merge_at("2026-06-01", &rows(4)[..2], "2026-06-03T05:00:00Z");
    assert_eq!(
        book.corrections("2026-06-01", "2026-06-01"),
        [correction("2026-06-01", Consumption, "03T05:00:00.000", (2, 6, 8))]
    );
}

#[test]
fn corrections_are_kept_in_all_units_and_told_in_the_one_of_the_meter() {
    let mut book = open("2026-06-01");
    let monday = day("2026-06-01");
    for (amount, now) in [(5, "2026-06-02T05:00:00Z"), (6, "2026-06-03T05:00:00Z")] {
        let kwh = quarter(monday, 0, Consumption, Single, 11 * amount);
        let gas = Reading { unit: Unit::CubicMetre, amount: Amount::from_millionths(amount), ..kwh };
        book.merge_at("2026-06-01", &[kwh, gas], now);
    }
    for (unit, each) in [(Unit::KilowattHour, 11), (Unit::CubicMetre, 1)] {
        book.meter.unit = unit;
        let expected = correction("2026-06-01", Consumption, "03T05:00:00.000", (1, 5 * each, 6 * each));
        assert_eq!(book.corrections("2026-06-01", "2026-06-01"), [expected]);
    }
}

#[test]
fn another_kind_of_meter_has_days_with_other_ends_and_none_of_the_corrections() {
    let mut book = open("2026-06-01");
    for (amount, now) in [(5, "2026-06-02T05:00:00Z"), (6, "2026-06-03T05:00:00Z")] {
        book.merge_at("2026-06-01", &quarters(day("2026-06-01"), Consumption, Single, amount), now);
    }
    book.meter.unit = Unit::CubicMetre;
    book.ledger.follow_meter(book.meter).unwrap();
    book.meter.unit = Unit::KilowattHour;
    book.ledger.follow_meter(book.meter).unwrap();
    assert_eq!(book.corrections("2026-06-01", "2026-06-01").len(), 1, "another unit keeps them");
    book.meter.kind = MeterKind::Gas;
    book.ledger.follow_meter(book.meter).unwrap();
    assert_eq!(book.corrections("2026-05-01", "2026-06-30"), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn corrections_add_up_to_what_has_changed_and_the_same_fetches_again_correct_nothing(fetches in fetches()) {
        let mut seen = BTreeMap::new();
        let mut book = open("2026-10-25");
        for fetch in &fetches {
            book.take(fetch);
            for (key, amount) in book.readings() {
                seen.entry(key).or_insert(amount);
            }
        }
        let total = |direction: Direction| {
            let of = |((way, _), amount): (&(i64, i64), &i64)| (*way == codes::direction_code(direction)).then_some(*amount);
            let first: i64 = seen.iter().filter_map(of).sum();
            let last: i64 = book.readings().iter().filter_map(of).sum();
            last - first
        };
        let all = || book.ledger.corrections(book.meter, date("2026-10-01"), date("2026-10-31")).unwrap();
        for direction in [Consumption, Injection] {
            let corrected = all().into_iter().filter(|correction| correction.direction == direction);
            let sum: Amount = corrected.map(|correction| correction.after.minus(correction.before)).sum();
            prop_assert_eq!(sum.millionths(), total(direction));
        }
        let once = all();
        for fetch in &fetches {
            book.take(fetch);
        }
        prop_assert_eq!(once, book.ledger.corrections(book.meter, date("2026-10-01"), date("2026-10-31")).unwrap());
    }

    #[test]
    fn codes_that_are_read_the_other_way_leave_the_corrections_of_a_ledger_that_was_always_read_so(
        rows in proptest::collection::vec((0_u32..4, any::<bool>(), 0_usize..3, 0_i64..9), 1..40),
    ) {
        let turned = |direction, register| match (direction, register) {
            (Consumption, Low) => (Injection, High),
            (Injection, High) => (Consumption, Low),
            same => same,
        };
        let (mut then, mut always) = (open("2026-06-01"), open("2026-06-01"));
        then.ledger.follow_reading_codes("dc").unwrap();
        for ((slot, injected, register, amount), hour) in rows.into_iter().zip(0..) {
            let direction = if injected { Injection } else { Consumption };
            let register = [Single, High, Low][register];
            let now = at("2026-06-03T05:00:00Z") + TimeDelta::hours(hour);
            for (book, (direction, register)) in
                [(&mut then, (direction, register)), (&mut always, turned(direction, register))]
            {
                let row = quarter(day("2026-06-01"), slot, direction, register, amount);
                book.ledger.merge(book.meter, day("2026-06-01"), &[row], now).unwrap();
            }
        }
        then.ledger.follow_reading_codes("t").unwrap();
        prop_assert_eq!(then.corrections("2026-06-01", "2026-06-01"), always.corrections("2026-06-01", "2026-06-01"));
    }
}
