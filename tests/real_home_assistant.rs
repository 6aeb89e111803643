//! The newest Home Assistant shows what the bridge publishes, and has nothing to complain about.

use chrono::{DateTime, Days, Utc};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::SimulatedMeter;
use serde_json::{Value, json};

use crate::support::{
    Browser, EAN, Home, Household, Listener, Mosquitto, OTHER_EAN, OTHER_SERIAL, RealHomeAssistant, Row, SERIAL,
    average_peak, yesterday,
};

/// What Home Assistant makes of each component: its key, its name, its device class, its state class, its unit.
const ENTITIES: [(&str, &str, &str, &str, &str); 21] = [
    ("average_peak", "Average monthly peak", "power", "", "kW"),
    ("backfill", "History to fetch", "duration", "", "d"),
    ("complete_until", "Complete until", "timestamp", "", ""),
    ("consumption_high", "Consumption high tariff", "energy", "total", "kWh"),
    ("consumption_low", "Consumption low tariff", "energy", "total", "kWh"),
    ("consumption_total", "Consumption", "energy", "total", "kWh"),
    ("day", "Last complete day", "date", "", ""),
    ("day_consumption", "Consumption last day", "energy", "", "kWh"),
    ("day_injection", "Injection last day", "energy", "", "kWh"),
    ("day_net", "Net consumption last day", "energy", "", "kWh"),
    ("injection_high", "Injection high tariff", "energy", "total", "kWh"),
    ("injection_low", "Injection low tariff", "energy", "total", "kWh"),
    ("injection_total", "Injection", "energy", "total", "kWh"),
    ("last_sync", "Last sync", "timestamp", "", ""),
    ("month_peak", "Monthly peak", "power", "", "kW"),
    ("month_peak_at", "Time of the monthly peak", "timestamp", "", ""),
    ("net_total", "Net consumption", "energy", "total", "kWh"),
    ("problem", "Problem", "problem", "", ""),
    ("refresh", "Refresh", "", "", ""),
    ("status", "Status", "enum", "", ""),
    ("totals_from", "Totals from", "timestamp", "", ""),
];

fn device_id(ean: &str) -> String {
    format!("fluvius2mqtt_{ean}")
}

/// A home whose bridge uses the broker of a household.
async fn home_in(household: &Household, ean: &str, serial: &str) -> Home {
    let mut meter = SimulatedMeter::electricity(ean, serial, yesterday() - Days::new(400));
    meter.published_until = Some(yesterday());
    let mut home = Home::with(Clock::system(), vec![meter], Mosquitto::start().await).await;
    home.settings["mqtt"]["url"] = json!(household.broker.url());
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    home
}

/// The entity of a meter's component, once its state is the one that is wanted.
async fn entity(home_assistant: &RealHomeAssistant, ean: &str, key: &str, wanted: &str) -> Value {
    let entity = home_assistant.entity(&device_id(ean), key).await;
    home_assistant.state(&entity, wanted, |state| state["state"] == wanted).await
}

