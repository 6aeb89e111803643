//! One command tells whether the set-up works, and what to do about each thing that doesn't.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{Fault, How, SimulatedMeter, Where};
use fluvius2mqtt::statistics::fake::FakeHomeAssistant;
use serde_json::json;

use crate::support::{
    EAN, Finished, Home, Listener, Mosquitto, Running, SERIAL, asked_since, before, plain, retained, until, yesterday,
};

/// A meter whose history until yesterday is published.
pub(crate) fn electricity(ean: &str, serial: &str) -> SimulatedMeter {
    let mut meter = SimulatedMeter::electricity(ean, serial, before(400));
    meter.published_until = Some(yesterday());
    meter
}

/// A home with a meter, and Home Assistant in it.
pub(crate) async fn home() -> (Home, FakeHomeAssistant) {
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
pub(crate) async fn told(home: &Home, code: i32) -> String {
    let told = check(home).await;
    assert_eq!(told.code, Some(code), "{}{}", told.out, told.log);
    assert_eq!(told.log, "", "all is told on standard output");
    plain(home, &told.out)
}

/// The lines about a subject, with what is told to do about it.
pub(crate) fn about(told: &str, subject: &str) -> String {
    let mut lines = told.lines().skip_while(|line| !line.get(7..).is_some_and(|line| line.starts_with(subject)));
    let first = lines.next().unwrap_or_else(|| panic!("{subject} in {told}"));
    let rest = lines.take_while(|line| line.starts_with("       "));
    [first].into_iter().chain(rest).collect::<Vec<_>>().join("\n")
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
    until("it polls again", || (bridge.log().matches("Next poll").count() == 2).then_some(())).await;
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
