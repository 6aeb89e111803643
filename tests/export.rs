//! An export holds exactly the readings that count, and other programs read it without loss.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use chrono::{DateTime, Utc};
use fluvius2mqtt::energy::{Amount, Direction, Reading, Register, Unit};
use serde_json::json;

use crate::support::{Archive, EAN, OTHER_EAN, daily, electric_day, gas_day, intervals, python};

/// A home with panels: whole days around both changes of the clocks, one with a daily total beside its quarter-hours, one
/// with a part of these, and one with a daily total alone.
fn home() -> Archive {
    let archive = Archive::new();
    fill(&archive);
    archive
}

fn fill(archive: &Archive) {
    let quarters = |date: &str| {
        let day = electric_day(date);
        let mut readings = intervals(day, 900, Direction::Consumption, |slot| 100_000 + i64::from(slot) * 1_234);
        readings.extend(intervals(day, 900, Direction::Injection, |slot| i64::from(slot) * 701));
        (day, readings)
    };
    let total = |date: &str, millionths| {
        daily(electric_day(date), Direction::Consumption, Register::High, Unit::KilowattHour, millionths)
    };
    for date in ["2026-03-29", "2026-10-25"] {
        let (day, readings) = quarters(date);
        archive.fetch(EAN, day, &readings);
    }
    let (day, mut readings) = quarters("2026-03-30");
    readings.push(total("2026-03-30", 1_000_000_000));
    archive.fetch(EAN, day, &readings);
    let (day, readings) = quarters("2026-03-31");
    archive.fetch(EAN, day, &readings[..40]);
    archive.fetch(EAN, electric_day("2026-04-01"), &[total("2026-04-01", 12_345_678)]);
}

/// All days with gas in both units.
fn fill_gas(archive: &Archive) {
    for date in ["2026-03-28", "2026-10-24"] {
        let day = gas_day(date);
        let hours = intervals(day, 3_600, Direction::Consumption, |slot| 11_000_000 + i64::from(slot));
        let gas = hours.into_iter().flat_map(|hour| {
            let single = Reading { register: Register::Single, ..hour };
            [single, Reading { unit: Unit::CubicMetre, amount: Amount::from_millionths(1_000_001), ..single }]
        });
        archive.fetch(OTHER_EAN, day, &gas.collect::<Vec<_>>());
    }
}

/// The sums of what the ledger counts, in millionths by direction and register.
fn counted(archive: &Archive, ean: &str) -> BTreeMap<String, i64> {
    let ledger = archive.ledger();
    let meter = archive.meter(&ledger, ean);
    let mut sums = BTreeMap::new();
    let add = |_, readings: &[Reading]| {
        for reading in readings {
            let key = format!("{:?} {:?}", reading.direction, reading.register).to_lowercase();
            *sums.entry(key).or_default() += reading.amount.millionths();
        }
        Ok::<_, fluvius2mqtt::ledger::Error>(())
    };
    ledger.counting(meter, "2000-01-01".parse().unwrap(), "2100-01-01".parse().unwrap(), add).unwrap();
    sums
}

/// Sums a CSV in Python, exactly, and prints them as JSON; checks that no instant comes twice for a register.
const SUM_CSV: &str = r#"
import csv, datetime, decimal, json, sys
sums, seen = {}, set()
for row in csv.DictReader(sys.stdin):
    start = datetime.datetime.fromisoformat(row["Date"])
    what = row["Type"] + " " + row["Tariff"]
    assert (start, what) not in seen, row
    seen.add((start, what))
    value = next(row[name] for name in row if name.startswith("Value") and row[name])
    sums[what] = sums.get(what, 0) + int(decimal.Decimal(value) * 1000000)
print(json.dumps(sums))
"#;

const SUM_JSON: &str = r#"
import datetime, decimal, json, sys
sums, last = {}, None
for line in sys.stdin:
    row = json.loads(line, parse_float=decimal.Decimal)
    assert list(row) == ["start", "end", "meter", "direction", "register", "amount", "unit", "status"], row
    start, end = (datetime.datetime.fromisoformat(row[key]) for key in ("start", "end"))
    assert start < end and (last is None or last <= start), row
    last = start
    what = row["direction"] + " " + row["register"]
    sums[what] = sums.get(what, 0) + int(row["amount"] * 1000000)
print(json.dumps(sums))
"#;

const SUM_WIDE: &str = r#"
import csv, decimal, json, sys
sums, seen = {}, set()
for row in csv.DictReader(sys.stdin):
    assert (row["Date"], row["Until"]) not in seen, row
    seen.add((row["Date"], row["Until"]))
    for name in row:
        if "(" in name and row[name]:
            what = name.split(" (")[0].lower()
            sums[what] = sums.get(what, 0) + int(decimal.Decimal(row[name]) * 1000000)
print(json.dumps(sums))
"#;

fn sums(script: &str, exported: &str) -> BTreeMap<String, i64> {
    serde_json::from_str(&python(script, &[], exported)).unwrap()
}

#[test]
fn python_reads_the_exact_sums_of_what_counts_from_each_format() {
    let archive = home();
    let expected = counted(&archive, EAN);
    let quarters = |count: i64, amount: fn(i64) -> i64| (0..count).map(amount).sum::<i64>();
    let consumption = |slot| 100_000 + slot * 1_234;
    let consumed: i64 = [92, 96, 100, 40].into_iter().map(|count| quarters(count, consumption)).sum();
    let injected: i64 = [92, 96, 100].into_iter().map(|count| quarters(count, |slot| slot * 701)).sum();
    assert_eq!(expected["consumption high"] + expected["consumption low"], consumed + 12_345_678);
    assert_eq!(expected["injection high"] + expected["injection low"], injected);
    for (arguments, script) in
        [(&["export"][..], SUM_CSV), (&["export", "--json"], SUM_JSON), (&["export", "--wide"], SUM_WIDE)]
    {
        assert_eq!(sums(script, &archive.prints(arguments)), expected, "{arguments:?}");
    }
}

