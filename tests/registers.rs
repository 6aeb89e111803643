//! A meter has the registers that it counts in and no others, and one that comes later changes nothing else.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use fluvius2mqtt::simulator::{SimulatedMeter, Tariffs};
use fluvius2mqtt::statistics::fake::FakeHomeAssistant;
use serde_json::{Value, json};

use crate::support::{EAN, Home, Mosquitto, SERIAL, assert_totals, before, first_days, midnight, retained, yesterday};

/// What a meter with one register and no panels shows.
const PLAIN: [&str; 12] = [
    "average_peak",
    "complete_until",
    "consumption_total",
    "day",
    "day_consumption",
    "day_net",
    "last_sync",
    "month_peak",
    "month_peak_at",
    "net_total",
    "status",
    "totals_from",
];

async fn home(change: impl FnOnce(&mut SimulatedMeter)) -> (Home, FakeHomeAssistant) {
    let mut meter = SimulatedMeter::electricity(EAN, SERIAL, before(400));
    meter.published_until = Some(yesterday());
    change(&mut meter);
    let mut home = Home::with(Default::default(), vec![meter], Mosquitto::start().await).await;
    let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
    home.settings["home_assistant"] = json!({"url": home_assistant.url().as_str(),
        "token": home_assistant.token().expose(), "registers": "split"});
    home.settings["prices"] = json!([{"from": before(400), "consumption": 0.3, "injection": 0.04}]);
    (home, home_assistant)
}

fn plain() -> BTreeSet<String> {
    PLAIN.map(str::to_owned).into()
}

fn keys(state: &Value) -> BTreeSet<String> {
    state.as_object().unwrap().keys().cloned().collect()
}

/// The announced components by their key, without the button, the problem and the back-fill, which all have.
async fn components(home: &Home) -> serde_json::Map<String, Value> {
    let held = retained(home.broker.port).await;
    let (_, announced) = held.iter().find(|(topic, _)| *topic == Home::discovery_topic(EAN)).unwrap();
    let mut announced: Value = serde_json::from_str(announced).unwrap();
    let components = announced["components"].as_object_mut().unwrap();
    components.retain(|key, _| !["backfill", "problem", "refresh"].contains(&key.as_str()));
    components.clone()
}

/// The last parts of the ids that Home Assistant holds.
fn statistics(home_assistant: &FakeHomeAssistant) -> Vec<String> {
    let prefix = format!("fluvius2mqtt:{EAN}_");
    home_assistant.edit(|state| state.statistics.keys().map(|id| id.replace(&prefix, "")).collect())
}

