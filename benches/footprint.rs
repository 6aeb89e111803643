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

mod measure;
#[expect(dead_code, unused_imports, reason = "made for the tests, which use all of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::process::Command;

use chrono::Days;
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::SimulatedMeter;
use measure::{median, memory, program};
use support::{EAN, Home, Listener, Mosquitto, OTHER_EAN, OTHER_SERIAL, Running, SERIAL, yesterday};

const RUNS: usize = 5;

#[tokio::main]
async fn main() {
    let binary = program();
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
        resident.push(memory(bridge.id(), "VmRSS").unwrap());
        highest.push(memory(bridge.id(), "VmHWM").unwrap());
        bridge.stop().await;
    }
    println!("resident at rest, two meters, median of {RUNS}: {} kB", median(resident));
    println!("highest so far, median of {RUNS}: {} kB", median(highest));
}
