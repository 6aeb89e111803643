//! From the tree to the model.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use chrono::NaiveTime;
use chrono_tz::Tz;
use reqwest::Url;

use super::fault::{Fault, Faults, Wrong};
use super::model::{App, Config, Fluvius, LogLevel, Poll, ReadingCodes};
use super::reader::{Reader, Table};
use super::tree::Tree;
use super::{CommandLine, DEFAULT_DATA_DIR, Loaded, broker, home_assistant, keys, meters, prices, secrets, values};
use crate::secret::Secret;

/// The portal, unless the user names another one.
const PORTAL: &str = "https://mijn.fluvius.be";

/// Where the bridge answers over HTTP, unless the user says something else: for this machine only.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8099);

/// When the portal is asked, unless the user says so: a day is complete some time during the next one.
const TIMES: [(u32, u32); 3] = [(6, 20), (12, 20), (18, 20)];

/// Checks all of the tree. The faults and warnings of the sources come first.
pub(super) fn check(
    tree: &Tree,
    command_line: &CommandLine,
    app: Option<App>,
    faults: Vec<Fault>,
    warnings: Vec<String>,
) -> Result<Loaded, Faults> {
    let mut reader = Reader::new(tree, faults, warnings);
    let config = config(&mut reader, command_line, app);
    match config.filter(|_| reader.faults.is_empty()) {
        Some(config) => Ok(Loaded { config, warnings: reader.warnings, file: tree.file().cloned() }),
        None => Err(Faults::new(reader.faults)),
    }
}

fn config(reader: &mut Reader<'_>, command_line: &CommandLine, app: Option<App>) -> Option<Config> {
    let top = reader.top(keys::TOP)?;
    let fluvius = fluvius(reader, &top, true);
    let meters = meters::meters(reader, &top);
    let prices = prices::prices(reader, &top);
    let (mqtt, names_broker) = broker::mqtt(reader, &top, app.is_some());
    let app = app.map(|app| App { names_broker, ..app });
    let home_assistant = home_assistant::home_assistant(reader, &top);
    let poll = poll(reader, &top);
    let listen = listen(reader, &top);
    let data_dir = data_dir(reader, &top, command_line).unwrap_or_else(|| DEFAULT_DATA_DIR.into());
    let log = log(reader, &top);
    let (fluvius, meters, poll, listen) = (fluvius?, meters?, poll?, listen?);
    Some(Config { fluvius, meters, prices, mqtt: mqtt?, home_assistant, poll, listen, data_dir, log, app })
}

/// The address of the section `web`; `Some(None)` when it is off.
fn listen<'a>(reader: &mut Reader<'a>, top: &Table<'a>) -> Option<Option<SocketAddr>> {
    let table = reader.section(top, "web", keys::WEB)?;
    if table.get("listen").is_none() {
        return Some(Some(LISTEN));
    }
    reader.optional(&table, "listen", values::listen)
}

/// Reads the section `web` alone, whatever else the configuration lacks.
pub(super) fn listen_alone(tree: &Tree, faults: Vec<Fault>) -> Result<Option<SocketAddr>, Faults> {
    let mut reader = Reader::new(tree, faults, Vec::new());
    let listen = reader.top(keys::TOP).and_then(|top| listen(&mut reader, &top));
    match listen.filter(|_| reader.faults.is_empty()) {
        Some(listen) => Ok(listen),
        None => Err(Faults::new(reader.faults)),
    }
}

/// Where the command line or the other sources say that data lives.
pub(super) fn data_dir<'a>(reader: &mut Reader<'a>, top: &Table<'a>, command_line: &CommandLine) -> Option<PathBuf> {
    let data_dir = reader.optional(top, "data_dir", values::path);
    command_line.data_dir.clone().or(data_dir)
}

pub(super) fn log<'a>(reader: &mut Reader<'a>, top: &Table<'a>) -> LogLevel {
    let levels = [
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ];
    reader.optional(top, "log", |value| values::choice(value, &levels)).unwrap_or_default()
}

/// The section `fluvius`. Where no login is needed, its e-mail address and password are empty.
pub(super) fn fluvius<'a>(reader: &mut Reader<'a>, top: &Table<'a>, needs_login: bool) -> Option<Fluvius> {
    let table = reader.section(top, "fluvius", keys::FLUVIUS)?;
    let (email, password) = if needs_login {
        let email = reader.required(&table, "email", values::email);
        (email, secrets::required(reader, &table, "password", "password_file"))
    } else {
        (Some(String::new()), Some(Secret::new(String::new())))
    };
    let url = reader.optional(&table, "url", values::origin).or_else(|| Url::parse(PORTAL).ok());
    let timezone = reader.optional(&table, "timezone", values::timezone);
    let remember_me = reader.optional(&table, "remember_me", values::boolean);
    let codes = [
        ("auto", ReadingCodes::Auto),
        ("t_is_direction", ReadingCodes::TIsDirection),
        ("dc_is_direction", ReadingCodes::DcIsDirection),
    ];
    let reading_codes = reader.optional(&table, "reading_codes", |value| values::choice(value, &codes));
    Some(Fluvius {
        email: email?,
        password: password?,
        url: url?,
        timezone: timezone.unwrap_or(Tz::Europe__Brussels),
        remember_me: remember_me.unwrap_or_default(),
        reading_codes: reading_codes.unwrap_or_default(),
    })
}

pub(super) fn poll<'a>(reader: &mut Reader<'a>, top: &Table<'a>) -> Option<Poll> {
    let table = reader.section(top, "poll", keys::POLL)?;
    let at = times(reader, &table);
    let pause = reader.optional(&table, "pause", values::pause);
    Some(Poll { at: at?, pause: pause.unwrap_or(std::time::Duration::from_secs(1)) })
}

fn times<'a>(reader: &mut Reader<'a>, poll: &Table<'a>) -> Option<Vec<NaiveTime>> {
    let remedy = "write 1 to 24 times of day, as in [\"06:20\", \"18:20\"], or remove the key";
    if poll.get("at").is_none() {
        return TIMES.iter().map(|(hour, minute)| NaiveTime::from_hms_opt(*hour, *minute, 0)).collect();
    }
    let items = reader.list(poll, "at", remedy)?;
    if !(1..=24).contains(&items.len()) {
        reader.fault(&poll.at("at"), Wrong::new(format!("holds {} times", items.len()), remedy));
        return None;
    }
    let mut times = Vec::new();
    for (path, value) in items {
        match values::time(value) {
            Ok(time) if times.contains(&time) => {
                reader.fault(&path, Wrong::new("is in the list twice", "remove one of the two"));
            }
            Ok(time) => times.push(time),
            Err(wrong) => reader.fault(&path, wrong),
        }
    }
    times.sort_unstable();
    Some(times)
}
