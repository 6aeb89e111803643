//! As an app of Home Assistant: the options that its form writes, and the Supervisor.

use std::path::Path;

use chrono_tz::Tz;

use super::{Case, SHORTEST};
use crate::config::{ConsumptionPrice, Euros, LogLevel};

/// What a new user fills in, and what the form adds.
const FILLED_IN: &str = r#"{
    "email": "you@example.com", "password": "horse staple",
    "meters": [{"ean": "541448860000000011", "serial": "1SAG1100000015"}], "prices": [],
    "energy_dashboard": false, "registers": "total", "poll_at": ["06:20", "12:20", "18:20"], "log": "info", "mqtt": {}
}"#;

/// A start by the Supervisor with these options.
pub(super) fn app(options: &str) -> Case {
    let mut case = Case::empty();
    case.write("options.json", options, 0o600);
    case.command_line.data_dir = Some(case.folder.path().to_owned());
    case.var("SUPERVISOR_TOKEN", "from the Supervisor").var("TZ", "Europe/Brussels")
}

fn with(key: &str, value: &str) -> String {
    let mut options: serde_json::Value = serde_json::from_str(FILLED_IN).unwrap();
    options[key] = serde_json::from_str(value).unwrap();
    options.to_string()
}

fn with_meter(more: &str) -> String {
    FILLED_IN.replace("1SAG1100000015\"", &format!("1SAG1100000015\", {more}"))
}

#[test]
fn the_options_alone_are_enough() {
    let case = app(FILLED_IN);
    let loaded = case.loaded();
    assert_eq!(loaded.warnings, [""; 0]);
    let config = loaded.config;
    assert_eq!((config.fluvius.email.as_str(), config.fluvius.password.expose()), ("you@example.com", "horse staple"));
    assert_eq!((config.meters.len(), config.meters[0].serial.as_str()), (1, "1SAG1100000015"));
    assert_eq!(config.data_dir, case.folder.path(), "the data is where the options are");
    let supervisor = config.app.clone().unwrap();
    assert_eq!((supervisor.url.as_str(), supervisor.token.expose()), ("http://supervisor/", "from the Supervisor"));
    assert!(supervisor.names_broker);
    assert_eq!((config.mqtt.host.as_str(), config.mqtt.login.is_none()), ("core-mosquitto", true));
    let statistics = config.home_assistant.clone().expect("an app keeps statistics");
    assert_eq!(statistics.url.as_str(), "ws://supervisor/core/websocket");
    assert_eq!(statistics.token.expose(), "from the Supervisor");
    let shown = format!("{config:?}");
    assert!(!shown.contains("from the Supervisor") && !shown.contains("horse staple"), "{shown}");
}

#[test]
fn each_option_sets_its_key() {
    let config = app(r#"{
        "email": "me@example.be", "password": "12345 🏠", "remember_me": true, "reading_codes": "dc_is_direction",
        "meters": [
            {"ean": "541448860000000011", "serial": "A", "name": "Home", "history_from": "2026-01-01",
             "history_until": "2026-06-30", "resolution": "day"},
            {"ean": "541448860000000028", "serial": "B", "kind": "gas", "gas_unit": "m3"}],
        "prices": [
            {"from": "2026-01-01", "consumption": 0.301, "injection": -0.02, "gas": 0.071, "standing_charge": 120.0, "capacity": 53.2},
            {"from": "2026-07-01", "consumption_high": 0.312, "consumption_low": 0.276, "injection": 0.0, "gas": 0.0715}],
        "energy_dashboard": true, "registers": "split", "poll_at": ["07:00"], "log": "debug",
        "mqtt": {"url": "mqtt://broker.lan:1999", "username": "me", "password": "secret", "discovery_prefix": "ha",
                 "birth_topic": "ha/born", "base_topic": "meters"}}"#)
    .loaded()
    .config;
    assert!(config.fluvius.remember_me);
    assert_eq!(config.fluvius.password.expose(), "12345 🏠");
    assert_eq!(format!("{:?}", config.fluvius.reading_codes), "DcIsDirection");
    let meters: Vec<_> =
        config.meters.iter().map(|it| format!("{:?} {:?} {:?}", it.kind, it.unit, it.resolution)).collect();
    assert_eq!(meters, ["Electricity KilowattHour Days", "Gas CubicMetre Finest"]);
    assert_eq!(config.meters[0].history_until.unwrap().to_string(), "2026-06-30");
    let euros = Euros::from_millionths;
    assert_eq!(config.prices[0].consumption, Some(ConsumptionPrice::One(euros(301_000))));
    assert_eq!(config.prices[0].injection, Some(euros(-20_000)));
    let (high, low) = (euros(312_000), euros(276_000));
    assert_eq!(config.prices[1].consumption, Some(ConsumptionPrice::HighLow { high, low }));
    let statistics = config.home_assistant.unwrap();
    assert!(statistics.splits_registers && statistics.energy_dashboard);
    assert_eq!((config.poll.at.len(), config.log), (1, LogLevel::Debug));
    assert_eq!((config.mqtt.host.as_str(), config.mqtt.port), ("broker.lan", 1999));
    assert_eq!(config.mqtt.login.unwrap().1.expose(), "secret");
    assert_eq!((config.mqtt.birth_topic.as_str(), config.mqtt.base_topic.as_str()), ("ha/born", "meters"));
    assert!(!config.app.unwrap().names_broker, "one's own broker wins");
}

