//! The peaks that the capacity tariff bills are exact, and never in the way of energy.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::bridge::{Bridge, Outcome};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{Fault, How, SimulatedMeter, Where};
use fluvius2mqtt::statistics::Kind;
use reqwest::Url;
use serde_json::{Value, json};

use crate::support::{
    EAN, Home, Listener, Mosquitto, OTHER_EAN, OTHER_SERIAL, SERIAL, assert_totals, average_peak, day, first_days,
    highest, mean, retained, until, yesterday,
};

const KEYS: [&str; 3] = ["month_peak", "month_peak_at", "average_peak"];

/// An instant as the state tells it.
fn local(at: DateTime<Utc>) -> Value {
    at.with_timezone(&Brussels).to_rfc3339().into()
}

fn shown(state: &Value) -> [&Value; 3] {
    KEYS.map(|key| &state[key])
}

async fn components(home: &Home, ean: &str) -> Value {
    let held = retained(home.broker.port).await;
    let (_, payload) = held.into_iter().find(|(topic, _)| *topic == Home::discovery_topic(ean)).unwrap();
    serde_json::from_str::<Value>(&payload).unwrap()["components"].clone()
}

/// A home at an instant, with history since a day.
async fn home_at(now: &str, history_from: &str) -> Home {
    let clock = Clock::starting_at(now.parse().unwrap());
    let meter = SimulatedMeter::electricity(EAN, SERIAL, day("2025-01-15"));
    let mut home = Home::with(clock, vec![meter], Mosquitto::start().await).await;
    home.settings["meters"][0]["history_from"] = json!(history_from);
    home
}

/// Polls at an instant, in this process, and gives the state.
async fn poll_at(home: &Home, now: &str) -> Value {
    let clock = Clock::starting_at(now.parse().unwrap());
    home.portal.edit(|world| world.clock = clock);
    assert_eq!(Bridge::open(home.config(), clock).unwrap().once().await.unwrap(), Outcome::Done);
    home.state(EAN).await
}

/// The portal publishes so many ten-thousandths of a kW for a month, or nothing.
fn publish(home: &Home, month: &str, ten_thousandths: Option<i64>) {
    home.portal.edit_meter(EAN, |meter| meter.peaks.insert(day(month), ten_thousandths)).unwrap();
}

