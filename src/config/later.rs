//! What the configuration can say already and this version can't do yet. It is checked in full, so that a typo is found
//! now, and then refused, so that nobody waits for what doesn't come.

use chrono::NaiveDate;
use reqwest::Url;
use serde_yaml::Value;

use super::fault::Wrong;
use super::reader::{Reader, Table, expected};
use super::{keys, secrets, values};
use crate::energy::MeterKind;

/// The highest price of a kWh or m³ that is no slip of the decimal point, in EUR.
const HIGHEST_PRICE: f64 = 10.0;

/// The highest price of a year or of a kW, in EUR.
const HIGHEST_CHARGE: f64 = 10_000.0;

/// The section `home_assistant`.
pub(super) fn home_assistant<'a>(reader: &mut Reader<'a>, top: &Table<'a>) {
    let faults = reader.faults.len();
    if top.get("home_assistant").is_none() {
        return;
    }
    let Some(table) = reader.section(top, "home_assistant", keys::HOME_ASSISTANT) else { return };
    reader.required(&table, "url", address);
    secrets::required(reader, &table, "token", "token_file");
    reader.optional(&table, "registers", |value| values::choice(value, &[("total", ()), ("split", ())]));
    reader.optional(&table, "energy_dashboard", values::boolean);
    refuse(
        reader,
        faults,
        &table.path,
        "statistics in Home Assistant are not part of this version yet",
        "remove the section, the sensors over MQTT work without it",
    );
}

/// The section `prices`.
pub(super) fn prices<'a>(reader: &mut Reader<'a>, top: &Table<'a>) {
    let faults = reader.faults.len();
    let periods = reader.list(top, "prices", "begin each period with a dash, as in `- from: 2026-01-01`");
    let periods = periods.unwrap_or_default();
    if periods.is_empty() {
        return;
    }
    let mut seen = Vec::new();
    for (path, value) in periods {
        let Some(table) = reader.table(path, Some(value), keys::PERIOD) else { continue };
        if let Some(from) = reader.required(&table, "from", values::date) {
            if seen.contains(&from) {
                let wrong = Wrong::new("another period begins on the same day", "give each period a day of its own");
                reader.fault(&table.at("from"), wrong);
            }
            seen.push(from);
        }
        consumption(reader, &table);
        reader.optional(&table, "injection", |value| values::number(value, -HIGHEST_PRICE, HIGHEST_PRICE));
        reader.optional(&table, "gas", |value| values::number(value, 0.0, HIGHEST_PRICE));
        for key in ["standing_charge", "capacity"] {
            reader.optional(&table, key, |value| values::number(value, 0.0, HIGHEST_CHARGE));
        }
        if keys::PERIOD.iter().all(|key| *key == "from" || table.get(key).is_none()) {
            let wrong = Wrong::new("holds no price", "set consumption, injection or gas, or remove the period");
            reader.fault(&table.path, wrong);
        }
    }
    refuse(reader, faults, "prices", "costs are not part of this version yet", "remove the section");
}

/// The section `web`.
pub(super) fn web<'a>(reader: &mut Reader<'a>, top: &Table<'a>) {
    let faults = reader.faults.len();
    let Some(table) = reader.section(top, "web", keys::WEB) else { return };
    if reader.optional(&table, "listen", values::listen).flatten().is_some() {
        refuse(
            reader,
            faults,
            &table.at("listen"),
            "the status page is not part of this version yet",
            "remove the key, or set it to off",
        );
    }
}

/// Gas, in the keys `kind` and `gas_unit` of a meter.
pub(super) fn gas<'a>(reader: &mut Reader<'a>, meter: &Table<'a>, kind: MeterKind) {
    let unit = reader.optional(meter, "gas_unit", |value| values::choice(value, &[("kwh", ()), ("m3", ())]));
    match (kind, unit) {
        (MeterKind::Gas, _) => {
            let wrong = Wrong::new("gas meters are not part of this version yet", "remove this meter");
            reader.fault(&meter.at("kind"), wrong);
        }
        (MeterKind::Electricity, Some(())) => {
            let wrong = Wrong::new("is for gas meters only, and they are not part of this version yet", "remove it");
            reader.fault(&meter.at("gas_unit"), wrong);
        }
        (MeterKind::Electricity, None) => {}
    }
}

/// The key `history_until` of a meter.
pub(super) fn history_until<'a>(reader: &mut Reader<'a>, meter: &Table<'a>, from: Option<NaiveDate>) {
    let until = reader.optional(meter, "history_until", |value| {
        let until = values::date(value)?;
        if from.is_some_and(|from| until <= from) {
            return Err(Wrong::new("is not after `history_from`", "use a later day"));
        }
        Ok(until)
    });
    if until.is_some() {
        let wrong = Wrong::new("an end of the history is not part of this version yet", "remove the key");
        reader.fault(&meter.at("history_until"), wrong);
    }
}

/// Refuses a section that has no other fault.
fn refuse(reader: &mut Reader<'_>, faults_before: usize, path: &str, problem: &str, remedy: &str) {
    if reader.faults.len() == faults_before {
        reader.fault(path, Wrong::new(problem, remedy));
    }
}

fn consumption<'a>(reader: &mut Reader<'a>, period: &Table<'a>) {
    match period.get("consumption") {
        Some(Value::Mapping(_)) => {
            let Some(tariffs) = reader.section(period, "consumption", keys::TARIFFS) else { return };
            for key in keys::TARIFFS {
                reader.required(&tariffs, key, |value| values::number(value, 0.0, HIGHEST_PRICE));
            }
        }
        _ => {
            reader.optional(period, "consumption", |value| match value {
                Value::Number(_) => values::number(value, 0.0, HIGHEST_PRICE),
                _ => Err(expected("a number, or high and low", value, "write 0.31, or {high: 0.31, low: 0.27}")),
            });
        }
    }
}

/// Where Home Assistant answers.
fn address(value: &Value) -> Result<(), Wrong> {
    let remedy = "write it as in the browser, such as http://homeassistant.local:8123";
    let url = Url::parse(values::text(value)?).map_err(|_| Wrong::new("is not an address", remedy))?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    if !matches!(url.scheme(), "http" | "https") || !is_plain {
        return Err(Wrong::new("is not a plain http:// or https:// address", remedy));
    }
    Ok(())
}
