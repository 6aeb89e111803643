//! `fetch` logs in as gently as the bridge does, also beside it, and tells each step when asked to.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use fluvius2mqtt::simulator::{Fault, How, Where};
use serde_json::json;

use crate::fetch::{OUTPUT, Place, run, well};
use crate::support::{EAN, Home, Listener, SERIAL, before, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_not_tried_again_and_says_where_that_is_kept() {
    let place = Place::new().await;
    let wrong = async || {
        let email = place.portal.email();
        let arguments = ["--email", &email, "--password", "not it", "--ean", EAN, "--meter-serial", SERIAL];
        run(&mut place.command(&arguments)).await
    };
    let refused = wrong().await;
    assert_eq!(refused.code, Some(3), "{}", refused.log);
    assert!(refused.log.contains("login refused: the portal refused the e-mail address or the password"));
    let state = place.path("state/fluvius2mqtt");
    assert!(refused.log.contains(&format!("The memory of logins is in {}/", state.display())), "{}", refused.log);
    assert_eq!((refused.out.as_str(), place.names()), ("", vec!["state".to_owned()]));
    for _ in 0..3 {
        let again = wrong().await;
        assert_eq!(again.code, Some(3), "{}", again.log);
        assert!(again.log.contains("not tried again now"), "{}", again.log);
    }
    assert_eq!(place.portal.logins(), 1);
    let folder = fs::read_dir(&state).unwrap().next().unwrap().unwrap().path();
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(folder.join("login.json")).unwrap().permissions().mode() & 0o777, 0o600);
    well(place.fetch(["2026-06-12", "2026-06-12"], &[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_is_kept_and_the_budget_of_logins_holds() {
    let place = Place::new().await;
    for _ in 0..3 {
        well(place.fetch(["2026-06-12", "2026-06-12"], &["--quiet"]).await);
    }
    assert_eq!(place.portal.logins(), 1);
    place.portal.expire_access_tokens();
    well(place.fetch(["2026-06-12", "2026-06-12"], &["--quiet"]).await);
    assert_eq!((place.portal.logins(), place.portal.refreshes()), (1, 1));
    for logins in 2..=5 {
        place.portal.forget_sessions();
        let done = place.fetch(["2026-06-12", "2026-06-12"], &["--quiet"]).await;
        assert_eq!(done.code, Some(i32::from(logins == 5)), "{}", done.log);
    }
    assert_eq!(place.portal.logins(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_of_a_bridge_in_the_same_folder_is_used_and_a_folder_of_others_is_left_alone() {
    let place = Place::new().await;
    let names = || {
        let entries = fs::read_dir(place.path("data")).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    fs::create_dir(place.path("data")).unwrap();
    well(place.fetch(["2026-06-12", "2026-06-12"], &[]).await);
    assert_eq!((names(), place.names()), (Vec::new(), ["data", OUTPUT, "state"].map(str::to_owned).to_vec()));
    fs::remove_dir_all(place.path("state")).unwrap();
    fs::write(place.path("data/ledger.sqlite"), "").unwrap();
    well(place.fetch(["2026-06-12", "2026-06-12"], &[]).await);
    assert_eq!(names(), ["ledger.sqlite", "lock", "login.json", "tokens.json"]);
    assert_eq!(place.names(), ["data", OUTPUT]);
    well(place.fetch(["2026-06-12", "2026-06-12"], &["--data-dir", "elsewhere"]).await);
    assert_eq!(place.names(), ["data", "elsewhere", OUTPUT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_takes_the_place_of_the_login() {
    let place = Place::new().await;
    well(place.fetch(["2026-06-12", "2026-06-12"], &[]).await);
    let with_login = place.output();
    fs::remove_file(place.path(OUTPUT)).unwrap();
    fs::remove_dir_all(place.path("state")).unwrap();
    let token = place.portal.access_token().unwrap();
    let fetch = async |token: &str| {
        let days = ["--from", "2026-06-12", "--to", "2026-06-12"];
        let mut command = place.command(&["--ean", EAN, "--meter-serial", SERIAL, "--bearer-token", token]);
        run(command.args(days)).await
    };
    let requests = place.portal.requests().len();
    let done = well(fetch(&token).await);
    assert!(done.out.starts_with("2026-06-12, meter …0011"), "{}", done.out);
    assert_eq!(place.output(), with_login);
    assert_eq!(place.portal.requests().len(), requests + 1, "nobody logs in");
    assert_eq!(place.names(), [OUTPUT], "nothing is kept");

    let refused = fetch("access-of-somebody-else").await;
    assert_eq!((refused.code, refused.out.as_str()), (Some(3), ""), "{}", refused.log);
    assert!(refused.log.contains("login refused: the portal doesn't take the token. Tokens last about an hour"));
    assert!(!refused.log.contains("somebody"), "{}", refused.log);
    assert_eq!((place.names(), place.output()), (vec![OUTPUT.to_owned()], with_login));
    place.portal.fail(Fault::once(Where::History, How::Status(429, Some(900))));
    let told = fetch(&token).await;
    assert_eq!(told.code, Some(1), "{}", told.log);
    assert!(told.log.contains("the portal asks to wait until "), "{}", told.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_can_be_remembered_by_the_portal() {
    let place = Place::new().await;
    well(place.fetch(["2026-06-12", "2026-06-12"], &["--remember-me", "--quiet"]).await);
    assert!(place.portal.requests().iter().any(|request| request.path.contains("rememberMe=true")));
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_running_bridge_its_session_is_left_alone_and_logins_are_remembered_together() {
    let mut home = Home::new().await;
    home.settings["meters"][0]["history_from"] = json!(before(3));
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    let bridge = home.run();
    bridge.logs("Next poll: ").await;
    let session = fs::read_to_string(home.data("tokens.json")).unwrap();
    let fetch = async |more: &[&str]| run(home.command(&["fetch", "--days-back", "2", "--quiet"]).args(more)).await;
    well(fetch(&[]).await);
    assert_eq!(home.portal.logins(), 2, "a session of its own");
    assert_eq!(fs::read_to_string(home.data("tokens.json")).unwrap(), session);

    let wrong = fetch(&["--password", "not it"]).await;
    assert_eq!(wrong.code, Some(3), "{}", wrong.log);
    let again = fetch(&["--password", "not it"]).await;
    assert!(again.log.contains("not tried again now"), "{}", again.log);
    well(fetch(&[]).await);
    let spent = fetch(&[]).await;
    assert_eq!(spent.code, Some(1), "{}", spent.log);
    assert!(spent.log.contains("4 password logins in a short time are enough"), "{}", spent.log);
    assert_eq!(home.portal.logins(), 4);

    // The bridge has not lost its session.
    let listener = Listener::connect(home.broker.port).await;
    listener.publish("fluvius2mqtt/command/refresh", "PRESS", false).await;
    let polls = || bridge.log().matches("Next poll: ").count();
    until("the bridge polls again", || (polls() == 2).then_some(())).await;
    assert_eq!((home.portal.logins(), home.portal.overlaps()), (4, 0));
    let stopped = bridge.stop().await;
    assert!(!stopped.log.contains("login refused"), "{}", stopped.log);

    // With the bridge gone, its session is used again.
    home.portal.edit(|world| world.latency = std::time::Duration::ZERO);
    well(fetch(&[]).await);
    assert_eq!(home.portal.logins(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_told_when_asked_for() {
    let place = Place::new().await;
    let done = well(place.fetch(["2026-06-12", "2026-06-12"], &["-v"]).await);
    let port = place.portal.url();
    let step = format!(
        "reading the meter's history: GET {port}/verbruik/api/meter-measurement-history/…0011?historyFrom=2026-06-12T00:00:00.000+02:00\
         &historyUntil=2026-06-12T23:59:59.999+02:00&asServiceProvider=false&meterSerialNumber=…&granularity=4: HTTP 200, "
    );
    assert!(done.log.contains(&step), "{step} in {}", done.log);
    for step in ["reading the login settings: GET", "completing the login: GET", "getting an access token: POST"] {
        assert!(done.log.contains(step), "{step} in {}", done.log);
    }
    assert!(!done.log.contains("cookies") && !done.log.contains("redirected"), "{}", done.log);

    fs::remove_dir_all(place.path("state")).unwrap();
    let done = well(place.fetch(["2026-06-12", "2026-06-12"], &["-vv"]).await);
    for told in [
        "headers sent: accept authorization; cookies sent: none",
        "cookies sent: x-ms-cpim-cache|id_0 x-ms-cpim-csrf x-ms-cpim-sso:tenant_0 x-ms-cpim-trans",
        "cookies set: x-ms-cpim-sso:tenant_0",
        &format!(
            "opening the login page: redirected to {port}/klanten.onmicrosoft.com/oauth2/v2.0/authorize?p=…&client_id=…&"
        ),
        &format!("completing the login: redirected to {port}/?state=…&client_info=…&code=…"),
    ] {
        assert!(done.log.contains(told), "{told} in {}", done.log);
    }
}
