//! A portal whose codes mean the opposite is noticed, and one setting puts the past and the future right.

use fluvius2mqtt::simulator::{SimulatedMeter, Where};
use serde_json::{Value, json};

use crate::support::{
    Asked, EAN, Home, Mosquitto, SERIAL, asked_since, assert_totals, before, first_days, retained, yesterday,
};

const WARNING: &str = "set fluvius.reading_codes to dc_is_direction";

async fn home(solar: bool) -> Home {
    let mut meter = SimulatedMeter::electricity(EAN, SERIAL, before(400));
    meter.published_until = Some(yesterday());
    meter.swapped_codes = true;
    meter.household.solar = solar;
    Home::with(Default::default(), vec![meter], Mosquitto::start().await).await
}

/// The components that are announced with more than what takes them away.
async fn sensors(home: &Home) -> Vec<String> {
    let held = retained(home.broker.port).await;
    let (_, announced) = held.iter().find(|(topic, _)| *topic == Home::discovery_topic(EAN)).unwrap();
    let announced: Value = serde_json::from_str(announced).unwrap();
    let components = announced["components"].as_object().unwrap();
    components.iter().filter(|(_, component)| component.get("name").is_some()).map(|(key, _)| key.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_gives_exact_sums_from_the_start_without_a_warning() {
    let mut home = home(true).await;
    home.settings["fluvius"]["reading_codes"] = json!("dc_is_direction");
    let log = home.once_well().await.log;
    assert!(!log.contains("reading_codes") && !log.contains("swapped"), "{log}");
    assert_totals(&home.state(EAN).await, home.portal.expected(EAN, first_days()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_as_usual_is_not_suspected() {
    let home = Home::new().await;
    let log = home.once_well().await.log;
    assert!(!log.contains("reading_codes"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn swapped_codes_are_told_once_and_the_setting_puts_the_past_right() {
    for solar in [true, false] {
        let mut home = home(solar).await;
        for _ in 0..2 {
            let log = home.once_well().await.log;
            assert_eq!(log.matches(WARNING).count(), 1, "{log}");
        }
        home.settings["fluvius"]["reading_codes"] = json!("dc_is_direction");
        let requests = home.portal.requests().len();
        let log = home.once_well().await.log;
        assert!(log.contains("consumption and injection of all readings were put right"), "{log}");
        assert!(!log.contains(WARNING), "{log}");
        let days: Vec<_> = asked_since(&home.portal, requests).iter().map(Asked::day).collect();
        assert_eq!(
            days,
            [yesterday(), before(1), before(2)],
            "solar: {solar}: the past is put right without the portal"
        );

        let state = home.state(EAN).await;
        assert_eq!(state["status"], "ok", "{state}");
        let sums = home.portal.expected(EAN, first_days());
        let sensors = sensors(&home).await;
        assert!(sensors.iter().any(|key| key == "consumption_high"), "{sensors:?}");
        if solar {
            assert_totals(&state, sums);
            assert!(sensors.iter().any(|key| key == "injection_low"), "{sensors:?}");
        } else {
            assert_eq!(state["consumption_total"], Home::kwh(sums.consumption()));
            assert_eq!(state["consumption_high"], Home::kwh(sums.consumption_high));
            assert_eq!(state["net_total"], state["consumption_total"]);
            assert!(!sensors.iter().any(|key| key.contains("injection")), "{sensors:?}");
            assert!(state.get("injection_total").is_none(), "{state}");
        }

        // The next start says nothing more, and a way back exists.
        let log = home.once_well().await.log;
        assert!(!log.contains("put right") && !log.contains(WARNING), "{log}");
        let counted = home.state(EAN).await["consumption_total"].clone();
        home.settings["fluvius"]["reading_codes"] = json!("t_is_direction");
        home.once_well().await;
        assert_ne!(home.state(EAN).await["consumption_total"], counted);
        home.settings["fluvius"]["reading_codes"] = json!("dc_is_direction");
        home.once_well().await;
        assert_eq!(home.state(EAN).await["consumption_total"], counted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_tells_it_once_however_often_it_polls() {
    let mut home = home(true).await;
    home.settings["log"] = json!("info");
    let bridge = home.run();
    bridge.logs(WARNING).await;
    bridge.logs("Next poll: ").await;
    let listener = crate::support::Listener::connect(home.broker.port).await;
    listener.publish("fluvius2mqtt/command/refresh", "PRESS", false).await;
    bridge.logs("refresh: polling now").await;
    let polls = |log: &str| log.matches("Next poll: ").count();
    crate::support::until("the second poll ends", || (polls(&bridge.log()) == 2).then_some(())).await;
    assert!(home.portal.count(Where::History) > 34);
    assert_eq!(bridge.stop().await.log.matches(WARNING).count(), 1);
}
