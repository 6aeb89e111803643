//! The discovery payload: one device a meter, with a component for each state key that the meter has.
//!
//! Only keys that Home Assistant 2024.11 knows are used, since it refuses a whole device for one that it doesn't know.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::components::{Component, components};
use super::topics::Topics;
use crate::config::Meter;
use crate::energy::{MeterKind, Unit};

/// What decides which sensors a meter has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// It counts injection.
    pub injects: bool,
    /// It has a high and a low register.
    pub has_tariffs: bool,
    /// A monthly peak of it is known.
    pub has_peaks: bool,
    /// Its energy goes to the statistics of Home Assistant by another way, so that the sensors must not.
    pub has_statistics: bool,
    /// Sensors that an earlier announcement made and that the meter turned out not to have are taken away.
    pub takes_back: bool,
}

#[derive(Serialize)]
struct Announcement<'a> {
    device: Device<'a>,
    origin: Origin,
    availability: [Availability; 1],
    state_topic: String,
    qos: u8,
    components: BTreeMap<&'static str, Component>,
}

#[derive(Serialize)]
struct Device<'a> {
    identifiers: [String; 1],
    name: String,
    manufacturer: &'static str,
    model: &'static str,
    serial_number: &'a str,
    configuration_url: &'static str,
}

#[derive(Serialize)]
struct Origin {
    name: &'static str,
    sw_version: &'static str,
}

#[derive(Serialize)]
struct Availability {
    topic: String,
}

/// The payload of a meter's discovery topic.
#[must_use]
pub fn announcement(meter: &Meter, topics: &Topics, features: Features) -> Vec<u8> {
    let kind = match meter.kind {
        MeterKind::Electricity => "Digital electricity meter",
        MeterKind::Gas => "Digital gas meter",
    };
    let announcement = Announcement {
        device: Device {
            identifiers: [format!("fluvius2mqtt_{}", meter.ean.digits())],
            name: meter.title(),
            manufacturer: "Fluvius",
            model: kind,
            serial_number: &meter.serial,
            configuration_url: "https://mijn.fluvius.be/",
        },
        origin: Origin { name: "fluvius2mqtt", sw_version: env!("CARGO_PKG_VERSION") },
        availability: [Availability { topic: topics.status() }],
        state_topic: topics.state(&meter.ean),
        qos: 1,
        components: components(meter, topics, features),
    };
    // It can't fail: the fields are texts and small numbers.
    serde_json::to_vec(&announcement).unwrap_or_default()
}

/// The unit in which an announcement says that gas is counted.
#[must_use]
pub fn announced_gas_unit(announcement: &[u8]) -> Option<Unit> {
    let announced: Value = serde_json::from_slice(announcement).ok()?;
    let unit = announced.pointer("/components/gas_total/unit_of_measurement")?.as_str()?;
    [Unit::KilowattHour, Unit::CubicMetre].into_iter().find(|known| known.symbol() == unit)
}

#[cfg(test)]
#[path = "discovery_tests.rs"]
mod tests;
