use super::*;

/// An hour's gas in one unit.
fn row(day: MeterDay, unit: Unit, seconds: u32, slot: u32, millionths: i64) -> Reading {
    let start = day.interval().start() + TimeDelta::seconds(i64::from(slot * seconds));
    Reading {
        direction: Direction::Consumption,
        register: Register::Single,
        unit,
        interval: Interval::new(start, start + TimeDelta::seconds(seconds.into())).unwrap(),
        amount: Amount::from_millionths(millionths),
        status: 2,
    }
}

fn gas_day(text: &str) -> MeterDay {
    MeterDay::new(MeterKind::Gas, date(text), Brussels).unwrap()
}

/// All hours of a gas day in both units: so many m³, and eleven times as many kWh.
fn both(day: MeterDay, millionths: i64) -> Vec<Reading> {
    let hour = |slot| {
        [
            row(day, Unit::CubicMetre, 3_600, slot, millionths),
            row(day, Unit::KilowattHour, 3_600, slot, millionths * 11),
        ]
    };
    (0..day.interval().seconds() / 3_600).flat_map(hour).collect()
}

fn open_gas(unit: Unit) -> Book {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(folder.path(), Brussels).unwrap();
    let ean = Ean::parse("541448860000000028").unwrap();
    let meter = ledger.meter(&ean, MeterKind::Gas, unit, date("2026-01-10")).unwrap();
    Book { ledger, meter, _folder: folder }
}

impl Book {
    fn burn(&mut self, text: &str, rows: &[Reading]) {
        self.ledger.merge(self.meter, gas_day(text), rows, at("2026-01-20T05:00:00Z")).unwrap();
    }

    /// The same ledger with the meter counting in another unit, from a new start on.
    fn follow(&mut self, unit: Unit) -> Option<(MeterKind, Unit)> {
        let ean = Ean::parse("541448860000000028").unwrap();
        self.meter = self.ledger.meter(&ean, MeterKind::Gas, unit, date("2026-01-19")).unwrap();
        self.ledger.follow_meter(self.meter).unwrap()
    }

    /// The total in millionths, if it is shown.
    fn burnt(&mut self, newest: &str) -> Option<i64> {
        self.ledger.release_totals(self.meter, date(newest)).unwrap();
        let totals = self.ledger.snapshot(self.meter, date(newest)).unwrap().totals;
        totals.map(|totals| totals.consumption.total.millionths())
    }

    fn last_day(&self) -> Option<(String, i64)> {
        let day = self.ledger.snapshot(self.meter, date("2026-01-19")).unwrap().day?;
        Some((day.date.to_string(), day.consumption.unwrap().millionths()))
    }
}

#[test]
fn only_the_unit_of_the_meter_counts_in_totals_days_and_hours() {
    for (unit, each) in [(Unit::CubicMetre, 1), (Unit::KilowattHour, 11)] {
        let mut book = open_gas(unit);
        book.ledger.set_anchor(book.meter, date("2026-01-10")).unwrap();
        for day in ["2026-01-10", "2026-01-11", "2026-01-12"] {
            book.burn(day, &both(gas_day(day), 1_000));
        }
        assert_eq!(book.burnt("2026-01-12"), Some(72_000 * each));
        assert_eq!(book.last_day(), Some(("2026-01-12".to_owned(), 24_000 * each)));
        let hours = book.hours("2026-01-20T05:00:00Z");
        assert_eq!((hours.len(), hours[0].1), (72, 1_000 * each));
        assert_eq!(hours[0].0, "2026-01-10T05:00:00+00:00");
        let kept: i64 = book.ledger.db.query_row("SELECT count(*) FROM reading", [], |row| row.get(0)).unwrap();
        assert_eq!(kept, 2 * 72, "both are kept");
    }
}