/// Each entity shows what the state says, under its name and with its unit and classes.
async fn assert_all_shown(home_assistant: &RealHomeAssistant, state: &Value) {
    entity(home_assistant, EAN, "status", "ok").await;
    // What a poll brings last.
    entity(home_assistant, EAN, "average_peak", &state["average_peak"].to_string()).await;
    let entities = home_assistant.entities(&device_id(EAN)).await;
    let keys: Vec<_> = entities.keys().map(String::as_str).collect();
    assert_eq!(keys, ENTITIES.map(|entity| entity.0));
    let states = home_assistant.states().await;
    for (key, name, device_class, state_class, unit) in ENTITIES {
        let shown = &states[entities[key]["entity_id"].as_str().unwrap()];
        let attribute = |name: &str| shown["attributes"][name].as_str().unwrap_or_default();
        assert_eq!(attribute("friendly_name"), format!("Fluvius 0011 {name}"));
        assert_eq!(attribute("device_class"), device_class, "{key}");
        assert_eq!(attribute("state_class"), state_class, "{key}");
        assert_eq!(attribute("unit_of_measurement"), unit, "{key}");
        let value = shown["state"].as_str().unwrap();
        let instant = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        match device_class {
            "energy" | "power" => assert_eq!(value.parse::<f64>().ok(), state[key].as_f64(), "{key}"),
            "timestamp" => assert_eq!(instant(value), instant(state[key].as_str().unwrap()), "{key}"),
            "problem" => assert_eq!(value, "off"),
            // Nothing is to be fetched but what polls read.
            "duration" => assert_eq!((value, &state[key]), ("0", &Value::Null)),
            // A button that was never pressed.
            "" => assert_eq!(value, "unknown"),
            _ => assert_eq!(value, state[key], "{key}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_value_is_there_as_it_should_be_and_again_after_a_restart() {
    let home = Home::new().await;
    let mut home_assistant = RealHomeAssistant::start(Some(home.broker.port)).await;
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    bridge.logs("Next poll").await;
    let average = average_peak(&home.portal, yesterday());
    let state = listener.wait_for(&Home::state_topic(EAN), "average_peak", average).await;
    assert_all_shown(&home_assistant, &state).await;
    let device = home_assistant.device(&device_id(EAN)).await;
    assert_eq!(device["name"], "Fluvius 0011");
    assert_eq!(device["manufacturer"], "Fluvius");
    assert_eq!(device["model"], "Digital electricity meter");
    assert_eq!(device["serial_number"], SERIAL);
    assert_eq!(device["configuration_url"], "https://mijn.fluvius.be/");

    home_assistant.restart().await;
    assert_all_shown(&home_assistant, &state).await;
    assert_eq!(home_assistant.device(&device_id(EAN)).await["id"], device["id"]);

    bridge.stop().await;
    entity(&home_assistant, EAN, "consumption_total", "unavailable").await;
    assert_eq!(home_assistant.complaints().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_on_the_device_page_polls() {
    let household = Household::shared().await;
    let home_assistant = &household.home_assistant;
    let mut home = home_in(&household, OTHER_EAN, OTHER_SERIAL).await;
    home.portal.edit_meter(OTHER_EAN, |meter| meter.withheld.insert(yesterday()));
    home.settings["meters"][0]["history_from"] = json!((yesterday() - Days::new(70)).to_string());
    let bridge = home.run();
    bridge.logs("Next poll").await;
    entity(home_assistant, OTHER_EAN, "status", "waiting").await;
    let history = home_assistant.entity(&device_id(OTHER_EAN), "backfill").await;
    let is_in = |state: &Value| state["state"] == "0" && state["attributes"]["days_done"].as_u64() == Some(9);
    home_assistant.state(&history, "the older history is in", is_in).await;
    home.portal.edit_meter(OTHER_EAN, |meter| meter.withheld.clear());

    let button = home_assistant.entity(&device_id(OTHER_EAN), "refresh").await;
    home_assistant.service("button", "press", &button).await;
    entity(home_assistant, OTHER_EAN, "status", "ok").await;
    entity(home_assistant, OTHER_EAN, "day", &yesterday().to_string()).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_device_page_shows_the_meter() {
    let household = Household::shared().await;
    let home_assistant = &household.home_assistant;
    let home = home_in(&household, EAN, SERIAL).await;
    let bridge = home.run();
    bridge.logs("Next poll").await;
    let shown = entity(home_assistant, EAN, "status", "ok").await;
    assert_eq!(shown["attributes"]["friendly_name"], "Fluvius 0011 Status");
    let device = home_assistant.device(&device_id(EAN)).await;

    let mut browser = Browser::start(1000, 1220).await;
    browser.open(home_assistant, &format!("/config/devices/device/{}", device["id"].as_str().unwrap())).await;
    let mut texts = vec!["Fluvius 0011", "Digital electricity meter", "by Fluvius"];
    texts.extend(ENTITIES.map(|entity| entity.1));
    browser.shows(&texts).await;
    browser.picture("device.png").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn imported_statistics_are_kept_by_hour_and_can_feed_the_dashboard() {
    let household = Household::new().await;
    let home_assistant = &household.home_assistant;
    let id = "fluvius2mqtt:try_consumption";
    let metadata = json!({
        "has_sum": true, "mean_type": 0, "name": "Try", "source": "fluvius2mqtt", "statistic_id": id,
        "unit_class": "energy", "unit_of_measurement": "kWh",
    });
    // The hour that is there twice in autumn.
    let hours = ["2026-10-25T01:00:00+02:00", "2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"];
    let sums = [0.25, 0.75, 1.75];
    let rows: Vec<_> =
        hours.iter().zip(sums).map(|(start, sum)| json!({"start": start, "state": 1.0, "sum": sum})).collect();
    let import = json!({"type": "recorder/import_statistics", "metadata": metadata, "stats": rows});
    home_assistant.ws(import).await;

    let (from, until) = ("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00");
    let kept = home_assistant.until("the rows are there", async || {
        home_assistant.statistics(&[id], from, until).await.remove(id).filter(|rows| rows.len() == hours.len())
    });
    let kept = kept.await;
    let expected: Vec<_> = hours.iter().zip(sums).zip([0.25, 0.5, 1.0]).collect();
    for (row, ((start, sum), change)) in kept.iter().zip(expected) {
        let start = start.parse().unwrap();
        assert_eq!(*row, Row { start, state: Some(1.0), sum: Some(sum), change: Some(change) });
    }
    assert_eq!(home_assistant.statistics_known().await[id]["name"], "Try");

    assert_eq!(home_assistant.energy().await, Value::Null);
    let source = json!({"type": "grid", "stat_energy_from": id, "cost_adjustment_day": 0});
    home_assistant.configure_energy(json!({"energy_sources": [source]})).await;
    assert_eq!(home_assistant.energy().await["energy_sources"][0]["stat_energy_from"], id);
    assert_eq!(home_assistant.energy_issues().await, Vec::<Value>::new());

    home_assistant.clear_statistics(&[id]).await;
    assert!(home_assistant.statistics(&[id], from, until).await.is_empty());
    assert_eq!(home_assistant.complaints().await, Vec::<String>::new());
}
