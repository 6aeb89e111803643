//! The report shows what the ledger knows, marks what it knows in part, and never takes missing for zero.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use fluvius2mqtt::bridge::Bridge;
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::config::{self, CommandLine};
use fluvius2mqtt::energy::{Direction, Register, Unit};
use fluvius2mqtt::statistics::Kind;
use serde_json::{Value, json};

use crate::support::{
    Archive, EAN, Home, OTHER_EAN, before, daily, electric_day, gas_day, intervals, on_a_terminal, yesterday,
};

/// A home with solar panels around the change of the clocks in spring: whole days, a day without quarter-hours, one of
/// which a part is missing, and two that aren't there.
fn spring() -> Archive {
    let mut archive = Archive::new();
    archive.settings["prices"] = json!([{
        "from": "2026-01-01",
        "consumption": {"high": 0.3120, "low": 0.2760},
        "injection": 0.0350,
        "standing_charge": 120,
        "capacity": 53.20,
    }]);
    for date in ["2026-03-27", "2026-03-29", "2026-04-01"] {
        whole_day(&archive, date);
    }
    let day = electric_day("2026-03-30");
    let half_past_nine = day.interval().start() + chrono::TimeDelta::minutes(21 * 60 + 30);
    let mut readings = quarters("2026-03-30");
    readings.retain(|reading| reading.interval.end() <= half_past_nine);
    archive.fetch(EAN, day, &readings);
    let day = electric_day("2026-03-31");
    let total = |direction, register, millionths| daily(day, direction, register, Unit::KilowattHour, millionths);
    let totals = [
        total(Direction::Consumption, Register::High, 7_654_321),
        total(Direction::Consumption, Register::Low, 3_000_000),
        total(Direction::Injection, Register::High, 4_500_000),
        total(Direction::Injection, Register::Low, 0),
    ];
    archive.fetch(EAN, day, &totals);
    archive
}

fn quarters(date: &str) -> Vec<fluvius2mqtt::energy::Reading> {
    let day = electric_day(date);
    let consumption = |slot: u32| i64::from(slot % 8) * 31_250 + 20_000;
    let injection = |slot: u32| if (36..68).contains(&slot) { 250_000 } else { 0 };
    let mut readings = intervals(day, 900, Direction::Consumption, consumption);
    readings.extend(intervals(day, 900, Direction::Injection, injection));
    readings
}

fn whole_day(archive: &Archive, date: &str) {
    archive.fetch(EAN, electric_day(date), &quarters(date));
}

/// A home without panels whose gas counts in some unit, around the change of the clocks in autumn.
fn autumn(gas_unit: &str) -> Archive {
    let mut archive = Archive::with_gas(gas_unit);
    let gas = if gas_unit == "m3" { 1.05 } else { 0.095 };
    archive.settings["prices"] = json!([{"from": "2026-01-01", "consumption": 0.3, "gas": gas}]);
    for date in ["2026-10-24", "2026-10-25"] {
        let day = electric_day(date);
        archive.fetch(EAN, day, &intervals(day, 900, Direction::Consumption, |slot| 100_000 + i64::from(slot) * 100));
        let day = gas_day(date);
        let mut hours = intervals(day, 3_600, Direction::Consumption, |slot| 1_000_000 + i64::from(slot) * 1_000);
        hours.iter_mut().for_each(|hour| hour.register = Register::Single);
        let cubic = hours.clone().into_iter().map(|mut hour| {
            hour.unit = Unit::CubicMetre;
            hour.amount = fluvius2mqtt::energy::Amount::from_millionths(hour.amount.millionths() / 10);
            hour
        });
        hours.extend(cubic.collect::<Vec<_>>());
        archive.fetch(OTHER_EAN, day, &hours);
    }
    archive
}

const SPRING: [&str; 5] = ["report", "--from", "2026-03-26", "--to", "2026-04-01"];
const AUTUMN: [&str; 5] = ["report", "--from", "2026-10-24", "--to", "2026-10-25"];

fn json(archive: &Archive, arguments: &[&str]) -> Value {
    serde_json::from_str(&archive.prints(arguments)).unwrap()
}

#[test]
fn days_months_and_years_are_shown_in_tables() {
    let archive = spring();
    for by in ["day", "month", "year"] {
        insta::assert_snapshot!(format!("table_by_{by}"), archive.prints(&[&SPRING[..], &["--by", by]].concat()));
    }
}

#[test]
fn hours_are_shown_also_when_the_clocks_change() {
    let forward = ["report", "--by", "hour", "--from", "2026-03-29", "--to", "2026-03-31"];
    insta::assert_snapshot!("table_by_hour_in_spring", spring().prints(&forward));
    let back = ["report", "--by", "hour", "--from", "2026-10-25", "--to", "2026-10-25", "--meter", "home"];
    insta::assert_snapshot!("table_by_hour_in_autumn", autumn("kwh").prints(&back));
}

