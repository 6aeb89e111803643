//! History from the portal's own files comes into the ledger whole, once, and never against what the portal has told.

use std::fmt::Write as _;

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::energy::{Amount, Direction, Interval, MeterDay, Reading, Register, Unit};
use fluvius2mqtt::statistics::fake::FakeHomeAssistant;
use serde_json::{Value, json};

use crate::support::{
    Archive, EAN, Finished, Home, OTHER_EAN, Running, SERIAL, before, daily, electric_day, gas_day, intervals,
};

const DUTCH: &str = "Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Meter;Metertype;Register;Volume;\
                     Eenheid;Validatiestatus;Omschrijving";

/// Readings as the portal writes them, with three decimals, in the order of their local start.
fn file(ean: &str, readings: &[Reading]) -> String {
    let mut rows: Vec<_> = readings.iter().collect();
    rows.sort_by_key(|reading| {
        (reading.interval.start().with_timezone(&Brussels).naive_local(), reading.interval.start())
    });
    let mut text = format!("\u{feff}{DUTCH}\r\n");
    for reading in rows {
        let local = |at: DateTime<Utc>| at.with_timezone(&Brussels).format("%d-%m-%Y;%H:%M:%S").to_string();
        let direction = if reading.direction == Direction::Consumption { "Afname" } else { "Injectie" };
        let register = match reading.register {
            Register::Single => "",
            Register::High => " Dag",
            Register::Low => " Nacht",
        };
        let unit = if reading.unit == Unit::CubicMetre { "m³" } else { "kWh" };
        let volume = reading.amount.to_string().replace('.', ",");
        let (from, until) = (local(reading.interval.start()), local(reading.interval.end()));
        write!(
            text,
            "{from};{until};=\"{ean}\";{SERIAL};Digitale meter;{direction}{register};{volume};{unit};Uitgelezen;\r\n"
        )
        .unwrap();
    }
    text
}

/// Quarter-hours in both directions of some days, in whole thousandths as the portal's files have them.
fn quarters(dates: &[&str]) -> Vec<Reading> {
    let of_day = |date: &&str| {
        let day = electric_day(date);
        let mut readings = intervals(day, 900, Direction::Consumption, |slot| 100_000 + i64::from(slot) * 3_000);
        readings.extend(intervals(day, 900, Direction::Injection, |slot| i64::from(slot) * 1_000));
        readings
    };
    dates.iter().flat_map(of_day).collect()
}

/// An archive whose meter a poll has entered, with one day from the portal.
fn archive() -> Archive {
    let archive = Archive::new();
    let day = electric_day("2026-06-01");
    archive.fetch(EAN, day, &quarters(&["2026-06-01"]));
    archive
}

/// All that counts, as the ledger has it.
fn counted(archive: &Archive, ean: &str) -> Vec<Reading> {
    let ledger = archive.ledger();
    let meter = archive.meter(&ledger, ean);
    let mut counted = Vec::new();
    let add = |_, readings: &[Reading]| {
        counted.extend_from_slice(readings);
        Ok::<_, fluvius2mqtt::ledger::Error>(())
    };
    ledger.counting(meter, "2000-01-01".parse().unwrap(), "2100-01-01".parse().unwrap(), add).unwrap();
    counted.sort_unstable_by_key(|reading| (reading.interval, reading.direction, reading.register));
    counted
}

fn sorted(mut readings: Vec<Reading>) -> Vec<Reading> {
    readings.sort_unstable_by_key(|reading| (reading.interval, reading.direction, reading.register));
    readings
}

#[test]
fn a_file_comes_in_whole_and_once_on_days_of_every_length() {
    let archive = archive();
    let dates = ["2023-10-28", "2023-10-29", "2024-03-31", "2024-04-01"];
    let readings = quarters(&dates);
    archive.write("history.csv", file(EAN, &readings));
    let before = counted(&archive, EAN);
    insta::assert_snapshot!("dry_run", archive.prints(&["import", "--dry-run", "history.csv"]));
    assert_eq!(counted(&archive, EAN), before);
    insta::assert_snapshot!("first_time", archive.prints(&["import", "history.csv"]));
    let all = sorted([readings, before].concat());
    assert_eq!(counted(&archive, EAN), all);
    insta::assert_snapshot!("second_time", archive.prints(&["import", "history.csv", "history.csv"]));
    assert_eq!(counted(&archive, EAN), all);
}

