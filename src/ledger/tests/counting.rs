use super::*;

impl Book {
    /// The days that count, with how many readings each has and their millionths.
    fn counting(&self, first: &str, last: &str) -> Vec<(String, usize, i64)> {
        let mut days = Vec::new();
        let give = |day: MeterDay, readings: &[Reading]| {
            let sum = readings.iter().map(|reading| reading.amount.millionths()).sum();
            days.push((day.to_string(), readings.len(), sum));
            Ok::<_, Error>(())
        };
        self.ledger.counting(self.meter, date(first), date(last), give).unwrap();
        days
    }
}

#[test]
fn each_stretch_of_time_counts_once_whatever_else_is_known() {
    let mut book = open("2026-06-01");
    let total = |day: MeterDay, millionths| Reading {
        interval: day.interval(),
        ..quarter(day, 0, Direction::Consumption, Register::High, millionths)
    };
    let at = at("2026-06-20T05:00:00Z");
    let mut quarters = whole(day("2026-06-01"));
    quarters.push(total(day("2026-06-01"), 9_700_000));
    book.ledger.merge(book.meter, day("2026-06-01"), &quarters, at).unwrap();
    book.ledger.merge(book.meter, day("2026-06-02"), &whole(day("2026-06-02"))[..50], at).unwrap();
    book.ledger.merge(book.meter, day("2026-06-03"), &[total(day("2026-06-03"), 5)], at).unwrap();
    book.ledger.merge(book.meter, day("2026-06-05"), &whole(day("2026-06-05")), at).unwrap();
    let expected = [
        ("2026-06-01".to_owned(), 192, 96 * 130_000),
        ("2026-06-02".to_owned(), 50, 50 * 100_000),
        ("2026-06-03".to_owned(), 1, 5),
    ];
    assert_eq!(book.counting("2026-05-01", "2026-06-04"), expected);
    assert_eq!(book.counting("2026-06-02", "2026-06-02"), expected[1..2]);
    assert_eq!(book.counting("2026-06-04", "2026-06-04"), []);
    assert_eq!(book.ledger.injects_since(book.meter).unwrap(), Some(date("2026-06-01")));
    assert_eq!(
        book.ledger.registers(book.meter).unwrap(),
        [(Direction::Consumption, Register::High), (Direction::Injection, Register::High)]
    );
}

#[test]
fn gas_counts_in_the_unit_of_its_meter_and_on_its_own_days() {
    let book = open("2026-06-01");
    let ean = Ean::parse("541448860000000028").unwrap();
    let mut ledger = book.ledger;
    let gas_day = MeterDay::new(MeterKind::Gas, date("2026-03-28"), Brussels).unwrap();
    let hours: Vec<Reading> = (0..gas_day.interval().seconds() / 3_600)
        .flat_map(|hour| {
            let start = gas_day.interval().start() + TimeDelta::hours(hour.into());
            let interval = Interval::new(start, start + TimeDelta::hours(1)).unwrap();
            [(Unit::KilowattHour, 11_000_000), (Unit::CubicMetre, 1_000_000)].map(|(unit, millionths)| Reading {
                direction: Direction::Consumption,
                register: Register::Single,
                unit,
                interval,
                amount: Amount::from_millionths(millionths),
                status: 2,
            })
        })
        .collect();
    for (unit, expected) in [(Unit::KilowattHour, 11_000_000), (Unit::CubicMetre, 1_000_000)] {
        let meter = ledger.meter(&ean, MeterKind::Gas, unit, date("2026-03-01")).unwrap();
        ledger.merge(meter, gas_day, &hours, at("2026-04-01T05:00:00Z")).unwrap();
        let mut found = Vec::new();
        let give = |day: MeterDay, readings: &[Reading]| {
            found.push((day, readings.len(), readings.iter().all(|reading| reading.amount.millionths() == expected)));
            Ok::<_, Error>(())
        };
        ledger.counting(meter, date("2026-03-01"), date("2026-04-01"), give).unwrap();
        assert_eq!(found, [(gas_day, 23, true)], "{unit:?}");
    }
}

#[test]
fn the_first_error_ends_it() {
    let mut book = open("2026-06-01");
    book.fill("2026-06-01", "2026-06-05");
    let mut days = 0;
    let result = book.ledger.counting(book.meter, date("2026-06-01"), date("2026-06-05"), |_, _| {
        days += 1;
        if days == 2 { Err(Error::Damaged("enough")) } else { Ok(()) }
    });
    assert!(matches!(result, Err(Error::Damaged("enough"))));
    assert_eq!(days, 2);
}

#[test]
fn the_amounts_of_days_are_told_by_register_and_in_the_unit_of_the_meter_alone() {
    let mut book = open("2026-06-01");
    book.fill("2026-06-01", "2026-06-03");
    let part = [quarter(day("2026-06-05"), 4, Direction::Consumption, Register::Low, 7)];
    book.ledger.merge(book.meter, day("2026-06-05"), &part, at("2026-06-20T05:00:00Z")).unwrap();
    let amounts = |meter, first, last| book.ledger.day_amounts(meter, date(first), date(last)).unwrap();
    let whole = Amounts::from([
        ((Direction::Consumption, Register::High), Amount::from_millionths(9_600_000)),
        ((Direction::Injection, Register::High), Amount::from_millionths(2_880_000)),
    ]);
    let part = Amounts::from([((Direction::Consumption, Register::Low), Amount::from_millionths(7))]);
    let expected = [(date("2026-06-02"), whole.clone()), (date("2026-06-03"), whole), (date("2026-06-05"), part)];
    assert_eq!(amounts(book.meter, "2026-06-02", "2026-06-05"), expected.into());
    assert_eq!(amounts(book.meter, "2026-06-04", "2026-06-04"), [].into());
    let other = MeterId { unit: Unit::CubicMetre, ..book.meter };
    assert_eq!(amounts(other, "2026-06-01", "2026-06-05"), [].into());
}