#[test]
fn gas_is_shown_in_the_unit_of_its_meter_and_nobody_has_columns_of_others() {
    for unit in ["kwh", "m3"] {
        let archive = autumn(unit);
        insta::assert_snapshot!(format!("table_with_gas_in_{unit}"), archive.prints(&AUTUMN));
        insta::assert_snapshot!(format!("csv_with_gas_in_{unit}"), archive.prints(&[&AUTUMN[..], &["--csv"]].concat()));
    }
}

#[test]
fn json_has_null_for_what_is_not_known_and_no_key_for_what_a_meter_has_not() {
    insta::assert_snapshot!("json", spring().prints(&[&SPRING[..], &["--json"]].concat()));
    let archive = autumn("m3");
    let report = json(&archive, &[&AUTUMN[..], &["--json"]].concat());
    let [home, heating] = [0, 1].map(|index| report["meters"][index]["total"].as_object().unwrap().clone());
    for key in ["injection", "net", "compensation", "gas"] {
        assert!(!home.contains_key(key), "{key} in {home:?}");
    }
    for key in ["consumption", "injection", "peak", "compensation"] {
        assert!(!heating.contains_key(key), "{key} in {heating:?}");
    }
    let sum = |hours: std::ops::Range<i64>| hours.map(|slot| (1_000_000 + slot * 1_000) / 10).sum::<i64>();
    // The gas day before the clocks go back is the longer one.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let gas = (sum(0..25) + sum(0..24)) as f64 / 1e6;
    assert_eq!(heating["gas"], json!(gas));
    assert_eq!((&heating["hours"], &home["hours"]), (&json!(49), &json!(49)));
}

#[test]
fn csv_has_a_line_for_each_period_and_nothing_where_nothing_is_known() {
    insta::assert_snapshot!("csv", spring().prints(&[&SPRING[..], &["--csv"]].concat()));
}

#[test]
fn bars_fit_eighty_columns_or_the_terminal_and_have_colours_there_alone() {
    let archive = spring();
    let arguments = [&SPRING[..], &["--plot"]].concat();
    let plain = archive.prints(&arguments);
    insta::assert_snapshot!("plot", plain);
    insta::assert_snapshot!(
        "plot_of_gas",
        autumn("m3").prints(&[&AUTUMN[..], &["--plot", "--meter", "Heating"]].concat())
    );
    assert!(!plain.contains('\u{1b}'));
    let widest = |text: &str| text.lines().map(|line| line.chars().count()).max().unwrap();
    assert_eq!(widest(&plain), 80);

    let shown = on_a_terminal(120, &archive.command(&arguments));
    let without_colours =
        ["\u{1b}[34m", "\u{1b}[33m", "\u{1b}[0m"].iter().fold(shown.clone(), |text, code| text.replace(code, ""));
    assert_ne!(shown, without_colours);
    assert_eq!(widest(&without_colours), 120, "{without_colours}");
    assert_eq!(on_a_terminal(120, archive.command(&arguments).env("NO_COLOR", "1")), without_colours);
    let narrow = on_a_terminal(20, archive.command(&arguments).env("NO_COLOR", "1"));
    assert_eq!(narrow.lines().count(), plain.lines().count(), "it is still drawn: {narrow}");
}

#[test]
fn costs_are_those_of_the_statistics() {
    let mut archive = spring();
    archive.settings["home_assistant"] = json!({"url": "http://127.0.0.1:1", "token": "token"});
    archive.command(&[]);
    let command_line =
        CommandLine { config: Some(archive.path("settings.yaml")), data_dir: Some(archive.path("data")) };
    let config = config::load(&command_line, std::iter::empty()).unwrap().config;
    let series = Bridge::planned(&config, Clock::system()).unwrap();
    let report = json(&archive, &[&SPRING[..], &["--by", "hour", "--json"]].concat());
    for (kind, key) in [(Kind::Cost, "cost"), (Kind::Compensation, "compensation")] {
        let planned: BTreeMap<DateTime<Utc>, f64> = series
            .iter()
            .find(|series| series.kind == kind)
            .unwrap()
            .rows
            .iter()
            .map(|row| (row.start, row.state as f64 / 1e6))
            .collect();
        let periods = report["meters"][0]["periods"].as_array().unwrap();
        let reported: BTreeMap<DateTime<Utc>, f64> = periods
            .iter()
            .filter_map(|period| Some((period["start"].as_str().unwrap().parse().unwrap(), period[key].as_f64()?)))
            .collect();
        assert_eq!(planned.keys().collect::<Vec<_>>(), reported.keys().collect::<Vec<_>>(), "{key}");
        for (hour, amount) in &planned {
            assert!((amount - reported[hour]).abs() < 2e-6, "{key} at {hour}: {amount} and {}", reported[hour]);
        }
    }
}

