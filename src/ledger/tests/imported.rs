use super::*;

/// When an import is made in these tests: long after all fetches.
const NOW: &str = "2026-11-20T12:00:00Z";

impl Book {
    /// Imports readings of a day; how many were new, and where they contradict the portal.
    fn import(&mut self, day: MeterDay, readings: &[Reading]) -> (usize, Vec<Conflict>) {
        self.import_at(day, readings, NOW)
    }

    fn import_at(&mut self, day: MeterDay, readings: &[Reading], now: &str) -> (usize, Vec<Conflict>) {
        let weighed = self.ledger.weigh(self.meter, day, readings).unwrap();
        let change = self.ledger.import(self.meter, day, &weighed.news, at(now)).unwrap();
        assert_eq!((change.added, change.added + change.corrected), (weighed.added, weighed.news.len()));
        (weighed.added, weighed.conflicts)
    }

    fn fetch(&mut self, day: MeterDay, readings: &[Reading]) {
        self.ledger.merge(self.meter, day, readings, at("2026-06-20T05:00:00Z")).unwrap();
    }

    /// What counts on a day: the number of readings and their millionths.
    fn counts(&self, date: NaiveDate) -> (usize, i64) {
        let mut found = (0, 0);
        let give = |_, readings: &[Reading]| {
            found = (readings.len(), readings.iter().map(|reading| reading.amount.millionths()).sum());
            Ok::<_, Error>(())
        };
        self.ledger.counting(self.meter, date, date, give).unwrap();
        found
    }
}

fn daily(day: MeterDay, millionths: i64) -> Reading {
    Reading { interval: day.interval(), ..quarter(day, 0, Direction::Consumption, Register::High, millionths) }
}

fn conflict(portal: i64, import: i64, intervals: usize) -> Conflict {
    Conflict {
        direction: Direction::Consumption,
        unit: Unit::KilowattHour,
        portal: Amount::from_millionths(portal),
        import: Amount::from_millionths(import),
        intervals,
    }
}

#[test]
fn an_import_fills_what_the_portal_left_open_and_does_it_once() {
    let mut book = open("2026-06-01");
    let monday = day("2026-06-01");
    let rows = whole(monday);
    book.fetch(monday, &rows[..40]);
    assert_eq!(book.import(monday, &rows), (152, vec![]));
    assert!(book.ledger.is_complete(book.meter, monday.date()).unwrap());
    let all = contents(&book);
    assert_eq!(book.import_at(monday, &rows, "2026-11-21T12:00:00Z"), (0, vec![]));
    assert_eq!(contents(&book), all, "a second time changes nothing");
}

#[test]
fn what_the_portal_has_told_stays_and_what_contradicts_it_is_told() {
    let mut book = open("2026-06-01");
    let monday = day("2026-06-01");
    book.fetch(monday, &whole(monday));
    let before = contents(&book);
    let mut rows = whole(monday);
    // Less than the third decimal is rounding.
    rows[0].amount = Amount::from_millionths(100_999);
    assert_eq!(book.import(monday, &rows), (0, vec![]));
    rows[1].amount = Amount::from_millionths(102_000);
    rows[2].amount = Amount::from_millionths(90_000);
    let expected = conflict(9_600_000, 9_600_000 + 999 + 2_000 - 10_000, 2);
    assert_eq!(book.import(monday, &rows), (0, vec![expected]));
    // A daily total can only be compared with the sum, of which each part may be rounded.
    assert_eq!(book.import(monday, &[daily(monday, 9_690_000)]), (0, vec![]));
    assert_eq!(book.import(monday, &[daily(monday, 9_700_000)]), (0, vec![conflict(9_600_000, 9_700_000, 1)]));
    assert_eq!(contents(&book), before);

    let tuesday = day("2026-06-02");
    book.fetch(tuesday, &[daily(tuesday, 9_600_000)]);
    let quarters = quarters(tuesday, Direction::Consumption, Register::High, 100_000);
    assert_eq!(book.import(tuesday, &quarters), (0, vec![]), "a day that is whole stays as it is");
    assert_eq!(book.counts(tuesday.date()), (1, 9_600_000));
}

#[test]
fn the_portal_wins_whichever_comes_first_and_a_later_import_wins_over_an_earlier_one() {
    let day = day("2026-06-01");
    let amount = |millionths| quarters(day, Direction::Consumption, Register::High, millionths);
    for portal_first in [true, false] {
        let mut book = open("2026-06-01");
        if portal_first {
            book.fetch(day, &amount(5));
        }
        book.import(day, &amount(700_000));
        if !portal_first {
            assert_eq!(book.counts(day.date()), (96, 96 * 700_000));
            book.fetch(day, &amount(5));
        }
        assert_eq!(book.counts(day.date()), (96, 96 * 5), "portal first: {portal_first}");
    }
    let mut book = open("2026-06-01");
    book.import_at(day, &amount(700_000), "2026-11-20T12:00:00Z");
    assert_eq!(book.import_at(day, &amount(600_000), "2026-11-20T12:00:01Z"), (0, vec![]));
    assert_eq!(book.counts(day.date()), (96, 96 * 600_000));
}

