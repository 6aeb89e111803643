//! The sensors of a meter, and how each is announced.

use std::collections::BTreeMap;

use serde::Serialize;

use super::discovery::Features;
use super::state::Status;
use super::topics::Topics;
use crate::config::Meter;
use crate::energy::{MeterKind, Unit};

/// What a sensor shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// Energy since the anchor, or gas.
    Cumulative,
    /// Energy of one day, or gas.
    DayEnergy,
    Power,
    Date,
    /// When something was measured.
    Moment,
    /// How far the data goes.
    Instant,
    Status,
    /// Days of history that are still to come.
    DaysLeft,
}

/// What a meter must have to have a sensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Needs {
    kind: Option<MeterKind>,
    injection: bool,
    tariffs: bool,
    peaks: bool,
}

const NOTHING: Needs = Needs { kind: None, injection: false, tariffs: false, peaks: false };
const POWER: Needs = Needs { kind: Some(MeterKind::Electricity), ..NOTHING };
const TARIFFS: Needs = Needs { tariffs: true, ..POWER };
const INJECTION: Needs = Needs { injection: true, ..POWER };
const BOTH: Needs = Needs { injection: true, ..TARIFFS };
const PEAKS: Needs = Needs { peaks: true, ..POWER };
const GAS: Needs = Needs { kind: Some(MeterKind::Gas), ..NOTHING };

impl Needs {
    fn are_met(self, meter: &Meter, features: Features) -> bool {
        self.kind.is_none_or(|kind| kind == meter.kind)
            && (features.injects || !self.injection)
            && (features.has_tariffs || !self.tariffs)
            && (features.has_peaks || !self.peaks)
    }
}

/// The sensors: state key, name, what it shows, what it needs.
const SENSORS: [(&str, &str, Shows, Needs); 21] = [
    ("consumption_total", "Consumption", Shows::Cumulative, POWER),
    ("consumption_high", "Consumption high tariff", Shows::Cumulative, TARIFFS),
    ("consumption_low", "Consumption low tariff", Shows::Cumulative, TARIFFS),
    ("injection_total", "Injection", Shows::Cumulative, INJECTION),
    ("injection_high", "Injection high tariff", Shows::Cumulative, BOTH),
    ("injection_low", "Injection low tariff", Shows::Cumulative, BOTH),
    ("net_total", "Net consumption", Shows::Cumulative, POWER),
    ("day", "Last complete day", Shows::Date, NOTHING),
    ("day_consumption", "Consumption last day", Shows::DayEnergy, POWER),
    ("day_injection", "Injection last day", Shows::DayEnergy, INJECTION),
    ("day_net", "Net consumption last day", Shows::DayEnergy, POWER),
    ("month_peak", "Monthly peak", Shows::Power, PEAKS),
    ("month_peak_at", "Time of the monthly peak", Shows::Moment, PEAKS),
    ("average_peak", "Average monthly peak", Shows::Power, PEAKS),
    ("gas_total", "Gas", Shows::Cumulative, GAS),
    ("day_gas", "Gas last day", Shows::DayEnergy, GAS),
    ("totals_from", "Totals from", Shows::Instant, NOTHING),
    ("complete_until", "Complete until", Shows::Instant, NOTHING),
    ("last_sync", "Last sync", Shows::Instant, NOTHING),
    ("backfill", "History to fetch", Shows::DaysLeft, NOTHING),
    ("status", "Status", Shows::Status, NOTHING),
];

/// A component; with nothing but its platform, Home Assistant takes it away.
#[derive(Default, Serialize)]
pub(super) struct Component {
    platform: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_of_measurement: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggested_display_precision: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    options: Option<[Status; Status::ALL.len()]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_category: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_attributes_topic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json_attributes_template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command_topic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_press: Option<&'static str>,
}