#[test]
fn another_unit_is_another_series_from_the_same_anchor() {
    let mut book = open_gas(Unit::KilowattHour);
    book.ledger.set_anchor(book.meter, date("2026-01-10")).unwrap();
    for day in ["2026-01-10", "2026-01-11"] {
        book.burn(day, &both(gas_day(day), 1_000));
    }
    assert_eq!(book.burnt("2026-01-11"), Some(48 * 11_000));
    assert_eq!(book.follow(Unit::KilowattHour), None, "nothing has changed");
    assert_eq!(book.follow(Unit::CubicMetre), Some((MeterKind::Gas, Unit::KilowattHour)));
    assert_eq!(book.follow(Unit::CubicMetre), None);
    assert_eq!(book.burnt("2026-01-11"), Some(48 * 1_000));
    assert_eq!(book.last_day(), Some(("2026-01-11".to_owned(), 24_000)));
    assert_eq!(book.ledger.anchor(book.meter).unwrap(), Some(date("2026-01-10")));
    assert_eq!(book.follow(Unit::KilowattHour), Some((MeterKind::Gas, Unit::CubicMetre)));
    assert_eq!(book.burnt("2026-01-11"), Some(48 * 11_000), "and back");
}

#[test]
fn totals_that_are_shown_stay_so_in_the_other_unit_and_days_that_were_given_up_are_judged_by_it() {
    let mut book = open_gas(Unit::KilowattHour);
    book.ledger.set_anchor(book.meter, date("2026-01-08")).unwrap();
    book.burn("2026-01-10", &both(gas_day("2026-01-10"), 1_000));
    let mut rows = both(gas_day("2026-01-11"), 1_000);
    rows.retain(|row| row.unit == Unit::KilowattHour);
    book.burn("2026-01-11", &rows);
    let closed =
        "INSERT INTO day (meter, date, answers, closed) VALUES (1, '2026-01-08', 3, 1), (1, '2026-01-09', 1, 0);
        UPDATE day SET closed = 1 WHERE date >= '2026-01-10'";
    book.ledger.db.execute_batch(closed).unwrap();
    assert_eq!(book.burnt("2026-01-11"), Some(48 * 11_000));
    book.follow(Unit::CubicMetre);
    // Released before a late day comes in, which is not energy used now.
    book.burn("2026-01-09", &both(gas_day("2026-01-09"), 1_000));
    let totals = |book: &Book| book.ledger.snapshot(book.meter, date("2026-01-12")).unwrap().totals;
    assert_eq!(totals(&book).map(|totals| totals.consumption.total.millionths()), Some(24 * 1_000));
    assert_eq!(book.last_day(), Some(("2026-01-10".to_owned(), 24_000)), "the 11th has nothing in m³");
}

#[test]
fn a_day_is_complete_in_one_unit_and_not_in_the_other() {
    let mut book = open_gas(Unit::KilowattHour);
    let mut rows = both(gas_day("2026-01-10"), 1_000);
    rows.retain(|row| row.unit == Unit::KilowattHour || row.interval.start() > at("2026-01-10T12:00:00Z"));
    book.burn("2026-01-10", &rows);
    let is_complete = |book: &Book| book.ledger.is_complete(book.meter, date("2026-01-10")).unwrap();
    assert!(is_complete(&book));
    book.follow(Unit::CubicMetre);
    assert!(!is_complete(&book), "some of the hours have no m³");
    book.burn("2026-01-10", &both(gas_day("2026-01-10"), 1_000));
    assert!(is_complete(&book));
    book.follow(Unit::KilowattHour);
    assert!(is_complete(&book));
}

#[test]
fn a_sum_that_was_adopted_in_another_unit_is_forgotten() {
    let mut book = open_gas(Unit::KilowattHour);
    let sums = vec![("gas_total".to_owned(), Amount::from_millionths(777_000))];
    let left = Adopted {
        anchor: date("2026-01-08"),
        last_day: Some(date("2026-01-10")),
        sums,
        injects: false,
        has_tariffs: false,
    };
    book.ledger.adopt(book.meter, &left).unwrap();
    book.burn("2026-01-11", &both(gas_day("2026-01-11"), 1_000));
    assert_eq!(book.burnt("2026-01-11"), Some(777_000), "what was shown stands");
    book.follow(Unit::CubicMetre);
    assert_eq!(book.burnt("2026-01-11"), None);
    for day in ["2026-01-08", "2026-01-09", "2026-01-10"] {
        book.burn(day, &both(gas_day(day), 1_000));
    }
    assert_eq!(book.burnt("2026-01-11"), Some(4 * 24_000));
}

