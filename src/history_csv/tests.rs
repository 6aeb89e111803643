//! Whole files.

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike as _, Utc};
use chrono_tz::Europe::Brussels;
use proptest::prelude::*;

use super::*;
use crate::energy::{Amount, Direction, Interval, MeterDay, Register, Unit};

const EAN: &str = "541448860000000011";
const GAS: &str = "541448860000000028";
const DUTCH: &str = "Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Meter;Metertype;Register;Volume;\
                     Eenheid;Validatiestatus;Omschrijving";

fn kinds() -> BTreeMap<Ean, MeterKind> {
    let ean = |digits| Ean::parse(digits).unwrap();
    BTreeMap::from([(ean(EAN), MeterKind::Electricity), (ean(GAS), MeterKind::Gas)])
}

fn file(rows: &[&str]) -> Result<History, Error> {
    read([&[DUTCH], rows].concat().join("\n").as_bytes(), &kinds(), Brussels)
}

fn of(history: &History, ean: &str) -> Vec<Reading> {
    history.meters.get(&Ean::parse(ean).unwrap()).cloned().unwrap_or_default()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Starts, lengths and millionths.
fn told(readings: &[Reading]) -> Vec<(String, u32, i64)> {
    let told = |reading: &Reading| {
        let start = reading.interval.start().format("%m-%d %H:%M").to_string();
        (start, reading.interval.seconds(), reading.amount.millionths())
    };
    readings.iter().map(told).collect()
}

#[test]
fn a_quarter_hour_file_is_read_as_the_portal_gives_it() {
    let history = file(&[
        "02-09-2025;06:45:00;02-09-2025;07:00:00;=\"541448860000000011\";1SAG1100000015;Digitale meter;Afname Nacht;0,065;kWh;Uitgelezen;",
        "02-09-2025;06:45:00;02-09-2025;07:00:00;=\"541448860000000011\";1SAG1100000015;Digitale meter;Injectie Nacht;;kWh;Geen verbruik;",
        "02-09-2025;07:00:00;02-09-2025;07:15:00;=\"541448860000000011\";1SAG1100000015;Digitale meter;Afname Dag;1,250;kWh;Geschat;",
        "02-09-2025;07:00:00;02-09-2025;07:15:00;=\"541448860000000011\";1SAG1100000015;Digitale meter;Injectie Dag;0,000;kWh;Uitgelezen;",
        "02-09-2025;07:00:00;02-09-2025;07:15:00;=\"541448869999999999\";1SAG9;Digitale meter;Anything;x;?;;",
        "01-09-2025;00:00:00;01-10-2025;00:00:00;=\"541448860000000011\";1SAG1100000015;Digitale meter;Piekvermogen;3,1;kW;;",
        "01-09-2025;00:00:00;01-10-2025;00:00:00;=\"541448860000000011\";1SAG1100000015;Digitale meter;Afname Dag;99,1;kWh;;",
        "",
    ])
    .unwrap();
    let reading = |direction, register, start, millionths, status| Reading {
        direction,
        register,
        unit: Unit::KilowattHour,
        interval: Interval::new(at(start), at(start) + TimeDelta::minutes(15)).unwrap(),
        amount: Amount::from_millionths(millionths),
        status,
    };
    let expected = [
        reading(Direction::Consumption, Register::Low, "2025-09-02T04:45:00Z", 65_000, 2),
        reading(Direction::Consumption, Register::High, "2025-09-02T05:00:00Z", 1_250_000, 0),
        reading(Direction::Injection, Register::High, "2025-09-02T05:00:00Z", 0, 2),
    ];
    assert_eq!(of(&history, EAN), expected);
    assert_eq!((history.blank, history.others, history.longer), (1, 1, 1));
    assert_eq!(history.strangers.values().sum::<usize>(), 1);
}

#[test]
fn gas_comes_in_both_units_and_its_day_begins_at_six() {
    let row = |from: &str, until: &str, volume: &str, unit: &str| {
        format!("{from};{until};=\"{GAS}\";7FLO1;Digital meter;Offtake;{volume};{unit};Read;;")
    };
    let rows = [
        row("22/10/2023;06:00:00", "22/10/2023;07:00:00", "0,364", "m³"),
        row("22/10/2023;06:00:00", "22/10/2023;07:00:00", "4,125", "kWh"),
        row("23/10/2023;06:00:00", "24/10/2023;06:00:00", "5,1", "m³"),
        row("24/10/2023;00:00:00", "25/10/2023;00:00:00", "6,1", "m³"),
    ];
    let history = file(&rows.each_ref().map(String::as_str)).unwrap();
    let cubic = |reading: &&Reading| reading.unit == Unit::CubicMetre;
    let readings = of(&history, GAS);
    assert_eq!(readings.len(), 4);
    let cubic: Vec<_> = readings.iter().filter(cubic).copied().collect();
    let expected = [
        ("10-22 04:00".to_owned(), 3_600, 364_000),
        ("10-23 04:00".to_owned(), 86_400, 5_100_000),
        ("10-24 04:00".to_owned(), 86_400, 6_100_000),
    ];
    assert_eq!(told(&cubic), expected);
}

/// A row of consumption.
fn row(from: &str, until: &str, volume: &str) -> String {
    format!("{from};{until};{EAN};M;T;Afname Nacht;{volume};kWh;;")
}

fn read_rows(rows: &[String]) -> Result<Vec<(String, u32, i64)>, Error> {
    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    Ok(told(&of(&file(&rows)?, EAN)))
}

#[test]
fn the_hour_that_comes_twice_is_told_by_its_end_or_by_the_order_of_rows() {
    let hours = |ends: [&str; 2]| {
        [
            row("29-10-2023;01:00:00", "29-10-2023;02:00:00", "1"),
            row("29-10-2023;02:00:00", &format!("29-10-2023;{}", ends[0]), "2"),
            row("29-10-2023;02:00:00", &format!("29-10-2023;{}", ends[1]), "3"),
            row("29-10-2023;03:00:00", "29-10-2023;04:00:00", "4"),
        ]
    };
    let expected = [
        ("10-28 23:00".to_owned(), 3_600, 1_000_000),
        ("10-29 00:00".to_owned(), 3_600, 2_000_000),
        ("10-29 01:00".to_owned(), 3_600, 3_000_000),
        ("10-29 02:00".to_owned(), 3_600, 4_000_000),
    ];
    for ends in [["02:00:00", "03:00:00"], ["03:00:00", "03:00:00"]] {
        let mut rows = hours(ends);
        assert_eq!(read_rows(&rows).unwrap(), expected, "{ends:?}");
        rows.reverse();
        assert_eq!(read_rows(&rows).unwrap(), expected, "newest first, {ends:?}");
    }
    let alone = &hours(["02:00:00", "03:00:00"])[2..];
    assert_eq!(read_rows(alone).unwrap(), expected[2..], "the end alone tells");
    let with_a_blank_one =
        [row("29-10-2023;02:15:00", "29-10-2023;02:30:00", ""), row("29-10-2023;02:15:00", "29-10-2023;02:30:00", "7")];
    assert_eq!(read_rows(&with_a_blank_one).unwrap(), [("10-29 01:15".to_owned(), 900, 7_000_000)]);
}

#[test]
fn the_quarter_before_the_clocks_go_forward_ends_an_hour_later_on_the_clock() {
    for end in ["03:00:00", "02:00:00"] {
        let rows = [row("31-03-2024;01:45:00", &format!("31-03-2024;{end}"), "1")];
        assert_eq!(read_rows(&rows).unwrap(), [("03-31 00:45".to_owned(), 900, 1_000_000)]);
    }
    let in_the_gap = [row("31-03-2024;02:15:00", "31-03-2024;02:30:00", "0,1")];
    let wrong = read_rows(&in_the_gap).unwrap_err().to_string();
    assert!(wrong.starts_with("line 2: there is no 2024-03-31 02:15:00; the clocks go forward"), "{wrong}");
    assert!(read_rows(&[row("31-03-2024;02:15:00", "31-03-2024;02:30:00", "")]).unwrap().is_empty());
}

#[test]
fn days_are_known_by_their_dates_with_and_without_times() {
    let expected = |start: &str, seconds| [(start.to_owned(), seconds, 5_000_000)];
    for (from, until, start, seconds) in [
        ("25-10-2026;00:00:00", "26-10-2026;00:00:00", "10-24 22:00", 90_000),
        ("25-10-2026;", "25-10-2026;", "10-24 22:00", 90_000),
        ("25-10-2026;", "26-10-2026;", "10-24 22:00", 90_000),
        ("29-03-2026;00:00", "29-03-2026;23:59:59", "03-28 23:00", 82_800),
        ("29-03-2026;00:00", "29-03-2026;24:00", "03-28 23:00", 82_800),
        ("2026-06-01;0:00", "2026-06-01;23:59", "05-31 22:00", 86_400),
    ] {
        assert_eq!(read_rows(&[row(from, until, "5")]).unwrap(), expected(start, seconds), "{from} {until}");
    }
}

#[test]
fn the_first_line_that_is_wrong_is_told_with_what_to_do() {
    let good = row("01-06-2026;00:00:00", "01-06-2026;00:15:00", "1");
    for (bad, told) in [
        (row("32-06-2026;00:00:00", "01-06-2026;00:15:00", "1"), "\"32-06-2026\" is no date"),
        (row("01-06-2026;00:15:00", "01-06-2026;00:45:00", "1"), "is no quarter-hour, hour or day"),
        (row("01-06-2026;00:07:00", "01-06-2026;00:22:00", "1"), "is no quarter-hour, hour or day"),
        (row("01-06-2026;00:15:00", "01-06-2026;00:15:00", "1"), "is no quarter-hour, hour or day"),
        (row("01-06-2026;00:15:00", "01-06-2026;00:30:00", "much"), "\"much\" is no amount"),
        (good.replace(";1;kWh", ";2;kWh"), "another amount for the same time than line 2; remove one"),
        (good.replace(";1;kWh", &format!(";{EAN};kWh")), "\"…\" is no amount"),
        (good.replace(EAN, "5,41449E+17"), "the EAN is no longer complete; a spreadsheet has rounded it"),
        (good.replace("kWh", "m³"), "it is in m³, and this meter is configured for electricity; correct `kind`"),
        (good.replace("Afname Nacht", "Teller 3"), "\"Teller 3\" is no register"),
        ("01-06-2026;00:15:00;01-0".to_owned(), "the EAN can't be read: an EAN has 18 digits, this one has 0"),
    ] {
        let wrong = read_rows(&[good.clone(), bad.clone()]).unwrap_err();
        let with_returns = [DUTCH, &good, &bad].join("\r\n");
        assert_eq!(read(with_returns.as_bytes(), &kinds(), Brussels), Err(wrong.clone()));
        let wrong = wrong.to_string();
        assert!(wrong.starts_with("line 3: ") && wrong.contains(told), "{wrong}");
        assert!(!wrong.contains("5414488600"), "{wrong}");
    }
    let commas = [DUTCH.replace(';', ","), good.replace(';', ",").replace(",1,kWh", ",0,065,kWh")].join("\n");
    let wrong = read(commas.as_bytes(), &kinds(), Brussels).unwrap_err().to_string();
    assert!(wrong.starts_with("line 2: "), "{wrong}");
    let no_header = read(good.as_bytes(), &kinds(), Brussels).unwrap_err().to_string();
    assert!(no_header.contains("\"Rapport downloaden\""), "{no_header}");
}

#[test]
fn the_amounts_of_two_meters_at_one_connection_add_up_and_a_line_that_comes_twice_counts_once() {
    let day = |meter: &str, volume: &str| {
        row("01-06-2026;00:00:00", "02-06-2026;00:00:00", volume).replace(";M;", &format!(";{meter};"))
    };
    let rows = [day("1SAG1", "3,5"), day("1SAG2", "4"), day("1SAG1", "3,5")];
    assert_eq!(read_rows(&rows).unwrap(), [("05-31 22:00".to_owned(), 86_400, 7_500_000)]);
}

/// How a file may be written.
#[derive(Clone, Debug)]
struct Style {
    delimiter: u8,
    comma: bool,
    date: &'static str,
    mark: bool,
    newest_first: bool,
    ends_as_utc_shows: bool,
}

fn style() -> impl Strategy<Value = Style> {
    (
        prop::sample::select(DELIMITERS.to_vec()),
        any::<bool>(),
        prop::sample::select(vec!["%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d"]),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(delimiter, comma, date, mark, newest_first, ends_as_utc_shows)| Style {
            delimiter,
            comma,
            date,
            mark,
            newest_first,
            ends_as_utc_shows,
        })
}

/// Writes readings as a file, in the order of time or the other way round.
fn write(readings: &[Reading], style: &Style) -> Vec<u8> {
    let mut out = csv::WriterBuilder::new().delimiter(style.delimiter).flexible(true).from_writer(Vec::new());
    out.write_record(DUTCH.split(';')).unwrap();
    let mut readings = readings.to_vec();
    if style.newest_first {
        readings.reverse();
    }
    for reading in readings {
        let from = reading.interval.start().with_timezone(&Brussels).naive_local();
        let shown = reading.interval.end().with_timezone(&Brussels).naive_local();
        let is_day = reading.interval.seconds() > 3_600;
        let until = if style.ends_as_utc_shows || is_day {
            shown
        } else {
            from + TimeDelta::seconds(reading.interval.seconds().into())
        };
        let [date, time] = [style.date, "%H:%M:%S"];
        let millionths = reading.amount.millionths();
        let volume = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
        let direction = if reading.direction == Direction::Consumption { "Afname" } else { "Injectie" };
        let register = match reading.register {
            Register::Single => direction.to_owned(),
            Register::High => format!("{direction} Dag"),
            Register::Low => format!("{direction} Nacht"),
        };
        out.write_record([
            from.format(date).to_string(),
            from.format(time).to_string(),
            until.format(date).to_string(),
            until.format(time).to_string(),
            format!("=\"{EAN}\""),
            "1SAG1100000015".to_owned(),
            "Digitale meter".to_owned(),
            register,
            if style.comma { volume.replace('.', ",") } else { volume },
            "kWh".to_owned(),
            "Uitgelezen".to_owned(),
            String::new(),
        ])
        .unwrap();
    }
    let written = out.into_inner().unwrap();
    if style.mark { [b"\xef\xbb\xbf".as_slice(), &written].concat() } else { written }
}

/// All intervals of a length in a day, with amounts in both directions, in the order of a file.
fn day(date: &str, seconds: u32, amounts: &[i64]) -> Vec<Reading> {
    let date: NaiveDate = date.parse().unwrap();
    let day = MeterDay::new(MeterKind::Electricity, date, Brussels).unwrap().interval();
    let length = if seconds == 0 { day.seconds() } else { seconds };
    let mut amounts = amounts.iter().cycle();
    let mut readings = Vec::new();
    for slot in 0..day.seconds() / length {
        let start = day.start() + TimeDelta::seconds((slot * length).into());
        for direction in [Direction::Consumption, Direction::Injection] {
            let interval = Interval::new(start, start + TimeDelta::seconds(length.into())).unwrap();
            // The tariff doesn't change at night.
            let is_night = start.with_timezone(&Brussels).hour() < 7;
            let register = if is_night { Register::Low } else { Register::High };
            let amount = Amount::from_millionths(*amounts.next().unwrap());
            readings.push(Reading { direction, register, unit: Unit::KilowattHour, interval, amount, status: 2 });
        }
    }
    readings
}

proptest! {
    #[test]
    fn any_file_comes_back_as_it_was_written_on_days_of_every_length(
        date in prop::sample::select(vec!["2026-03-29", "2026-06-01", "2026-10-25", "2023-10-29", "2024-03-31"]),
        seconds in prop::sample::select(vec![900, 3_600, 0]),
        amounts in prop::collection::vec(0_i64..50_000_000, 1..60),
        style in style(),
    ) {
        let readings = day(date, seconds, &amounts);
        let history = read(&write(&readings, &style), &kinds(), Brussels).unwrap();
        prop_assert_eq!(of(&history, EAN), readings);
    }

    #[test]
    fn no_file_makes_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        cells in prop::collection::vec(prop::collection::vec("[-0-9:;,./\"= a-zA-Zµ³]{0,12}", 0..14), 0..8),
        delimiter in prop::sample::select(vec![";", ",", "\t"]),
    ) {
        let _ = read(&bytes, &kinds(), Brussels);
        let rows: Vec<_> = cells.iter().map(|row| row.join(delimiter)).collect();
        let _ = read(format!("{}\n{}", DUTCH.replace(';', delimiter), rows.join("\n")).as_bytes(), &kinds(), Brussels);
    }

    #[test]
    fn a_good_file_with_one_byte_changed_is_read_or_refused_and_does_not_panic(
        place in any::<prop::sample::Index>(), byte in any::<u8>(), style in style(),
    ) {
        let mut written = write(&day("2026-10-25", 3_600, &[1, 2_000_000, 3]), &style);
        let place = place.index(written.len());
        written[place] = byte;
        let _ = read(&written, &kinds(), Brussels);
    }
}
