//! What a monitor reads at `/metrics` is what has happened, and names nobody.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use chrono::{DateTime, Days, Utc};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{Fault, How, SimulatedMeter, Where};
use fluvius2mqtt::statistics::fake::FakeHomeAssistant;
use reqwest::header::CONTENT_TYPE;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::{
    EAN, Home, LIMIT, LOOK, Mosquitto, OTHER_EAN, OTHER_SERIAL, Page, Running, SERIAL, before, midnight, open_metrics,
    until, yesterday,
};

const REQUESTS: &str = "fluvius2mqtt_portal_requests_total";
const ADDED: &str = "fluvius2mqtt_readings_added_total";
const CORRECTED: &str = "fluvius2mqtt_readings_corrected_total";
const DONE: &str = r#"fluvius2mqtt_polls_total{outcome="done"}"#;
const FAILED: &str = r#"fluvius2mqtt_polls_total{outcome="failed"}"#;
const PORTAL: &str = "fluvius2mqtt_portal_up";
const BROKER: &str = "fluvius2mqtt_broker_up";
const HOME_ASSISTANT: &str = "fluvius2mqtt_home_assistant_up";
const MISSING: &str = r#"fluvius2mqtt_meter_days_missing{meter="0011"}"#;
const SUCCESS: &str = r#"fluvius2mqtt_meter_last_success_timestamp_seconds{meter="0011"}"#;
const COMPLETE: &str = r#"fluvius2mqtt_meter_complete_until_timestamp_seconds{meter="0011"}"#;

/// A home with one meter and a short history, and its page.
async fn home() -> (Home, Page) {
    let mut home = Home::new().await;
    home.settings["meters"][0]["history_from"] = json!(before(4));
    home.settings["poll"]["at"] = first_poll_is_over();
    let page = Page::of(&mut home);
    (home, page)
}

/// Times of polls of which the first of the day has passed, so that what it could have brought is due.
fn first_poll_is_over() -> Value {
    json!(["00:00", Home::far_from_now()])
}

/// A service whose first poll is over.
async fn polled(home: &Home) -> Running {
    let bridge = home.run();
    bridge.logs("Next poll").await;
    bridge
}

/// The values at `/metrics`, by name and labels.
async fn scrape(page: &Page) -> BTreeMap<String, f64> {
    let answer = page.ask("/metrics").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()[CONTENT_TYPE], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("\n# EOF\n"), "{text}");
    for secret in [EAN, OTHER_EAN, SERIAL, OTHER_SERIAL] {
        assert!(!text.contains(secret), "{text}");
    }
    let samples = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.rsplit_once(' ').unwrap());
    samples.map(|(name, value)| (name.to_owned(), value.parse().unwrap())).collect()
}