#[test]
fn the_newest_days_are_shown_by_default_as_far_as_anything_is_known() {
    let archive = Archive::new();
    for date in [before(40), before(2), yesterday()] {
        whole_day(&archive, &date.to_string());
    }
    let days = |by: &str| {
        let report = json(&archive, &["report", "--by", by, "--json"]);
        let periods = report["meters"][0]["periods"].as_array().unwrap().clone();
        let known = periods.iter().filter(|period| period["hours_known"] != 0).count();
        (periods.len(), known, periods.last().unwrap()["period"].as_str().unwrap().to_owned())
    };
    assert_eq!(days("day"), (31, 2, yesterday().to_string()));
    let hours = i64::from(
        (electric_day(&yesterday().to_string()).interval().seconds()
            + electric_day(&before(1).to_string()).interval().seconds())
            / 3_600,
    );
    let (shown, ..) = days("hour");
    assert_eq!(i64::try_from(shown).unwrap(), hours);
    let (months, ..) = days("month");
    assert!((2..=3).contains(&months), "the months since the first reading, and not twelve empty ones: {months}");
}

#[test]
fn a_meter_without_readings_is_told_and_no_failure() {
    let mut archive = spring();
    archive.settings["meters"]
        .as_array_mut()
        .unwrap()
        .push(json!({"ean": OTHER_EAN, "serial": "7FLO1", "kind": "gas"}));
    let printed = archive.prints(&SPRING);
    assert!(printed.ends_with("\nFluvius 0028: gas; nothing is known yet\n"), "{printed}");
}

#[test]
fn a_meter_is_chosen_by_whatever_tells_it_from_the_others() {
    let archive = autumn("m3");
    for wanted in ["Heating", "heating", OTHER_EAN, "1sag1100000022", "28", "0028"] {
        let printed = archive.prints(&[&AUTUMN[..], &["--meter", wanted]].concat());
        assert!(printed.starts_with("Heating: gas") && !printed.contains("Home"), "{wanted}: {printed}");
    }
    for (wanted, told) in [
        ("Attic", "no meter of the configuration is \"Attic\"; choose one of: Home (…0011), Heating (…0028)"),
        ("", "no meter of the configuration is \"\""),
        ("541448860000000", "no meter of the configuration is the one that --meter names; choose one of: Home"),
    ] {
        let refused = archive.run(&[&AUTUMN[..], &["--meter", wanted]].concat());
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{wanted}: {}", refused.log);
        assert!(refused.log.contains(told) && !refused.log.contains("5414488600"), "{}", refused.log);
    }
    let mut archive = archive;
    archive.settings["meters"][1]["name"] = json!("Home");
    let ambiguous = archive.run(&[&AUTUMN[..], &["--meter", "Home"]].concat());
    let told = "more than one meter is \"Home\"; choose one of: Home (…0011), Home (…0028), by its name, serial number";
    assert!(ambiguous.code == Some(2) && ambiguous.log.contains(told), "{}", ambiguous.log);
    let both = archive.prints(&AUTUMN);
    assert!(both.contains("Home (…0011): electricity") && both.contains("Home (…0028): gas"), "{both}");
}

#[test]
fn days_that_make_no_sense_are_refused() {
    let archive = spring();
    for (arguments, told) in [
        (
            ["--from", "2026-04-01", "--to", "2026-03-01"],
            "--to 2026-03-01 comes before --from 2026-04-01; give the earlier",
        ),
        (["--from", "01-04-2026", "--to", "2026-04-01"], "write the year first, such as 2026-01-31"),
    ] {
        let refused = archive.run(&[&["report"][..], &arguments].concat());
        assert!(refused.code == Some(2) && refused.log.contains(told), "{}", refused.log);
    }
}

#[test]
fn without_a_ledger_it_says_what_to_do_and_makes_none() {
    let archive = Archive::new();
    archive.command(&[]);
    let before = archive.files();
    for command in
        [&["report"][..], &["export"], &["import", "settings.yaml"], &["import", "--dry-run", "settings.yaml"]]
    {
        let failed = archive.run(command);
        assert_eq!((failed.code, failed.out.as_str()), (Some(1), ""), "{command:?}: {}", failed.log);
        assert!(
            failed.log.contains("there is no ledger at data/ledger.sqlite yet. Start the bridge"),
            "{}",
            failed.log
        );
    }
    assert_eq!(archive.files(), before);
    assert!(!archive.path("data").exists());
}

#[test]
fn reading_leaves_every_file_as_it_was() {
    let archive = autumn("kwh");
    archive.command(&[]);
    let before = archive.files();
    for command in [&["report"][..], &["report", "--plot"], &["export"], &["export", "--wide"], &["export", "--json"]] {
        archive.prints(command);
    }
    assert_eq!(archive.files(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_works_while_the_service_runs() {
    let home = Home::new().await;
    let service = home.run();
    service.logs("Next poll").await;
    let run = |arguments: &[&str]| home.command(arguments).output().unwrap();
    for arguments in [&["report", "--by", "month"][..], &["export"], &["report", "--json"]] {
        let output = run(arguments);
        assert!(output.status.success() && !output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let report: Value = serde_json::from_slice(&run(&["report", "--by", "year", "--json"]).stdout).unwrap();
    let years = report["meters"][0]["periods"].as_array().unwrap();
    let sum: f64 = years.iter().map(|year| year["consumption"].as_f64().unwrap()).sum();
    let total = home.state(EAN).await["consumption_total"].as_f64().unwrap();
    assert!((sum - total).abs() < 1e-6, "{sum} and {total}");
    service.stop().await;
}
