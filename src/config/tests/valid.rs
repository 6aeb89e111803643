use std::time::Duration;

use chrono::NaiveTime;
use chrono_tz::Tz;

use super::{Case, SHORTEST, loaded, repository_file, told, with, with_fluvius, with_meter};
use crate::config::{CommandLine, History, LogLevel, ReadingCodes, load};
use crate::energy::{MeterKind, Unit};

fn times(texts: &[&str]) -> Vec<NaiveTime> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn the_shortest_file_has_defaults_for_all_the_rest() {
    let config = loaded(SHORTEST).config;
    assert_eq!(config.fluvius.email, "you@example.com");
    assert_eq!(config.fluvius.password.expose(), "horse staple");
    assert_eq!(config.fluvius.url.as_str(), "https://mijn.fluvius.be/");
    assert_eq!(config.fluvius.timezone, Tz::Europe__Brussels);
    assert!(!config.fluvius.remember_me);
    assert_eq!(config.fluvius.reading_codes, ReadingCodes::Auto);
    let meter = &config.meters[0];
    assert_eq!((meter.ean.digits(), meter.serial.as_str()), ("541448860000000011", "1SAG1100000015"));
    assert_eq!((&meter.name, meter.kind, meter.resolution), (&None, MeterKind::Electricity, History::Finest));
    assert_eq!(meter.history_from, None);
    assert_eq!((config.mqtt.host.as_str(), config.mqtt.port, config.mqtt.tls), ("127.0.0.1", 1883, false));
    assert!(config.mqtt.login.is_none() && config.mqtt.ca_file.is_none() && config.mqtt.client_id.is_none());
    assert_eq!(config.mqtt.discovery_prefix, "homeassistant");
    assert_eq!(config.mqtt.birth_topic, "homeassistant/status");
    assert_eq!(config.mqtt.base_topic, "fluvius2mqtt");
    assert_eq!(config.poll.at, times(&["06:20:00", "12:20:00", "18:20:00"]));
    assert_eq!(config.poll.pause, Duration::from_secs(1));
    assert_eq!((config.data_dir.to_str(), config.log), (Some("./data"), LogLevel::Info));
}

