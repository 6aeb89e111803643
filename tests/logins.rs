//! A login that fails says why and what to do, and never locks the account.

use std::fs;

use chrono::{TimeDelta, Utc};
use fluvius2mqtt::bridge::{Bridge, Outcome};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{Fault, How, Where};
use serde_json::{Value, json};

use crate::support::{EAN, Finished, Home, Listener, before, retained};

const CHECK_BOTH: &str = "Check both at mijn.fluvius.be and correct them in the configuration";
const WAIT: &str = "locked the account for a while; no login is tried before";
const UNLOCK: &str = "Unlock it at mijn.fluvius.be (forgotten password) or with Fluvius";
const STEP: &str = "a step that only you can do";

fn code(code: &str) -> How {
    How::ErrorCode(format!("AADB2C{code}"))
}

/// A home with a short history, since these tests are about the login.
async fn home() -> Home {
    let mut home = Home::new().await;
    home.settings["meters"][0]["history_from"] = json!(before(2));
    home
}

async fn once(home: &Home, exit: i32, status: &str) -> Finished {
    let finished = home.once().await;
    assert_eq!(finished.code, Some(exit), "{}", finished.log);
    assert_eq!(home.state(EAN).await["status"], status, "{}", finished.log);
    finished
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_says_what_to_do_and_waits_for_the_user() {
    let table = [
        // The portal itself refuses this one, since the password is wrong.
        (None, CHECK_BOTH),
        (Some((Where::Credentials, code("90053"))), CHECK_BOTH),
        (Some((Where::Credentials, code("90225"))), CHECK_BOTH),
        (Some((Where::Credentials, code("99999"))), CHECK_BOTH),
        (Some((Where::Credentials, code("90114"))), WAIT),
        (Some((Where::Credentials, code("90157"))), WAIT),
        (Some((Where::Credentials, code("90111"))), UNLOCK),
        (Some((Where::Credentials, code("90151"))), STEP),
        (Some((Where::Credentials, code("90118"))), STEP),
        (Some((Where::LoginPage, code("90091"))), STEP),
        (Some((Where::Confirmation, How::NewPage)), STEP),
        (Some((Where::Confirmation, code("90091"))), STEP),
        (Some((Where::Confirmation, code("90053"))), CHECK_BOTH),
        (Some((Where::Token, code("90091"))), STEP),
        (Some((Where::Token, code("90053"))), CHECK_BOTH),
    ];
    for (fault, says) in table {
        let mut home = home().await;
        match &fault {
            Some((at, how)) => home.portal.fail(Fault::always(*at, how.clone())),
            None => home.settings["fluvius"]["password"] = json!("not the password"),
        }
        let first = once(&home, 3, "login_refused").await;
        assert!(first.log.contains(says), "{fault:?}: {}", first.log);
        assert!(first.log.contains("login refused: "), "{fault:?}: {}", first.log);
        let held = retained(home.broker.port).await;
        let (_, announced) = held.iter().find(|(topic, _)| *topic == Home::discovery_topic(EAN)).unwrap();
        let announced: Value = serde_json::from_str(announced).unwrap();
        let problem = announced["components"]["problem"]["value_template"].as_str().unwrap();
        assert!(problem.starts_with("{{ 'OFF' if ") && !problem.contains("login_refused"), "{problem}");

        let requests = home.portal.requests().len();
        for _ in 0..2 {
            let again = once(&home, 3, "login_refused").await;
            assert!(again.log.contains(says) && again.log.contains("not tried again now"), "{fault:?}: {}", again.log);
        }
        assert_eq!(home.portal.requests().len(), requests, "{fault:?}: the portal is left alone");
        let kept = fs::read_to_string(home.data("login.json")).unwrap();
        let refused = home.settings["fluvius"]["password"].as_str().unwrap().to_owned();
        assert!(!kept.contains(&refused) && !kept.contains("jan") && !kept.contains("example.com"), "{kept}");

        // With other credentials it is worth a try.
        home.portal.clear_faults();
        home.portal.set_password("Nieuw wachtwoord!");
        home.settings["fluvius"]["password"] = json!("Nieuw wachtwoord!");
        home.once_well().await;
        assert_eq!(home.state(EAN).await["status"], "ok", "{fault:?}");
        let kept = fs::read_to_string(home.data("login.json")).unwrap();
        assert!(!kept.contains("Nieuw") && !kept.contains("jan"), "{kept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_for_a_while_ends_by_itself() {
    let home = home().await;
    home.portal.fail(Fault::once(Where::Credentials, code("90114")));
    once(&home, 3, "login_refused").await;
    for (hours, outcome, logins) in [(5, Outcome::LoginRefused, 1), (7, Outcome::Done, 2)] {
        let clock = Clock::starting_at(Utc::now() + TimeDelta::hours(hours));
        home.portal.edit(|world| world.clock = clock);
        assert_eq!(Bridge::open(home.config(), clock).unwrap().once().await.unwrap(), outcome);
        assert_eq!(home.portal.logins(), logins);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_fails_for_a_while_leaves_nothing_behind() {
    let mut table = vec![
        (Where::Credentials, code("90244")),
        (Where::Confirmation, code("90035")),
        (Where::Token, code("90244")),
        (Where::Token, How::Html),
        (Where::Token, How::Truncated),
        (Where::LoginPage, How::Status(429, None)),
        (Where::Credentials, How::Status(429, Some(1))),
    ];
    for step in [Where::Settings, Where::LoginPage, Where::Credentials, Where::Confirmation, Where::Token] {
        table.extend([(step, How::Status(503, None)), (step, How::Drop)]);
    }
    for (at, how) in table {
        let home = home().await;
        home.portal.fail(Fault::always(at, how.clone()));
        let failed = once(&home, 1, "portal_unavailable").await;
        assert!(failed.log.contains("the portal is not available ("), "{at:?} {how:?}: {}", failed.log);
        home.portal.clear_faults();
        home.once_well().await;
        assert_eq!(home.state(EAN).await["status"], "ok", "{at:?} {how:?}");
        assert!(home.portal.logins() <= 2, "{at:?} {how:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_asked_to_wait_waits_over_restarts() {
    for at in [Where::Settings, Where::LoginPage, Where::Credentials, Where::Token, Where::Refresh] {
        let home = home().await;
        if at == Where::Refresh {
            home.once_well().await;
            home.portal.expire_access_tokens();
        }
        home.portal.fail(Fault::once(at, How::Status(429, Some(1_800))));
        let failed = once(&home, 1, "portal_unavailable").await;
        assert!(failed.log.contains("the portal asks to wait until "), "{at:?}: {}", failed.log);
        let requests = home.portal.requests().len();
        let again = once(&home, 1, "portal_unavailable").await;
        assert!(again.log.contains("the portal asks to wait until "), "{at:?}: {}", again.log);
        assert_eq!(home.portal.requests().len(), requests, "{at:?}: the portal is left alone");

        let clock = Clock::starting_at(Utc::now() + TimeDelta::minutes(31));
        home.portal.edit(|world| world.clock = clock);
        assert_eq!(Bridge::open(home.config(), clock).unwrap().once().await.unwrap(), Outcome::Done, "{at:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_has_changed_is_told_and_tried_again_later() {
    let table = [
        (Where::Settings, How::MissingClientId),
        (Where::Settings, How::Html),
        (Where::Settings, How::Status(404, None)),
        (Where::LoginPage, How::MissingSettings),
        (Where::LoginPage, How::MissingCsrf),
        (Where::LoginPage, How::Html),
        (Where::Credentials, How::Html),
        (Where::Credentials, How::Object),
        (Where::Confirmation, How::Status(404, None)),
        (Where::Token, How::Object),
        (Where::Token, code("90088")),
    ];
    for (at, how) in table {
        let home = home().await;
        home.portal.fail(Fault::always(at, how.clone()));
        let failed = once(&home, 1, "portal_changed").await;
        assert!(failed.log.contains("the portal has changed ("), "{at:?} {how:?}: {}", failed.log);
        home.portal.clear_faults();
        home.once_well().await;
        assert_eq!(home.state(EAN).await["status"], "ok", "{at:?} {how:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn login_settings_without_an_authority_are_enough() {
    let home = home().await;
    home.portal.fail(Fault::always(Where::Settings, How::MissingAuthority));
    home.once_well().await;
    assert_eq!(home.state(EAN).await["status"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_the_portal_loses_is_started_over_once() {
    let table = [
        (Where::LoginPage, How::Status(400, None)),
        (Where::Credentials, How::Status(400, None)),
        (Where::Credentials, code("90046")),
        (Where::Confirmation, How::Status(400, None)),
        (Where::Confirmation, How::WrongState),
        (Where::Confirmation, code("90212")),
    ];
    for (at, how) in table {
        let forgetful = home().await;
        forgetful.portal.fail(Fault::once(at, how.clone()));
        forgetful.once_well().await;
        assert!(forgetful.portal.logins() <= 2, "{at:?} {how:?}");
        assert_eq!(forgetful.portal.count(Where::Settings), 2, "{at:?} {how:?}: from the start");

        let lost = home().await;
        lost.portal.fail(Fault::always(at, how.clone()));
        let failed = once(&lost, 1, "portal_changed").await;
        assert!(failed.log.contains("lost track of the login, twice in a row"), "{at:?} {how:?}: {}", failed.log);
        assert_eq!(lost.portal.count(Where::Settings), 2, "{at:?} {how:?}: once and no more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_number_of_starts_sends_more_than_four_passwords_in_an_hour() {
    let home = home().await;
    home.portal.fail(Fault::always(Where::Confirmation, How::Status(503, None)));
    for logins in 1..=4 {
        once(&home, 1, "portal_unavailable").await;
        assert_eq!(home.portal.logins(), logins);
    }
    home.portal.clear_faults();
    for _ in 0..3 {
        let paused = once(&home, 1, "login_paused").await;
        assert!(paused.log.contains("no login was tried: 4 password logins"), "{}", paused.log);
        assert!(paused.log.contains("The next one is possible at "), "{}", paused.log);
        assert_eq!(home.portal.logins(), 4);
    }
    let clock = Clock::starting_at(Utc::now() + TimeDelta::minutes(61));
    home.portal.edit(|world| world.clock = clock);
    assert_eq!(Bridge::open(home.config(), clock).unwrap().once().await.unwrap(), Outcome::Done);
    assert_eq!(home.portal.logins(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_lives_on_with_a_refused_login_and_the_button_sends_no_password() {
    let home = home().await;
    home.portal.fail(Fault::always(Where::Credentials, code("90053")));
    let listener = Listener::connect(home.broker.port).await;
    let mut bridge = home.run();
    listener.wait_for(&Home::state_topic(EAN), "status", "login_refused").await;
    bridge.logs("login refused: ").await;
    listener.publish("fluvius2mqtt/command/refresh", "PRESS", false).await;
    bridge.logs("not tried again now").await;
    assert_eq!(home.portal.logins(), 1);
    assert!(bridge.is_running());
    assert_eq!(home.state(EAN).await["status"], "login_refused");
    assert_eq!(bridge.stop().await.code, Some(0));
}
