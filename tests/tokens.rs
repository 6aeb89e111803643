//! A password is sent once, and after that the session lives on by itself, in files that nobody else can read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use fluvius2mqtt::bridge::{Bridge, Outcome};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{Fault, How, Where};
use serde_json::json;

use crate::support::{EAN, Home, Listener, assert_totals, before, first_days, until};

/// A home with a short history.
async fn home() -> Home {
    let mut home = Home::new().await;
    home.settings["meters"][0]["history_from"] = json!(before(2));
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_need_one_password() {
    let home = home().await;
    home.once_well().await;
    home.once_well().await;
    assert_eq!((home.portal.logins(), home.portal.refreshes()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_in_the_configuration_is_tried_at_once() {
    let mut home = home().await;
    home.once_well().await;
    let right = home.settings["fluvius"]["password"].clone();
    home.settings["fluvius"]["password"] = json!("a slip of the finger");
    assert_eq!(home.once().await.code, Some(3));
    home.settings["fluvius"]["password"] = right;
    home.once_well().await;
    assert_eq!(home.portal.logins(), 2, "the session of the right one is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_is_renewed_without_a_password_again_and_again() {
    let home = home().await;
    home.once_well().await;
    // Each refresh token works once, so the newest is always the one that is kept.
    for refreshes in 1..=4 {
        home.portal.expire_access_tokens();
        home.once_well().await;
        assert_eq!((home.portal.logins(), home.portal.refreshes()), (1, refreshes));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_over_by_the_clock_is_not_even_sent() {
    let home = home().await;
    home.once_well().await;
    let clock = Clock::starting_at(Utc::now() + TimeDelta::minutes(60));
    home.portal.edit(|world| world.clock = clock);
    let requests = home.portal.requests().len();
    assert_eq!(Bridge::open(home.config(), clock).unwrap().once().await.unwrap(), Outcome::Done);
    assert_eq!((home.portal.logins(), home.portal.refreshes()), (1, 1));
    assert!(home.portal.requests()[requests..].iter().all(|request| request.status == Some(200)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_the_portal_no_longer_renews_costs_one_login() {
    let home = home().await;
    home.once_well().await;
    home.portal.forget_sessions();
    home.once_well().await;
    assert_eq!((home.portal.logins(), home.portal.refreshes()), (2, 1));
    home.once_well().await;
    assert_eq!((home.portal.logins(), home.portal.refreshes()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_gives_no_refresh_token_costs_a_login_each_time() {
    let home = home().await;
    home.portal.edit(|world| world.refresh_lifetime = None);
    home.once_well().await;
    home.portal.expire_access_tokens();
    home.once_well().await;
    assert_eq!((home.portal.logins(), home.portal.refreshes()), (2, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_fails_for_a_while_costs_no_password() {
    for how in [How::Status(503, None), How::Html, How::Drop] {
        let home = home().await;
        home.once_well().await;
        home.portal.expire_access_tokens();
        home.portal.fail(Fault::once(Where::Refresh, how.clone()));
        let failed = home.once().await;
        assert_eq!(failed.code, Some(1), "{how:?}: {}", failed.log);
        assert_eq!(home.state(EAN).await["status"], "portal_unavailable", "{how:?}");
        home.once_well().await;
        assert_eq!((home.portal.logins(), home.portal.refreshes()), (1, 2), "{how:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_in_the_middle_of_a_first_run_costs_no_day() {
    let home = Home::new().await;
    home.portal.edit(|world| world.latency = Duration::from_millis(20));
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    for requests in [3, 10, 17] {
        until("history is asked for", || (home.portal.count(Where::History) >= requests).then_some(())).await;
        home.portal.expire_access_tokens();
    }
    let state = listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
    assert_totals(&state, home.portal.expected(EAN, first_days()));
    assert_eq!((home.portal.logins(), home.portal.refreshes()), (1, 3));
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_refused_once_costs_no_day() {
    let home = Home::new().await;
    home.portal.fail(Fault::once(Where::History, How::Status(401, None)));
    home.once_well().await;
    assert_totals(&home.state(EAN).await, home.portal.expected(EAN, first_days()));
    assert_eq!((home.portal.logins(), home.portal.refreshes()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_refuses_every_token_gets_no_second_password() {
    let home = home().await;
    home.portal.fail(Fault::always(Where::History, How::Status(401, None)));
    for _ in 0..3 {
        let failed = home.once().await;
        assert_eq!(failed.code, Some(1), "{}", failed.log);
        assert!(failed.log.contains("it refuses the token that it has just given"), "{}", failed.log);
    }
    assert_eq!(home.portal.logins(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_can_read_the_data() {
    let home = home().await;
    let bridge = home.run();
    bridge.logs("Next poll: ").await;
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.data_dir()), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(home.data_dir()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        // The lock is empty.
        if name != "lock" {
            assert_eq!(mode(&entry.path()), 0o600, "{name}");
        }
        names.push(name);
    }
    for name in ["tokens.json", "login.json", "ledger.sqlite", "ledger.sqlite-wal"] {
        assert!(names.iter().any(|found| found == name), "{name} among {names:?}");
    }
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_tokens_cost_a_login_and_nothing_else() {
    let good = home().await;
    good.once_well().await;
    let whole = fs::read_to_string(good.data("tokens.json")).unwrap();
    let cut = whole[..whole.len() / 2].to_owned();
    let odd = whole.replace("access-", "access-\\n");
    let table = ["", "{", "null", "[]", "{}", "\u{0}\u{0}\u{0}", "{\"access_token\": 1}", cut.as_str(), odd.as_str()];
    for damaged in table {
        let home = home().await;
        home.once_well().await;
        let state = home.state(EAN).await;
        fs::write(home.data("tokens.json"), damaged).unwrap();
        home.once_well().await;
        let after = home.state(EAN).await;
        assert_eq!(after["consumption_total"], state["consumption_total"], "{damaged:?}");
        assert_eq!(after["status"], "ok", "{damaged:?}");
        home.once_well().await;
        assert_eq!(home.portal.logins(), 2, "{damaged:?}");
    }
    // Those of another account are no use either.
    let mut other = home().await;
    other.once_well().await;
    other.portal.edit(|world| world.email = "piet@example.com".to_owned());
    other.settings["fluvius"]["email"] = json!("piet@example.com");
    other.once_well().await;
    assert_eq!((other.portal.logins(), other.portal.refreshes()), (2, 0));
}