#[test]
fn what_is_left_empty_is_not_set() {
    let empty = FILLED_IN
        .replace("1SAG1100000015\"", "1SAG1100000015\", \"name\": \"\", \"history_from\": \"\", \"gas_unit\": null")
        .replace("\"mqtt\": {}", r#""mqtt": {"url": "", "username": "", "password": ""}, "reading_codes": """#)
        .replace(r#"["06:20", "12:20", "18:20"]"#, "[]");
    let config = app(&empty).loaded().config;
    assert!(config.meters[0].name.is_none() && config.meters[0].history_from.is_none());
    assert!(config.app.unwrap().names_broker);
    assert_eq!(config.poll.at.len(), 3);
}

#[test]
fn a_fault_names_the_option_as_the_form_does() {
    for (options, expected) in [
        (with("email", "null"), "option email: is missing; fill it in on the tab Configuration of the app"),
        (with("password", "\"\""), "option password: is missing; fill it in on the tab Configuration of the app"),
        (with("email", "\"nobody\""), "option email: is not an e-mail address"),
        (with("meters", "[]"), "option meters > 1 > ean: is missing; fill it in on the tab Configuration"),
        (
            with("meters", r#"[{"ean": "1", "serial": "A"}]"#),
            "option meters > 1 > ean: an EAN has 18 digits, this one has 1",
        ),
        (with("meters", "\"none\""), "option meters: expected a list"),
        (with_meter(r#""gas_unit": "m3""#), "option meters > 1 > gas_unit: is for gas meters only"),
        (with_meter(r#""history_from": "2026-02-30""#), "option meters > 1 > history_from: is not a date"),
        (with_meter(r#""colour": "red""#), "option meters > 1 > colour: no setting has this name"),
        (with("prices", r#"[{"from": "2026-01-01"}]"#), "option prices > 1: holds no price"),
        (
            with("prices", r#"[{"from": "2026-01-01", "consumption": 31.0}]"#),
            "option prices > 1 > consumption: is more than 10 EUR",
        ),
        (
            with("prices", r#"[{"from": "2026-01-01", "consumption_high": 0.3}]"#),
            "option prices > 1 > consumption_low: is missing",
        ),
        (
            with("prices", r#"[{"from": "2026-01-01", "consumption": 0.3, "consumption_low": 0.3}]"#),
            "option prices > 1 > consumption: there is a price for the high or low tariff as well",
        ),
        (with("poll_at", r#"["06:20", "25:00"]"#), "option poll_at > 2: is not a time of day"),
        (with("log", "\"loud\""), "option log: is none of the words"),
        (with("registers", "\"all\""), "option registers: is none of the words"),
        (with("energy_dashboard", "\"maybe\""), "option energy_dashboard: is neither true nor false"),
        (with("mqtt", r#"{"url": "http://a"}"#), "option mqtt > url: begins with something else than mqtt://"),
        (with("mqtt", r#"{"username": "me"}"#), "option mqtt > username: is set without `url`"),
        (with("mqtt", "true"), "option mqtt: expected keys with values"),
        (with("emial", "\"x\""), "option emial: no option has this name; did you mean `email`?"),
        (with("hunter2", "1"), "options: no option has this name"),
        ("[]".to_owned(), "options.json: these are not the options of an app"),
        ("{\"password\": \"hunter2\"".to_owned(), "options.json: these are not the options of an app"),
    ] {
        let told = app(&options).told();
        assert!(told.iter().any(|line| line.contains(expected)), "{told:#?} for {options}");
        assert!(!told.concat().contains("hunter2"), "{told:#?}");
    }
    let told = app("{}").told();
    assert_eq!(told.len(), 4, "e-mail, password, EAN and serial number: {told:#?}");
}

#[test]
fn options_lie_between_the_environment_and_the_file() {
    let case = app(&with("log", "\"warn\""));
    case.write("config.yaml", &super::with("log: trace\npoll: {pause: 3s}\nhome_assistant: {registers: split}"), 0o600);
    let config = case.loaded().config;
    assert_eq!((config.log, config.poll.pause.as_secs()), (LogLevel::Warn, 3));
    assert!(!config.home_assistant.unwrap().splits_registers);
    let case = case.var("FLUVIUS2MQTT_LOG", "error").var("FLUVIUS2MQTT_MQTT_URL", "mqtt://broker.lan");
    let config = case.loaded().config;
    assert_eq!((config.log, config.mqtt.host.as_str()), (LogLevel::Error, "broker.lan"));
    assert!(!config.app.unwrap().names_broker);
    let told = case.var("FLUVIUS_LOGIN", "nobody").told();
    assert!(told[0].starts_with("fluvius.email (set by FLUVIUS_LOGIN): "), "{told:#?}");
}

#[test]
fn both_the_token_and_the_options_make_an_app() {
    let without_token = Case::file(SHORTEST);
    without_token.write("options.json", "{}", 0o600);
    let folder = without_token.folder.path().to_str().unwrap().to_owned();
    let without_token = without_token.var("FLUVIUS2MQTT_DATA_DIR", &folder);
    assert!(without_token.loaded().config.app.is_none());
    let without_options = Case::file(SHORTEST).var("SUPERVISOR_TOKEN", "from the Supervisor");
    assert!(without_options.loaded().config.app.is_none());
    let both = without_token.var("SUPERVISOR_TOKEN", "from the Supervisor");
    assert!(both.loaded().config.app.is_some(), "the file fills in what the options leave open");
}

#[test]
fn another_supervisor_is_on_this_machine_only() {
    for (named, url, socket) in [
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123/", "ws://127.0.0.1:8123/core/websocket"),
        ("http://elsewhere", "http://supervisor/", "ws://supervisor/core/websocket"),
        ("nonsense", "http://supervisor/", "ws://supervisor/core/websocket"),
    ] {
        let config = app(FILLED_IN).var("SUPERVISOR_API", named).loaded().config;
        assert_eq!((config.app.unwrap().url.as_str(), config.home_assistant.unwrap().url.as_str()), (url, socket));
    }
}

#[test]
fn the_clock_is_that_of_the_house_and_the_days_are_those_of_the_meter() {
    for (zone, clock) in
        [("Europe/London", Tz::Europe__London), ("", Tz::Europe__Brussels), (":/etc/localtime", Tz::Europe__Brussels)]
    {
        let case = app(FILLED_IN).var("TZ", zone);
        let config = case.loaded().config;
        // An empty variable counts as unset, and the one before it is there still.
        assert_eq!(config.clock(), clock, "{zone}");
        assert_eq!(config.fluvius.timezone, Tz::Europe__Brussels);
    }
    assert_eq!(Case::file(SHORTEST).var("TZ", "UTC").loaded().config.clock(), Tz::Europe__Brussels);
}

#[test]
fn options_that_cannot_be_read_are_one_fault() {
    let case = app(FILLED_IN);
    std::fs::write(case.folder.path().join("options.json"), [0xff]).unwrap();
    let told = case.told();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("the options can't be read: it is not UTF-8 text"), "{told:#?}");
    assert!(Path::new(told[0].split(':').next().unwrap()).ends_with("options.json"));
}