#[test]
fn the_hour_that_comes_twice_is_two_and_the_one_that_is_left_out_is_none() {
    let exported = home().prints(&["export"]);
    assert!(exported.starts_with("Date,Type,Tariff,Value (kWh)\n"), "{}", &exported[..100]);
    let starts = |day: &str| -> Vec<String> {
        let lines = exported.lines().filter(|line| line.starts_with(day) && line.contains(",consumption,"));
        lines.map(|line| line[..25].to_owned()).collect()
    };
    for (day, count, hour) in [("2026-03-29", 92, "T02:"), ("2026-10-25", 100, "T02:15:00+0")] {
        let starts = starts(day);
        assert_eq!(starts.len(), count, "{day}");
        let instants: Vec<DateTime<Utc>> = starts.iter().map(|start| start.parse().unwrap()).collect();
        assert!(instants.windows(2).all(|pair| pair[1] - pair[0] == chrono::TimeDelta::minutes(15)), "{day}");
        let twice: Vec<_> = starts.iter().filter(|start| start.contains(hour)).map(|start| &start[19..]).collect();
        let expected: &[&str] = if count == 92 { &[] } else { &["+02:00", "+01:00"] };
        assert_eq!(twice, expected, "{day}");
    }
}

#[test]
fn each_format_has_its_shape() {
    let archive = home();
    let days = ["--from", "2026-03-31", "--to", "2026-04-01"];
    for (name, arguments) in
        [("csv", &["export"][..]), ("wide", &["export", "--wide"]), ("json", &["export", "--json"])]
    {
        let exported = archive.prints(&[arguments, &days].concat());
        let lines: Vec<_> = exported.lines().collect();
        let ends = [&lines[..4], &["…"], &lines[lines.len() - 3..]].concat().join("\n");
        insta::assert_snapshot!(name, ends);
    }
    let only = archive.prints(&["export", "--from", "2026-04-01", "--to", "2026-04-01"]);
    assert_eq!(only, "Date,Type,Tariff,Value (kWh)\n2026-04-01T00:00:00+02:00,consumption,high,12.345678\n");
    assert_eq!(archive.prints(&["export", "--from", "2027-01-01"]), "Date,Type,Tariff,Value (kWh)\n");
}

#[test]
fn gas_is_in_the_unit_of_its_meter_and_several_meters_have_a_column() {
    for (gas_unit, header, unit) in [
        ("kwh", "Meter,Date,Type,Tariff,Value (kWh)", "kWh"),
        ("m3", "Meter,Date,Type,Tariff,Value (kWh),Value (m³)", "m³"),
    ] {
        let archive = Archive::with_gas(gas_unit);
        fill(&archive);
        fill_gas(&archive);
        let both = archive.prints(&["export"]);
        assert_eq!(both.lines().next(), Some(header));
        let lines = |meter: &str| both.lines().filter(|line| line.starts_with(meter)).count();
        let alone = archive.prints(&["export", "--meter", "Home"]);
        assert_eq!((lines("Home,"), lines("Heating,")), (alone.lines().count() - 1, 23 + 25));

        let gas = archive.prints(&["export", "--meter", "heating"]);
        assert!(gas.starts_with(&format!("Date,Type,Tariff,Value ({unit})\n")), "{}", &gas[..100]);
        let of_ledger = counted(&archive, OTHER_EAN)["consumption single"];
        assert_eq!(sums(SUM_CSV, &gas), BTreeMap::from([("gas single".to_owned(), of_ledger)]));
        let wide = archive.prints(&["export", "--meter", "heating", "--wide"]);
        assert!(wide.starts_with(&format!("Date,Until,Gas ({unit})\n")), "{}", &wide[..100]);
        let line = archive.prints(&["export", "--meter", "heating", "--json"]);
        let line: serde_json::Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
        assert_eq!(
            (&line["meter"], &line["direction"], &line["unit"]),
            (&json!("Heating"), &json!("gas"), &json!(unit))
        );
    }
}

#[test]
fn a_file_is_private_whole_and_takes_the_place_of_another_in_one_step() {
    let archive = home();
    archive.write("readings.csv", "something else");
    fs::set_permissions(archive.path("readings.csv"), fs::Permissions::from_mode(0o644)).unwrap();
    let printed = archive.prints(&["export"]);
    assert_eq!(archive.prints(&["export", "--output", "readings.csv"]), "");
    assert_eq!(fs::read_to_string(archive.path("readings.csv")).unwrap(), printed);
    assert_eq!(fs::metadata(archive.path("readings.csv")).unwrap().permissions().mode() & 0o777, 0o600);
    let before = archive.files();
    let failed = archive.run(&["export", "--output", "nowhere/readings.csv"]);
    let told = "nowhere/readings.csv can't be written: No such file or directory";
    assert!(failed.code == Some(1) && failed.log.contains(told), "{}", failed.log);
    assert_eq!(archive.files(), before, "nothing is left behind");
}

#[test]
fn nobody_minds_when_the_reader_has_gone() {
    let archive = home();
    for arguments in [&["export"][..], &["export", "--json"], &["export", "--wide"], &["report"], &["report", "--json"]]
    {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = archive.command(arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), log.as_ref()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn formats_exclude_each_other() {
    let refused = home().run(&["export", "--wide", "--json"]);
    assert!(refused.code == Some(2) && refused.log.contains("cannot be used with"), "{}", refused.log);
}
