//! The section `meters`.

use serde_yaml::Value;

use super::fault::Wrong;
use super::model::{History, Meter};
use super::reader::{Reader, Table};
use super::{keys, later, values};
use crate::energy::{Ean, MeterKind};

pub(super) fn meters<'a>(reader: &mut Reader<'a>, top: &Table<'a>) -> Option<Vec<Meter>> {
    let items = reader.list(top, "meters", "begin each meter with a dash, as in `- ean: …`")?;
    if items.is_empty() {
        reader.missing("meters[0].ean");
        reader.missing("meters[0].serial");
        return None;
    }
    let mut seen = Vec::new();
    let meters: Vec<Option<Meter>> =
        items.into_iter().map(|(path, value)| meter(reader, path, value, &mut seen)).collect();
    meters.into_iter().collect()
}

/// One meter; `seen` has the EANs of those before it.
fn meter<'a>(reader: &mut Reader<'a>, path: String, value: &'a Value, seen: &mut Vec<(String, Ean)>) -> Option<Meter> {
    let table = reader.table(path, Some(value), keys::METER)?;
    let ean = reader.required(&table, "ean", values::ean);
    if let Some(ean) = &ean {
        if let Some((other, _)) = seen.iter().find(|(_, other)| other == ean) {
            let wrong = Wrong::new(format!("is the same EAN as that of {other}"), "remove one of the two meters");
            reader.fault(&table.at("ean"), wrong);
        }
        seen.push((table.path.clone(), ean.clone()));
    }
    if let Some(ean) = ean.as_ref().filter(|ean| !ean.check_digit_is_right()) {
        reader.warnings.push(format!(
            "{}: the check digit of EAN {ean} is wrong, which is probably a typo; compare it with mijn.fluvius.be",
            table.at("ean")
        ));
    }
    let serial = reader.required(&table, "serial", values::serial);
    let name = reader.optional(&table, "name", values::name);
    let kinds = [("electricity", MeterKind::Electricity), ("gas", MeterKind::Gas)];
    let kind = reader.optional(&table, "kind", |value| values::choice(value, &kinds));
    let kind = kind.unwrap_or(MeterKind::Electricity);
    later::gas(reader, &table, kind);
    let resolutions = [("auto", History::Finest), ("hour", History::Hours), ("day", History::Days)];
    let resolution = reader.optional(&table, "resolution", |value| values::choice(value, &resolutions));
    let history_from = reader.optional(&table, "history_from", values::date);
    later::history_until(reader, &table, history_from);
    Some(Meter { ean: ean?, serial: serial?, name, kind, resolution: resolution.unwrap_or_default(), history_from })
}