#[test]
fn every_key_reaches_the_model() {
    let case = Case::empty();
    let ca_file = case.write("ca.pem", "-----BEGIN CERTIFICATE-----\n", 0o644);
    let text = format!(
        "
fluvius:
  email: me@example.be
  password: \"pass: word\"
  url: http://127.0.0.1:8080
  timezone: Europe/Amsterdam
  remember_me: true
  reading_codes: dc_is_direction
meters:
  - {{ean: 541448860000000011, serial: 12345, name: ' Home ', kind: electricity, resolution: hour}}
  - {{ean: '5414 4886 0000 0000 28', serial: B-2_c.d, resolution: day, history_from: 2026-01-01, history_until: 2026-06-30}}
  - {{ean: '541448860000000035', serial: C, kind: gas}}
  - {{ean: '541448860000000042', serial: D, kind: gas, gas_unit: m3}}
mqtt:
  url: mqtts://broker.local
  username: me
  password: \"0123\"
  ca_file: {}
  client_id: bridge-1
  discovery_prefix: ha
  base_topic: home/energy
poll:
  at: [\"18:00\", \"06:05\"]
  pause: 500ms
web: {{listen: off}}
data_dir: /data
log: trace
",
        ca_file.display()
    );
    case.write("config.yaml", &text, 0o600);
    let config = case.loaded().config;
    assert_eq!((config.fluvius.email.as_str(), config.fluvius.password.expose()), ("me@example.be", "pass: word"));
    assert_eq!(config.fluvius.url.as_str(), "http://127.0.0.1:8080/");
    assert_eq!(config.fluvius.timezone, Tz::Europe__Amsterdam);
    assert!(config.fluvius.remember_me);
    assert_eq!(config.fluvius.reading_codes, ReadingCodes::DcIsDirection);
    let [first, second, gas, volume] = config.meters.as_slice() else { panic!("four meters") };
    assert_eq!((first.ean.digits(), first.serial.as_str()), ("541448860000000011", "12345"));
    assert_eq!((first.name.as_deref(), first.resolution), (Some("Home"), History::Hours));
    assert_eq!((second.ean.digits(), second.serial.as_str()), ("541448860000000028", "B-2_c.d"));
    assert_eq!((second.resolution, second.history_from), (History::Days, "2026-01-01".parse().ok()));
    assert_eq!(second.history_until, "2026-06-30".parse().ok());
    let counts = [first, second, gas, volume].map(|meter| (meter.kind, meter.unit));
    let (electricity, gas) = (MeterKind::Electricity, MeterKind::Gas);
    let (kwh, cubic_metres) = (Unit::KilowattHour, Unit::CubicMetre);
    assert_eq!(counts, [(electricity, kwh), (electricity, kwh), (gas, kwh), (gas, cubic_metres)]);
    let mqtt = config.mqtt;
    assert_eq!((mqtt.host.as_str(), mqtt.port, mqtt.tls), ("broker.local", 8883, true));
    let (user, password) = mqtt.login.unwrap();
    assert_eq!((user.as_str(), password.expose()), ("me", "0123"));
    assert_eq!((mqtt.ca_file, mqtt.client_id.as_deref()), (Some(ca_file), Some("bridge-1")));
    assert_eq!((mqtt.discovery_prefix.as_str(), mqtt.birth_topic.as_str()), ("ha", "ha/status"));
    assert_eq!(mqtt.base_topic, "home/energy");
    assert_eq!((config.poll.at, config.poll.pause), (times(&["06:05:00", "18:00:00"]), Duration::from_millis(500)));
    assert_eq!((config.data_dir.to_str(), config.log), (Some("/data"), LogLevel::Trace));
}

#[test]
fn the_example_loads_as_it_is_shipped() {
    let command_line = CommandLine { config: Some(repository_file("config.example.yaml")), data_dir: None };
    let config = load(&command_line, []).unwrap().config;
    assert_eq!(config.fluvius.email, "you@example.com");
    assert_eq!(config.meters[0].ean.digits(), "541448860000000011");
}

#[test]
fn what_the_example_has_as_comments_is_known_too() {
    // A comment is prose or a key; those lines that are keys have to be known, and in their place.
    let example = std::fs::read_to_string(repository_file("config.example.yaml")).unwrap();
    let is_key = |line: &str| {
        let word = line.trim_start().trim_start_matches("- ").split(':').next().unwrap_or_default();
        line.contains(':') && !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    let all: String = example
        .lines()
        .map(|line| {
            let indent = line.len() - line.trim_start().len();
            match line.trim_start().strip_prefix("# ") {
                Some(comment) if is_key(comment) => format!("{}{comment}\n", " ".repeat(indent)),
                Some(_) => "\n".to_owned(),
                None => format!("{line}\n"),
            }
        })
        .collect();
    let told = told(&all);
    assert!(!told.iter().any(|line| line.contains("no setting has this name")), "{told:#?}");
    for key in crate::config::keys::SECTIONS.iter().flat_map(|(_, keys)| keys.iter()) {
        assert!(all.contains(&format!("{key}:")) || key == &"token_file", "{key} is not in the example");
    }
    for key in crate::config::keys::METER.iter().chain(crate::config::keys::PERIOD).chain(crate::config::keys::TOP) {
        assert!(all.contains(&format!("{key}:")), "{key} is not in the example");
    }
}

#[test]
fn the_sections_that_the_example_has_as_comments_load() {
    let example = std::fs::read_to_string(repository_file("config.example.yaml")).unwrap();
    let section = |name: &str| -> String {
        let lines = example.lines().skip_while(|line| *line != format!("# {name}:"));
        let lines = lines.map_while(|line| line.strip_prefix("# "));
        let wanted = lines.filter(|line| !line.contains("token_file:") && !line.contains("gas:"));
        wanted.map(|line| format!("{line}\n")).collect()
    };
    let config = loaded(&with(&format!("{}{}", section("home_assistant"), section("prices")))).config;
    assert_eq!(config.home_assistant.unwrap().url.as_str(), "http://homeassistant.local:8123/");
    let [price] = config.prices.as_slice() else { panic!("one period") };
    assert!(price.consumption.is_some() && price.injection.is_some());
    assert!(price.standing_charge.is_some() && price.capacity.is_some());
}

#[test]
fn a_user_in_the_url_is_decoded() {
    let login = |url| loaded(&with(&format!("mqtt: {{url: '{url}'}}"))).config.mqtt.login;
    let (user, password) = login("mqtt://m%C3%A9:p%40s%2Fs%25@broker").unwrap();
    assert_eq!((user.as_str(), password.expose()), ("mé", "p@s/s%"));
    let (user, password) = login("mqtt://me@broker:1884/").unwrap();
    assert_eq!((user.as_str(), password.expose()), ("me", ""));
    assert!(login("mqtt://broker").is_none());
}

#[test]
fn brokers_have_names_and_addresses() {
    for (url, host, port) in [
        ("mqtt://[fd00::1]:1884", "fd00::1", 1884),
        ("mqtts://core-mosquitto", "core-mosquitto", 8883),
        ("mqtt://192.168.1.2", "192.168.1.2", 1883),
    ] {
        let mqtt = loaded(&with(&format!("mqtt: {{url: '{url}'}}"))).config.mqtt;
        assert_eq!((mqtt.host.as_str(), mqtt.port), (host, port));
    }
}

#[test]
fn portals_on_this_machine_may_be_unencrypted() {
    for url in ["http://localhost:1", "http://127.0.0.2:1", "http://[::1]:1", "https://example.com"] {
        assert!(loaded(&with_fluvius(&format!("url: '{url}'"))).config.fluvius.url.as_str().starts_with(url));
    }
}

#[test]
fn pauses_have_units() {
    for (text, milliseconds) in
        [("0s", 0), ("1", 1_000), ("1.5", 1_500), ("'2'", 2_000), ("2m", 120_000), ("5m", 300_000), ("250ms", 250)]
    {
        let poll = loaded(&with(&format!("poll: {{pause: {text}}}"))).config.poll;
        assert_eq!(poll.pause, Duration::from_millis(milliseconds), "{text}");
    }
}

#[test]
fn a_wrong_check_digit_is_a_warning() {
    let loaded = loaded(&SHORTEST.replace("0011'", "0012'"));
    assert_eq!(loaded.config.meters[0].ean.last_four(), "0012");
    assert_eq!(loaded.warnings.len(), 1);
    assert!(loaded.warnings[0].starts_with("meters[0].ean: the check digit of EAN …0012 is wrong"), "{loaded:?}");
}

#[test]
fn sections_and_keys_left_empty_are_not_set() {
    let more = "mqtt:\npoll:\nweb:\nhome_assistant:\nprices:\ndata_dir:\nlog:";
    assert_eq!(loaded(&with(more)).config.data_dir.to_str(), Some("./data"));
    loaded(&with_meter("name: , kind: , history_until: "));
    loaded(&with("web: {listen: false}"));
    loaded(&with("web: {listen: 'off'}"));
}
