//! A configuration that can't be used is told in full, with what to do about each fault, and shows no secret.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{EAN, Finished, Home, Running, SERIAL, before};

/// The bridge in a folder, with nothing from the environment.
fn bridge(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
    command.args(arguments).env_clear().current_dir(folder);
    command
}

async fn run(command: &mut Command) -> Finished {
    Running::start(command).finished().await
}

fn write(folder: &TempDir, text: &str, mode: u32) {
    let file = folder.path().join("config.yaml");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
}

/// What is told of a file that can't be used.
async fn told(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, text, 0o600);
    let told = run(&mut bridge(folder.path(), &["run"])).await;
    assert_eq!(told.code, Some(2), "{}", told.log);
    assert_eq!(told.out, "");
    assert!(!folder.path().join("data").exists(), "nothing is made before the configuration is right");
    told.log
}

/// A complete file with more at its end.
fn with(more: &str) -> String {
    format!(
        "fluvius: {{email: jan@example.com, password: geheim-1}}\nmeters: [{{ean: '{EAN}', serial: {SERIAL}}}]\n{more}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_are_told_at_once_and_none_shows_a_secret() {
    let log = told(
        "fluvius: {email: geheim-1, pasword: geheim-2, url: 'http://geheim-3.example.com'}
meters: [{ean: 5414, serial: 'geheim 4'}, {ean: '541448860000000028', resolution: second}]
mqtt: {url: 'mqtt://bridge:geheim-5%@broker'}
poll: {at: [25:00]}
log: loud
",
    )
    .await;
    for key in [
        "fluvius.pasword: no setting has this name; did you mean `password`?",
        "fluvius.email: ",
        "fluvius.password: is missing",
        "fluvius.url: ",
        "meters[0].ean: an EAN has 18 digits",
        "meters[0].serial: ",
        "meters[1].serial: is missing",
        "meters[1].resolution: ",
        "mqtt.url: ",
        "poll.at[0]: ",
        "log: ",
    ] {
        assert!(log.contains(key), "{key} in {log}");
    }
    let faults: Vec<_> = log.lines().skip(1).collect();
    assert_eq!(faults.len(), 11, "a line for each: {log}");
    assert!(faults.iter().all(|fault| fault.contains("; ")), "each with what to do: {log}");
    assert!(!log.contains("geheim") && !log.contains("panicked"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_that_cannot_be_are_told() {
    for (text, says) in [
        (with("home_assistant: {token: geheim-1}"), "home_assistant.url: is missing"),
        (
            with("home_assistant: {url: 'mqtt://homeassistant.local', token: geheim-1}"),
            "home_assistant.url: is not a plain http:// or https:// address",
        ),
        (
            with("home_assistant: {url: 'http://a', token: geheim-1}\nprices: [{from: 2026-01-01, consumption: 31}]"),
            "prices[0].consumption: is more than 10 EUR, and so probably in cents; write EUR per kWh, not cents",
        ),
    ] {
        let log = told(&text).await;
        assert!(log.contains(says), "{says} in {log}");
        assert!(!log.contains("geheim"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_a_typo_names_the_one_that_was_meant() {
    for (typed, meant) in [
        ("mqqt: {}", "`mqtt`"),
        ("poll: {pauze: 1s}", "`pause`"),
        ("data-dir: x", "`data_dir`"),
        ("logs: info", "`log`"),
    ] {
        let log = told(&with(typed)).await;
        assert!(log.contains("no setting has this name; did you mean ") && log.contains(meant), "{typed}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_configuration_the_variables_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let told = run(&mut bridge(folder.path(), &[])).await;
    assert_eq!(told.code, Some(2));
    for name in ["FLUVIUS_EMAIL", "FLUVIUS_PASSWORD", "METERS_0_EAN", "METERS_0_SERIAL"] {
        assert!(told.log.contains(&format!("FLUVIUS2MQTT_{name}")), "{}", told.log);
    }
    let told = run(&mut bridge(folder.path(), &["--config", "missing.yaml"])).await;
    assert_eq!(told.code, Some(2));
    assert!(told.log.contains("the configuration file missing.yaml can't be read"), "{}", told.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typo_in_an_ean_and_a_file_that_all_can_read_are_warned_of() {
    let mut home = Home::new().await;
    home.settings["meters"][0]["ean"] = json!("541448860000000012");
    home.write_config();
    let file = home.path("settings.yaml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let arguments = ["once", "--config", file.to_str().unwrap()];
    let done = run(&mut bridge(&home.path(""), &arguments)).await;
    assert_eq!(done.code, Some(0), "a warning is no fault: {}", done.log);
    assert!(
        done.log.contains("meters[0].ean: the check digit of EAN …0012 is wrong, which is probably a typo"),
        "{}",
        done.log
    );
    assert!(!done.log.contains("541448860000000012"), "{}", done.log);
    let says = format!("other users may read it; run: chmod 600 {}", file.display());
    assert!(done.log.contains(&says), "{}", done.log);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let done = run(&mut bridge(&home.path(""), &arguments)).await;
    assert!(!done.log.contains("chmod"), "{}", done.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_alone_is_enough_under_both_kinds_of_names() {
    let names = [
        ["FLUVIUS2MQTT_FLUVIUS_EMAIL", "FLUVIUS_LOGIN"],
        ["FLUVIUS2MQTT_FLUVIUS_PASSWORD", "FLUVIUS_PASSWORD"],
        ["FLUVIUS2MQTT_METERS_0_EAN", "FLUVIUS_EAN"],
        ["FLUVIUS2MQTT_METERS_0_SERIAL", "FLUVIUS_METER_SERIAL"],
        ["FLUVIUS2MQTT_FLUVIUS_TIMEZONE", "FLUVIUS_TIMEZONE"],
        ["FLUVIUS2MQTT_METERS_0_RESOLUTION", "FLUVIUS_GRANULARITY"],
    ];
    for (kind, days) in [(0, "day"), (1, "4")] {
        let home = Home::new().await;
        let (email, password) = (home.portal.email(), home.portal.password());
        let values = [email.as_str(), &password, EAN, SERIAL, "Europe/Brussels", days];
        let folder = tempfile::tempdir().unwrap();
        let mut command = bridge(folder.path(), &["once"]);
        for (names, value) in names.iter().zip(values) {
            command.env(names[kind], value);
        }
        command
            .env("FLUVIUS2MQTT_FLUVIUS_URL", home.portal.url())
            .env("FLUVIUS2MQTT_MQTT_URL", home.broker.url())
            .env("FLUVIUS2MQTT_METERS_0_HISTORY_FROM", before(9).to_string())
            .env("FLUVIUS2MQTT_POLL_PAUSE", "0s")
            .env("FLUVIUS2MQTT_WEB_LISTEN", "off")
            .env("FLUVIUS2MQTT_LOG", "trace");
        let done = run(&mut command).await;
        assert_eq!(done.code, Some(0), "{}", done.log);
        assert!(!done.log.contains(&password) && !done.log.contains(EAN), "{}", done.log);
        let state = home.state(EAN).await;
        assert_eq!(state["status"], "ok");
        assert_eq!(state["totals_from"], crate::support::midnight(before(9)));
        assert!(folder.path().join("data/ledger.sqlite").exists(), "the default is a folder beside it");
        let quarters = rusqlite::Connection::open(folder.path().join("data/ledger.sqlite"))
            .unwrap()
            .query_row("SELECT count(*) FROM reading WHERE seconds < 80000", [], |row| row.get::<_, i64>(0))
            .unwrap();
        assert_eq!(quarters, 0, "daily totals were asked for");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let mut home = Home::new().await;
    home.settings["meters"][0]["history_from"] = json!(before(2));
    let [by_file, by_variable, by_option] = ["file", "variable", "option"].map(|name| home.path(name));
    home.settings["data_dir"] = json!(by_file);
    let done = run(&mut home.command(&["once"])).await;
    assert_eq!(done.code, Some(0), "{}", done.log);
    let done = run(home.command(&["once"]).env("FLUVIUS2MQTT_DATA_DIR", &by_variable)).await;
    assert_eq!(done.code, Some(0), "{}", done.log);
    let arguments = ["once", "--data-dir", by_option.to_str().unwrap()];
    let done = run(home.command(&arguments).env("FLUVIUS2MQTT_DATA_DIR", home.path("unused"))).await;
    assert_eq!(done.code, Some(0), "{}", done.log);
    for folder in [by_file, by_variable, by_option] {
        assert!(folder.join("ledger.sqlite").exists(), "{}", folder.display());
    }
    assert!(!home.path("unused").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_use_has_its_exit_code_and_the_version_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["dance"][..], &["once", "--fast"], &["--config"]] {
        let told = run(&mut bridge(folder.path(), arguments)).await;
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(told.log.contains("try '--help'"), "{}", told.log);
    }
    let told = run(&mut bridge(folder.path(), &["--version"])).await;
    assert_eq!((told.code, told.log.as_str()), (Some(0), ""));
    assert_eq!(told.out, format!("fluvius2mqtt {}\n", env!("CARGO_PKG_VERSION")));
    let told = run(&mut bridge(folder.path(), &["--help"])).await;
    assert_eq!(told.code, Some(0));
    assert!(told.out.contains("once") && told.out.contains("--data-dir"), "{}", told.out);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_cannot_be_used_is_told() {
    let mut home = Home::new().await;
    fs::write(home.path("a-file"), "").unwrap();
    home.settings["data_dir"] = json!(home.path("a-file").join("data"));
    let told = run(&mut home.command(&["once"])).await;
    assert_eq!(told.code, Some(1));
    assert!(told.log.contains("can't be used") && told.log.contains("data_dir"), "{}", told.log);
    assert_eq!(home.portal.requests().len(), 0);
    assert_eq!(home.state(EAN).await, Value::Null);
}
