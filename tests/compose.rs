//! With one file filled in, `compose.yaml` gives a broker that lets nobody in without a login, and a bridge that has one.
//! The files and settings of both are tried on the real programs; an engine isn't needed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use serde_yaml::Value;

use crate::support::{EAN, Home, Mosquitto, Running, SERIAL, before};

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The names in `.env.example`, with what a user fills in.
fn filled_in(answers: &[(&str, &str)]) -> BTreeMap<String, String> {
    let example = file(".env.example");
    let lines = example.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut given: BTreeMap<_, _> = lines
        .map(|line| line.split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect();
    for (name, value) in answers {
        *given.get_mut(*name).unwrap_or_else(|| panic!("{name} is in the example")) = (*value).to_owned();
    }
    given
}

/// A value of `compose.yaml` with `${NAME:-default}` and `${NAME:+replacement}` put in.
fn interpolated(text: &str, given: &BTreeMap<String, String>) -> String {
    let Some(inside) = text.strip_prefix("${").and_then(|text| text.strip_suffix('}')) else { return text.to_owned() };
    let (name, sign, other) = match (inside.split_once(":-"), inside.split_once(":+")) {
        (Some((name, other)), _) => (name, '-', other),
        (None, Some((name, other))) => (name, '+', other),
        (None, None) => panic!("{text} has a value for a name that is not set"),
    };
    let value = given.get(name).map_or("", String::as_str);
    if (sign == '-') == value.is_empty() { other.to_owned() } else { value.to_owned() }
}

/// The environment of the bridge.
fn environment(given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let compose: Value = serde_yaml::from_str(&file("compose.yaml")).unwrap();
    let settings = compose["services"]["bridge"]["environment"].as_mapping().unwrap();
    settings
        .iter()
        .map(|(key, value)| (key.as_str().unwrap().to_owned(), interpolated(value.as_str().unwrap(), given)))
        .collect()
}

fn set_up(given: &BTreeMap<String, String>, folder: &Path) -> std::process::Output {
    let compose: Value = serde_yaml::from_str(&file("compose.yaml")).unwrap();
    let [secrets, files] = ["run-secrets", "secrets"].map(|name| folder.join(name));
    for folder in [&secrets, &files] {
        fs::create_dir_all(folder).unwrap();
    }
    for (secret, source) in compose["secrets"].as_mapping().unwrap() {
        let name = source["environment"].as_str().unwrap();
        fs::write(secrets.join(secret.as_str().unwrap()), &given[name]).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/compose/setup");
    Command::new(script).args([&secrets, &files]).output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bridge_has_a_login_at_a_broker_that_asks_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new().await;
    let (email, password) = (home.portal.email(), home.portal.password());
    let answers = [
        ("FLUVIUS_EMAIL", email.as_str()),
        ("FLUVIUS_PASSWORD", &password),
        ("METER_EAN", EAN),
        ("METER_SERIAL", SERIAL),
        ("MQTT_PASSWORD", "p:a$s w'ord"),
    ];
    let given = filled_in(&answers);
    let done = set_up(&given, folder.path());
    assert!(done.status.success(), "{done:?}");
    let files = folder.path().join("secrets");
    let made_up = fs::read_to_string(files.join("mqtt_password")).unwrap();
    let again = set_up(&given, folder.path());
    assert!(again.status.success(), "{again:?}");
    assert_eq!(fs::read_to_string(files.join("mqtt_password")).unwrap(), made_up, "the bridge keeps its login");
    for (name, user) in [("fluvius_password", Some(65532)), ("mqtt_password", Some(65532)), ("logins", None)] {
        let metadata = fs::metadata(files.join(name)).unwrap();
        assert_eq!(metadata.mode() & 0o777, 0o600, "{name}");
        assert!(user.is_none_or(|user| metadata.uid() == user), "{name}");
    }

    let settings: Vec<_> = file("packaging/compose/mosquitto.conf")
        .replace("/secrets/", &format!("{}/", files.display()))
        .lines()
        .filter(|line| !line.starts_with("listener ") && !line.starts_with("persistence"))
        .map(str::to_owned)
        .collect();
    let broker = Mosquitto::with(&settings.join("\n")).await;
    let port = broker.port.to_string();
    let subscribe = |user: Option<(&str, &str)>| {
        let mut command = Command::new("mosquitto_sub");
        command.args(["-p", &port, "-t", "fluvius2mqtt/+/state", "-C", "1", "-W", "5"]);
        if let Some((user, password)) = user {
            command.args(["-u", user, "-P", password]);
        }
        command.output().unwrap()
    };
    let stranger = subscribe(None);
    assert!(!stranger.status.success(), "{stranger:?}");

    let environment = environment(&given);
    assert!(!environment.values().any(|value| value.contains(&password)), "no password is in the environment");
    let mut command = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
    command.arg("once").env_clear().current_dir(folder.path());
    for (name, value) in environment {
        let here = value.replace("/secrets/", &format!("{}/", files.display()));
        command.env(name, here.replace("mosquitto:1883", &format!("127.0.0.1:{port}")));
    }
    command
        .env("FLUVIUS2MQTT_FLUVIUS_URL", home.portal.url())
        .env("FLUVIUS2MQTT_POLL_PAUSE", "0s")
        .env("FLUVIUS2MQTT_METERS_0_HISTORY_FROM", before(3).to_string());
    let done = Running::start(&mut command).finished().await;
    assert_eq!(done.code, Some(0), "{}", done.log);
    let seen = subscribe(Some(("homeassistant", "p:a$s w'ord")));
    assert!(String::from_utf8_lossy(&seen.stdout).contains("consumption_total"), "{seen:?}");
}

#[test]
fn a_password_that_is_not_filled_in_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let done = set_up(&filled_in(&[("FLUVIUS_PASSWORD", "x")]), folder.path());
    assert_eq!(done.status.code(), Some(1));
    let told = String::from_utf8(done.stderr).unwrap();
    assert_eq!(told, "setup: MQTT_PASSWORD is empty; fill it in in the file .env beside compose.yaml\n");
    assert!(!folder.path().join("secrets/logins").exists());
}