/// A meter with one register and without panels shows what it has, and no word of anything else.
async fn assert_plain(home: &Home, home_assistant: &FakeHomeAssistant, last: NaiveDate) {
    let state = home.state(EAN).await;
    assert_eq!(keys(&state), plain(), "{state}");
    let sums = home.portal.expected(EAN, before(30)..=last);
    assert_eq!(state["consumption_total"], Home::kwh(sums.consumption_single));
    assert_eq!(sums.consumption_single, sums.consumption());
    assert_eq!(state["net_total"], state["consumption_total"]);
    assert_eq!(state["day_net"], state["day_consumption"]);
    assert_eq!(state["day"], last.to_string());
    let announced: BTreeSet<_> = components(home).await.keys().cloned().collect();
    assert_eq!(announced, plain());
    assert_eq!(statistics(home_assistant), ["consumption", "cost"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_register_without_panels_has_nothing_but_consumption() {
    for idle_injection in [false, true] {
        let (home, home_assistant) = home(|meter| {
            meter.household.tariffs = Tariffs::Single;
            meter.household.solar = false;
            meter.idle_injection = idle_injection;
        })
        .await;
        for _ in 0..2 {
            home.once_well().await;
            assert_plain(&home, &home_assistant, yesterday()).await;
            assert_eq!(home.state(EAN).await["status"], "ok");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn panels_without_tariffs_have_one_register_each_way() {
    let (home, home_assistant) = home(|meter| meter.household.tariffs = Tariffs::Single).await;
    home.once_well().await;
    let state = home.state(EAN).await;
    let mut expected = plain();
    expected.extend(["injection_total", "day_injection"].map(str::to_owned));
    assert_eq!(keys(&state), expected);
    let sums = home.portal.expected(EAN, first_days());
    assert_eq!(state["injection_total"], Home::kwh(sums.injection_single));
    assert_eq!(state["net_total"], Home::kwh(sums.consumption_single - sums.injection_single));
    assert_eq!(statistics(&home_assistant), ["compensation", "consumption", "cost", "injection"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tariffs_without_panels_have_two_registers_one_way() {
    let (home, home_assistant) = home(|meter| {
        meter.household.solar = false;
        meter.idle_injection = true;
    })
    .await;
    home.once_well().await;
    let mut expected = plain();
    expected.extend(["consumption_high", "consumption_low"].map(str::to_owned));
    assert_eq!(keys(&home.state(EAN).await), expected);
    assert_eq!(statistics(&home_assistant), ["consumption", "consumption_high", "consumption_low", "cost"]);
}

/// All that was announced before is announced as it was.
fn assert_kept(before: &serde_json::Map<String, Value>, after: &serde_json::Map<String, Value>) {
    for (key, component) in before {
        assert_eq!(after.get(key), Some(component), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn panels_that_come_later_bring_their_sensors_and_no_total_jumps() {
    for idle_injection in [false, true] {
        let (home, home_assistant) = home(|meter| {
            meter.household.tariffs = Tariffs::Single;
            meter.solar_since = Some(yesterday());
            meter.idle_injection = idle_injection;
            meter.withheld.insert(yesterday());
        })
        .await;
        home.once_well().await;
        assert_plain(&home, &home_assistant, before(1)).await;
        let (first, announced) = (home.state(EAN).await, components(&home).await);
        let consumption = format!("fluvius2mqtt:{EAN}_consumption");
        let hours = home_assistant.rows(&consumption);

        home.portal.edit_meter(EAN, |meter| meter.withheld.clear());
        home.once_well().await;
        let state = home.state(EAN).await;
        let (old, new) =
            (home.portal.expected(EAN, before(30)..=before(1)), home.portal.expected(EAN, yesterday()..=yesterday()));
        assert_eq!(state["consumption_total"], Home::kwh(old.consumption() + new.consumption()));
        assert_eq!(state["injection_total"], Home::kwh(new.injection()));
        assert_eq!(state["day_injection"], Home::kwh(new.injection()));
        assert_eq!(state["net_total"], Home::kwh(old.consumption() + new.consumption() - new.injection()));
        assert_eq!((&state["totals_from"], &state["status"]), (&first["totals_from"], &json!("ok")));
        let after = components(&home).await;
        assert_kept(&announced, &after);
        let mut expected = plain();
        expected.extend(["injection_total", "day_injection"].map(str::to_owned));
        assert_eq!((keys(&state), after.keys().cloned().collect()), (expected.clone(), expected));
        assert_eq!(home_assistant.rows(&consumption)[..hours.len()], hours);
        let injection = home_assistant.rows(&format!("fluvius2mqtt:{EAN}_injection"));
        assert_eq!(injection.last().unwrap().sum, new.injection());
        assert_eq!(statistics(&home_assistant), ["compensation", "consumption", "cost", "injection"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tariffs_that_come_later_bring_their_sensors_and_no_total_jumps() {
    let (home, home_assistant) = home(|meter| {
        meter.household.solar = false;
        meter.tariffs_since = Some(before(1));
        meter.withheld.extend([yesterday(), before(1)]);
    })
    .await;
    home.once_well().await;
    assert_plain(&home, &home_assistant, before(2)).await;
    let (first, announced) = (home.state(EAN).await, components(&home).await);

    home.portal.edit_meter(EAN, |meter| meter.withheld.clear());
    home.once_well().await;
    let state = home.state(EAN).await;
    let sums = home.portal.expected(EAN, first_days());
    assert!(sums.consumption_single > 0 && sums.consumption_low > 0);
    assert_eq!(state["consumption_total"], Home::kwh(sums.consumption()));
    assert_eq!(state["consumption_high"], Home::kwh(sums.consumption_high));
    assert_eq!(state["consumption_low"], Home::kwh(sums.consumption_low));
    assert_eq!((&state["totals_from"], &state["net_total"]), (&first["totals_from"], &state["consumption_total"]));
    assert_kept(&announced, &components(&home).await);
    let sum = |kind: &str| home_assistant.rows(&format!("fluvius2mqtt:{EAN}_{kind}")).last().map_or(0, |row| row.sum);
    assert_eq!(sum("consumption"), sums.consumption());
    assert_eq!((sum("consumption_high"), sum("consumption_low")), (sums.consumption_high, sums.consumption_low));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_ledger_keeps_the_sensors_of_registers_that_were_there() {
    let (home, _home_assistant) = home(|_| {}).await;
    home.once_well().await;
    let announced = components(&home).await;
    std::fs::remove_dir_all(home.data_dir()).unwrap();
    let listener = crate::support::Listener::connect(home.broker.port).await;
    home.once_well().await;
    assert_eq!(components(&home).await, announced);
    for message in listener.heard_on(&Home::discovery_topic(EAN)) {
        let components = message.json()["components"].clone();
        assert!(components["injection_low"]["unique_id"].is_string(), "{components}");
    }
    let state = home.state(EAN).await;
    assert_totals(&state, home.portal.expected(EAN, first_days()));
    assert_eq!(state["totals_from"], midnight(before(30)));
}
