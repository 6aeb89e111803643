use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use reqwest::Url;

use crate::energy::{Ean, MeterKind, Unit};
use crate::secret::Secret;

/// A complete configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The portal and the account on it.
    pub fluvius: Fluvius,
    /// The meters to read: at least one, each EAN once.
    pub meters: Vec<Meter>,
    /// What energy costs, in the order of the days from which it does.
    pub prices: Vec<Price>,
    /// The broker and the names of the topics.
    pub mqtt: Mqtt,
    /// Home Assistant itself, for its statistics.
    pub home_assistant: Option<HomeAssistant>,
    /// When to ask the portal.
    pub poll: Poll,
    /// Where the bridge answers over HTTP; `None` is nowhere.
    pub listen: Option<SocketAddr>,
    /// Where the ledger and the tokens live.
    pub data_dir: PathBuf,
    /// How much the log tells.
    pub log: LogLevel,
    /// The Supervisor, when the bridge is its app.
    pub app: Option<App>,
}

impl Config {
    /// Whose clock the log and the times of polls follow: that of the house, if the Supervisor tells it.
    #[must_use]
    pub fn clock(&self) -> Tz {
        self.app.as_ref().and_then(|app| app.clock).unwrap_or(self.fluvius.timezone)
    }
}

/// The Supervisor of Home Assistant, when the bridge is its app.
#[derive(Clone, Debug)]
pub struct App {
    /// Where the Supervisor answers.
    pub url: Url,
    /// The token that it takes from this app until the next start.
    pub token: Secret,
    /// The time zone of the house.
    pub clock: Option<Tz>,
    /// The file with the options, in the folder where the app keeps its data.
    pub options: PathBuf,
    /// Whether the broker is the one that the Supervisor knows, since nothing names another one.
    pub names_broker: bool,
}

/// The portal and the account on it.
#[derive(Clone, Debug)]
pub struct Fluvius {
    /// The account's e-mail address.
    pub email: String,
    /// The account's password.
    pub password: Secret,
    /// The portal's origin: `https`, or `http` to loopback.
    pub url: Url,
    /// Whose midnight ends a meter day, and whose clock the poll times follow.
    pub timezone: Tz,
    /// Whether the login asks the portal to remember it.
    pub remember_me: bool,
    /// How the fields `t` and `dc` of a reading are understood.
    pub reading_codes: ReadingCodes,
}

/// Which field of the portal's readings tells the direction; the other one tells the register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadingCodes {
    /// `t` is the direction, and a warning when the readings contradict that.
    #[default]
    Auto,
    /// `t` is the direction.
    TIsDirection,
    /// `dc` is the direction.
    DcIsDirection,
}

/// One meter.
#[derive(Clone, Debug)]
pub struct Meter {
    /// The EAN of its connection point.
    pub ean: Ean,
    /// The serial number that is printed on it.
    pub serial: String,
    /// What the household calls it.
    pub name: Option<String>,
    /// What it measures.
    pub kind: MeterKind,
    /// The unit of its amounts that counts. Gas comes in both kWh and m³; the other one is kept and never added.
    pub unit: Unit,
    /// How fine its history is wanted.
    pub resolution: History,
    /// The first day that is wanted; by default 31 days before the first run.
    pub history_from: Option<NaiveDate>,
    /// The last day that is wanted, for a home that has read the meter itself since then.
    pub history_until: Option<NaiveDate>,
}

impl Meter {
    /// What it is called in Home Assistant.
    #[must_use]
    pub fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("Fluvius {}", self.ean.last_four()))
    }
}

impl fmt::Display for Meter {
    /// The household's name for it and the end of its EAN, enough for a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} ({})", self.ean),
            None => write!(f, "meter {}", self.ean),
        }
    }
}

/// How fine a meter's history is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum History {
    /// The finest that the portal has.
    #[default]
    Finest,
    /// Hours.
    Hours,
    /// Daily totals only.
    Days,
}

/// What energy costs from a day on, until the next period. VAT is in all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The first local day.
    pub from: NaiveDate,
    /// What a kWh from the grid costs.
    pub consumption: Option<ConsumptionPrice>,
    /// What a kWh to the grid earns, which may be less than nothing.
    pub injection: Option<Euros>,
    /// What gas costs, per unit in which the gas meter counts.
    pub gas: Option<Euros>,
    /// What a year costs, whatever is used.
    pub standing_charge: Option<Euros>,
    /// What a kW of the average monthly peak costs per year.
    pub capacity: Option<Euros>,
}

/// What a kWh from the grid costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsumptionPrice {
    /// The same in all registers.
    One(Euros),
    /// By register.
    HighLow {
        /// In the high register.
        high: Euros,
        /// In the low register.
        low: Euros,
    },
}

/// Money in integer millionths of a euro, so that sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Euros(i64);

impl Euros {
    /// An amount of money from integer millionths of a euro.
    #[must_use]
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// The amount of money in integer millionths of a euro.
    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
    }
}

/// The broker and the names of the topics.
#[derive(Clone, Debug)]
pub struct Mqtt {
    /// The broker's host name or address, without brackets.
    pub host: String,
    /// The broker's port.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// The login at the broker, with its password if it has one.
    pub login: Option<(String, Secret)>,
    /// A PEM file with the authorities to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The client id; by default one that is made once and kept in the ledger.
    pub client_id: Option<String>,
    /// The prefix of the discovery topics.
    pub discovery_prefix: String,
    /// Where Home Assistant says that it has started.
    pub birth_topic: String,
    /// The first part of the bridge's own topics.
    pub base_topic: String,
}

/// Home Assistant itself, for its statistics.
#[derive(Clone, Debug)]
pub struct HomeAssistant {
    /// Its address as in a browser, `http` or `https`; or the Supervisor's websocket (`ws`), when the bridge is its app.
    pub url: Url,
    /// An administrator's token, or the Supervisor's.
    pub token: Secret,
    /// Whether each register has statistics of its own as well.
    pub splits_registers: bool,
    /// Whether to add the meter to an Energy dashboard that has no source of its kind.
    pub energy_dashboard: bool,
}

/// When to ask the portal.
#[derive(Clone, Debug)]
pub struct Poll {
    /// Local times of day, sorted, at least one.
    pub at: Vec<NaiveTime>,
    /// The rest between two requests to the portal.
    pub pause: Duration,
}

/// How much the log tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// What the user should know of.
    Warn,
    /// A line for each poll.
    #[default]
    Info,
    /// Each step of a login and each request.
    Debug,
    /// All that is not secret.
    Trace,
}
