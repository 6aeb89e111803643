//! On the newest Home Assistant, each kWh is in the hour in which it was used, and stays there.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Days, DurationRound as _, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{SimulatedMeter, Sums};
use serde_json::json;

use crate::gas::{GAS_EAN, ago, last_day};
use crate::support::{
    Browser, EAN, Home, Household, Listener, Mosquitto, RealHomeAssistant, SERIAL, before, yesterday,
};

const CONSUMPTION: &str = "fluvius2mqtt:541448860000000011_consumption";
const INJECTION: &str = "fluvius2mqtt:541448860000000011_injection";
const GAS: &str = "fluvius2mqtt:541448860000000028_gas";
const GAS_COST: &str = "fluvius2mqtt:541448860000000028_cost";

/// So many days back the history begins, which includes a change of the clocks for a part of the year.
const DAYS: u64 = 40;

/// The hours of a statistic in millionths: what was counted in each, and the sum.
type Hours = Vec<(DateTime<Utc>, i64, i64)>;

/// A home whose bridge uses the household's broker and Home Assistant.
async fn home_of(household: &Household) -> Home {
    let mut meter = SimulatedMeter::electricity(EAN, SERIAL, yesterday() - Days::new(400));
    meter.published_until = Some(yesterday());
    let mut home = Home::with(Clock::system(), vec![meter], Mosquitto::start().await).await;
    home.settings["mqtt"]["url"] = json!(household.broker.url());
    home.settings["meters"][0]["name"] = json!("Home");
    home.settings["meters"][0]["history_from"] = json!(before(DAYS));
    let home_assistant = &household.home_assistant;
    home.settings["home_assistant"] = json!({"url": home_assistant.url(), "token": home_assistant.token()});
    home
}

/// What the hours since the start of history must be.
fn expected(home: &Home, amount: fn(&Sums) -> i64) -> Hours {
    let mut hours: BTreeMap<DateTime<Utc>, i64> = BTreeMap::new();
    for date in before(DAYS).iter_days().take_while(|date| *date <= yesterday()) {
        for slot in home.portal.truth(EAN, date).unwrap().slots {
            *hours.entry(slot.start.duration_trunc(TimeDelta::hours(1)).unwrap()).or_default() += amount(&slot.sums);
        }
    }
    let mut sum = 0;
    let hour = |(start, amount)| {
        sum += amount;
        (start, amount, sum)
    };
    hours.into_iter().map(hour).collect()
}

fn all_expected(home: &Home) -> [Hours; 2] {
    [expected(home, Sums::consumption), expected(home, Sums::injection)]
}

/// What Home Assistant holds of both statistics.
async fn held(home_assistant: &RealHomeAssistant) -> [Hours; 2] {
    held_of(home_assistant, [CONSUMPTION, INJECTION]).await
}

async fn held_of<const COUNT: usize>(home_assistant: &RealHomeAssistant, ids: [&str; COUNT]) -> [Hours; COUNT] {
    let from = before(DAYS + 10).and_hms_opt(0, 0, 0).unwrap().and_utc().to_rfc3339();
    let until = (Utc::now() + TimeDelta::days(10)).to_rfc3339();
    let found = home_assistant.statistics(&ids, &from, &until).await;
    #[expect(clippy::cast_possible_truncation, reason = "far below 2^53")]
    let millionths = |units: Option<f64>| (units.unwrap() * 1e6).round() as i64;
    ids.map(|id| {
        let rows = found.get(id).into_iter().flatten();
        rows.map(|row| (row.start, millionths(row.state), millionths(row.sum))).collect()
    })
}

