use super::*;
use crate::config::{self, History};
use crate::energy::Ean;
use crate::mqtt::Status;

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
    for other in [electricity.as_str(), "", "[]", r#"{"components":{"gas_total":{"unit_of_measurement":"ft³"}}}"#] {
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