#[test]
fn hours_and_days_come_in_too_and_quarter_hours_take_their_place() {
    let archive = archive();
    let before = counted(&archive, EAN);
    let dates = ["2023-10-29", "2024-03-31"];
    let days: Vec<Reading> = dates
        .iter()
        .map(|date| daily(electric_day(date), Direction::Consumption, Register::High, Unit::KilowattHour, 9_000_000))
        .collect();
    let hours: Vec<Reading> = dates
        .iter()
        .flat_map(|date| intervals(electric_day(date), 3_600, Direction::Consumption, |hour| i64::from(hour) * 1_000))
        .collect();
    let finer = intervals(electric_day("2024-03-31"), 900, Direction::Consumption, |slot| i64::from(slot) * 1_000);
    for (name, readings, expected) in [
        ("days.csv", &days, days.clone()),
        ("hours.csv", &hours, hours.clone()),
        ("quarters.csv", &finer, [&hours[..25], &finer].concat()),
    ] {
        archive.write(name, file(EAN, readings));
        archive.prints(&["import", name]);
        assert_eq!(counted(&archive, EAN), sorted([expected, before.clone()].concat()), "{name}");
    }
}

#[test]
fn gas_comes_in_in_both_units_from_an_english_file() {
    let mut text =
        "From (date);From (time);Until (date);Until (time);EAN code;Meter;Meter type;Register;Volume;Unit;Validation status;Caloric upper value;Description\n".to_owned();
    let day = gas_day("2023-10-28");
    let hours = intervals(day, 3_600, Direction::Consumption, |hour| i64::from(hour) * 10_000);
    for hour in &hours {
        let local = |at: DateTime<Utc>| at.with_timezone(&Brussels).format("%d/%m/%Y;%H:%M:%S").to_string();
        let (from, until) = (local(hour.interval.start()), local(hour.interval.end()));
        let cubic = hour.amount.to_string().replace('.', ",");
        writeln!(text, "{from};{until};=\"{OTHER_EAN}\";7MIT1;Digital meter;Offtake;{cubic};m³;Read;;").unwrap();
        writeln!(text, "{from};{until};=\"{OTHER_EAN}\";7MIT1;Digital meter;Offtake;1,5;kWh;Read;;").unwrap();
    }
    for (unit, millionths) in [("m3", (0..25).map(|hour| hour * 10_000).sum::<i64>()), ("kwh", 25 * 1_500_000)] {
        let archive = Archive::with_gas(unit);
        archive.meter(&archive.ledger(), OTHER_EAN);
        archive.write("gas.csv", &text);
        let printed = archive.prints(&["import", "gas.csv"]);
        assert!(printed.contains("Heating (…0028): 50 readings in the files\n  50 are new: 2023-10-28\n"), "{printed}");
        let counted = counted(&archive, OTHER_EAN);
        assert_eq!(
            (counted.len(), counted.iter().map(|reading| reading.amount.millionths()).sum::<i64>()),
            (25, millionths)
        );
    }
}

#[test]
fn what_the_portal_has_told_stays_and_every_difference_is_told() {
    let archive = archive();
    let dates: Vec<String> = (1..=14).map(|day| format!("2026-05-{day:02}")).collect();
    for date in &dates {
        let mut readings = quarters(&[date]);
        // The API has a digit more than the files.
        readings.iter_mut().for_each(|reading| reading.amount = reading.amount.plus(Amount::from_millionths(400)));
        archive.fetch(EAN, electric_day(date), &readings);
    }
    let dates: Vec<&str> = dates.iter().map(String::as_str).collect();
    let same = quarters(&dates);
    archive.write("same.csv", file(EAN, &same));
    let before = counted(&archive, EAN);
    let printed = archive.prints(&["import", "same.csv"]);
    assert_eq!(printed, "Home (…0011): 2688 readings in the files\n  nothing new on 2026-05-01 to 2026-05-14\n");
    let mut other = same;
    other
        .iter_mut()
        .step_by(96)
        .for_each(|reading| reading.amount = reading.amount.plus(Amount::from_millionths(500_000)));
    archive.write("other.csv", file(EAN, &other));
    insta::assert_snapshot!("conflicts", archive.prints(&["import", "other.csv"]));
    assert_eq!(counted(&archive, EAN), before);
}