/// The components of a meter's device, by their keys.
#[must_use]
pub(super) fn components(meter: &Meter, topics: &Topics, features: Features) -> BTreeMap<&'static str, Component> {
    let mut components = BTreeMap::new();
    for (key, name, shows, needs) in SENSORS {
        if needs.are_met(meter, features) {
            components.insert(key, sensor(key, name, shows, topics, meter, features.has_statistics));
        } else if features.takes_back {
            components.insert(key, Component { platform: "sensor", ..Component::default() });
        }
    }
    components.insert("problem", problem());
    components.insert("refresh", refresh(topics));
    for (key, component) in &mut components {
        if component.name.is_some() {
            component.unique_id = Some(format!("fluvius2mqtt_{}_{key}", meter.ean.digits()));
        }
    }
    components
}

fn sensor(
    key: &str,
    name: &'static str,
    shows: Shows,
    topics: &Topics,
    meter: &Meter,
    has_statistics: bool,
) -> Component {
    // A number that is absent leaves the sensor as it is, by an empty text; for other sensors that would be an error,
    // and `None` says that it isn't known.
    let absent = match shows {
        Shows::Cumulative | Shows::DayEnergy | Shows::Power => "''",
        Shows::Date | Shows::Moment | Shows::Instant | Shows::Status => "none",
        Shows::DaysLeft => "0",
    };
    let component = Component {
        platform: "sensor",
        name: Some(name),
        value_template: Some(format!("{{{{ value_json.{key} | default({absent}) }}}}")),
        ..Component::default()
    };
    // Home Assistant knows gas by volume alone; in kWh it is energy like any other.
    let device_class = Some(match meter.unit {
        Unit::KilowattHour => "energy",
        Unit::CubicMetre => "gas",
    });
    match shows {
        Shows::Cumulative => Component {
            device_class,
            unit_of_measurement: Some(meter.unit.symbol()),
            state_class: (!has_statistics).then_some("total"),
            suggested_display_precision: Some(3),
            ..component
        },
        // The energy of a day is not for statistics: they would count it when it arrives, a second time.
        Shows::DayEnergy => Component {
            device_class,
            unit_of_measurement: Some(meter.unit.symbol()),
            suggested_display_precision: Some(3),
            ..component
        },
        // A peak belongs to its month and comes when it comes; a measurement would be that of the hour in which it arrives,
        // and could be taken for the power from the grid.
        Shows::Power => Component {
            device_class: Some("power"),
            unit_of_measurement: Some("kW"),
            suggested_display_precision: Some(3),
            ..component
        },
        Shows::Date => Component { device_class: Some("date"), ..component },
        Shows::Moment => Component { device_class: Some("timestamp"), ..component },
        Shows::Instant => {
            Component { device_class: Some("timestamp"), entity_category: Some("diagnostic"), ..component }
        }
        Shows::DaysLeft => Component {
            unit_of_measurement: Some("d"),
            device_class: Some("duration"),
            entity_category: Some("diagnostic"),
            value_template: Some(format!("{{{{ (value_json.{key} | default({{}})).days_left | default({absent}) }}}}")),
            json_attributes_topic: Some(topics.state(&meter.ean)),
            json_attributes_template: Some(format!("{{{{ value_json.{key} | default({{}}) | tojson }}}}")),
            ..component
        },
        Shows::Status => Component {
            device_class: Some("enum"),
            entity_category: Some("diagnostic"),
            options: Some(Status::ALL),
            ..component
        },
    }
}

fn problem() -> Component {
    let fine: Vec<_> = Status::ALL
        .into_iter()
        .filter(|status| !status.is_problem())
        .filter_map(|status| serde_json::to_string(&status).ok())
        .map(|word| word.replace('"', "'"))
        .collect();
    Component {
        platform: "binary_sensor",
        name: Some("Problem"),
        device_class: Some("problem"),
        entity_category: Some("diagnostic"),
        value_template: Some(format!("{{{{ 'OFF' if value_json.status in [{}] else 'ON' }}}}", fine.join(", "))),
        ..Component::default()
    }
}

fn refresh(topics: &Topics) -> Component {
    Component {
        platform: "button",
        name: Some("Refresh"),
        entity_category: Some("config"),
        icon: Some("mdi:refresh"),
        command_topic: Some(topics.refresh()),
        payload_press: Some("PRESS"),
        ..Component::default()
    }
}