/// The first and last day of each request for peaks.
fn asked(home: &Home) -> Vec<(NaiveDate, NaiveDate)> {
    let asked = home.portal.requests().into_iter().filter(|request| request.step == Some(Where::Peaks));
    asked
        .map(|request| {
            let url = Url::parse("http://portal").unwrap().join(&request.path).unwrap();
            let date = |name: &str| day(&url.query_pairs().find(|(key, _)| key == name).unwrap().1[..10]);
            (date("historyFrom"), date("historyUntil"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_ends_with_the_peak_of_the_month_and_the_average_peak() {
    let home = Home::new().await;
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    let average = average_peak(&home.portal, yesterday());
    let state = listener.wait_for(&Home::state_topic(EAN), "average_peak", average.clone()).await;
    let (power, start) = highest(&home.portal, yesterday().with_day(1).unwrap()..=yesterday()).unwrap();
    assert_eq!(shown(&state), [Home::kwh(power), local(start), average].each_ref());
    bridge.stop().await;

    let components = components(&home, EAN).await;
    for key in ["month_peak", "average_peak"] {
        assert_eq!(components[key]["platform"], "sensor", "{key}");
        assert_eq!(components[key]["unique_id"], format!("fluvius2mqtt_{EAN}_{key}"));
        assert_eq!(components[key]["device_class"], "power", "{key}");
        assert_eq!(components[key]["unit_of_measurement"], "kW", "{key}");
        assert_eq!(components[key]["state_class"], Value::Null, "{key}");
    }
    assert_eq!(components["month_peak_at"]["device_class"], "timestamp");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_a_change_of_month_the_quarter_hours_count_until_the_portal_has_spoken() {
    // Of October the ledger has the last eleven days, with the night in which the clocks go back.
    let home = home_at("2026-11-01T05:30:00Z", "2026-10-21").await;
    publish(&home, "2026-10-01", None);
    let earlier: Vec<i64> = (1..=11)
        .map(|back| {
            let first = day("2026-10-01") - Months::new(back);
            let peak = highest(&home.portal, first..=(first + Months::new(1)).pred_opt().unwrap()).unwrap().0;
            peak.max(2_500_000)
        })
        .collect();
    let with = |earlier: &[i64], more: &[i64]| {
        mean(&earlier.iter().copied().chain(more.iter().map(|power| (*power).max(2_500_000))).collect::<Vec<_>>())
    };

    let state = poll_at(&home, "2026-11-01T05:30:00Z").await;
    let (october, start) = highest(&home.portal, day("2026-10-21")..=day("2026-10-31")).unwrap();
    assert_eq!(shown(&state), [Home::kwh(october), local(start), with(&earlier, &[october])].each_ref());

    // November's first day is there: its peak is that of the month, and October is one of the eleven before.
    let state = poll_at(&home, "2026-11-02T05:30:00Z").await;
    let (november, start) = highest(&home.portal, day("2026-11-01")..=day("2026-11-01")).unwrap();
    let average = with(&earlier[..10], &[october, november]);
    assert_eq!(shown(&state), [Home::kwh(november), local(start), average].each_ref());

    // The portal publishes October: lower than the quarter-hours are, and it counts. Tomorrow it says something else.
    for (now, published) in [("2026-11-03T05:30:00Z", october - 100), ("2026-11-04T05:30:00Z", 9_000_000)] {
        publish(&home, "2026-10-01", Some(published / 100));
        let state = poll_at(&home, now).await;
        let yesterday = Clock::starting_at(now.parse().unwrap()).now().date_naive().pred_opt().unwrap();
        let (november, start) = highest(&home.portal, day("2026-11-01")..=yesterday).unwrap();
        let average = with(&earlier[..10], &[published, november]);
        assert_eq!(shown(&state), [Home::kwh(november), local(start), average].each_ref(), "{now}");
    }
    assert_eq!(asked(&home)[0], (day("2023-12-01"), day("2026-11-01")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_that_is_not_over_is_told_by_its_quarter_hours_whatever_the_portal_says() {
    let home = home_at("2026-11-20T05:30:00Z", "2026-11-16").await;
    publish(&home, "2026-11-01", Some(90_000));
    let state = poll_at(&home, "2026-11-20T05:30:00Z").await;
    let (power, start) = highest(&home.portal, day("2026-11-16")..=day("2026-11-19")).unwrap();
    assert_eq!(shown(&state)[..2], [&Home::kwh(power), &local(start)]);
    // A month later it is one like the others.
    let state = poll_at(&home, "2026-12-01T05:30:00Z").await;
    assert_eq!(state["month_peak"], json!(9.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_average_is_of_the_months_that_are_known_each_at_least_two_and_a_half_kilowatts() {
    let home = home_at("2026-11-20T05:30:00Z", "2026-11-18").await;
    home.portal.edit_meter(EAN, |meter| {
        // All of them are withheld, but for these; November 2025 is the thirteenth month.
        meter.peaks = (0..36).map(|back| (day("2026-11-01") - Months::new(back), None)).collect();
        for (month, ten_thousandths) in
            [("2025-11-01", 99_000), ("2025-12-01", 10_000), ("2026-03-01", 62_345), ("2026-10-01", 0)]
        {
            meter.peaks.insert(day(month), Some(ten_thousandths));
        }
    });
    let state = poll_at(&home, "2026-11-20T05:30:00Z").await;
    let november = highest(&home.portal, day("2026-11-18")..=day("2026-11-19")).unwrap().0;
    let counted = [2_500_000, 6_234_500, 2_500_000, november.max(2_500_000)];
    assert_eq!(state["average_peak"], mean(&counted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_without_quarter_hours_has_peaks_once_the_portal_publishes_some() {
    let home = Home::new().await;
    home.portal.edit_meter(EAN, |meter| {
        meter.fine_since = yesterday() + TimeDelta::days(1);
        meter.peaks = (0..36).map(|back| (yesterday().with_day(1).unwrap() - Months::new(back), None)).collect();
    });
    home.once_well().await;
    let state = home.state(EAN).await;
    assert_eq!(state["status"], "ok");
    let announced = components(&home, EAN).await;
    for key in KEYS {
        assert!(state.get(key).is_none() && announced.get(key).is_none(), "{key}");
    }

    let month = yesterday().with_day(1).unwrap() - Months::new(2);
    publish(&home, &month.to_string(), Some(43_210));
    home.alter_ledger("UPDATE meter SET peaks_asked = '2020-01-01'");
    home.once_well().await;
    let state = home.state(EAN).await;
    assert_eq!([&state["month_peak"], &state["average_peak"]], [&json!(4.321), &json!(4.321)]);
    assert!(state["month_peak_at"].as_str().unwrap().starts_with(&month.to_string()[..7]), "{state}");
    let announced = components(&home, EAN).await;
    assert!(KEYS.iter().all(|key| announced[key]["unique_id"].is_string()), "{announced}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_is_asked_once_a_local_day_for_electricity_alone() {
    let power = SimulatedMeter::electricity(EAN, SERIAL, day("2025-01-15"));
    let gas = SimulatedMeter::gas(OTHER_EAN, OTHER_SERIAL, day("2025-01-15"));
    let mut home = Home::with(Clock::system(), vec![power, gas], Mosquitto::start().await).await;
    home.settings["meters"][0]["history_from"] = json!("2026-11-18");
    home.settings["meters"][1]["history_from"] = json!("2026-11-15");
    home.settings["meters"][1]["kind"] = json!("gas");
    for (now, requests) in [
        ("2026-11-20T05:30:00Z", 1),
        ("2026-11-20T06:30:00Z", 1),
        ("2026-11-20T22:30:00Z", 1),
        ("2026-11-20T23:30:00Z", 2),
    ] {
        poll_at(&home, now).await;
        assert_eq!(home.portal.count(Where::Peaks), requests, "{now}");
    }
    let of_power = |request: &fluvius2mqtt::simulator::Request| request.ean() == Some(EAN);
    assert!(home.portal.requests().iter().filter(|request| request.step == Some(Where::Peaks)).all(of_power));
    let state = home.state(OTHER_EAN).await;
    assert!(KEYS.iter().all(|key| state.get(key).is_none()), "{state}");
    assert_eq!(home.portal.overlaps(), 0, "one request at a time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_has_ended_needs_no_more_once_its_last_month_is_in() {
    let mut home = home_at("2026-11-20T05:30:00Z", "2026-09-12").await;
    home.settings["meters"][0]["history_until"] = json!("2026-09-15");
    publish(&home, "2026-09-01", None);
    poll_at(&home, "2026-11-20T05:30:00Z").await;
    publish(&home, "2026-09-01", Some(43_210));
    poll_at(&home, "2026-11-21T05:30:00Z").await;
    poll_at(&home, "2026-11-22T05:30:00Z").await;
    assert_eq!(asked(&home), [(day("2023-12-01"), day("2026-09-30")); 2]);
}

/// How the peaks may fail, and what the log says of it.
fn failures() -> [(How, &'static str); 11] {
    [
        (How::Status(401, None), "HTTP 401"),
        (How::Status(403, None), "HTTP 403"),
        (How::Status(404, None), "HTTP 404"),
        (How::Status(429, Some(3_600)), "HTTP 429"),
        (How::Status(500, None), "HTTP 500"),
        (How::Status(503, Some(3_600)), "HTTP 503"),
        (How::Html, "the answer is no JSON"),
        (How::Truncated, "the answer is cut off"),
        (How::Object, "the answer is no list of peaks"),
        (How::Drop, "the connection broke"),
        (How::Hang, "no answer within 30 s"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failure_of_the_peaks_is_one_of_the_poll() {
    let home = Home::new().await;
    let (power, start) = highest(&home.portal, yesterday().with_day(1).unwrap()..=yesterday()).unwrap();
    for (number, (how, says)) in (1..).zip(failures()) {
        home.portal.clear_faults();
        home.portal.fail(Fault::always(Where::Peaks, how.clone()));
        let done = home.once_well().await;
        let told: Vec<_> = done.log.lines().filter(|line| line.contains("no monthly peaks")).collect();
        assert_eq!(told.len(), 1, "{how:?}: {}", done.log);
        assert!(told[0].contains("WARN") && told[0].contains(says), "{how:?}: {}", told[0]);
        assert_eq!(done.log.matches("WARN").count(), 1, "{how:?}: {}", done.log);
        assert!(done.log.contains("nothing is missing") && !done.log.contains(EAN), "{how:?}: {}", done.log);

        let state = home.state(EAN).await;
        assert_eq!(state["status"], "ok", "{how:?}");
        assert_totals(&state, home.portal.expected(EAN, first_days()));
        assert_eq!(state["day"], yesterday().to_string(), "{how:?}");
        // The quarter-hours tell the month to date meanwhile.
        assert_eq!(shown(&state)[..2], [&Home::kwh(power), &local(start)], "{how:?}");
        assert_eq!((home.portal.logins(), home.portal.refreshes()), (1, 0), "{how:?}");
        assert_eq!(home.portal.count(Where::Peaks), number, "{how:?}: one try a poll");
    }
    home.portal.clear_faults();
    let done = home.once_well().await;
    assert!(!done.log.contains("WARN"), "{}", done.log);
    let state = home.state(EAN).await;
    let expected = [Home::kwh(power), local(start), average_peak(&home.portal, yesterday())];
    assert_eq!(shown(&state), expected.each_ref());
    assert_eq!((home.portal.logins(), home.portal.refreshes(), home.portal.overlaps()), (1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_lasts_is_told_once_and_what_is_known_stays() {
    let mut home = Home::new().await;
    home.once_well().await;
    let known = home.state(EAN).await;
    home.let_an_hour_pass();
    home.alter_ledger("UPDATE meter SET peaks_asked = '2020-01-01'");
    home.settings["log"] = json!("debug");
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    home.portal.fail(Fault::always(Where::Peaks, How::Status(500, None)));
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    bridge.logs("Next poll").await;
    listener.publish("fluvius2mqtt/command/refresh", "PRESS", false).await;
    until("the second poll is over", || (bridge.log().matches("Next poll").count() == 2).then_some(())).await;
    let log = bridge.stop().await.log;
    let told: Vec<_> = log.lines().filter(|line| line.contains("no monthly peaks")).collect();
    assert_eq!(told.len(), 2, "{log}");
    assert!(told[0].contains("WARN") && told[1].contains("DEBUG"), "{told:?}");
    assert_eq!(shown(&home.state(EAN).await), shown(&known));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_capacity_tariff_is_on_what_the_portal_has_published() {
    let mut home = home_at("2026-11-03T05:30:00Z", "2026-10-01").await;
    home.portal.edit_meter(EAN, |meter| {
        meter.peaks = (0..36).map(|back| (day("2026-11-01") - Months::new(back), Some(40_000))).collect();
        meter.peaks.insert(day("2026-10-01"), Some(70_000));
        meter.peaks.insert(day("2026-09-01"), Some(0));
    });
    poll_at(&home, "2026-11-03T05:30:00Z").await;
    home.settings["home_assistant"] = json!({"url": "http://127.0.0.1:9", "token": "not used"});
    home.settings["prices"] = json!([{"from": "2026-01-01", "capacity": 60.0}]);
    let clock = Clock::starting_at("2026-11-03T05:40:00Z".parse().unwrap());
    let planned = Bridge::planned(&home.config(), clock).unwrap();
    let cost = planned.iter().find(|series| series.kind == Kind::Cost).unwrap();
    let of_october: Vec<_> =
        cost.rows.iter().filter(|row| row.start.with_timezone(&Brussels).date_naive().month() == 10).collect();
    assert_eq!(of_october.len(), 31 * 24 + 1);
    // 5 EUR a month for each of (7 + 2.5 + 10 × 4) / 12 kW.
    assert_eq!(of_october.last().unwrap().sum, 20_625_000);
}