#[test]
fn the_total_of_gas_goes_on_from_the_adopted_sum_when_days_are_lost() {
    let mut book = open_gas(Unit::CubicMetre);
    let sums = vec![("gas_total".to_owned(), Amount::from_millionths(500_000))];
    let left = Adopted {
        anchor: date("2026-01-08"),
        last_day: Some(date("2026-01-10")),
        sums,
        injects: false,
        has_tariffs: false,
    };
    book.ledger.adopt(book.meter, &left).unwrap();
    book.burn("2026-01-10", &both(gas_day("2026-01-10"), 1_000));
    // The portal has answered that it has nothing of these.
    let lost = "INSERT INTO day (meter, date, answers) VALUES (1, '2026-01-08', 1), (1, '2026-01-09', 1)";
    book.ledger.db.execute_batch(lost).unwrap();
    assert_eq!(book.burnt("2026-01-10"), Some(500_000));
    book.burn("2026-01-11", &both(gas_day("2026-01-11"), 1_000));
    assert_eq!(book.burnt("2026-01-11"), Some(524_000));
}

#[test]
fn a_meter_that_turns_out_to_be_one_of_gas_has_its_days_from_six_to_six() {
    let mut book = open("2026-01-10");
    let day = day("2026-01-10");
    let rows: Vec<_> =
        both(gas_day("2026-01-09"), 1_000).into_iter().chain(both(gas_day("2026-01-10"), 2_000)).collect();
    book.ledger.merge(book.meter, day, &rows, at("2026-01-12T05:00:00Z")).unwrap();
    assert!(book.ledger.is_complete(book.meter, date("2026-01-10")).unwrap(), "as a day of electricity");
    let ean = Ean::parse("541448860000000011").unwrap();
    book.meter = book.ledger.meter(&ean, MeterKind::Gas, Unit::KilowattHour, date("2026-01-10")).unwrap();
    let before = book.ledger.follow_meter(book.meter).unwrap();
    assert_eq!(before, Some((MeterKind::Electricity, Unit::KilowattHour)));
    assert!(!book.ledger.is_complete(book.meter, date("2026-01-10")).unwrap());
    for (text, millionths) in [("2026-01-09", 1_000), ("2026-01-10", 2_000)] {
        book.burn(text, &both(gas_day(text), millionths));
        assert_eq!(book.last_day(), Some((text.to_owned(), 24 * 11 * millionths)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_change_of_unit_leaves_what_that_unit_would_have_had_from_the_start(
        fetches in proptest::collection::vec(
            (0_usize..3, proptest::collection::vec((0_u32..24, any::<bool>(), 0_i64..3_000_000), 0..60), any::<bool>()), 1..8,
        ),
    ) {
        let days = ["2026-01-10", "2026-01-11", "2026-01-12"];
        let mut changed = open_gas(Unit::KilowattHour);
        let mut from_the_start = open_gas(Unit::CubicMetre);
        for (index, amounts, is_whole) in fetches {
            let day = gas_day(days[index]);
            let mut rows = if is_whole { both(day, 1_000) } else { Vec::new() };
            rows.extend(amounts.iter().map(|(slot, volume, amount)| {
                row(day, if *volume { Unit::CubicMetre } else { Unit::KilowattHour }, 3_600, *slot, *amount)
            }));
            changed.burn(days[index], &rows);
            from_the_start.burn(days[index], &rows);
        }
        changed.follow(Unit::CubicMetre);
        let now = "2026-01-20T05:00:00Z";
        prop_assert_eq!(changed.hours(now), from_the_start.hours(now));
        prop_assert_eq!(changed.last_day(), from_the_start.last_day());
        for day in days {
            let is_complete = |book: &Book| book.ledger.is_complete(book.meter, date(day)).unwrap();
            prop_assert_eq!(is_complete(&changed), is_complete(&from_the_start), "{}", day);
        }
        for book in [&mut changed, &mut from_the_start] {
            book.ledger.set_anchor(book.meter, date(days[0])).unwrap();
        }
        prop_assert_eq!(changed.burnt("2026-01-12"), from_the_start.burnt("2026-01-12"));
    }
}
