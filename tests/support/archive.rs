use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike as _, Utc};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::energy::{Amount, Direction, Ean, Interval, MeterDay, MeterKind, Reading, Register, Unit};
use fluvius2mqtt::ledger::{Ledger, MeterId};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{EAN, Finished, OTHER_EAN, OTHER_SERIAL, SERIAL};

/// A data directory whose ledger a test fills with days of its own, and a configuration, without a portal or a broker.
pub(crate) struct Archive {
    folder: TempDir,
    /// The configuration, which may be changed before each command.
    pub(crate) settings: Value,
}

impl Archive {
    /// One with the electricity meter `Home`.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = json!({
            "fluvius": {"email": "jan@example.com", "password": "geheim"},
            "mqtt": {"url": "mqtt://127.0.0.1:1"},
            "meters": [{"ean": EAN, "serial": SERIAL, "name": "Home"}],
            "data_dir": "data",
        });
        Self { folder, settings }
    }

    /// One with the gas meter `Heating` as well.
    pub(crate) fn with_gas(unit: &str) -> Self {
        let mut archive = Self::new();
        let gas = json!({"ean": OTHER_EAN, "serial": OTHER_SERIAL, "name": "Heating", "kind": "gas", "gas_unit": unit});
        archive.settings["meters"].as_array_mut().unwrap().push(gas);
        archive
    }

    /// A file or folder beside the configuration.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    /// All files below it, with what is in them.
    pub(crate) fn files(&self) -> BTreeSet<(PathBuf, Vec<u8>)> {
        let read = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        let files = read(self.path(".")).chain(read(self.path("data"))).filter(|path| path.is_file());
        files.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
    }

    pub(crate) fn ledger(&self) -> Ledger {
        fs::create_dir_all(self.path("data")).unwrap();
        Ledger::open(&self.path("data"), Brussels).unwrap()
    }

    /// The meter with an EAN, as the configuration has it.
    pub(crate) fn meter(&self, ledger: &Ledger, ean: &str) -> MeterId {
        let meters = self.settings["meters"].as_array().unwrap();
        let settings = meters.iter().find(|meter| meter["ean"] == ean).unwrap();
        let kind = if settings["kind"] == "gas" { MeterKind::Gas } else { MeterKind::Electricity };
        let unit = if settings["gas_unit"] == "m3" { Unit::CubicMetre } else { Unit::KilowattHour };
        ledger.meter(&Ean::parse(ean).unwrap(), kind, unit, "2026-01-01".parse().unwrap()).unwrap()
    }

    /// Merges readings of one day, as if the portal had told them.
    pub(crate) fn fetch(&self, ean: &str, day: MeterDay, readings: &[Reading]) {
        let mut ledger = self.ledger();
        let meter = self.meter(&ledger, ean);
        ledger.merge(meter, day, readings, "2026-11-20T05:00:00Z".parse::<DateTime<Utc>>().unwrap()).unwrap();
    }

    /// The program with a command, with nothing from the environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let config = self.write("settings.yaml", serde_json::to_string_pretty(&self.settings).unwrap());
        fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
        command.args(arguments).arg("--config").arg(config).env_clear().current_dir(self.folder.path());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        let started = Instant::now();
        let output = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, log) = (text(output.stdout), text(output.stderr));
        Finished { code: output.status.code(), out, log, took: started.elapsed() }
    }

    /// What a command prints, when all goes well.
    #[track_caller]
    pub(crate) fn prints(&self, arguments: &[&str]) -> String {
        let finished = self.run(arguments);
        assert_eq!((finished.code, finished.log.as_str()), (Some(0), ""), "{}", finished.out);
        finished.out
    }
}

/// A day of an electricity meter.
pub(crate) fn electric_day(date: &str) -> MeterDay {
    MeterDay::new(MeterKind::Electricity, date.parse::<NaiveDate>().unwrap(), Brussels).unwrap()
}

/// A day of a gas meter.
pub(crate) fn gas_day(date: &str) -> MeterDay {
    MeterDay::new(MeterKind::Gas, date.parse::<NaiveDate>().unwrap(), Brussels).unwrap()
}

/// All intervals of some length in a day, high by day and low at night, with millionths by their number.
pub(crate) fn intervals(
    day: MeterDay,
    seconds: u32,
    direction: Direction,
    amount: impl Fn(u32) -> i64,
) -> Vec<Reading> {
    let interval = |slot: u32| {
        let start = day.interval().start() + TimeDelta::seconds((slot * seconds).into());
        let is_day = (7..22).contains(&start.with_timezone(&Brussels).hour());
        Reading {
            direction,
            register: if is_day { Register::High } else { Register::Low },
            unit: Unit::KilowattHour,
            interval: Interval::new(start, start + TimeDelta::seconds(seconds.into())).unwrap(),
            amount: Amount::from_millionths(amount(slot)),
            status: 2,
        }
    };
    (0..day.interval().seconds() / seconds).map(interval).collect()
}

/// A daily total of a register.
pub(crate) fn daily(day: MeterDay, direction: Direction, register: Register, unit: Unit, millionths: i64) -> Reading {
    let amount = Amount::from_millionths(millionths);
    Reading { direction, register, unit, interval: day.interval(), amount, status: 2 }
}
