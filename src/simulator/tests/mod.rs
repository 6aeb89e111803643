//! The portal against the real client, and against requests that a strict portal refuses.

mod data;
mod failures;
mod peaks;
mod raw;
mod session;
mod strict;

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Brussels;
use tempfile::TempDir;

use super::{SimulatedMeter, Simulator, Sums};
use crate::clock::Clock;
use crate::config::{Fluvius, History, Meter, ReadingCodes};
use crate::energy::{Direction, Ean, MeterDay, MeterKind, Peaks, Reading, Register, Unit};
use crate::portal::{Error, NoPeaks, Portal};
use crate::secret::Secret;

const POWER: &str = "541448860000000011";
const GAS: &str = "541448860000000028";

fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().unwrap()
}

fn date(date: &str) -> NaiveDate {
    date.parse().unwrap()
}

fn electricity() -> SimulatedMeter {
    SimulatedMeter::electricity(POWER, "1SAG1100000011", date("2024-02-01"))
}

fn gas() -> SimulatedMeter {
    SimulatedMeter::gas(GAS, "7FLO1100000028", date("2024-02-01"))
}

/// A portal on the Tuesday after the clocks went back, just before noon.
async fn start() -> Simulator {
    start_at("2026-10-27T10:00:00Z").await
}

async fn start_at(instant: &str) -> Simulator {
    Simulator::start(Clock::starting_at(at(instant)), vec![electricity(), gas()]).await.unwrap()
}

/// The real client, in a data directory of its own.
struct Bench<'a> {
    portal: &'a Simulator,
    folder: TempDir,
    codes: ReadingCodes,
}

impl<'a> Bench<'a> {
    fn new(portal: &'a Simulator) -> Self {
        Self { portal, folder: tempfile::tempdir().unwrap(), codes: ReadingCodes::Auto }
    }

    /// A client as after a start of the bridge.
    fn client(&self) -> Portal {
        self.client_with(&self.portal.password())
    }

    fn client_with(&self, password: &str) -> Portal {
        let account = Fluvius {
            email: self.portal.email(),
            password: Secret::new(password.to_owned()),
            url: self.portal.url().parse().unwrap(),
            timezone: Brussels,
            remember_me: false,
            reading_codes: self.codes,
        };
        let clock = self.portal.edit(|world| world.clock);
        Portal::new(&account, Duration::ZERO, self.folder.path(), clock).unwrap()
    }

    async fn log_in(&self) -> Result<(), Error> {
        self.client().log_in().await.map(drop)
    }
}

/// Reads days of a meter with the real client.
async fn read(
    portal: &Simulator,
    client: &mut Portal,
    ean: &str,
    days: [&str; 2],
    code: u8,
) -> Result<Vec<Reading>, Error> {
    let (meter, [first, last]) = settings(portal, ean, days);
    client.history(&meter, first, last, code).await
}

/// Reads the monthly peaks of a meter with the real client.
async fn read_peaks(portal: &Simulator, client: &mut Portal, ean: &str, days: [&str; 2]) -> Result<Peaks, NoPeaks> {
    let (meter, [first, last]) = settings(portal, ean, days);
    client.peaks(&meter, first, last).await
}

/// A meter as the user writes it down, and days of it.
fn settings(portal: &Simulator, ean: &str, days: [&str; 2]) -> (Meter, [MeterDay; 2]) {
    let SimulatedMeter { serial, kind, .. } = portal.meter(ean).unwrap();
    let ean = Ean::parse(ean).unwrap();
    let meter = Meter {
        ean,
        serial,
        name: None,
        kind,
        unit: Unit::KilowattHour,
        resolution: History::Finest,
        history_from: None,
        history_until: None,
    };
    (meter, days.map(|day| MeterDay::new(kind, date(day), Brussels).unwrap()))
}

/// What the client's readings add up to.
fn sums(kind: MeterKind, readings: &[Reading]) -> Sums {
    let mut sums = Sums::default();
    for reading in readings {
        let place = match (kind, reading.unit, reading.direction, reading.register) {
            (MeterKind::Gas, Unit::CubicMetre, ..) => &mut sums.gas_volume,
            (MeterKind::Gas, Unit::KilowattHour, ..) => &mut sums.gas_energy,
            (_, _, Direction::Consumption, Register::High) => &mut sums.consumption_high,
            (_, _, Direction::Consumption, Register::Low) => &mut sums.consumption_low,
            (_, _, Direction::Consumption, Register::Single) => &mut sums.consumption_single,
            (_, _, Direction::Injection, Register::High) => &mut sums.injection_high,
            (_, _, Direction::Injection, Register::Low) => &mut sums.injection_low,
            (_, _, Direction::Injection, Register::Single) => &mut sums.injection_single,
        };
        *place += reading.amount.millionths();
    }
    sums
}
