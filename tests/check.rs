//! One command tells whether the set-up works, and what to do about each thing that doesn't.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{Fault, How, Rows, SimulatedMeter, Where};
use fluvius2mqtt::statistics::fake::{Failure, FakeHomeAssistant};
use serde_json::{Value, json};

use crate::support::{
    EAN, Finished, Home, Listener, Mosquitto, OTHER_EAN, OTHER_SERIAL, Running, SERIAL, asked_since, before, free_port,
    plain, retained, user_file, yesterday,
};

/// A meter whose history until yesterday is published.
fn electricity(ean: &str, serial: &str) -> SimulatedMeter {
    let mut meter = SimulatedMeter::electricity(ean, serial, before(400));
    meter.published_until = Some(yesterday());
    meter
}

/// A home with a meter, and Home Assistant in it.
async fn home() -> (Home, FakeHomeAssistant) {
    let mut home = Home::new().await;
    let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
    home.settings["meters"][0]["name"] = json!("Cottage");
    home.settings["home_assistant"] = json!({
        "url": home_assistant.url().as_str(), "token": home_assistant.token().expose(), "energy_dashboard": true,
    });
    (home, home_assistant)
}

async fn check(home: &Home) -> Finished {
    Running::start(&mut home.command(&["check"])).finished().await
}

/// Checks, and gives what was told.
async fn told(home: &Home, code: i32) -> String {
    let told = check(home).await;
    assert_eq!(told.code, Some(code), "{}{}", told.out, told.log);
    assert_eq!(told.log, "", "all is told on standard output");
    plain(home, &told.out)
}

/// The lines about a subject, with what is told to do about it.
fn about(told: &str, subject: &str) -> String {
    let mut lines = told.lines().skip_while(|line| !line.get(7..).is_some_and(|line| line.starts_with(subject)));
    let first = lines.next().unwrap_or_else(|| panic!("{subject} in {told}"));
    let rest = lines.take_while(|line| line.starts_with("       "));
    [first].into_iter().chain(rest).collect::<Vec<_>>().join("\n")
}