#[test]
fn what_is_no_reading_of_a_configured_meter_is_told_and_left_out() {
    let mut archive = archive();
    archive.settings["meters"][0]["history_until"] = json!("2026-06-02");
    let readings = quarters(&["2026-06-02", "2026-06-03"]);
    let mut text = file(EAN, &readings).replacen(";0,100;", ";;", 1);
    for line in file(OTHER_EAN, &readings[..7]).lines().skip(1) {
        writeln!(text, "{line}").unwrap();
    }
    for (register, volume, unit) in [("Piekvermogen", "3,5", "kW"), ("Afname Dag", "300", "kWh")] {
        writeln!(
            text,
            "01-06-2026;00:00:00;01-07-2026;00:00:00;=\"{EAN}\";{SERIAL};Digitale meter;{register};{volume};{unit};;"
        )
        .unwrap();
    }
    archive.write("history.csv", text);
    insta::assert_snapshot!("left_out", archive.prints(&["import", "history.csv"]));
    archive.write("strangers.csv", file(OTHER_EAN, &readings[..7]));
    insta::assert_snapshot!("strangers", archive.prints(&["import", "strangers.csv"]));
}

#[test]
fn a_home_without_panels_stays_one() {
    let archive = Archive::new();
    let consumption =
        |date| intervals(electric_day(date), 900, Direction::Consumption, |slot| 100_000 + i64::from(slot) * 1_000);
    archive.fetch(EAN, electric_day("2026-06-01"), &consumption("2026-06-01"));
    let mut readings = consumption("2026-05-01");
    readings.extend(intervals(electric_day("2026-05-01"), 900, Direction::Injection, |_| 0));
    archive.write("history.csv", file(EAN, &readings));
    let printed = archive.prints(&["import", "history.csv"]);
    let told = "left out: 96 readings of injection from before the meter first injected, all of them 0";
    assert!(printed.contains(told), "{printed}");
    archive.fetch(EAN, electric_day("2026-06-02"), &consumption("2026-06-02"));
    let ledger = archive.ledger();
    let meter = archive.meter(&ledger, EAN);
    assert!(ledger.is_complete(meter, "2026-06-02".parse().unwrap()).unwrap(), "no injection is awaited");
}

#[test]
fn a_file_that_cannot_be_read_in_full_brings_nothing_at_all() {
    let archive = archive();
    let readings = quarters(&["2026-05-01"]);
    let good = file(EAN, &readings);
    archive.write("good.csv", &good);
    archive.write(&format!("bad_{EAN}.csv"), good.replacen("Afname Nacht;0,103", "Afname Nacht;O,103", 1));
    archive.write("cut.csv", &good[..good.len() - 40]);
    archive.write("other.csv", "Timestamp;Aardgas\n6/12/2016 20:02;76087\n");
    let before = counted(&archive, EAN);
    let bad = format!("bad_{EAN}.csv");
    for (name, told) in [
        (
            bad.as_str(),
            "nothing was imported: bad_…0011.csv can't be understood: line 4: \"O,103\" is no amount; use the file as",
        ),
        ("cut.csv", "nothing was imported: cut.csv can't be understood: line 193: "),
        ("other.csv", "it doesn't begin with the names of the columns (Van (datum), Tot (datum), EAN-code"),
        ("missing.csv", "missing.csv can't be read; check the path: No such file"),
    ] {
        let failed = archive.run(&["import", "good.csv", name]);
        assert_eq!((failed.code, failed.out.as_str()), (Some(1), ""), "{name}: {}", failed.log);
        assert!(failed.log.contains(told) && !failed.log.contains("5414488600"), "{}", failed.log);
        assert_eq!(counted(&archive, EAN), before, "{name}");
    }
}

