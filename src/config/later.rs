//! What the configuration can say already and this version can't do yet. It is checked in full, so that a typo is found
//! now, and then refused, so that nobody waits for what doesn't come.

use chrono::NaiveDate;

use super::fault::Wrong;
use super::reader::{Reader, Table};
use super::{keys, values};
use crate::energy::MeterKind;

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

/// The key `gas` of a period of prices.
pub(super) fn gas_price<'a>(reader: &mut Reader<'a>, period: &Table<'a>) {
    if period.get("gas").is_some() {
        reader.fault(&period.at("gas"), Wrong::new("gas is not part of this version yet", "remove the key"));
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