#[test]
fn an_interval_that_the_portal_has_in_another_register_is_not_counted_again() {
    let mut book = open("2026-06-01");
    let day = day("2026-06-01");
    let single = quarters(day, Direction::Consumption, Register::Single, 100_000);
    book.fetch(day, &single[..90]);
    let high = quarters(day, Direction::Consumption, Register::High, 100_000);
    assert_eq!(book.import(day, &high), (6, vec![]));
    assert_eq!(book.counts(day.date()), (96, 9_600_000));
}

#[test]
fn older_days_and_days_that_were_given_up_never_change_the_totals() {
    let mut book = open("2026-06-03");
    book.ledger.set_anchor(book.meter, date("2026-06-03")).unwrap();
    book.fill("2026-06-05", "2026-06-06");
    book.fill("2026-06-08", "2026-06-20");
    book.answer(&["2026-06-03", "2026-06-04"], "2026-06-20T05:00:00Z");
    for now in ["2026-06-20T05:00:00Z", "2026-06-20T11:00:00Z", "2026-06-20T17:00:00Z"] {
        book.answer(&["2026-06-07"], now);
    }
    assert_eq!(book.total("2026-06-20"), Some(15.0));
    for date in ["2026-06-01", "2026-06-02", "2026-06-03", "2026-06-04", "2026-06-07"] {
        assert_eq!(book.import(day(date), &whole(day(date))), (192, vec![]), "{date}");
        assert_eq!(book.total("2026-06-20"), Some(15.0), "{date}");
    }
    let mut hours = 0;
    book.ledger.hours(book.meter, at(NOW), |_| hours += 1).unwrap();
    assert_eq!(hours, 20 * 24 * 2, "the statistics take them in");
}

#[test]
fn an_import_is_in_words_and_stays_when_the_portals_codes_are_read_the_other_way() {
    let mut book = open("2026-06-01");
    let (monday, tuesday) = (day("2026-06-01"), day("2026-06-02"));
    book.ledger.follow_reading_codes("dc").unwrap();
    // Read the wrong way round, consumption in the low register is injection in the high one.
    book.fetch(tuesday, &quarters(tuesday, Direction::Injection, Register::High, 7));
    for day in [monday, tuesday] {
        book.import(day, &quarters(day, Direction::Consumption, Register::Low, 9));
    }
    book.ledger.follow_reading_codes("t").unwrap();
    assert_eq!(book.counts(monday.date()), (96, 96 * 9));
    assert_eq!(book.counts(tuesday.date()), (96, 96 * 7), "the portal has the same intervals after all");
    assert_eq!(book.ledger.registers(book.meter).unwrap(), [(Direction::Consumption, Register::Low)]);
}

#[test]
fn the_service_and_an_import_may_write_at_once() {
    let mut book = open("2026-06-01");
    let mut beside = Ledger::open_existing(book._folder.path(), Brussels).unwrap();
    let meter = book.meter;
    let importing = std::thread::spawn(move || {
        for day in (1..=28).map(|number| day(&format!("2026-05-{number:02}"))) {
            beside.import(meter, day, &whole(day), at(NOW)).unwrap();
        }
    });
    for _ in 0..20 {
        book.fill("2026-06-01", "2026-06-02");
    }
    importing.join().unwrap();
    assert_eq!(book.ledger.extent(meter).unwrap(), Some((date("2026-05-01"), date("2026-06-02"))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn fetches_count_the_same_with_an_import_before_or_after_them(
        slots in proptest::collection::vec((0_u32..96, 0_i64..50), 0..96),
        imported in proptest::collection::vec((0_u32..96, 0_i64..50), 0..96),
    ) {
        let day = day("2026-06-01");
        let rows = |slots: &[(u32, i64)]| {
            let amounts: std::collections::BTreeMap<_, _> = slots.iter().copied().collect();
            let row = |(slot, amount)| quarter(day, slot, Direction::Consumption, Register::Low, amount);
            amounts.into_iter().map(row).collect::<Vec<_>>()
        };
        let (fetched, imported) = (rows(&slots), rows(&imported));
        let mut before = open("2026-06-01");
        before.import(day, &imported);
        before.fetch(day, &fetched);
        let mut after = open("2026-06-01");
        after.fetch(day, &fetched);
        after.import(day, &imported);
        prop_assert_eq!(contents(&before), contents(&after));
    }
}