#[test]
fn a_meter_that_was_never_polled_waits_for_that() {
    let archive = Archive::with_gas("m3");
    archive.meter(&archive.ledger(), EAN);
    let mut readings = quarters(&["2026-05-01"]);
    readings.retain(|reading| reading.direction == Direction::Consumption);
    archive.write("gas.csv", file(OTHER_EAN, &readings));
    for arguments in [&["import", "gas.csv"][..], &["import", "--dry-run", "gas.csv"]] {
        let failed = archive.run(arguments);
        let told = "Heating (…0028) is not in the ledger yet; start the bridge, or poll once with `fluvius2mqtt once`, and import then";
        assert!(failed.code == Some(1) && failed.log.contains(told), "{}", failed.log);
    }
}

/// The portal's file of some days of a simulated meter.
fn portal_file(home: &Home, first: u64, last: u64) -> String {
    let mut readings = Vec::new();
    for date in before(first).iter_days().take_while(|date| *date <= before(last)) {
        for slot in home.portal.truth(EAN, date).unwrap().slots {
            let interval = Interval::new(slot.start, slot.start + TimeDelta::minutes(15)).unwrap();
            let night = slot.sums.consumption_high == 0 && slot.sums.injection_high == 0;
            let register = if night { Register::Low } else { Register::High };
            for (direction, millionths) in
                [(Direction::Consumption, slot.sums.consumption()), (Direction::Injection, slot.sums.injection())]
            {
                let amount = Amount::from_millionths(millionths);
                readings.push(Reading { direction, register, unit: Unit::KilowattHour, interval, amount, status: 2 });
            }
        }
    }
    file(EAN, &readings)
}

async fn command(home: &Home, arguments: &[&str]) -> Finished {
    Running::start(&mut home.command(arguments)).finished().await
}

#[tokio::test(flavor = "multi_thread")]
async fn older_history_goes_to_the_statistics_and_leaves_the_totals_alone_while_the_service_runs() {
    let mut home = Home::new().await;
    let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
    home.settings["home_assistant"] =
        json!({"url": home_assistant.url().as_str(), "token": home_assistant.token().expose()});
    let service = home.run();
    service.logs("sent and read back").await;
    let totals = |state: &Value| {
        ["consumption_total", "injection_total", "net_total", "totals_from"].map(|key| state[key].clone())
    };
    let before_import = home.state(EAN).await;
    assert!(before_import["consumption_total"].as_f64().unwrap() > 0.0);

    std::fs::write(home.path("history.csv"), portal_file(&home, 45, 25)).unwrap();
    let file = home.path("history.csv");
    let imported = command(&home, &["import", file.to_str().unwrap()]).await;
    assert_eq!(imported.code, Some(0), "{}", imported.log);
    assert!(imported.out.contains(&format!("are new: {} to {}\n", before(45), before(31))), "{}", imported.out);
    assert!(
        imported.out.ends_with("Home Assistant's statistics follow with the bridge's next poll.\n"),
        "{}",
        imported.out
    );
    assert!(!imported.out.contains("differs"), "{}", imported.out);
    service.stop().await;

    home.let_an_hour_pass();
    home.once_well().await;
    assert_eq!(totals(&home.state(EAN).await), totals(&before_import));
    let rows = home_assistant.rows(&format!("fluvius2mqtt:{EAN}_consumption"));
    let start = |days| {
        MeterDay::new(fluvius2mqtt::energy::MeterKind::Electricity, before(days), Brussels).unwrap().interval().start()
    };
    assert_eq!(rows.first().unwrap().start, start(45));
    let hours = (start(0) + Days::new(1) - start(45)).num_hours();
    assert!(i64::try_from(rows.len()).unwrap() >= hours, "{} rows, and at least {hours} hours", rows.len());
}
