//! Whatever goes wrong, the status page says what happened and what to do, in three languages.

use std::fs;
use std::sync::mpsc;

use chrono::{DateTime, Days, TimeDelta, Utc};
use fluvius2mqtt::simulator::{Fault, How, Where};
use fluvius2mqtt::statistics::fake::FakeHomeAssistant;
use serde_json::{Value, json};

use crate::support::{EAN, Home, House, Mosquitto, Page, before, free_port, user_file, yesterday};

async fn home() -> (Home, Page) {
    let mut home = Home::new().await;
    home.settings["meters"][0]["history_from"] = json!(before(4));
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    let page = Page::of(&mut home);
    (home, page)
}

/// Waits until a place of the status has a problem of a kind, and looks whether the page tells it in three languages.
async fn tells(page: &Page, place: &str, code: &str) -> Value {
    let shown = page.shows(code, |shown| shown.pointer(place).is_some_and(|problem| problem["code"] == code)).await;
    let problem = shown.pointer(place).unwrap().clone();
    let (what, remedy) = (problem["what"].as_str().unwrap(), problem["remedy"].as_str().unwrap());
    println!("{code}: {what} {remedy}");
    let mut told = Vec::new();
    for language in ["en", "nl", "fr"] {
        let (_, json) = page.get("/api/v1/status.json", language).await.unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        let (_, html) = page.get("/", language).await.unwrap();
        for key in ["what", "remedy"] {
            let text = json.pointer(place).unwrap()[key].as_str().unwrap();
            assert!(text.len() > 20, "{language} {key} of {code}: {text}");
            assert!(html.contains(&escaped(text)), "{text} in {html}");
            told.push(text.to_owned());
        }
        assert!(!html.contains(EAN), "{html}");
    }
    told.sort();
    told.dedup();
    assert_eq!(told.len(), 6, "each language has words of its own: {told:?}");
    problem
}

/// A text as it stands in a page.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const PORTAL: &str = "/portal/problem";
const BROKER: &str = "/broker/problem";
const HOME_ASSISTANT: &str = "/home_assistant/problem";
const SERVICE: &str = "/service/problem";
const METER: &str = "/meters/0/problem";

