//! Prints how large the program is without its default features: the stripped binary, and the resident memory of the
//! service at rest with two meters, after its first run.
//!
//! `cargo bench --bench footprint`; it needs Mosquitto.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that can't go on has failed"
)]

#[expect(dead_code, unused_imports, reason = "made for the tests, which use all of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::process::Command;

use chrono::Days;
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::SimulatedMeter;
use support::{EAN, Home, Listener, Mosquitto, OTHER_EAN, OTHER_SERIAL, Running, SERIAL, yesterday};

const RUNS: usize = 5;

/// A line of `/proc/PID/status`, in kB.
fn memory(id: u32, key: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().unwrap()
}

fn median(mut figures: Vec<u64>) -> u64 {
    figures.sort_unstable();
    figures[figures.len() / 2]
}

#[tokio::main]
async fn main() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lean");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let built = Command::new(cargo)
        .args(["build", "--release", "--locked", "--no-default-features", "--target-dir"])
        .arg(&folder)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success());
    let binary = folder.join("release/fluvius2mqtt");
    println!("binary, stripped, without default features: {} bytes", std::fs::metadata(&binary).unwrap().len());

    let (mut resident, mut highest) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let meters = [(EAN, SERIAL), (OTHER_EAN, OTHER_SERIAL)].map(|(ean, serial)| {
            let mut meter = SimulatedMeter::electricity(ean, serial, yesterday() - Days::new(400));
            meter.published_until = Some(yesterday());
            meter
        });
        let home = Home::with(Clock::system(), meters.into(), Mosquitto::start().await).await;
        let listener = Listener::connect(home.broker.port).await;
        let config = home.write_config();
        let bridge = Running::start(Command::new(&binary).arg("--config").arg(config).env_clear());
        for ean in [EAN, OTHER_EAN] {
            listener.wait_for(&Home::state_topic(ean), "status", "ok").await;
        }
        bridge.logs("Next poll").await;
        resident.push(memory(bridge.id(), "VmRSS"));
        highest.push(memory(bridge.id(), "VmHWM"));
        bridge.stop().await;
    }
    println!("resident at rest, two meters, median of {RUNS}: {} kB", median(resident));
    println!("highest so far, median of {RUNS}: {} kB", median(highest));
}
