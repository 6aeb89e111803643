//! The discovery payload: one device a meter, with a component for each state key that the meter has.
//!
//! Only keys that Home Assistant 2024.11 knows are used, since it refuses a whole device for one that it doesn't know.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::state::Status;
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

/// A component; with nothing but its platform, Home Assistant takes it away.
#[derive(Default, Serialize)]
struct Component {
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

/// The payload of a meter's discovery topic.
#[must_use]
pub fn announcement(meter: &Meter, topics: &Topics, features: Features) -> Vec<u8> {
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
        components,
    };
    // It can't fail: the fields are texts and small numbers.
    serde_json::to_vec(&announcement).unwrap_or_default()
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

/// The unit in which an announcement says that gas is counted.
#[must_use]
pub fn announced_gas_unit(announcement: &[u8]) -> Option<Unit> {
    let announced: Value = serde_json::from_slice(announcement).ok()?;
    let unit = announced.pointer("/components/gas_total/unit_of_measurement")?.as_str()?;
    [Unit::KilowattHour, Unit::CubicMetre].into_iter().find(|known| known.symbol() == unit)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, History};
    use crate::energy::Ean;

    fn settings() -> config::Mqtt {
        config::Mqtt {
            host: "127.0.0.1".to_owned(),
            port: 1883,
            tls: false,
            login: None,
            ca_file: None,
            client_id: None,
            discovery_prefix: "homeassistant".to_owned(),
            birth_topic: "homeassistant/status".to_owned(),
            base_topic: "fluvius2mqtt".to_owned(),
        }
    }

    fn announced(features: Features) -> Value {
        announced_as(MeterKind::Electricity, Unit::KilowattHour, features)
    }

    fn announced_as(kind: MeterKind, unit: Unit, features: Features) -> Value {
        let meter = Meter {
            ean: Ean::parse("541448860000000011").unwrap(),
            serial: "1SAG1100000015".to_owned(),
            name: Some("Home".to_owned()),
            kind,
            unit,
            resolution: History::Finest,
            history_from: None,
            history_until: None,
        };
        serde_json::from_slice(&announcement(&meter, &Topics::new(&settings()), features)).unwrap()
    }

    const ALL: Features =
        Features { injects: true, has_tariffs: true, has_peaks: true, has_statistics: false, takes_back: false };

    #[test]
    fn a_full_meter_has_a_sensor_for_each_state_key() {
        let announced = announced(ALL);
        let mut keys: Vec<_> = announced["components"].as_object().unwrap().keys().cloned().collect();
        keys.retain(|key| key != "problem" && key != "refresh");
        let state: Value = serde_json::from_slice(&crate::mqtt::state::tests::full().payload()).unwrap();
        let mut expected: Vec<_> = state.as_object().unwrap().keys().cloned().collect();
        expected.sort();
        assert_eq!(keys, expected);
        for (key, component) in announced["components"].as_object().unwrap() {
            assert_eq!(component["unique_id"], format!("fluvius2mqtt_541448860000000011_{key}"));
        }
    }

    #[test]
    fn a_gas_meter_has_its_own_sensors_and_the_class_of_its_unit() {
        for (unit, symbol, class) in [(Unit::KilowattHour, "kWh", "energy"), (Unit::CubicMetre, "m³", "gas")] {
            let announced = announced_as(MeterKind::Gas, unit, ALL);
            let components = announced["components"].as_object().unwrap();
            let mut keys: Vec<_> = components.keys().cloned().collect();
            keys.retain(|key| key != "problem" && key != "refresh");
            let state: Value = serde_json::from_slice(&crate::mqtt::state::tests::gas().payload()).unwrap();
            let mut expected: Vec<_> = state.as_object().unwrap().keys().cloned().collect();
            expected.sort();
            assert_eq!(keys, expected, "nothing of electricity, whatever the readings say");
            for (key, state_class) in [("gas_total", "total".into()), ("day_gas", Value::Null)] {
                let component = &components[key];
                assert_eq!(
                    (&component["device_class"], &component["unit_of_measurement"]),
                    (&class.into(), &symbol.into())
                );
                assert_eq!(component["state_class"], state_class);
            }
            assert_eq!(announced_gas_unit(announced.to_string().as_bytes()), Some(unit));
        }
        let electricity = announced(ALL).to_string();
        assert!(!electricity.contains("gas"), "{electricity}");
        for other in [electricity.as_str(), "", "[]", r#"{"components":{"gas_total":{"unit_of_measurement":"ft³"}}}"#]
        {
            assert_eq!(announced_gas_unit(other.as_bytes()), None);
        }
    }

    #[test]
    fn a_meter_without_panels_and_tariffs_has_no_sensors_for_them() {
        let announced = announced(Features::default());
        let keys = announced["components"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        assert!(!keys.contains("injection") && !keys.contains("high") && !keys.contains("low"), "{keys}");
        assert!(keys.contains("consumption_total") && keys.contains("net_total"), "{keys}");
    }

    #[test]
    fn peaks_are_powers_and_a_moment_outside_of_all_statistics_and_come_with_the_first_one() {
        for has_statistics in [false, true] {
            let components = &announced(Features { has_statistics, ..ALL })["components"];
            for key in ["month_peak", "average_peak"] {
                let power = &components[key];
                assert_eq!((&power["device_class"], &power["unit_of_measurement"]), (&"power".into(), &"kW".into()));
                assert_eq!(power["state_class"], Value::Null, "{key}");
                assert_eq!(power["value_template"], format!("{{{{ value_json.{key} | default('') }}}}"));
            }
            let moment = &components["month_peak_at"];
            assert_eq!((&moment["device_class"], &moment["entity_category"]), (&"timestamp".into(), &Value::Null));
        }
        let without = announced(Features { has_peaks: false, ..ALL });
        assert!(!without["components"].to_string().contains("peak"));
    }

    #[test]
    fn sensors_that_turned_out_wrong_are_taken_back() {
        let announced = announced(Features { takes_back: true, ..Features::default() });
        assert_eq!(announced["components"]["injection_total"].to_string(), r#"{"platform":"sensor"}"#);
    }

    #[test]
    fn only_cumulative_energy_goes_to_the_statistics_and_none_of_it_is_a_measurement() {
        for (key, component) in announced(ALL)["components"].as_object().unwrap() {
            let cumulative = ["_total", "_high", "_low"].iter().any(|end| key.ends_with(end));
            assert_eq!(component["state_class"] == "total", cumulative, "{key}");
            assert!(cumulative || component["state_class"].is_null(), "{key}");
        }
    }

    #[test]
    fn with_statistics_no_sensor_counts_as_well() {
        for (key, component) in announced(Features { has_statistics: true, ..ALL })["components"].as_object().unwrap() {
            assert!(component["state_class"].is_null(), "{key}");
        }
    }

    #[test]
    fn the_problem_sensor_knows_each_status() {
        let announced = announced(ALL);
        let template = announced["components"]["problem"]["value_template"].as_str().unwrap();
        assert_eq!(template, "{{ 'OFF' if value_json.status in ['starting', 'ok', 'waiting'] else 'ON' }}");
        assert_eq!(announced["components"]["status"]["options"].as_array().unwrap().len(), Status::ALL.len());
    }
}