fn b2c(code: &str) -> How {
    How::ErrorCode(format!("AADB2C{code}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused() {
    let table = [
        (Where::Credentials, b2c("90053"), "wrong_login"),
        (Where::Credentials, b2c("90114"), "account_locked_for_a_while"),
        (Where::Credentials, b2c("90111"), "account_locked"),
        (Where::Confirmation, How::NewPage, "login_wants_user"),
    ];
    for (at, how, code) in table {
        let (home, page) = home().await;
        home.portal.fail(Fault::always(at, how));
        let _bridge = home.run();
        tells(&page, PORTAL, code).await;
        let (_, html) = page.get("/", "en").await.unwrap();
        let ends_at_portal = ["account_locked", "login_wants_user"].contains(&code);
        assert!(html.contains("disabled>Poll now</button> <span"), "it would ask nobody: {html}");
        assert_eq!(html.contains("Try the login again</button>"), ends_at_portal, "{code}");
    }
    let (mut home, page) = home().await;
    home.settings["fluvius"]["password"] = json!("not the password");
    let bridge = home.run();
    let first = tells(&page, PORTAL, "wrong_login").await;
    drop(bridge);
    let _again = home.run();
    assert_eq!(tells(&page, PORTAL, "wrong_login").await, first);
    assert_eq!(home.portal.logins(), 1, "it is told without a new try");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_is_to_be_left_alone() {
    let (home, page) = home().await;
    let attempts: Vec<_> = (1..=4).map(|minute| Utc::now() - TimeDelta::minutes(minute)).collect();
    fs::create_dir(home.data_dir()).unwrap();
    let memory = json!({"attempts": attempts, "latch": null, "rest_until": null});
    fs::write(home.data("login.json"), memory.to_string()).unwrap();
    let paused = home.run();
    tells(&page, PORTAL, "login_paused").await;
    drop(paused);
    fs::remove_file(home.data("login.json")).unwrap();
    home.portal.fail(Fault::once(Where::History, How::Status(429, Some(600))));
    let _bridge = home.run();
    tells(&page, PORTAL, "portal_rests").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_is_out_of_order_or_changed() {
    let table = [
        (Where::Settings, How::Status(503, None), "portal_down"),
        (Where::Token, How::Drop, "portal_down"),
        (Where::Settings, How::Html, "portal_changed"),
        (Where::LoginPage, How::MissingCsrf, "portal_changed"),
        (Where::Confirmation, How::WrongState, "portal_changed"),
    ];
    for (at, how, code) in table {
        let (home, page) = home().await;
        home.portal.fail(Fault::always(at, how));
        let _bridge = home.run();
        let problem = tells(&page, PORTAL, code).await;
        let (_, html) = page.get("/", "en").await.unwrap();
        assert!(html.contains(&escaped(problem["detail"].as_str().unwrap())), "{html}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_fails_for_one_meter() {
    let table = [
        (How::Status(500, None), "portal_down"),
        (How::Truncated, "portal_changed"),
        (How::Html, "portal_changed"),
        (How::Object, "portal_changed"),
    ];
    for (how, code) in table {
        let (home, page) = home().await;
        home.portal.fail(Fault::always(Where::History, how).for_date(before(2)));
        let _bridge = home.run();
        tells(&page, METER, code).await;
    }
    let (home, page) = home().await;
    home.portal.fail(Fault::always(Where::History, How::Status(403, None)));
    let _bridge = home.run();
    tells(&page, METER, "meter_refused").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_history_that_can_not_be_fetched_further() {
    let (mut home, page) = home().await;
    home.settings["meters"][0]["history_from"] = json!(before(200));
    for day in 70..73 {
        home.portal.fail(Fault::always(Where::History, How::Status(503, None)).for_date(before(day)));
    }
    let _bridge = home.run();
    tells(&page, METER, "portal_down").await;
    let shown = page.shows("when it is tried again", |shown| shown["next_poll"].is_string()).await;
    let instant = |key: &str| shown[key].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    let wait = instant("next_poll") - instant("now");
    assert!(wait < TimeDelta::minutes(5), "soon, and not with the next poll of the day: {wait}");
    assert!(shown["meters"][0]["days_missing"].as_u64().unwrap() > 100, "{shown}");
    assert_eq!(shown["meters"][0]["summary"].as_str().unwrap().find("missing"), None, "nobody has asked for these");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_hangs_is_told_while_it_does() {
    let (home, page) = home().await;
    home.portal.fail(Fault::always(Where::History, How::Hang));
    let _bridge = home.run();
    page.shows("a poll", |shown| shown["polling_since"].is_string()).await;
    let (_, html) = page.get("/", "en").await.unwrap();
    assert!(html.contains("A poll is under way since today at "), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_that_the_portal_does_not_know() {
    let (mut home, page) = home().await;
    home.settings["meters"][0]["serial"] = json!("1SAG9999999999");
    let _bridge = home.run();
    tells(&page, METER, "meter_empty").await;
    let (_, html) = page.get("/", "en").await.unwrap();
    assert!(html.contains("The portal has given nothing for this meter yet."), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn days_that_are_late_or_missing() {
    let (mut home, page) = home().await;
    // The first time of the day has passed, so that yesterday has been looked for.
    home.settings["poll"]["at"] = json!(["00:00", Home::far_from_now()]);
    home.portal.edit_meter(EAN, |meter| meter.published_until = Some(before(1)));
    let bridge = home.run();
    let shown = page.shows("a poll", |shown| shown["last_poll"].is_string()).await;
    let summary = shown["meters"][0]["summary"].as_str().unwrap();
    println!("late: {summary}");
    assert!(summary.contains("is late: the portal hasn't published it yet. It is asked for again "), "{summary}");
    assert_eq!((&shown["meters"][0]["status"], &shown["meters"][0]["days_missing"]), (&json!("waiting"), &json!(1)));
    assert_eq!(shown["meters"][0]["complete_until"], json!(before(1)));
    assert_eq!(shown["portal"]["state"], "up", "late data is no problem");
    drop(bridge);

    let (home, page) = self::home().await;
    home.portal.edit_meter(EAN, |meter| meter.withheld.insert(before(1)));
    let _bridge = home.run();
    let shown = page.shows("a poll", |shown| shown["last_poll"].is_string()).await;
    let summary = shown["meters"][0]["summary"].as_str().unwrap();
    println!("gap: {summary}");
    assert!(summary.contains("and before that one day is missing: "), "{summary}");
    assert_eq!(shown["meters"][0]["complete_until"], json!(before(2)));
    assert_eq!(shown["meters"][0]["newest_day"], json!(yesterday()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_meter_says_when_the_next_day_comes() {
    let (home, page) = home().await;
    let _bridge = home.run();
    let shown = page.shows("a poll", |shown| shown["last_poll"].is_string()).await;
    let summary = shown["meters"][0]["summary"].as_str().unwrap();
    let weekday = yesterday().format("%A").to_string();
    assert!(summary.starts_with(&format!("Complete until {weekday} ")), "{summary}");
    let next = (yesterday() + Days::new(1)).format("%A").to_string();
    assert!(summary.contains(&format!("; {next} usually arrives tomorrow at about ")), "{summary}");
    let (_, html) = page.get("/", "en").await.unwrap();
    assert!(html.contains("Nothing is wrong.") && html.contains(&escaped(summary)), "{html}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_can_not_be_used() {
    let (mut home, page) = home().await;
    home.broker.down();
    let bridge = home.run();
    tells(&page, BROKER, "broker_unreachable").await;
    drop(bridge);

    let settings = "allow_anonymous false\npassword_file {folder}/users\n";
    let strict = Mosquitto::with_files(settings, &[("users", &user_file("someone", "right"))]).await;
    let url = home.settings["mqtt"]["url"].take();
    home.settings["mqtt"] = json!({"url": strict.url(), "username": "someone", "password": "wrong"});
    let bridge = home.run();
    tells(&page, BROKER, "broker_refuses_login").await;
    drop(bridge);

    home.settings["mqtt"] = json!({"url": home.portal.url().replace("http:", "mqtt:")});
    let bridge = home.run();
    tells(&page, BROKER, "broker_strange").await;
    drop(bridge);

    home.settings["mqtt"] = json!({"url": strict.url().replace("mqtt:", "mqtts:")});
    let bridge = home.run();
    tells(&page, BROKER, "broker_insecure").await;
    drop(bridge);

    home.settings["mqtt"] = json!({"url": url});
    home.broker.up().await;
    let _bridge = home.run();
    page.shows("the broker", |shown| shown["broker"] == json!({"state": "up"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_assistant_that_can_not_be_used() {
    let (mut home, page) = home().await;
    home.settings["home_assistant"] = json!({"url": format!("http://127.0.0.1:{}", free_port()), "token": "a token"});
    let bridge = home.run();
    tells(&page, HOME_ASSISTANT, "home_assistant_unavailable").await;
    drop(bridge);

    let fake = FakeHomeAssistant::start("2026.11.0").await.unwrap();
    home.settings["home_assistant"] = json!({"url": fake.url().as_str(), "token": "not the token"});
    let bridge = home.run();
    tells(&page, HOME_ASSISTANT, "home_assistant_refuses_token").await;
    drop(bridge);

    let old = FakeHomeAssistant::start("2024.10.4").await.unwrap();
    home.settings["home_assistant"] = json!({"url": old.url().as_str(), "token": old.token().expose()});
    let bridge = home.run();
    tells(&page, HOME_ASSISTANT, "home_assistant_too_old").await;
    drop(bridge);

    home.settings["home_assistant"] = json!({"url": fake.url().as_str(), "token": fake.token().expose()});
    let _bridge = home.run();
    page.shows("Home Assistant", |shown| shown["home_assistant"] == json!({"state": "up"})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_is_gone() {
    let (home, page) = home().await;
    let _bridge = home.run();
    page.shows("a poll", |shown| shown["last_poll"].is_string()).await;
    fs::rename(home.data("ledger.sqlite"), home.data("elsewhere")).unwrap();
    let told = [
        ("en", "The ledger, in which all readings are kept, can't be used."),
        ("nl", "waarin alle meetwaarden bewaard worden"),
        ("fr", "Le registre, où toutes les mesures sont"),
    ];
    for (language, what) in told {
        let (status, html) = page.get("/", language).await.unwrap();
        assert!(status == 503 && html.contains(what) && html.contains("ledger.sqlite"), "{status} {html}");
        assert!(!html.contains(EAN), "{html}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_ones_own_that_fail() {
    let (home, page) = home().await;
    home.once_well().await;
    home.let_an_hour_pass();
    // Somebody else writes to the ledger, and doesn't come to an end.
    let (held, is_held) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let ledger = home.data("ledger.sqlite");
    let bridge = home.run();
    page.shows("a poll", |shown| shown["last_poll"].is_string()).await;
    let writer = std::thread::spawn(move || {
        let other = rusqlite::Connection::open(ledger).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        held.send(()).unwrap();
        let _ = released.recv();
    });
    is_held.recv().unwrap();
    page.press("/poll").await;
    tells(&page, SERVICE, "ledger").await;
    drop(release);
    writer.join().unwrap();
    drop(bridge);

    fs::remove_file(home.data("login.json")).unwrap();
    fs::create_dir(home.data("login.json")).unwrap();
    let failed = home.once().await;
    assert_eq!(failed.code, Some(1), "a service that can't remember logins doesn't start: {}", failed.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_without_a_broker_or_with_wrong_options() {
    let mut house = House::new().await;
    let page = Page::at(house.web);
    let app = house.run();
    tells(&page, BROKER, "broker_unknown").await;
    app.stop().await;
    house.options["meters"][0]["ean"] = json!("12");
    let app = house.run();
    app.logs("waiting to be restarted with other options").await;
    for (language, title) in [
        ("en", "The configuration can&#39;t be used"),
        ("nl", "De configuratie is niet bruikbaar"),
        ("fr", "La configuration ne peut pas être utilisée"),
    ] {
        let (status, html) = page.answers("/", language).await;
        assert_eq!(status, 503);
        assert!(html.replace('\'', "&#39;").contains(title), "{html}");
        assert!(html.contains("an EAN has 18 digits"), "{html}");
    }
    app.stop().await;
}