fn failures(class: &str) -> String {
    format!(r#"fluvius2mqtt_failures_total{{class="{class}"}}"#)
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn number(count: impl TryInto<i64>) -> f64 {
    count.try_into().unwrap_or(i64::MAX) as f64
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_poll_is_counted_to_the_last_request_and_reading() {
    let meters = [(EAN, SERIAL), (OTHER_EAN, OTHER_SERIAL)].map(|(ean, serial)| {
        let mut meter = SimulatedMeter::electricity(ean, serial, yesterday() - Days::new(40));
        meter.published_until = Some(yesterday());
        meter
    });
    let mut home = Home::with(Clock::system(), meters.into(), Mosquitto::start().await).await;
    home.settings["poll"]["at"] = first_poll_is_over();
    home.portal.edit_meter(OTHER_EAN, |meter| meter.published_until = Some(before(2)));
    let page = Page::of(&mut home);
    let started = Utc::now().timestamp();
    let _bridge = polled(&home).await;
    let metrics = scrape(&page).await;
    assert_eq!((metrics[DONE], metrics[FAILED]), (1.0, 0.0));
    assert_eq!(metrics[REQUESTS], number(home.portal.requests().len()));
    // Each answer of the simulated portal takes a millisecond.
    let time = metrics["fluvius2mqtt_portal_request_seconds_total"];
    assert!(time >= 0.001 * metrics[REQUESTS] && time < 60.0, "{time}");
    assert_eq!(metrics[ADDED], number(home.ledger_count("SELECT count(*) FROM reading")));
    assert_eq!(metrics[CORRECTED], 0.0);
    let classes: Vec<_> = metrics.keys().filter(|name| name.starts_with("fluvius2mqtt_failures")).collect();
    let known =
        ["bridge_failed", "login_paused", "login_refused", "meter_failed", "portal_changed", "portal_unavailable"];
    assert_eq!(classes, known.map(failures).iter().collect::<Vec<_>>(), "all are there from the start");
    assert!(known.iter().all(|class| metrics[&failures(class)] == 0.0));

    assert_eq!(metrics[MISSING], 0.0);
    assert_eq!(metrics[&MISSING.replace("0011", "0028")], 2.0);
    let now = number(Utc::now().timestamp());
    for meter in ["0011", "0028"] {
        let success = metrics[&SUCCESS.replace("0011", meter)];
        assert!(success >= number(started) && success <= now, "{success}");
    }
    let midnight = |date| number(midnight(date).as_str().unwrap().parse::<DateTime<Utc>>().unwrap().timestamp());
    assert_eq!(metrics[COMPLETE], midnight(yesterday() + Days::new(1)));
    assert_eq!(metrics[&COMPLETE.replace("0011", "0028")], midnight(before(1)));

    assert_eq!((metrics[PORTAL], metrics[BROKER]), (1.0, 1.0));
    assert_eq!(metrics.get(HOME_ASSISTANT), None, "there is none");
    let size = |name| fs::metadata(home.data(name)).map_or(0, |file| file.len());
    let size = size("ledger.sqlite") + size("ledger.sqlite-wal");
    assert_eq!(metrics["fluvius2mqtt_ledger_size_bytes"], number(size));
    let start = metrics["fluvius2mqtt_start_time_seconds"];
    assert!(start >= number(started) && start <= now, "{start}");
    let build = format!(r#"fluvius2mqtt_build_info{{version="{}"}}"#, env!("CARGO_PKG_VERSION"));
    assert_eq!(metrics[&build], 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_counted_by_the_readings_that_it_changes() {
    let (home, page) = home().await;
    home.once_well().await;
    home.alter_ledger(&format!("VACUUM INTO '{}'", home.path("before.sqlite").display()));
    home.portal.edit_meter(EAN, |meter| meter.corrections.insert(before(1), 125));
    let requests = home.portal.requests().len();
    let bridge = home.run();
    bridge.logs("the last poll was moments ago").await;
    until("the page is there", || std::net::TcpStream::connect(&page.address).ok()).await;
    let metrics = scrape(&page).await;
    assert_eq!((metrics[DONE], metrics[REQUESTS], metrics[ADDED]), (0.0, 0.0, 0.0));
    assert_eq!(metrics.get(PORTAL), None, "nobody has asked it yet");

    assert_eq!(page.press("/poll").await, "./?poll=done");
    let metrics = scrape(&page).await;
    let ledger = Connection::open(home.data("ledger.sqlite")).unwrap();
    ledger.execute("ATTACH ? AS old", [home.path("before.sqlite").to_str().unwrap()]).unwrap();
    let changed = "SELECT count(*) FROM main.reading JOIN old.reading AS old
                   USING (meter, start, direction, register, unit, seconds) WHERE reading.amount <> old.amount";
    let changed: i64 = ledger.query_row(changed, [], |row| row.get(0)).unwrap();
    assert!(changed >= 92, "the quarter-hours of a day at least: {changed}");
    assert_eq!((metrics[ADDED], metrics[CORRECTED]), (0.0, number(changed)));
    assert_eq!((metrics[DONE], metrics[FAILED]), (1.0, 0.0));
    assert_eq!(metrics[REQUESTS], number(home.portal.requests().len() - requests));
    assert_eq!(metrics[PORTAL], 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_is_counted_under_its_class() {
    let code = |code: &str| How::ErrorCode(format!("AADB2C{code}"));
    let table = [
        ("login_refused", Some((Where::Credentials, code("90053"))), Some(0.0)),
        ("login_refused", Some((Where::Confirmation, How::NewPage)), Some(0.0)),
        ("login_paused", None, Some(0.0)),
        ("portal_unavailable", Some((Where::Settings, How::Status(503, None))), Some(0.0)),
        ("portal_unavailable", Some((Where::LoginPage, How::Drop)), Some(0.0)),
        ("portal_unavailable", Some((Where::History, How::Status(429, Some(600)))), Some(0.0)),
        ("portal_changed", Some((Where::LoginPage, How::MissingCsrf)), Some(0.0)),
        ("portal_changed", Some((Where::Token, How::Object)), Some(0.0)),
        // The rest of the portal answers.
        ("portal_changed", Some((Where::History, How::Html)), Some(1.0)),
        ("meter_failed", Some((Where::History, How::Status(403, None))), Some(1.0)),
        // It says nothing of the portal.
        ("bridge_failed", None, None),
    ];
    for (class, fault, portal) in table {
        let case = format!("{class}, {fault:?}");
        let (home, page) = home().await;
        match fault {
            Some((at, how)) => home.portal.fail(Fault::always(at, how)),
            None if class == "login_paused" => {
                let spent = json!({"attempts": vec![Utc::now(); 4], "latch": null, "rest_until": null});
                fs::create_dir_all(home.data_dir()).unwrap();
                fs::write(home.data("login.json"), spent.to_string()).unwrap();
            }
            None => home.portal.edit(|world| world.latency = Duration::from_millis(200)),
        }
        let bridge = home.run();
        if class == "bridge_failed" {
            // The session has no place when it comes.
            until("the login is under way", || (home.portal.count(Where::Settings) > 0).then_some(())).await;
            fs::create_dir(home.data("tokens.json")).unwrap();
        }
        bridge.logs("Next poll").await;
        let metrics = scrape(&page).await;
        assert_eq!((metrics[DONE], metrics[FAILED]), (0.0, 1.0), "{case}: {}", bridge.log());
        for (name, count) in metrics.iter().filter(|(name, _)| name.starts_with("fluvius2mqtt_failures")) {
            let expected = if *name == failures(class) { 1.0 } else { 0.0 };
            assert_eq!(*count, expected, "{case}: {name}: {}", bridge.log());
        }
        assert_eq!(metrics.get(PORTAL).copied(), portal, "{case}");
        assert_eq!(metrics[REQUESTS], number(home.portal.requests().len()), "{case}");
        if portal != Some(1.0) {
            assert_eq!(metrics[MISSING], 5.0, "{case}");
        }
        assert_eq!((metrics.get(SUCCESS), metrics.get(COMPLETE)), (None, None), "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_hangs_shows_in_what_it_has_asked() {
    let (home, page) = home().await;
    home.portal.fail(Fault::always(Where::History, How::Hang));
    let _bridge = home.run();
    until("a request hangs", || (home.portal.count(Where::History) > 0).then_some(())).await;
    let metrics = scrape(&page).await;
    assert_eq!(metrics[REQUESTS], number(home.portal.requests().len()));
    assert_eq!((metrics[DONE], metrics[FAILED], metrics[ADDED]), (0.0, 0.0, 0.0));
    assert_eq!(metrics.get(PORTAL), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_and_a_home_assistant_that_go_away_show() {
    let (mut home, page) = home().await;
    let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
    home.settings["home_assistant"] =
        json!({"url": home_assistant.url().as_str(), "token": home_assistant.token().expose()});
    let _bridge = polled(&home).await;
    let waits = async |name: &str, value: f64| {
        let shows = async {
            while scrape(&page).await.get(name) != Some(&value) {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(LIMIT, shows).await.unwrap_or_else(|_| panic!("{name} is never {value}"));
    };
    waits(HOME_ASSISTANT, 1.0).await;
    waits(BROKER, 1.0).await;
    home.broker.down();
    waits(BROKER, 0.0).await;
    home.broker.up().await;
    waits(BROKER, 1.0).await;
    assert_eq!(scrape(&page).await[HOME_ASSISTANT], 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn real_prometheus_takes_all_of_it_and_knows_what_it_is() {
    let (mut home, page) = home().await;
    let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
    home.settings["home_assistant"] =
        json!({"url": home_assistant.url().as_str(), "token": home_assistant.token().expose()});
    let bridge = polled(&home).await;
    bridge.logs("sent and read back").await;
    let families = open_metrics(&page.text("/metrics").await);
    let families = families.as_array().unwrap();
    let text = |family: &Value, key: &str| family[key].as_str().unwrap().to_owned();
    let told: Vec<_> = families.iter().map(|it| [text(it, "name"), text(it, "type"), text(it, "unit")]).collect();
    let table = [
        ["build", "info", ""],
        ["start_time_seconds", "gauge", "seconds"],
        ["polls", "counter", ""],
        ["failures", "counter", ""],
        ["portal_requests", "counter", ""],
        ["portal_request_seconds", "counter", "seconds"],
        ["readings_added", "counter", ""],
        ["readings_corrected", "counter", ""],
        ["portal_up", "gauge", ""],
        ["broker_up", "gauge", ""],
        ["home_assistant_up", "gauge", ""],
        ["ledger_size_bytes", "gauge", "bytes"],
        ["meter_days_missing", "gauge", ""],
        ["meter_last_success_timestamp_seconds", "gauge", "seconds"],
        ["meter_complete_until_timestamp_seconds", "gauge", "seconds"],
    ];
    assert_eq!(told, table.map(|[name, kind, unit]| [format!("fluvius2mqtt_{name}"), kind.into(), unit.into()]));
    for family in families {
        assert!(text(family, "help").ends_with('.'), "{family}");
        assert!(!family["samples"].as_array().unwrap().is_empty(), "{family}");
    }
    assert_eq!(families[2]["samples"][0]["value"], 1.0);
    assert_eq!(families[2]["samples"][0]["labels"], json!({"outcome": "done"}));
}
