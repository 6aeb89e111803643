//! The section `meters`.

use serde_yaml::Value;

use super::fault::Wrong;
use super::model::{History, Meter};
use super::reader::{Reader, Table};
use super::{keys, values};
use crate::energy::{Ean, MeterKind, Unit};

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
    let unit = unit(reader, &table, kind);
    let resolutions = [("auto", History::Finest), ("hour", History::Hours), ("day", History::Days)];
    let resolution = reader.optional(&table, "resolution", |value| values::choice(value, &resolutions));
    let history_from = reader.optional(&table, "history_from", values::date);
    let history_until = reader.optional(&table, "history_until", |value| {
        let until = values::date(value)?;
        if history_from.is_some_and(|from| until <= from) {
            return Err(Wrong::new("is not after `history_from`", "use a later day"));
        }
        Ok(until)
    });
    Some(Meter {
        ean: ean?,
        serial: serial?,
        name,
        kind,
        unit,
        resolution: resolution.unwrap_or_default(),
        history_from,
        history_until,
    })
}

/// The unit that counts: kWh, unless a gas meter asks for m³.
fn unit<'a>(reader: &mut Reader<'a>, meter: &Table<'a>, kind: MeterKind) -> Unit {
    let units = [("kwh", Unit::KilowattHour), ("m3", Unit::CubicMetre)];
    let unit = reader.optional(meter, "gas_unit", |value| values::choice(value, &units));
    match (kind, unit) {
        (MeterKind::Electricity, Some(_)) => {
            let wrong = Wrong::new("is for gas meters only", "remove it, or set `kind: gas`");
            reader.fault(&meter.at("gas_unit"), wrong);
            Unit::KilowattHour
        }
        (_, unit) => unit.unwrap_or(Unit::KilowattHour),
    }
}
