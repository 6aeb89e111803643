//! `fetch` shows what the portal has, exactly, and needs nothing but an account and a meter: no configuration, no broker
//! and no ledger.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use chrono::NaiveDate;
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{Gap, Household, SimulatedMeter, Simulator, Tariffs};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Asked, EAN, Finished, Home, OTHER_EAN, OTHER_SERIAL, Running, SERIAL, asked_since, day};

pub(crate) const OUTPUT: &str = "fluvius_consumption_data.json";
pub(crate) const GAS: &str = "541448860000000035";
pub(crate) const GAS_SERIAL: &str = "7FLO1100000039";

/// A portal on a fixed day, and an empty folder to ask it from.
pub(crate) struct Place {
    pub(crate) portal: Simulator,
    folder: TempDir,
}

impl Place {
    pub(crate) async fn with(meters: Vec<SimulatedMeter>) -> Self {
        let clock = Clock::starting_at("2026-06-24T10:00:00Z".parse().unwrap());
        Self { portal: Simulator::start(clock, meters).await.unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    /// With a home that has two registers and panels, and one that has neither.
    pub(crate) async fn new() -> Self {
        let mut other = electricity(OTHER_EAN, OTHER_SERIAL);
        other.household = Household { tariffs: Tariffs::Single, solar: false, seed: 2 };
        let gas = SimulatedMeter::gas(GAS, GAS_SERIAL, day("2024-01-01"));
        Self::with(vec![electricity(EAN, SERIAL), other, gas]).await
    }

    /// `fetch` with nothing in its environment but where the portal is and where the user's state is.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
        command.arg("fetch").args(arguments).env_clear().current_dir(self.folder.path());
        command.env("FLUVIUS2MQTT_FLUVIUS_URL", self.portal.url()).env("FLUVIUS2MQTT_POLL_PAUSE", "0s");
        command.env("XDG_STATE_HOME", self.path("state"));
        command
    }

    /// The same with the account and days on the command line.
    pub(crate) fn with_account(&self, days: [&str; 2], more: &[&str]) -> Command {
        let (email, password, [from, to]) = (self.portal.email(), self.portal.password(), days);
        let mut command = self.command(&["--email", &email, "--password", &password, "--from", from, "--to", to]);
        command.args(more);
        command
    }

    /// Asks for the meter with two registers and panels.
    pub(crate) async fn fetch(&self, days: [&str; 2], more: &[&str]) -> Finished {
        run(self.with_account(days, &["--ean", EAN, "--meter-serial", SERIAL]).args(more)).await
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn output(&self) -> String {
        fs::read_to_string(self.path(OUTPUT)).unwrap()
    }

    /// What is in the folder.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub(crate) fn electricity(ean: &str, serial: &str) -> SimulatedMeter {
    SimulatedMeter::electricity(ean, serial, day("2024-01-01"))
}

pub(crate) async fn run(command: &mut Command) -> Finished {
    Running::start(command).finished().await
}

#[track_caller]
pub(crate) fn well(finished: Finished) -> Finished {
    assert_eq!(finished.code, Some(0), "{}", finished.log);
    finished
}

/// The days that `--json` prints.
pub(crate) fn data(finished: &Finished) -> Vec<Value> {
    serde_json::from_str(&finished.out).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_registers_and_panels_are_shown_day_by_day() {
    let place = Place::new().await;
    let done = well(place.fetch(["2026-06-12", "2026-06-14"], &[]).await);
    insta::assert_snapshot!(done.out);
    assert_eq!(done.log.matches("3 rows of the portal are in fluvius_consumption_data.json").count(), 1);
    assert_eq!(place.names(), [OUTPUT, "state"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_with_one_register_has_no_others() {
    let place = Place::new().await;
    let days = ["2026-06-12", "2026-06-12"];
    let done = run(&mut place.with_account(days, &["--ean", OTHER_EAN, "--meter-serial", OTHER_SERIAL])).await;
    insta::assert_snapshot!(well(done).out);
}

#[tokio::test(flavor = "multi_thread")]
async fn gas_comes_in_both_units_on_gas_days() {
    let place = Place::new().await;
    let gas = ["--ean", GAS, "--meter-serial", GAS_SERIAL, "--kind", "gas"];
    let done = well(run(&mut place.with_account(["2026-01-13", "2026-01-14"], &gas)).await);
    insta::assert_snapshot!(done.out);
    let hours = run(place.with_account(["2026-01-13", "2026-01-14"], &gas).args(["--granularity", "2"])).await;
    insta::assert_snapshot!(well(hours).out);
    let asked = asked_since(&place.portal, 0);
    let ends: Vec<_> = asked.iter().map(|asked| (asked.from.as_str(), asked.until.as_str())).collect();
    assert_eq!(
        ends,
        [
            ("2026-01-13T06:00:00.000+01:00", "2026-01-15T05:59:59.999+01:00"),
            ("2026-01-13T06:00:00.000+01:00", "2026-01-14T05:59:59.999+01:00"),
            ("2026-01-14T06:00:00.000+01:00", "2026-01-15T05:59:59.999+01:00"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gas_meter_that_is_taken_for_electricity_is_told() {
    let place = Place::new().await;
    let done =
        run(&mut place.with_account(["2026-01-13", "2026-01-13"], &["--ean", GAS, "--meter-serial", GAS_SERIAL])).await;
    assert!(well(done).log.contains("meter …0035: the portal gives m³, so this is a gas meter; with --kind gas"));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_meters_are_an_object_by_ean() {
    let place = Place::new().await;
    let meters = ["--ean", EAN, "--meter-serial", SERIAL, "--ean", GAS, "--meter-serial", GAS_SERIAL];
    let kinds = ["--kind", "electricity", "--kind", "gas"];
    let done = well(run(place.with_account(["2026-06-12", "2026-06-13"], &meters).args(kinds)).await);
    insta::assert_snapshot!(done.out);
    let file: Value = serde_json::from_str(&place.output()).unwrap();
    assert_eq!(file.as_object().unwrap().keys().collect::<Vec<_>>(), [EAN, GAS]);
    assert_eq!([file[EAN].as_array().unwrap().len(), file[GAS].as_array().unwrap().len()], [2, 2]);
    assert_eq!(file[GAS][0]["d"], "2026-06-12T04:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_can_be_read_back_and_is_exact() {
    let place = Place::new().await;
    for code in ["1", "2", "4"] {
        let done = well(place.fetch(["2026-06-12", "2026-06-13"], &["--granularity", code, "--json"]).await);
        let days = data(&done);
        assert_eq!(days.len(), 2);
        for found in &days {
            let date: NaiveDate = serde_json::from_value(found["date"].clone()).unwrap();
            let sums = place.portal.truth(EAN, date).unwrap().sums;
            assert_eq!(found["consumption"], Home::kwh(sums.consumption()), "granularity {code}");
            assert_eq!(found["injection"], Home::kwh(sums.injection()), "granularity {code}");
            assert_eq!(found["net"], Home::kwh(sums.consumption() - sums.injection()), "granularity {code}");
        }
        if code == "1" {
            insta::assert_snapshot!(done.out);
        }
    }
    let gas = ["--ean", GAS, "--meter-serial", GAS_SERIAL, "--kind", "gas", "--json"];
    let done = well(run(&mut place.with_account(["2026-01-13", "2026-01-13"], &gas)).await);
    insta::assert_snapshot!(done.out);
    let sums = place.portal.truth(GAS, day("2026-01-13")).unwrap().sums;
    assert_eq!(data(&done)[0]["gas_kwh"], Home::kwh(sums.gas_energy));
    assert_eq!(data(&done)[0]["gas_m3"], Home::kwh(sums.gas_volume));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_data_and_a_meter_without_data_say_so() {
    let mut meter = electricity(EAN, SERIAL);
    meter.withheld.insert(day("2026-06-12"));
    let place = Place::with(vec![meter]).await;
    let done = well(place.fetch(["2026-06-11", "2026-06-13"], &[]).await);
    insta::assert_snapshot!(done.out);
    assert!(!done.log.contains("no data"), "{}", done.log);

    // In the future, a typo in the serial number, and a typo in the EAN.
    let wrong_serial = ["--ean", EAN, "--meter-serial", "1SAG1100000016"];
    let wrong_ean = ["--ean", OTHER_EAN, "--meter-serial", SERIAL];
    for (days, meter) in [
        (["2026-06-25", "2026-06-26"], ["--ean", EAN, "--meter-serial", SERIAL]),
        (["2026-06-11", "2026-06-13"], wrong_serial),
        (["2026-06-11", "2026-06-13"], wrong_ean),
    ] {
        let done = well(run(&mut place.with_account(days, &meter)).await);
        assert!(done.out.contains(&format!("{}, meter …{}\n  no data\n", days[0], &meter[1][14..])), "{}", done.out);
        for says in ["no data. The portal answers so", "in the future", "not published yet", "serial number is wrong"] {
            assert!(done.log.contains(says), "{}", done.log);
        }
        assert!(!done.log.contains("granularity"), "{}", done.log);
        assert_eq!(place.output(), "[]\n");
        let done = well(run(place.with_account(days, &meter).arg("--json")).await);
        assert!(data(&done).iter().all(|day| day["rows"] == 0 && day.get("consumption").is_none()), "{}", done.out);
    }
    let unknown = well(place.fetch(["2026-06-11", "2026-06-11"], &["--granularity", "9"]).await);
    assert!(unknown.log.contains("(try --granularity 4)"), "{}", unknown.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn holes_and_amounts_that_are_not_validated_are_told() {
    let mut meter = electricity(EAN, SERIAL);
    meter.statuses.insert(day("2026-06-12"), 4);
    for (minute, gap) in [("00", Gap::NullAmounts), ("15", Gap::NoValues), ("30", Gap::NoRow)] {
        meter.gaps.insert(format!("2026-06-12T10:{minute}:00Z").parse().unwrap(), gap);
    }
    let place = Place::with(vec![meter]).await;
    let done = well(place.fetch(["2026-06-12", "2026-06-12"], &["--granularity", "1"]).await);
    insta::assert_snapshot!(done.out);
    assert!(done.log.contains("readings with the status 4 are kept"), "{}", done.log);
    let done = well(place.fetch(["2026-06-12", "2026-06-12"], &["--granularity", "1", "--json"]).await);
    assert_eq!((&data(&done)[0]["statuses"], &data(&done)[0]["rows"]), (&json!([4]), &json!(93)));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_both_days_of_a_clock_change_all_is_there() {
    let place = Place::new().await;
    let asked = place.portal.requests().len();
    let spring = well(place.fetch(["2026-03-28", "2026-03-30"], &["--granularity", "1"]).await);
    insta::assert_snapshot!(spring.out);
    let autumn = well(place.fetch(["2025-10-25", "2025-10-27"], &["--granularity", "2"]).await);
    insta::assert_snapshot!(autumn.out);
    let requests = asked_since(&place.portal, asked);
    let ends = |date: &str| {
        let asked = requests.iter().find(|asked| asked.day() == day(date)).unwrap();
        (asked.from.clone(), asked.until.clone())
    };
    assert_eq!(ends("2026-03-29").0, "2026-03-29T00:00:00.000+01:00");
    assert_eq!(ends("2026-03-29").1, "2026-03-29T23:59:59.999+02:00");
    assert_eq!(ends("2025-10-26").0, "2025-10-26T00:00:00.000+02:00");
    assert_eq!(ends("2025-10-26").1, "2025-10-26T23:59:59.999+01:00");

    let gas = ["--ean", GAS, "--meter-serial", GAS_SERIAL, "--kind", "gas", "--granularity", "2"];
    let done = well(run(&mut place.with_account(["2026-03-28", "2026-03-29"], &gas)).await);
    insta::assert_snapshot!(done.out);
    let daily = well(place.fetch(["2026-03-29", "2026-03-29"], &[]).await);
    assert!(daily.out.starts_with("2026-03-29, meter …0011, daily total of 23 hours\n"), "{}", daily.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_as_few_as_the_portal_allows_and_one_at_a_time() {
    let place = Place::new().await;
    well(place.fetch(["2026-04-01", "2026-05-31"], &["--quiet"]).await);
    let asked = asked_since(&place.portal, 0);
    assert_eq!(asked.iter().map(Asked::day).collect::<Vec<_>>(), [day("2026-04-01"), day("2026-05-02")]);
    assert_eq!(asked[0].until, "2026-05-01T23:59:59.999+02:00");
    assert_eq!(serde_json::from_str::<Vec<Value>>(&place.output()).unwrap().len(), 61);

    let requests = place.portal.requests().len();
    let arguments = ["--ean", EAN, "--meter-serial", SERIAL, "--granularity", "1", "--quiet"];
    let mut command = place.with_account(["2026-06-01", "2026-06-04"], &arguments);
    let done = well(run(command.env("FLUVIUS2MQTT_POLL_PAUSE", "300ms")).await);
    assert_eq!(asked_since(&place.portal, requests).len(), 4);
    assert!(done.took.as_millis() >= 900, "{:?}", done.took);
    assert_eq!(place.portal.overlaps(), 0);
    assert!(place.portal.requests().iter().all(|request| request.status.is_some_and(|status| status < 400)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_shows_how_far_a_long_question_is_and_nothing_else_does() {
    let place = Place::new().await;
    place.portal.edit(|world| world.latency = std::time::Duration::from_millis(200));
    let days = ["2026-06-11", "2026-06-14"];
    let fine = ["--granularity", "1"];
    assert!(!well(place.fetch(days, &fine).await).log.contains("asking the portal"));
    let in_terminal = async |more: &[&str]| {
        let mut asked = place.with_account(days, &["--ean", EAN, "--meter-serial", SERIAL]);
        let asked = asked.args(fine).args(more);
        let words: Vec<_> = std::iter::once(asked.get_program()).chain(asked.get_args()).collect();
        let line = words.iter().map(|word| format!("'{}'", word.to_str().unwrap())).collect::<Vec<_>>().join(" ");
        let mut script = Command::new("script");
        script.args(["--quiet", "--return", "--command", &line, "/dev/null"]).current_dir(place.folder.path());
        script.env_clear().envs(asked.get_envs().filter_map(|(name, value)| Some((name, value?))));
        well(run(script.env("PATH", std::env::var("PATH").unwrap()).env("TERM", "xterm")).await).out
    };
    let shown = in_terminal(&[]).await;
    assert!(shown.contains("asking the portal: 2 of 4 requests"), "{shown}");
    assert!(!in_terminal(&["--quiet"]).await.contains("asking the portal"));
}