/// What is told for programs: the outcome and the message of each check by its name.
async fn in_json(home: &Home, code: i32) -> (Value, String) {
    let told = Running::start(&mut home.command(&["check", "--json"])).finished().await;
    assert_eq!(told.code, Some(code), "{}{}", told.out, told.log);
    (serde_json::from_str(&told.out).unwrap(), told.out)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_that_works_is_told_line_by_line() {
    let (home, home_assistant) = home().await;
    insta::assert_snapshot!(told(&home, 0).await);
    assert_eq!(home.portal.logins(), 1);
    assert_eq!(home.portal.overlaps(), 0);
    let asked: Vec<_> = asked_since(&home.portal, 0).iter().map(|asked| asked.granularity.clone()).collect();
    assert_eq!(asked, ["4", "1"], "a request for days, and one to find the granularity");
    assert_eq!(retained(home.broker.port).await, [], "nothing stays on the broker");
    assert_eq!(home_assistant.edit(|state| state.prefs.clone()), None, "the dashboard is left to the service");
    assert!(!home.data("ledger.sqlite").exists(), "a ledger is for readings");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(home.data_dir()), mode(home.data("tokens.json"))), (0o700, 0o600));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_before_the_first_start_and_after_it_costs_no_more_logins_than_the_start_alone() {
    let (home, _home_assistant) = home().await;
    told(&home, 0).await;
    home.once_well().await;
    let again = told(&home, 0).await;
    assert_eq!(
        about(&again, "Login"),
        "[ ok ] Login: the session of an earlier login goes on, so no password was sent (127.0.0.1)"
    );
    assert!(about(&again, "Data directory").contains("the ledger in it is sound"), "{again}");
    assert_eq!(about(&again, "Energy dashboard"), "[ ok ] Energy dashboard: it shows the meters");
    assert_eq!(home.portal.logins(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_the_service_it_takes_one_login_and_nothing_from_the_service() {
    let mut home = Home::new().await;
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    let listener = Listener::connect(home.broker.port).await;
    let mut bridge = home.run();
    listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
    bridge.logs("Next poll").await;
    let (tokens, held) = (fs::read(home.data("tokens.json")).unwrap(), retained(home.broker.port).await);

    for logins in 2..=4 {
        let told = told(&home, 0).await;
        assert!(about(&told, "Data directory").contains(", and fluvius2mqtt is running on it"), "{told}");
        assert_eq!(home.portal.logins(), logins);
    }
    assert_eq!(fs::read(home.data("tokens.json")).unwrap(), tokens, "the session of the service is its own");
    assert_eq!(retained(home.broker.port).await, held);

    // Four an hour are enough, whoever makes them.
    let told = told(&home, 1).await;
    let login = about(&told, "Login");
    assert!(login.starts_with("[fail] Login: no login was tried: there were 4 in a short time"), "{told}");
    assert!(login.contains("\n       Wait until "), "{told}");
    assert_eq!(home.portal.logins(), 4);
    assert!(bridge.is_running());
    listener.publish("fluvius2mqtt/command/refresh", "PRESS", false).await;
    bridge.logs("refresh: polling now").await;
    crate::support::until("it polls again", || (bridge.log().matches("Next poll").count() == 2).then_some(())).await;
    assert_eq!(home.portal.logins(), 4, "the service goes on with its session");
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_and_sent_once() {
    let (mut home, _home_assistant) = home().await;
    home.settings["fluvius"]["password"] = json!("a slip of the finger");
    insta::assert_snapshot!(told(&home, 3).await);
    for _ in 0..2 {
        let again = told(&home, 3).await;
        assert!(about(&again, "Login").contains("not tried again now"), "{again}");
    }
    assert_eq!(home.portal.logins(), 1);
    assert_eq!(home.once().await.code, Some(3));
    assert_eq!(home.portal.logins(), 1, "the service knows it too");

    home.settings["fluvius"]["password"] = json!(home.portal.password());
    told(&home, 0).await;
    home.settings["fluvius"]["password"] = json!("another slip");
    told(&home, 3).await;
    assert_eq!(home.portal.logins(), 3, "a session of the right one doesn't hide it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typo_in_a_serial_or_an_ean_is_told_apart_from_a_portal_that_is_late() {
    let meters = vec![electricity(EAN, SERIAL), electricity(OTHER_EAN, OTHER_SERIAL)];
    let mut home = Home::with(Clock::system(), meters, Mosquitto::start().await).await;
    let right = home.settings["meters"].clone();

    home.settings["meters"][0]["serial"] = json!("1SAG1100000016");
    insta::assert_snapshot!("a_typo_in_a_serial", told(&home, 1).await);
    home.settings["meters"] = right.clone();
    home.settings["meters"][1]["ean"] = json!("541448860000000035");
    let told_ean = told(&home, 1).await;
    assert!(about(&told_ean, "Meter …0011").starts_with("[ ok ]"), "{told_ean}");
    assert!(about(&told_ean, "Meter …0035").contains("Compare the EAN with Verbruik"), "{told_ean}");

    home.settings["meters"] = right;
    let until = |days| move |meter: &mut SimulatedMeter| meter.published_until = Some(before(days));
    // Two days late is nothing special, a week has something to show, and two weeks are late.
    for (days, outcome) in [(2, "[ ok ]"), (7, "[ ok ]"), (14, "[note]")] {
        home.portal.edit_meter(EAN, until(days));
        let told = told(&home, 0).await;
        assert!(about(&told, "Meter …0011").starts_with(outcome), "{days} days: {told}");
    }
    insta::assert_snapshot!("a_portal_that_is_late", about(&told(&home, 0).await, "Meter …0011"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_is_asked_about_days_that_it_has() {
    let mut gas = SimulatedMeter::gas(OTHER_EAN, OTHER_SERIAL, before(400));
    gas.published_until = Some(before(2));
    let mut home = Home::with(Clock::system(), vec![electricity(EAN, SERIAL), gas], Mosquitto::start().await).await;
    home.settings["meters"][1]["kind"] = json!("gas");
    home.settings["meters"][1]["name"] = json!("Gas");
    let told_gas = told(&home, 0).await;
    // Its day begins at six, so that the dates depend on the hour.
    assert!(
        about(&told_gas, "Meter Gas (…0028)")
            .starts_with("[ ok ] Meter Gas (…0028): the portal has readings of all 8 days"),
        "{told_gas}"
    );
    assert!(about(&told_gas, "Meter Gas (…0028), intervals").contains("hours, with granularity 2"), "{told_gas}");

    // One that is new in this account, and one that was another's until lately.
    home.portal.edit_meter(EAN, |meter| meter.history_from = before(1));
    insta::assert_snapshot!("a_new_meter", about(&told(&home, 0).await, "Meter …0011"));
    home.portal.edit_meter(EAN, |meter| {
        meter.history_from = before(400);
        meter.published_until = Some(before(200));
    });
    home.settings["meters"][0]["history_until"] = json!(before(200));
    insta::assert_snapshot!("a_meter_of_the_past", about(&told(&home, 0).await, "Meter …0011"));
    home.settings["meters"][0]["serial"] = json!("1SAG1100000016");
    insta::assert_snapshot!("a_typo_in_a_meter_of_the_past", about(&told(&home, 1).await, "Meter …0011"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_of_another_kind_is_told() {
    let mut home = Home::new().await;
    home.settings["meters"][0]["kind"] = json!("gas");
    insta::assert_snapshot!(about(&told(&home, 1).await, "Meter …0011"));
}

#[tokio::test(flavor = "multi_thread")]
async fn how_fine_the_readings_are_is_found_out() {
    for (name, codes) in [
        ("quarter_hours_with_another_code", vec![(3, Rows::Quarters), (4, Rows::Days)]),
        ("hours_only", vec![(2, Rows::Hours), (4, Rows::Days)]),
        ("daily_totals_only", vec![(1, Rows::Days), (4, Rows::Days)]),
    ] {
        let home = Home::new().await;
        home.portal.edit_meter(EAN, |meter| meter.codes = codes.into_iter().collect());
        let told = told(&home, 0).await;
        insta::assert_snapshot!(name, about(&told, "Meter …0011, intervals"));
        let asked = asked_since(&home.portal, 0);
        assert!(asked.len() <= 7, "{} requests", asked.len());
    }
    let mut home = Home::new().await;
    home.settings["meters"][0]["resolution"] = json!("day");
    assert!(!told(&home, 0).await.contains("intervals"), "they aren't wanted");
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_that_look_swapped_are_told() {
    let home = Home::new().await;
    home.portal.edit_meter(EAN, |meter| meter.swapped_codes = true);
    let told = told(&home, 0).await;
    assert!(
        told.contains("[note] Meter …0011: the readings look as if consumption and injection were swapped"),
        "{told}"
    );
    assert!(told.ends_with("It works; mind what is marked with [note].\n"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_is_down_keeps_nothing_else_from_being_tried() {
    let (home, _home_assistant) = home().await;
    home.portal.fail(Fault::always(Where::Settings, How::Status(503, None)));
    insta::assert_snapshot!("a_portal_that_is_down", told(&home, 1).await);
    home.portal.clear_faults();
    home.portal.fail(Fault::always(Where::LoginPage, How::Status(429, Some(900))));
    let told_to_wait = told(&home, 1).await;
    assert!(about(&told_to_wait, "Login").contains("the portal asks to wait until"), "{told_to_wait}");
    assert_eq!(home.portal.logins(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_meter_that_fails_is_no_reason_to_leave_the_other() {
    let meters = vec![electricity(EAN, SERIAL), electricity(OTHER_EAN, OTHER_SERIAL)];
    let home = Home::with(Clock::system(), meters, Mosquitto::start().await).await;
    home.portal.fail(Fault::always(Where::History, How::Status(404, None)).for_ean(EAN));
    let refused = told(&home, 1).await;
    assert!(about(&refused, "Meter …0011").contains("the portal refuses this meter (HTTP 404)"), "{refused}");
    assert!(about(&refused, "Meter …0028").starts_with("[ ok ]"), "{refused}");
    home.portal.clear_faults();
    home.portal.fail(Fault::always(Where::History, How::Html).for_ean(EAN));
    let changed = told(&home, 1).await;
    assert!(about(&changed, "Meter …0011").contains("the portal has changed"), "{changed}");
    assert!(about(&changed, "Meter …0028").starts_with("[ ok ]"), "{changed}");
    home.portal.clear_faults();
    home.portal.fail(Fault::always(Where::History, How::Status(429, Some(900))).for_ean(EAN));
    let busy = told(&home, 1).await;
    assert!(about(&busy, "Meter …0011").contains("the portal asks to wait until"), "{busy}");
    assert_eq!(about(&busy, "Meter …0028"), "[ -- ] Meter …0028: not tried: the portal failed before that");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_is_tried_with_a_message() {
    let mut home = Home::new().await;
    home.settings["mqtt"]["url"] = json!(format!("mqtt://127.0.0.1:{}", free_port()));
    insta::assert_snapshot!("a_broker_that_is_down", about(&told(&home, 1).await, "Broker"));

    let files = [
        ("users", user_file("meters", "broker secret #1")),
        // It may tell Home Assistant of its devices, and that is all.
        ("rights", "user meters\ntopic readwrite homeassistant/#\n".to_owned()),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let settings = "allow_anonymous false\npassword_file {folder}/users\n";
    let broker = Mosquitto::with_files(settings, &files).await;
    home.settings["mqtt"] = json!({"url": broker.url(), "username": "meters", "password": "broker secret #1"});
    told(&home, 0).await;
    home.settings["mqtt"]["password"] = json!("broker secret #2");
    insta::assert_snapshot!("a_broker_that_refuses_the_login", about(&told(&home, 1).await, "Broker"));

    let broker = Mosquitto::with_files(&format!("{settings}acl_file {{folder}}/rights\n"), &files).await;
    home.settings["mqtt"] = json!({"url": broker.url(), "username": "meters", "password": "broker secret #1"});
    insta::assert_snapshot!("a_broker_that_passes_nothing_on", about(&told(&home, 1).await, "Broker"));

    home.settings["mqtt"] = json!({"url": broker.url().replace("mqtt:", "mqtts:")});
    let told = told(&home, 1).await;
    assert!(about(&told, "Broker").contains("Check that the port speaks TLS"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn home_assistant_is_tried_with_the_token() {
    for (name, failure) in [
        ("home_assistant_that_refuses_the_token", Some(Failure::Token)),
        ("home_assistant_without_an_administrator", Some(Failure::Unauthorized)),
        ("home_assistant_that_bans_us", Some(Failure::Upgrade(403))),
        ("home_assistant_that_is_down", None),
    ] {
        let (mut home, home_assistant) = home().await;
        match failure {
            Some(failure) => home_assistant.fail(failure),
            None => home.settings["home_assistant"]["url"] = json!(format!("http://127.0.0.1:{}", free_port())),
        }
        let told = told(&home, 1).await;
        insta::assert_snapshot!(
            name,
            format!("{}\n{}", about(&told, "Home Assistant"), about(&told, "Energy dashboard"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn home_assistant_that_is_too_old_or_has_another_meter_is_told() {
    let mut home = Home::new().await;
    let old = FakeHomeAssistant::start("2024.10.4").await.unwrap();
    home.settings["home_assistant"] = json!({"url": old.url().as_str(), "token": old.token().expose()});
    insta::assert_snapshot!("home_assistant_that_is_too_old", about(&told(&home, 1).await, "Home Assistant"));

    let (home, home_assistant) = self::home().await;
    let theirs =
        json!({"energy_sources": [{"type": "grid", "stat_energy_from": "sensor.p1", "cost_adjustment_day": 0}]});
    home_assistant.edit(|state| state.prefs = Some(theirs.clone()));
    insta::assert_snapshot!("a_dashboard_with_another_meter", about(&told(&home, 0).await, "Energy dashboard"));
    assert_eq!(home_assistant.edit(|state| state.prefs.clone()), Some(theirs));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_faults_of_the_configuration_are_told_and_nothing_is_tried() {
    let mut home = Home::new().await;
    home.settings["fluvius"]["email"] = json!("jan");
    home.settings["meters"][0]["ean"] = json!("5414");
    home.settings["mqtt"]["ulr"] = home.settings["mqtt"]["url"].take();
    insta::assert_snapshot!(told(&home, 2).await);
    assert_eq!(home.portal.requests().len(), 0);
    assert!(!home.data_dir().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn warnings_alone_are_no_failure() {
    let typo = "541448860000000012";
    let mut home = Home::with(Clock::system(), vec![electricity(typo, SERIAL)], Mosquitto::start().await).await;
    home.settings["meters"][0]["name"] = json!("Cottage");
    let told = told(&home, 0).await;
    let warning =
        "[note] Configuration: meters[0].ean: the check digit of EAN …0012 is wrong, which is probably a typo";
    assert!(told.contains(warning), "{told}");
    assert!(about(&told, "Meter Cottage (…0012)").starts_with("[ ok ]"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_cannot_be_used_is_told_and_no_password_is_sent() {
    let (mut home, _home_assistant) = home().await;
    let usual = home.settings["data_dir"].clone();
    fs::write(home.path("a-file"), "").unwrap();
    home.settings["data_dir"] = json!(home.path("a-file").join("data"));
    insta::assert_snapshot!("a_data_directory_that_cannot_be_made", told(&home, 1).await);
    assert_eq!(home.portal.requests().len(), 0);

    home.settings["data_dir"] = usual;
    home.once_well().await;
    let ledger = home.data("ledger.sqlite");
    let mut bytes = fs::read(&ledger).unwrap();
    bytes[4_096..40_960].fill(0x5a);
    fs::write(&ledger, &bytes).unwrap();
    insta::assert_snapshot!("a_damaged_ledger", about(&told(&home, 1).await, "Data directory"));
    assert_eq!(fs::read(&ledger).unwrap(), bytes, "it is left as it is");
    fs::write(home.data("login.json"), "{").unwrap();
    insta::assert_snapshot!("a_damaged_memory_of_logins", about(&told(&home, 1).await, "Login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_a_name_and_an_outcome_for_each_check() {
    let (mut home, home_assistant) = home().await;
    let (good, text) = in_json(&home, 0).await;
    assert!(good["version"] == env!("CARGO_PKG_VERSION"));
    insta::assert_snapshot!("json_of_a_set_up_that_works", plain(&home, &text));
    home_assistant.fail(Failure::Token);
    home.settings["fluvius"]["password"] = json!("a slip of the finger");
    home.settings["mqtt"]["url"] = json!(format!("mqtt://127.0.0.1:{}", free_port()));
    let (_, text) = in_json(&home, 3).await;
    insta::assert_snapshot!("json_of_one_that_does_not", plain(&home, &text));
    home.settings["fluvius"] = json!({"email": "jan"});
    let (_, text) = in_json(&home, 2).await;
    insta::assert_snapshot!("json_of_a_wrong_configuration", plain(&home, &text));
}

#[tokio::test(flavor = "multi_thread")]
async fn json_can_be_pasted_in_public() {
    let mut home = Home::new().await;
    let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
    let users = user_file("broker-user", "broker secret #1");
    let settings = "allow_anonymous false\npassword_file {folder}/users\n";
    let broker = Mosquitto::with_files(settings, &[("users", &users)]).await;
    // Another one than the examples in what is told have.
    const NUMBER: &str = "1SAG9900000099";
    home.portal.edit_meter(EAN, |meter| NUMBER.clone_into(&mut meter.serial));
    home.settings["meters"][0]["serial"] = json!(NUMBER);
    // The portal has the address in numbers, so the other hosts need a name to be told apart.
    let at_home = |url: &str| url.replace("127.0.0.1", "localhost");
    home.settings["meters"][0]["name"] = json!("Kerkstraat 5");
    home.settings["mqtt"] = json!({
        "url": at_home(&broker.url()), "username": "broker-user", "password": "broker secret #1",
        "base_topic": "zolder/energie", "client_id": "zolder-bridge",
    });
    home.settings["home_assistant"] = json!({
        "url": at_home(home_assistant.url().as_str()), "token": home_assistant.token().expose(), "energy_dashboard": true,
    });
    let folder = home.path("").to_str().unwrap().trim_end_matches('/').to_owned();
    let private = [
        home.portal.email(),
        home.portal.password(),
        EAN.to_owned(),
        NUMBER.to_owned(),
        "Kerkstraat".to_owned(),
        "localhost".to_owned(),
        "broker-user".to_owned(),
        "broker secret".to_owned(),
        "zolder".to_owned(),
        home_assistant.token().expose().to_owned(),
        folder.clone(),
        broker.port.to_string(),
    ];
    let found =
        |text: &str| private.iter().filter(|secret| text.contains(secret.as_str())).cloned().collect::<Vec<_>>();
    let written = fs::read_to_string(home.write_config()).unwrap();
    assert_eq!(found(&written), private, "the search finds each where it is");

    let mut seen = Vec::new();
    seen.push(in_json(&home, 0).await);
    home.portal.fail(Fault::always(Where::History, How::Status(404, None)));
    seen.push(in_json(&home, 1).await);
    home.portal.clear_faults();
    home.portal.fail(Fault::always(Where::History, How::Drop));
    seen.push(in_json(&home, 1).await);
    home.portal.clear_faults();
    let usual = home.settings.clone();
    home.settings["meters"][0]["ean"] = json!("541448860000000012");
    home.settings["mqtt"]["password"] = json!("broker secret #2");
    home.settings["home_assistant"]["url"] = json!(format!("http://localhost:{}", free_port()));
    seen.push(in_json(&home, 1).await);
    home.settings["mqtt"]["url"] = json!(at_home(&broker.url()).replace("mqtt:", "mqtts:"));
    home.settings["home_assistant"]["url"] = json!("https://localhost:1");
    home.settings["fluvius"]["password"] = json!("Zon & wind = 100% + regen");
    seen.push(in_json(&home, 3).await);
    home.settings["data_dir"] = json!(home.path("settings.yaml").join("data"));
    seen.push(in_json(&home, 1).await);
    home.settings = usual.clone();
    home.settings["mqtt"]["ca_file"] = json!(home.path("none.pem"));
    home.settings["fluvius"]["password_file"] = json!(home.path("none"));
    home.settings["meters"][0]["serial"] = json!(format!("{NUMBER} {NUMBER}"));
    seen.push(in_json(&home, 2).await);
    home.settings = usual;
    fs::remove_dir_all(home.data_dir()).unwrap();
    fs::create_dir(home.data_dir()).unwrap();
    fs::create_dir(home.data("login.json")).unwrap();
    seen.push(in_json(&home, 1).await);

    let messages: usize = seen.iter().map(|(document, _)| document["checks"].as_array().unwrap().len()).sum();
    assert!(messages > 40, "{messages}");
    for (_, text) in seen {
        assert_eq!(found(&text), Vec::<String>::new(), "{text}");
        assert!(!text.contains("127.0.0.1"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn help_says_what_the_json_holds() {
    let home = Home::new().await;
    let help = Running::start(&mut home.command(&["check", "--help"])).finished().await;
    assert_eq!(help.code, Some(0));
    insta::assert_snapshot!(help.out);
}
