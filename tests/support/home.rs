use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use chrono::{Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::config::{self, CommandLine, Config};
use fluvius2mqtt::simulator::{SimulatedMeter, Simulator};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Finished, Mosquitto, Running};

pub(crate) const EAN: &str = "541448860000000011";
pub(crate) const SERIAL: &str = "1SAG1100000015";
pub(crate) const OTHER_EAN: &str = "541448860000000028";
pub(crate) const OTHER_SERIAL: &str = "1SAG1100000022";

/// The date of the last full day.
pub(crate) fn yesterday() -> NaiveDate {
    Utc::now().with_timezone(&Brussels).date_naive() - Days::new(1)
}

/// A date.
pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A household: its portal, its broker, its configuration and the folder in which the bridge keeps its data.
pub(crate) struct Home {
    pub(crate) portal: Simulator,
    pub(crate) broker: Mosquitto,
    /// The configuration, which may be changed before each start of the bridge.
    pub(crate) settings: Value,
    folder: TempDir,
}

impl Home {
    /// A home with one meter, high and low registers and solar panels, whose history until yesterday is published.
    pub(crate) async fn new() -> Self {
        let mut meter = SimulatedMeter::electricity(EAN, SERIAL, yesterday() - Days::new(400));
        meter.published_until = Some(yesterday());
        Self::with(Clock::system(), vec![meter], Mosquitto::start().await).await
    }

    /// A home with other meters, in another time, or with another broker.
    pub(crate) async fn with(clock: Clock, meters: Vec<SimulatedMeter>, broker: Mosquitto) -> Self {
        let listed: Vec<_> = meters.iter().map(|meter| json!({"ean": meter.ean, "serial": meter.serial})).collect();
        let portal = Simulator::start(clock, meters).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = json!({
            "fluvius": {"email": portal.email(), "password": portal.password(), "url": portal.url()},
            "meters": listed,
            "mqtt": {"url": broker.url()},
            "poll": {"pause": "0s"},
            // Many bridges run at once.
            "web": {"listen": "off"},
            "data_dir": folder.path().join("data"),
        });
        Self { portal, broker, settings, folder }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A file in the data directory.
    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.data_dir().join(name)
    }

    /// A folder for files of the test's own.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the configuration; JSON is YAML too.
    pub(crate) fn write_config(&self) -> PathBuf {
        let file = self.path("settings.yaml");
        fs::write(&file, serde_json::to_string_pretty(&self.settings).unwrap()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        file
    }

    /// The configuration as the bridge reads it, for a bridge in this process.
    pub(crate) fn config(&self) -> Config {
        let command_line = CommandLine { config: Some(self.write_config()), data_dir: None };
        config::load(&command_line, std::iter::empty()).unwrap_or_else(|faults| panic!("{faults}")).config
    }

    /// The bridge with a command, in this home and with nothing from the environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
        command.args(arguments).arg("--config").arg(self.write_config()).env_clear().current_dir(self.folder.path());
        command
    }

    /// Starts the service.
    pub(crate) fn run(&self) -> Running {
        Running::start(&mut self.command(&["run"]))
    }

    /// Polls once.
    pub(crate) async fn once(&self) -> Finished {
        Running::start(&mut self.command(&["once"])).finished().await
    }

    /// Polls once, and all must go well.
    pub(crate) async fn once_well(&self) -> Finished {
        let finished = self.once().await;
        assert_eq!(finished.code, Some(0), "{}", finished.log);
        finished
    }

    pub(crate) fn state_topic(ean: &str) -> String {
        format!("fluvius2mqtt/{ean}/state")
    }

    pub(crate) fn discovery_topic(ean: &str) -> String {
        format!("homeassistant/device/fluvius2mqtt_{ean}/config")
    }

    /// The state that the broker holds for a meter; null when there is none.
    pub(crate) async fn state(&self, ean: &str) -> Value {
        let held = super::retained(self.broker.port).await;
        let found = held.into_iter().find(|(topic, _)| *topic == Self::state_topic(ean));
        found.map_or(Value::Null, |(_, payload)| serde_json::from_str(&payload).unwrap())
    }

    /// Changes the ledger behind the bridge's back, to make time pass or the like.
    pub(crate) fn alter_ledger(&self, sql: &str) {
        rusqlite::Connection::open(self.data("ledger.sqlite")).unwrap().execute_batch(sql).unwrap();
    }

    /// A number from the ledger.
    pub(crate) fn ledger_count(&self, sql: &str) -> i64 {
        let ledger = rusqlite::Connection::open(self.data("ledger.sqlite")).unwrap();
        ledger.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// Makes the last poll an hour old, so that a start polls again.
    pub(crate) fn let_an_hour_pass(&self) {
        self.alter_ledger("UPDATE meter SET last_sync = last_sync - 3600; UPDATE day SET answered = answered - 3600;");
    }

    /// A time of day half a day away, at which no test can be surprised by a poll.
    pub(crate) fn far_from_now() -> String {
        (Utc::now().with_timezone(&Brussels) + TimeDelta::hours(12)).format("%H:%M").to_string()
    }

    /// What a total of the state must be: the sum of these millionths, in kWh.
    pub(crate) fn kwh(millionths: i64) -> Value {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let kwh = millionths as f64 / 1e6;
        json!(kwh)
    }
}
