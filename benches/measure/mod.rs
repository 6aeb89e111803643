//! What the benchmarks share.

#![allow(dead_code, reason = "not each benchmark uses all of it")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Builds the lean program, which is what users run, and gives its place.
pub(crate) fn program() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lean");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let built = Command::new(cargo)
        .args(["build", "--release", "--locked", "--no-default-features", "--target-dir"])
        .arg(&folder)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success());
    folder.join("release/fluvius2mqtt")
}

/// A line of `/proc/PID/status`, in kB; `None` when the process has ended.
pub(crate) fn memory(id: u32, key: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse().ok()
}

/// How long a command runs, which must end well, the most memory that it held in kB, and the bytes that it printed.
pub(crate) fn run(command: &mut Command) -> (Duration, u64, u64) {
    let started = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    let printed = std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()).unwrap());
    let mut highest = 0;
    let status = loop {
        highest = memory(child.id(), "VmHWM").unwrap_or(0).max(highest);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_micros(200));
    };
    assert!(status.success(), "{command:?}");
    (started.elapsed(), highest, printed.join().unwrap())
}

/// The one in the middle.
pub(crate) fn median<T: Ord + Copy>(mut figures: Vec<T>) -> T {
    figures.sort_unstable();
    figures[figures.len() / 2]
}
