//! A first run ends with sensors, and none of the history that it fetched looks like energy used now.

use std::collections::BTreeSet;

use chrono::Days;
use fluvius2mqtt::simulator::{Household, SimulatedMeter, Tariffs, Where};
use serde_json::Value;

use crate::support::{EAN, Home, Listener, Mosquitto, SERIAL, retained, yesterday};

const STATE_KEYS: [&str; 18] = [
    "average_peak",
    "complete_until",
    "consumption_high",
    "consumption_low",
    "consumption_total",
    "day",
    "day_consumption",
    "day_injection",
    "day_net",
    "injection_high",
    "injection_low",
    "injection_total",
    "last_sync",
    "month_peak",
    "month_peak_at",
    "net_total",
    "status",
    "totals_from",
];

fn keys(object: &Value) -> BTreeSet<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_ends_with_sensors_that_hold_the_exact_sums() {
    let home = Home::new().await;
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    let state = listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;

    // 31 days before the first run, which are those until yesterday.
    let sums = home.portal.expected(EAN, yesterday() - Days::new(30)..=yesterday());
    let last = home.portal.expected(EAN, yesterday()..=yesterday());
    assert_eq!(keys(&state), STATE_KEYS.into());
    assert_eq!(state["consumption_total"], Home::kwh(sums.consumption()));
    assert_eq!(state["consumption_high"], Home::kwh(sums.consumption_high));
    assert_eq!(state["consumption_low"], Home::kwh(sums.consumption_low));
    assert_eq!(state["injection_total"], Home::kwh(sums.injection()));
    assert_eq!(state["injection_high"], Home::kwh(sums.injection_high));
    assert_eq!(state["injection_low"], Home::kwh(sums.injection_low));
    assert_eq!(state["net_total"], Home::kwh(sums.consumption() - sums.injection()));
    assert_eq!(state["day"], yesterday().to_string());
    assert_eq!(state["day_consumption"], Home::kwh(last.consumption()));
    assert_eq!(state["day_injection"], Home::kwh(last.injection()));
    assert_eq!(state["day_net"], Home::kwh(last.consumption() - last.injection()));
    let midnight = |date: chrono::NaiveDate| {
        let at = date.and_hms_opt(0, 0, 0).unwrap().and_local_timezone(chrono_tz::Europe::Brussels).unwrap();
        at.to_rfc3339()
    };
    assert_eq!(state["totals_from"], midnight(yesterday() - Days::new(30)));
    assert_eq!(state["complete_until"], midnight(yesterday() + Days::new(1)));

    // Totals that grow while history comes in would be booked as energy used now.
    for message in listener.heard_on(&Home::state_topic(EAN)) {
        let total = &message.json()["consumption_total"];
        assert!(total.is_null() || *total == state["consumption_total"], "{}", message.payload);
    }
    assert_eq!(home.portal.overlaps(), 0, "one request at a time");
    assert_eq!(home.portal.logins(), 1);

    let held = retained(home.broker.port).await;
    let topics: Vec<_> = held.iter().map(|(topic, _)| topic.clone()).collect();
    assert_eq!(topics, [Home::state_topic(EAN), "fluvius2mqtt/status".to_owned(), Home::discovery_topic(EAN)]);
    assert_eq!(held[1].1, "online");
    let announced: Value = serde_json::from_str(&held[2].1).unwrap();
    let mut expected: BTreeSet<_> = STATE_KEYS.into();
    expected.extend(["backfill", "problem", "refresh"]);
    assert_eq!(keys(&announced["components"]), expected);
    assert_eq!(announced["device"]["serial_number"], SERIAL);
    assert_eq!(announced["availability"][0]["topic"], "fluvius2mqtt/status");
    assert_eq!(announced["components"]["refresh"]["command_topic"], "fluvius2mqtt/command/refresh");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_with_one_register_and_no_panels_has_no_other_sensors() {
    let mut meter = SimulatedMeter::electricity(EAN, SERIAL, yesterday() - Days::new(400));
    meter.published_until = Some(yesterday());
    meter.household = Household { tariffs: Tariffs::Single, solar: false, seed: 7 };
    let home = Home::with(Default::default(), vec![meter], Mosquitto::start().await).await;
    home.once_well().await;

    let state = home.state(EAN).await;
    let sums = home.portal.expected(EAN, yesterday() - Days::new(30)..=yesterday());
    assert_eq!(state["consumption_total"], Home::kwh(sums.consumption_single));
    assert_eq!(state["net_total"], state["consumption_total"]);
    let held = retained(home.broker.port).await;
    let announced: Value = serde_json::from_str(&held[2].1).unwrap();
    for key in
        ["consumption_high", "consumption_low", "injection_total", "injection_high", "injection_low", "day_injection"]
    {
        assert!(state.get(key).is_none(), "{key}");
        assert!(announced["components"].get(key).is_none(), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_without_quarter_hours_lives_on_daily_totals() {
    let mut meter = SimulatedMeter::electricity(EAN, SERIAL, yesterday() - Days::new(400));
    meter.published_until = Some(yesterday());
    meter.fine_since = yesterday() + Days::new(1);
    let home = Home::with(Default::default(), vec![meter], Mosquitto::start().await).await;
    home.once_well().await;

    let sums = home.portal.expected(EAN, yesterday() - Days::new(30)..=yesterday());
    assert_eq!(home.state(EAN).await["consumption_total"], Home::kwh(sums.consumption()));
    // A month in one request, and the newest two days with each of the other codes.
    assert_eq!(home.portal.count(Where::History), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_asks_for_what_is_missing_and_the_last_three_days_newest_first() {
    let home = Home::new().await;
    home.once_well().await;
    let first = home.portal.requests().len();
    home.once_well().await;
    let asked: Vec<_> = home.portal.requests().split_off(first);
    let days: Vec<_> = asked
        .iter()
        .map(|request| {
            let (_, from) = request.path.split_once("historyFrom=").expect("only history is asked for");
            from.get(..10).unwrap().parse::<chrono::NaiveDate>().unwrap()
        })
        .collect();
    assert_eq!(days, [yesterday(), yesterday() - Days::new(1), yesterday() - Days::new(2)]);
}
