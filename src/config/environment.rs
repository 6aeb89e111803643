//! The environment as a source: which variable sets which key.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use chrono_tz::Tz;
use reqwest::Url;
use serde_yaml::Value;

use super::fault::{Fault, Wrong};
use super::file::parse;
use super::keys::{self, nearest};
use super::tree::Tree;
use super::{app, values};
use crate::secret::Secret;

/// What the names of all our variables begin with.
const PREFIX: &str = "FLUVIUS2MQTT_";

/// More meters than any household has.
const MOST_METERS: usize = 100;

/// What a variable sets. The order is the one in which the tree takes them: a whole list before its parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    File,
    List(&'static str),
    Top(&'static str),
    Key(&'static str, &'static str),
    Meter(usize, &'static str),
    Supervisor,
    SupervisorApi,
    Clock,
}

/// A value and the variable that has it.
struct Given {
    text: String,
    name: String,
}

/// All of the environment that is meant for this program.
pub(super) struct Environment {
    given: BTreeMap<Target, Given>,
    /// The granularity that a name of older tools sets, as the portal's code.
    granularity: Option<u8>,
}

impl Environment {
    /// Picks our variables; those that nobody knows are faults. Empty ones count as unset.
    pub(super) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut given = BTreeMap::new();
        let mut aliases = BTreeMap::new();
        for (name, text) in variables {
            let Some(name) = name.to_str().filter(|_| !text.is_empty()) else { continue };
            let (target, native) = match (name.strip_prefix(PREFIX), alias(name)) {
                (Some(rest), _) => (target(rest), true),
                (None, Some(target)) => (Some(target), false),
                (None, None) => continue,
            };
            let Some(target) = target else {
                faults.push(unknown(name));
                continue;
            };
            let Ok(text) = text.into_string() else {
                faults.push(Wrong::new("is not UTF-8 text", "set it again, in UTF-8").at(name));
                continue;
            };
            let found = if native { &mut given } else { &mut aliases };
            found.insert(target, Given { text, name: name.to_owned() });
        }
        let mut environment = Self { given, granularity: None };
        environment.add_aliases(aliases, &mut faults);
        (environment, faults)
    }

    /// The file that the environment names.
    pub(super) fn file(&self) -> Option<(PathBuf, &str)> {
        self.given.get(&Target::File).map(|given| (PathBuf::from(&given.text), given.name.as_str()))
    }

    /// The portal's granularity code that the environment names, for a question to the portal itself.
    pub(super) const fn granularity(&self) -> Option<u8> {
        self.granularity
    }

    /// The data directory that the environment names.
    pub(super) fn data_dir(&self) -> Option<PathBuf> {
        self.given.get(&Target::Top("data_dir")).map(|given| PathBuf::from(&given.text))
    }

    /// The token that the Supervisor gives its apps.
    pub(super) fn supervisor_token(&self) -> Option<Secret> {
        self.given.get(&Target::Supervisor).map(|given| Secret::new(given.text.clone()))
    }

    /// Where the Supervisor answers. The environment can name another place, on this machine only.
    pub(super) fn supervisor(&self) -> Option<Url> {
        let named = self.given.get(&Target::SupervisorApi);
        named
            .and_then(|given| values::origin(&given.text.as_str().into()).ok())
            .or_else(|| app::SUPERVISOR.parse().ok())
    }

    /// The time zone of the house, as the Supervisor sets it for its apps.
    pub(super) fn clock(&self) -> Option<Tz> {
        self.given.get(&Target::Clock).and_then(|given| given.text.parse().ok())
    }

    /// Lays the environment over the file and the options.
    pub(super) fn overlay(self, tree: &mut Tree, faults: &mut Vec<Fault>) {
        let socket = self.supervisor().and_then(|url| app::socket(&url));
        for (section, secret, file) in keys::SECRETS {
            let keys = [Target::Key(section, secret), Target::Key(section, file)];
            if keys.iter().any(|key| self.given.contains_key(key)) {
                tree.remove_in_section(section, secret);
                tree.remove_in_section(section, file);
            }
        }
        for (target, Given { text, name }) in self.given {
            match target {
                Target::File | Target::SupervisorApi | Target::Clock => {}
                Target::List(key) => match parse(&text) {
                    Ok(value) => tree.set_top(key, value, &name),
                    Err(wrong) => faults.push(wrong.at(name)),
                },
                Target::Top(key) => tree.set_top(key, text.into(), &name),
                Target::Key("poll", "at") => {
                    let times = text.split(',').map(|time| Value::from(time.trim())).collect();
                    tree.set_in_section("poll", "at", Value::Sequence(times), &name);
                }
                Target::Key(section, key) => tree.set_in_section(section, key, text.into(), &name),
                Target::Meter(index, key) => {
                    if !tree.set_in_meter(index, key, text.into(), &name) {
                        let problem = "a meter before this one is missing";
                        let remedy = "number the meters from 0 on, without gaps, after those of the file";
                        faults.push(Wrong::new(problem, remedy).at(name));
                    }
                }
                Target::Supervisor => {
                    // Its token is in the environment of every app; only a section says that statistics are wanted.
                    if let Some(socket) = &socket
                        && tree.is_section_without("home_assistant", &["url", "token", "token_file"])
                    {
                        tree.set_in_section("home_assistant", "url", socket.as_str().into(), &name);
                        tree.set_in_section("home_assistant", "token", text.into(), &name);
                    }
                }
            }
        }
    }

    /// Adds what names that aren't ours set, where our own names don't.
    fn add_aliases(&mut self, aliases: BTreeMap<Target, Given>, faults: &mut Vec<Fault>) {
        for (target, mut given) in aliases {
            if target == Target::Meter(0, "resolution") {
                self.granularity = given.text.trim().parse().ok();
            }
            let taken = match target {
                Target::Meter(..) => self.given.contains_key(&Target::List("meters")),
                Target::Key("fluvius", "password") => self.given.contains_key(&Target::Key("fluvius", "password_file")),
                _ => false,
            };
            if taken || self.given.contains_key(&target) {
                continue;
            }
            if target == Target::Meter(0, "resolution") {
                let Some(resolution) = resolution(&given.text) else {
                    let remedy = "use 1 or 3 (the finest), 2 (hours) or 4 (days), or the key `resolution` of a meter";
                    faults.push(Wrong::new("is none of the known granularities", remedy).at(given.name));
                    continue;
                };
                given.text = resolution.to_owned();
            }
            self.given.insert(target, given);
        }
    }
}

/// The variable that sets a key, such as `fluvius.email` or `meters[0].ean`; for messages.
pub(super) fn variable(path: &str) -> String {
    let words: Vec<String> =
        path.split(['.', '[', ']']).filter(|word| !word.is_empty()).map(str::to_uppercase).collect();
    format!("{PREFIX}{}", words.join("_"))
}

/// The names that older tools use, those that the Supervisor sets for its apps, and the one by which bashio, with which
/// most apps are made, lets another Supervisor be named.
fn alias(name: &str) -> Option<Target> {
    match name {
        "FLUVIUS_LOGIN" => Some(Target::Key("fluvius", "email")),
        "FLUVIUS_PASSWORD" => Some(Target::Key("fluvius", "password")),
        "FLUVIUS_TIMEZONE" => Some(Target::Key("fluvius", "timezone")),
        "FLUVIUS_EAN" => Some(Target::Meter(0, "ean")),
        "FLUVIUS_METER_SERIAL" => Some(Target::Meter(0, "serial")),
        "FLUVIUS_GRANULARITY" => Some(Target::Meter(0, "resolution")),
        "SUPERVISOR_TOKEN" => Some(Target::Supervisor),
        "SUPERVISOR_API" => Some(Target::SupervisorApi),
        "TZ" => Some(Target::Clock),
        _ => None,
    }
}

/// What the portal's granularity codes mean as a resolution.
fn resolution(granularity: &str) -> Option<&'static str> {
    match granularity.trim() {
        "1" | "3" => Some("auto"),
        "2" => Some("hour"),
        "4" => Some("day"),
        _ => None,
    }
}

