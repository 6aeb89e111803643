//! `fetch` takes each value from the command line, else from the environment, else from the configuration file.

use std::ffi::OsStr;
use std::fs;

use serde_json::{Value, json};

use crate::fetch::{GAS, GAS_SERIAL, OUTPUT, Place, data, run, well};
use crate::support::{EAN, Finished, Home, OTHER_EAN, OTHER_SERIAL, SERIAL, before};

#[tokio::test(flavor = "multi_thread")]
async fn days_back_end_with_the_last_day_that_is_over() {
    let home = Home::new().await;
    let dates = |finished: Finished| -> Vec<String> {
        let days = data(&well(finished));
        days.iter().map(|day| day["date"].as_str().unwrap().to_owned()).collect()
    };
    let fetch = async |more: &[&str]| run(home.command(&["fetch", "--json"]).args(more)).await;
    let expected = |count: u64| -> Vec<String> { (0..count).rev().map(|days| before(days).to_string()).collect() };
    assert_eq!(dates(fetch(&[]).await), expected(7));
    assert_eq!(dates(fetch(&["--days-back", "3"]).await), expected(3));
    assert_eq!(dates(fetch(&["--from", &before(1).to_string()]).await), expected(2));
    let until = before(2).to_string();
    assert_eq!(dates(fetch(&["--days-back", "2", "--to", &until]).await), expected(4)[..2]);
    let tomorrow = (before(0) + chrono::Days::new(2)).to_string();
    assert_eq!(dates(fetch(&["--from", &tomorrow]).await), [tomorrow]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let place = Place::new().await;
    let (email, password) = (place.portal.email(), place.portal.password());
    let config = json!({
        "fluvius": {"email": email, "password": "of the file", "timezone": "Europe/London"},
        "meters": [
            {"ean": EAN, "serial": SERIAL, "name": "Home"},
            {"ean": GAS, "serial": GAS_SERIAL, "name": "Boiler", "kind": "gas"},
        ],
    });
    fs::write(place.path("config.yaml"), config.to_string()).unwrap();
    let days = ["--from", "2026-06-12", "--to", "2026-06-12"];
    let fetch = async |more: &[&str], environment: &[(&str, &str)]| {
        let mut command = place.command(&days);
        command.args(more).envs(environment.iter().map(|(name, value)| (OsStr::new(name), OsStr::new(value))));
        run(&mut command).await
    };
    let refused = fetch(&[], &[]).await;
    assert_eq!(refused.code, Some(3), "the password of the file is sent: {}", refused.log);

    let right = ("FLUVIUS_PASSWORD", password.as_str());
    let zone = ("FLUVIUS_TIMEZONE", "Europe/Brussels");
    let done = well(fetch(&[], &[right, zone]).await);
    let titles: Vec<_> = done.out.lines().filter(|line| line.starts_with("2026")).collect();
    assert_eq!(
        titles,
        ["2026-06-12, Home (…0011), daily total", "2026-06-12 06:00 to 2026-06-13 06:00, Boiler (…0035), daily total"],
        "all meters of the file"
    );
    let done = well(fetch(&["--password", &password, "--timezone", "Europe/Brussels"], &[]).await);
    assert!(done.out.contains("Home") && done.out.contains("Boiler"), "{}", done.out);
    let done =
        well(fetch(&["--password", &password], &[("FLUVIUS2MQTT_FLUVIUS_PASSWORD", "of the environment"), zone]).await);
    assert!(done.out.contains("Home"), "{}", done.out);

    // A meter of the file needs no more than its EAN; the environment changes the first one.
    let done = well(fetch(&["--ean", GAS], &[right, zone]).await);
    assert!(done.out.contains("Boiler") && done.out.contains("m³") && !done.out.contains("Home"), "{}", done.out);
    let other = [right, zone, ("FLUVIUS_EAN", OTHER_EAN), ("FLUVIUS_METER_SERIAL", OTHER_SERIAL)];
    let done = well(fetch(&[], &other).await);
    assert!(done.out.contains("Home (…0028)") && done.out.contains("consumption single"), "{}", done.out);
    let done = well(fetch(&["--ean", EAN, "--meter-serial", SERIAL], &other).await);
    assert!(done.out.contains("…0011") && !done.out.contains("…0028"), "{}", done.out);

    let granularity = [right, zone, ("FLUVIUS_GRANULARITY", "2")];
    let done = well(fetch(&["--ean", EAN], &granularity).await);
    assert!(done.out.contains("24 hours\n"), "{}", done.out);
    let done = well(fetch(&["--ean", EAN, "--granularity", "1"], &granularity).await);
    assert!(done.out.contains("96 quarter-hours\n"), "{}", done.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_alone_is_enough() {
    let place = Place::new().await;
    let mut command = place.command(&["--from", "2026-06-12", "--to", "2026-06-12", "--quiet"]);
    command.env("FLUVIUS_LOGIN", place.portal.email()).env("FLUVIUS_PASSWORD", place.portal.password());
    command.env("FLUVIUS_EAN", EAN).env("FLUVIUS_METER_SERIAL", SERIAL).env("FLUVIUS_GRANULARITY", "1");
    command.env_remove("XDG_STATE_HOME").env("HOME", place.path("home"));
    well(run(&mut command).await);
    assert_eq!(serde_json::from_str::<Vec<Value>>(&place.output()).unwrap().len(), 96);
    assert_eq!(place.names(), [OUTPUT, "home"]);
    assert!(place.path("home/.local/state/fluvius2mqtt").is_dir());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_or_wrong_names_the_flag_and_nothing_is_asked() {
    let place = Place::new().await;
    let told = async |arguments: &[&str]| {
        let told = run(place.command(arguments).env_remove("XDG_STATE_HOME")).await;
        assert_eq!((told.code, told.out.as_str()), (Some(2), ""), "{arguments:?}: {}", told.log);
        told.log
    };
    insta::assert_snapshot!(told(&[]).await);
    let log = told(&[
        "--email",
        "geheim",
        "--password",
        "",
        "--ean",
        "geheim-2",
        "--meter-serial",
        "a b",
        "--kind",
        "water",
        "--timezone",
        "Europe/Brussel",
    ])
    .await;
    insta::assert_snapshot!(log);
    for (arguments, says) in [
        (
            vec!["--ean", EAN, "--ean", OTHER_EAN, "--meter-serial", SERIAL],
            "--meter-serial: is there once, and --ean twice",
        ),
        (vec!["--ean", EAN, "--ean", EAN], "--ean: names the same meter twice"),
        (
            vec!["--ean", EAN, "--kind", "gas", "--kind", "gas"],
            "--kind: is there twice, which is not once for each meter",
        ),
        (vec!["--meter-serial", SERIAL], "meters[0].ean: is missing; give --ean, or set it as"),
        (vec!["--from", "2026-06-12", "--to", "2026-06-11"], "--to 2026-06-11 is before --from 2026-06-12"),
        (vec!["--from", "12/06/2026"], "write it as YYYY-MM-DD, such as 2026-01-31"),
        (vec!["--days-back", "0"], "0 is not in 1..=1200"),
        (vec!["--from", "2026-06-12", "--days-back", "3"], "cannot be used with"),
        (vec!["--quiet", "--json"], "cannot be used with"),
        (vec!["--granularity", "fine"], "invalid value 'fine' for '--granularity <CODE>'"),
    ] {
        let log = told(&arguments).await;
        assert!(log.contains(says), "{says} in {log}");
    }
    assert_eq!(place.portal.requests().len(), 0);
    assert!(place.names().is_empty(), "{:?}", place.names());
}
