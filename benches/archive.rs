//! Prints how long the commands that read the ledger take over one and over three years of quarter-hours of one meter, how
//! much memory they need for it, and the same for an import of all of it.
//!
//! `cargo bench --bench archive`; it needs nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that can't go on has failed"
)]

mod measure;
#[expect(dead_code, unused_imports, reason = "made for the tests, which use all of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;

use chrono::{Days, Utc};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::energy::{Direction, Reading, Register};
use measure::{median, run};
use serde_json::json;
use support::{Archive, EAN, before, electric_day, intervals, yesterday};

const RUNS: usize = 5;

/// A ledger with so many days until yesterday, in both directions, and prices.
fn filled(days: u64) -> (Archive, Vec<Reading>) {
    let mut archive = Archive::new();
    archive.settings["prices"] = json!([{"from": "2020-01-01", "consumption": {"high": 0.31, "low": 0.27}, "injection": 0.03,
        "standing_charge": 120, "capacity": 53.2}]);
    let mut ledger = archive.ledger();
    let meter = archive.meter(&ledger, EAN);
    let mut all = Vec::new();
    for date in before(days - 1).iter_days().take_while(|date| *date <= yesterday()) {
        let day = electric_day(&date.to_string());
        let mut readings = intervals(day, 900, Direction::Consumption, |slot| 100_000 + i64::from(slot) * 1_000);
        readings.extend(intervals(day, 900, Direction::Injection, |slot| i64::from(slot) * 1_000));
        ledger.merge(meter, day, &readings, Utc::now()).unwrap();
        all.extend(readings);
    }
    (archive, all)
}

fn print(archive: &Archive, arguments: &[&str]) {
    let runs: Vec<_> = (0..RUNS).map(|_| run(&mut archive.command(arguments))).collect();
    let took = median(runs.iter().map(|(took, ..)| *took).collect());
    let highest = runs.iter().map(|(_, highest, _)| *highest).max().unwrap();
    let arguments = arguments.join(" ");
    println!("  {arguments:<24} {:>6.3} s {highest:>7} kB {:>10} bytes", took.as_secs_f64(), runs[0].2);
}

/// The readings as the portal writes them.
fn portal_file(readings: &[Reading]) -> String {
    let mut text =
        "Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Meter;Metertype;Register;Volume;Eenheid;\
                    Validatiestatus;Omschrijving\n"
            .to_owned();
    for reading in readings {
        let local = |at: chrono::DateTime<Utc>| at.with_timezone(&Brussels).format("%d-%m-%Y;%H:%M:%S").to_string();
        let (from, until) = (local(reading.interval.start()), local(reading.interval.end()));
        let direction = if reading.direction == Direction::Consumption { "Afname" } else { "Injectie" };
        let register = if reading.register == Register::High { "Dag" } else { "Nacht" };
        let volume = reading.amount.to_string().replace('.', ",");
        writeln!(
            text,
            "{from};{until};=\"{EAN}\";1SAG1;Digitale meter;{direction} {register};{volume};kWh;Uitgelezen;"
        )
        .unwrap();
    }
    text
}

fn main() {
    for years in [1, 3] {
        let days = years * 365;
        let (archive, readings) = filled(days);
        println!("{days} days, {} readings; median time and highest memory of {RUNS} runs:", readings.len());
        let first = (yesterday() - Days::new(days)).to_string();
        for arguments in [
            &["report", "--by", "month"][..],
            &["report", "--by", "year"],
            &["report", "--by", "hour", "--from", &first],
            &["export"],
            &["export", "--wide"],
            &["export", "--json"],
        ] {
            print(&archive, arguments);
        }
        archive.write("history.csv", portal_file(&readings));
        print(&archive, &["import", "--dry-run", "history.csv"]);
        let empty = Archive::new();
        empty.meter(&empty.ledger(), EAN);
        empty.write("history.csv", portal_file(&readings));
        let (took, highest, _) = run(&mut empty.command(&["import", "history.csv"]));
        println!("  import into an empty ledger, once: {:.3} s {highest} kB", took.as_secs_f64());
    }
}