/// All names but those of single meters, without the prefix.
fn targets() -> impl Iterator<Item = (String, Target)> {
    let lists = ["METERS", "PRICES"].into_iter().zip(["meters", "prices"]);
    let top = ["DATA_DIR", "LOG"].into_iter().zip(["data_dir", "log"]);
    let keys = keys::SECTIONS.iter().flat_map(|(section, keys)| {
        keys.iter().map(move |key| (format!("{section}_{key}").to_uppercase(), Target::Key(section, key)))
    });
    std::iter::once(("CONFIG".to_owned(), Target::File))
        .chain(lists.map(|(name, key)| (name.to_owned(), Target::List(key))))
        .chain(top.map(|(name, key)| (name.to_owned(), Target::Top(key))))
        .chain(keys)
}

fn target(rest: &str) -> Option<Target> {
    if let Some((index, name)) = meter(rest) {
        let key = keys::METER.iter().find(|key| key.to_uppercase() == name)?;
        return Some(Target::Meter(index, key));
    }
    targets().find(|(name, _)| name == rest).map(|(_, target)| target)
}

/// The index and the key's name of a variable for one meter.
fn meter(rest: &str) -> Option<(usize, &str)> {
    let (digits, name) = rest.strip_prefix("METERS_")?.split_once('_')?;
    let index: usize = digits.parse().ok()?;
    (index < MOST_METERS && index.to_string() == digits).then_some((index, name))
}

fn unknown(name: &str) -> Fault {
    let rest = name.strip_prefix(PREFIX).unwrap_or_default();
    let meant = if let Some((index, key)) = meter(rest) {
        nearest(key, keys::METER.iter().copied()).map(|key| variable(&format!("meters.{index}.{key}")))
    } else {
        let names: Vec<String> = targets().map(|(name, _)| name).collect();
        let names = || names.iter().map(String::as_str);
        let ending = format!("_{rest}");
        let meant = nearest(rest, names()).or_else(|| names().find(|name| name.ends_with(&ending)));
        meant.map(|name| format!("{PREFIX}{name}"))
    };
    let remedy = match meant {
        Some(meant) => format!("did you mean {meant}? Rename or remove it"),
        None => format!("remove it; the names are {PREFIX}SECTION_KEY, as in {}", variable("fluvius.email")),
    };
    Wrong::new("no setting has this name", remedy).at(name)
}
