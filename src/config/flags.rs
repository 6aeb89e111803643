//! The command line as a source: which flag sets which key.

use serde_yaml::Value;

use super::fault::{Fault, Wrong};
use super::tree::Tree;
use super::values;
use crate::secret::Secret;

const EMAIL: &str = "--email";
const PASSWORD: &str = "--password";
const TIMEZONE: &str = "--timezone";
const REMEMBER_ME: &str = "--remember-me";
const EAN: &str = "--ean";
const SERIAL: &str = "--meter-serial";
const KIND: &str = "--kind";

/// What the flags of a command say, as it was typed. It wins over all other sources.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--email`
    pub email: Option<String>,
    /// `--password`
    pub password: Option<Secret>,
    /// `--timezone`
    pub timezone: Option<String>,
    /// `--remember-me`
    pub remember_me: bool,
    /// Each `--ean`: these meters are meant, and no others.
    pub eans: Vec<String>,
    /// Each `--meter-serial`, in the order of the EANs.
    pub serials: Vec<String>,
    /// Each `--kind`: one for all meters, or one for each in the order of the EANs.
    pub kinds: Vec<String>,
}

/// The flag that sets a key, such as `fluvius.email` or `meters[0].ean`.
pub(super) fn flag(path: &str) -> Option<&'static str> {
    let key = path.strip_prefix("meters[").and_then(|rest| rest.split_once("].")).map(|(_, key)| key);
    match (path, key) {
        ("fluvius.email", _) => Some(EMAIL),
        ("fluvius.password", _) => Some(PASSWORD),
        (_, Some("ean")) => Some(EAN),
        (_, Some("serial")) => Some(SERIAL),
        _ => None,
    }
}

impl Flags {
    /// Lays the flags over the other sources. Gives the places of the meters that are meant, in the list of all.
    pub(super) fn overlay(self, tree: &mut Tree, faults: &mut Vec<Fault>) -> Vec<usize> {
        tree.offer_flags();
        if let Some(password) = &self.password {
            tree.remove_in_section("fluvius", "password_file");
            tree.set_in_section("fluvius", "password", password.expose().into(), PASSWORD);
        }
        for (key, text, flag) in [("email", &self.email, EMAIL), ("timezone", &self.timezone, TIMEZONE)] {
            if let Some(text) = text {
                tree.set_in_section("fluvius", key, text.as_str().into(), flag);
            }
        }
        if self.remember_me {
            tree.set_in_section("fluvius", "remember_me", true.into(), REMEMBER_ME);
        }
        self.overlay_meters(tree, faults)
    }

    fn overlay_meters(self, tree: &mut Tree, faults: &mut Vec<Fault>) -> Vec<usize> {
        let (eans, serials) = (self.eans.len(), self.serials.len());
        if eans > 0 && serials > 0 && eans != serials {
            let problem = format!("is there {}, and {EAN} {}", times(serials), times(eans));
            faults.push(Wrong::new(problem, "give each EAN the serial number of its meter").at(SERIAL));
        }
        let mut meant: Vec<usize> = Vec::new();
        for ean in self.eans {
            let meter = place(tree.meters(), &ean, &meant);
            if meant.contains(&meter) {
                faults.push(Wrong::new("names the same meter twice", "remove one of the two").at(EAN));
            }
            tree.set_in_meter(meter, "ean", ean.into(), EAN);
            meant.push(meter);
        }
        if eans == 0 {
            meant = (0..tree.meters().len().max(serials)).collect();
        }
        for (meter, serial) in meant.iter().zip(self.serials) {
            tree.set_in_meter(*meter, "serial", serial.into(), SERIAL);
        }
        if !matches!(self.kinds.len(), 0 | 1) && self.kinds.len() != meant.len() {
            let problem = format!("is there {}, which is not once for each meter", times(self.kinds.len()));
            faults.push(Wrong::new(problem, "give it once for all meters, or as often as there are meters").at(KIND));
        }
        for (meter, kind) in meant.iter().zip(self.kinds.iter().cycle()) {
            tree.set_in_meter(*meter, "kind", kind.as_str().into(), KIND);
        }
        meant
    }
}

/// Where a meter is in the list: where its EAN is, or where an EAN is missing, or behind all others.
fn place(meters: &[Value], ean: &str, taken: &[usize]) -> usize {
    let wanted = values::ean(&ean.into()).ok();
    let ean_of = |meter: &Value| meter.get("ean").filter(|ean| !ean.is_null()).cloned();
    let is_same = |meter: &Value| wanted.is_some() && ean_of(meter).and_then(|ean| values::ean(&ean).ok()) == wanted;
    let known = meters.iter().position(is_same);
    let open = || (0..meters.len()).find(|at| !taken.contains(at) && meters.get(*at).and_then(ean_of).is_none());
    known.or_else(open).unwrap_or(meters.len())
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}
