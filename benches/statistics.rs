//! Prints how long three years of quarter-hours of one meter take from the ledger until a real Home Assistant shows them,
//! against sending the same rows straight to the same instance, and how much memory the service needs for it.
//!
//! `cargo bench --bench statistics`; it needs Mosquitto and Home Assistant, which `./test` installs.

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

use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::bridge::Bridge;
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::energy::{Amount, Direction, Ean, Interval, MeterDay, MeterKind, Reading, Register, Unit};
use fluvius2mqtt::ledger::Ledger;
use fluvius2mqtt::simulator::SimulatedMeter;
use fluvius2mqtt::statistics::Series;
use measure::{median, memory, program};
use serde_json::json;
use support::{EAN, Home, Household, Mosquitto, RealHomeAssistant, Running, SERIAL, yesterday};

const RUNS: usize = 3;
const DAYS: u64 = 3 * 365;
const CHUNK: usize = 2_000;

/// Fills a ledger with three years of quarter-hours in both directions, as if a poll had just ended.
fn fill(home: &Home) {
    std::fs::create_dir_all(home.data_dir()).unwrap();
    let mut ledger = Ledger::open(&home.data_dir(), Brussels).unwrap();
    let first = yesterday() - Days::new(DAYS - 1);
    let meter = ledger.meter(&Ean::parse(EAN).unwrap(), MeterKind::Electricity, Unit::KilowattHour, first).unwrap();
    ledger.set_anchor(meter, first).unwrap();
    let now = Utc::now();
    for date in first.iter_days().take_while(|date| *date <= yesterday()) {
        let day = MeterDay::new(MeterKind::Electricity, date, Brussels).unwrap();
        let reading = |slot: u32, direction, millionths: i64| {
            let start = day.interval().start() + TimeDelta::seconds(i64::from(slot * 900));
            Reading {
                direction,
                register: Register::High,
                unit: Unit::KilowattHour,
                interval: Interval::new(start, start + TimeDelta::minutes(15)).unwrap(),
                amount: Amount::from_millionths(millionths),
                status: 2,
            }
        };
        let readings: Vec<_> = (0..day.interval().seconds() / 900)
            .flat_map(|slot| {
                let turn = i64::from(slot);
                [
                    reading(slot, Direction::Consumption, 100_000 + turn * 700),
                    reading(slot, Direction::Injection, (turn - 30).max(0) * 1_300),
                ]
            })
            .collect();
        ledger.merge(meter, day, &readings, now).unwrap();
    }
    ledger.set_last_sync(meter, now).unwrap();
}

/// Sends all rows straight, in chunks as large as the service's, and waits until the last ones are shown.
async fn straight(home_assistant: &RealHomeAssistant, series: &[Series]) -> Duration {
    let mut socket = home_assistant.socket().await.unwrap();
    let started = Instant::now();
    for series in series {
        for chunk in series.rows.chunks(CHUNK) {
            let units = |millionths: i64| millionths as f64 / 1e6;
            let rows: Vec<_> = chunk
                .iter()
                .map(|row| json!({"start": row.start.to_rfc3339(), "state": units(row.state), "sum": units(row.sum)}))
                .collect();
            let metadata = json!({
                "has_sum": true, "mean_type": 0, "unit_class": "energy", "unit_of_measurement": "kWh",
                "name": "bench", "source": "fluvius2mqtt", "statistic_id": series.id(),
            });
            let answer = socket
                .call(json!({"type": "recorder/import_statistics", "metadata": metadata, "stats": rows}))
                .await
                .unwrap();
            assert_eq!(answer["success"], true, "{answer}");
        }
    }
    for series in series {
        let last = series.rows.last().unwrap().start;
        while !is_shown(home_assistant, &series.id(), last).await {}
    }
    started.elapsed()
}

async fn is_shown(home_assistant: &RealHomeAssistant, id: &str, hour: DateTime<Utc>) -> bool {
    let until = (hour + TimeDelta::hours(1)).to_rfc3339();
    home_assistant.statistics(&[id], &hour.to_rfc3339(), &until).await.contains_key(id)
}

#[tokio::main]
async fn main() {
    let program = program();
    let household = Household::new().await;
    let home_assistant = &household.home_assistant;
    let meter = SimulatedMeter::electricity(EAN, SERIAL, yesterday());
    let mut home = Home::with(Clock::system(), vec![meter], Mosquitto::start().await).await;
    home.settings["home_assistant"] = json!({"url": home_assistant.url(), "token": home_assistant.token()});
    fill(&home);
    let series = Bridge::planned(&home.config(), Clock::system()).unwrap();
    let ids: Vec<_> = series.iter().map(Series::id).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let rows: usize = series.iter().map(|series| series.rows.len()).sum();
    println!("{DAYS} days of quarter-hours in {} statistics: {rows} hours", series.len());

    let (mut ours, mut theirs, mut highest) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        home.alter_ledger(&format!("UPDATE meter SET last_sync = {}", Utc::now().timestamp()));
        let config = home.write_config();
        let started = Instant::now();
        let bridge = Running::start(Command::new(&program).arg("--config").arg(config).env_clear());
        bridge.logs("statistics sent and read back").await;
        ours.push(started.elapsed());
        highest.push(memory(bridge.id(), "VmHWM").unwrap());
        bridge.stop().await;
        home_assistant.clear_statistics(&ids).await;
        theirs.push(straight(home_assistant, &series).await);
        home_assistant.clear_statistics(&ids).await;
    }
    let (ours, theirs) = (median(ours), median(theirs));
    println!("from the ledger until read back, median of {RUNS}: {:.2} s", ours.as_secs_f64());
    println!("the same rows sent straight, median of {RUNS}: {:.2} s", theirs.as_secs_f64());
    println!("ratio: {:.2}", ours.as_secs_f64() / theirs.as_secs_f64());
    println!("highest memory of the service, median of {RUNS}: {} kB", median(highest));
}