async fn until_held(home_assistant: &RealHomeAssistant, expected: &[Hours; 2]) {
    let deadline = tokio::time::Instant::now() + crate::support::LIMIT;
    while held(home_assistant).await != *expected {
        assert!(tokio::time::Instant::now() < deadline, "Home Assistant holds something else");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn local_midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_hms_opt(0, 0, 0).unwrap().and_local_timezone(Brussels).unwrap().with_timezone(&Utc)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hour_is_right_and_stays_right() {
    let mut household = Household::new().await;
    let mut home = home_of(&household).await;
    home.once_well().await;
    let first = all_expected(&home);
    assert_eq!(held(&household.home_assistant).await, first);
    assert_eq!(first[0].first().unwrap().0, local_midnight(before(DAYS)));

    let known = household.home_assistant.statistics_known().await;
    assert_eq!(known[CONSUMPTION]["name"], "Home consumption");
    assert_eq!(known[INJECTION]["statistics_unit_of_measurement"], "kWh");
    assert!(known.keys().all(|id| !id.starts_with("sensor.home")), "nothing is counted a second time: {known:?}");

    // Polls without news, a correction downwards, and the same again.
    for _ in 0..9 {
        home.once_well().await;
    }
    assert_eq!(held(&household.home_assistant).await, first);
    home.portal.edit_meter(EAN, |meter| meter.corrections.insert(before(2), -90));
    home.once_well().await;
    let corrected = all_expected(&home);
    assert_ne!(corrected, first);
    assert_eq!(held(&household.home_assistant).await, corrected);

    // The service repairs what was removed, also over a restart of Home Assistant.
    let bridge = home.run();
    household.home_assistant.clear_statistics(&[CONSUMPTION]).await;
    household.home_assistant.restart().await;
    until_held(&household.home_assistant, &corrected).await;
    bridge.stop().await;

    // Home Assistant goes away in the middle of an import.
    household.home_assistant.clear_statistics(&[CONSUMPTION, INJECTION]).await;
    let listener = Listener::connect(household.broker.port).await;
    home.settings["log"] = json!("debug");
    let bridge = home.run();
    bridge.logs("recorder/import_statistics is done").await;
    household.home_assistant.kill();
    household.home_assistant.up().await;
    listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;
    until_held(&household.home_assistant, &corrected).await;
    bridge.stop().await;
    let mut complaints = household.home_assistant.complaints().await;
    // It finds that it was killed.
    complaints.retain(|line| !line.contains("recorder.util"));
    assert_eq!(complaints, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_energy_dashboard_shows_a_past_day_as_the_ledger_has_it() {
    let household = Household::new().await;
    let mut home = home_of(&household).await;
    home.settings["home_assistant"]["energy_dashboard"] = json!(true);
    home.settings["prices"] = json!([{"from": before(400), "consumption": 0.3120, "injection": 0.0350}]);
    let log = home.once_well().await.log;
    assert!(log.contains("the Energy dashboard shows the meters now"), "{log}");
    assert_eq!(household.home_assistant.energy_issues().await, Vec::<serde_json::Value>::new());
    let prefs = household.home_assistant.energy().await;
    home.once_well().await;
    assert_eq!(household.home_assistant.energy().await, prefs);

    let date = before(3);
    let day = home.portal.expected(EAN, date..=date);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let shown = |millionths: i64| format!("{:.2} kWh", millionths as f64 / 1e6);
    let mut browser = Browser::start(1280, 1000).await;
    browser.open(&household.home_assistant, "/energy").await;
    browser.shows(&["Energy distribution"]).await;
    // What the arrows beside the date do, as often as it takes.
    let (start, end) = (local_midnight(date), local_midnight(date + Days::new(1)) - TimeDelta::milliseconds(1));
    let choose = format!(
        r#"(() => {{
            const connection = document.querySelector("home-assistant").hass.connection;
            const energy = Object.values(connection).find((value) => value && value.setPeriod);
            energy.setPeriod(new Date("{}"), new Date("{}"));
            energy.refresh();
        }})()"#,
        start.to_rfc3339(),
        end.to_rfc3339()
    );
    browser.evaluate(&choose).await;
    let (imported, exported) = (shown(day.consumption()), shown(day.injection()));
    browser
        .shows(&[&format!("Total energy imported: {imported}"), &format!("Total energy exported: {exported}")])
        .await;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let euros = |millionths: i64, price: f64| format!("€{:.2}", millionths as f64 / 1e6 * price);
    let earned = format!("-{}", euros(day.injection(), 0.035));
    browser.shows(&[&euros(day.consumption(), 0.312), &earned]).await;
    browser.picture("energy.png").await;
    gas_beside_it(&household).await;
    assert_eq!(household.home_assistant.complaints().await, Vec::<String>::new());
}

/// Gas is on the same dashboard, in m³ and then in kWh, and nothing of one unit is left in the other.
async fn gas_beside_it(household: &Household) {
    let mut home = crate::gas::home(crate::gas::meter(), "m3").await;
    home.settings["mqtt"]["url"] = json!(household.broker.url());
    let home_assistant = &household.home_assistant;
    home.settings["home_assistant"] =
        json!({"url": home_assistant.url(), "token": home_assistant.token(), "energy_dashboard": true});
    home.settings["prices"] = json!([{"from": before(400), "gas": 0.8}]);
    for (unit, symbol, class, device_class) in [("m3", "m³", "volume", "gas"), ("kwh", "kWh", "energy", "energy")] {
        home.settings["meters"][0]["gas_unit"] = json!(unit);
        home.once_well().await;
        let (mut sum, mut burnt) = (0, Hours::new());
        for date in ago(30).iter_days().take_while(|date| *date <= last_day()) {
            for slot in home.portal.truth(GAS_EAN, date).unwrap().slots {
                let state = if unit == "m3" { slot.sums.gas_volume } else { slot.sums.gas_energy };
                sum += state;
                burnt.push((slot.start, state, sum));
            }
        }
        let [gas, cost] = held_of(home_assistant, [GAS, GAS_COST]).await;
        assert_eq!(gas, burnt, "{unit}");
        assert_eq!(cost.last().unwrap().2, (sum * 4 + 2) / 5, "0.80 EUR each, to the nearest millionth");
        let known = home_assistant.statistics_known().await[GAS].clone();
        assert_eq!(
            [&known["statistics_unit_of_measurement"], &known["unit_class"], &known["name"]],
            [symbol, class, "Fluvius 0028 gas"]
        );
        let sources = home_assistant.energy().await["energy_sources"].clone();
        let source = sources.as_array().unwrap().iter().find(|source| source["type"] == "gas").unwrap();
        assert_eq!([&source["stat_energy_from"], &source["stat_cost"]], [GAS, GAS_COST]);
        assert_eq!(home_assistant.energy_issues().await, Vec::<serde_json::Value>::new());

        let entity = home_assistant.entity(&format!("fluvius2mqtt_{GAS_EAN}"), "gas_total").await;
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let total = sum as f64 / 1e6;
        let is_shown = |state: &serde_json::Value| {
            let attribute = |name: &str| state["attributes"][name].as_str();
            state["state"].as_str().and_then(|shown| shown.parse().ok()) == Some(total)
                && attribute("unit_of_measurement") == Some(symbol)
                && attribute("device_class") == Some(device_class)
                && attribute("state_class").is_none()
        };
        home_assistant.state(&entity, &format!("{total} {symbol}"), is_shown).await;
    }
}
