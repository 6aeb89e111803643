//! Prints what three years of quarter-hours of one meter take: the back-fill from the simulated portal without pauses, its
//! memory, and the size of the ledger on the disk.
//!
//! `cargo bench --bench history`; it needs Mosquitto.

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

use std::process::{Command, Stdio};

use fluvius2mqtt::simulator::SimulatedMeter;
use measure::{median, program, run};
use support::{EAN, Home, Mosquitto, SERIAL, before, yesterday};

const RUNS: usize = 3;
const DAYS: u64 = 3 * 365;

#[tokio::main(flavor = "multi_thread")]
async fn main() {
    let program = program();
    let (mut times, mut memories, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let mut meter = SimulatedMeter::electricity(EAN, SERIAL, before(DAYS));
        meter.published_until = Some(yesterday());
        let home = Home::with(Default::default(), vec![meter], Mosquitto::start().await).await;
        let config = home.write_config();
        let mut command = Command::new(&program);
        command.arg("--config").arg(&config).env_clear().stderr(Stdio::null());
        command.args(["backfill", "--from", &before(DAYS - 1).to_string()]);
        let (time, memory, _) = tokio::task::block_in_place(|| run(&mut command));
        times.push(time);
        memories.push(memory);
        sizes.push(std::fs::metadata(home.data("ledger.sqlite")).unwrap().len());
        let readings = home.ledger_count("SELECT count(*) FROM reading");
        println!("{readings} readings of {} days", home.ledger_count("SELECT count(*) FROM day WHERE complete"));
    }
    println!("back-fill, median of {RUNS}: {:.1} s", median(times).as_secs_f64());
    println!("its memory at the highest, median of {RUNS}: {} kB", median(memories));
    println!("the ledger, median of {RUNS}: {} kB", median(sizes) / 1024);
}
