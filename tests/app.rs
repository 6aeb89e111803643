//! As an app of Home Assistant, the options of its form and the Supervisor are all that the bridge needs, and what goes
//! wrong is told there.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;

use fluvius2mqtt::simulator::Where;
use serde_json::json;

use crate::support::{EAN, House, Running, Supervisor, free_port, until, user_file};

#[tokio::test(flavor = "multi_thread")]
async fn the_options_and_the_supervisor_are_all_that_it_needs() {
    let house = House::new().await;
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    let app = house.run();
    house.is_published().await;
    let statistic = format!("fluvius2mqtt:{EAN}_consumption");
    let is_there = || (!house.supervisor.home_assistant.rows(&statistic).is_empty()).then_some(());
    until("the statistics are in Home Assistant", is_there).await;
    let log = house.stop(app).await;
    assert!(log.contains(&format!("connected to the broker at 127.0.0.1:{}", house.home.broker.port)), "{log}");
    assert!(house.supervisor.edit(|house| house.notifications.is_empty()));
    assert_eq!(house.home.portal.logins(), 1);

    // A single poll by hand, as in the app's container, does no harm to what the service left.
    let polled = Running::start(&mut house.command(&["once"])).finished().await;
    assert_eq!(polled.code, Some(0), "{}", polled.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_root_no_longer_than_it_takes_to_read_the_options() {
    let house = House::new().await;
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    let user = |path: &PathBuf| fs::metadata(path).unwrap().uid();
    let me = user(&house.home.path(""));
    // What an earlier version or a backup may have left.
    let mut command = house.command(&[]);
    fs::write(house.home.data("login.json"), r#"{"attempts":[],"latch":null,"rest_until":null}"#).unwrap();
    fs::set_permissions(house.home.data("login.json"), fs::Permissions::from_mode(0o600)).unwrap();
    let app = Running::start(&mut command);
    house.is_published().await;
    // A test that is root sees it given up; for all others there is nothing to give up.
    let expected = if me == 0 { 65_532 } else { me };
    for thread in fs::read_dir(format!("/proc/{}/task", app.id())).unwrap() {
        // One that has ended in the meantime is of no interest.
        let Ok(status) = fs::read_to_string(thread.unwrap().path().join("status")) else { continue };
        let of = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        assert_eq!(of("Uid:"), [expected.to_string().as_str(); 4].join("\t"));
        if me == 0 {
            assert_eq!((of("Gid:"), of("Groups:")), (["65532"; 4].join("\t"), String::new()));
            assert_eq!(of("CapEff:").trim_start_matches('0'), "", "no privilege is left");
        }
    }
    for name in ["", "login.json", "ledger.sqlite", "tokens.json"] {
        assert_eq!(user(&house.home.data(name)), expected, "{name}");
    }
    assert_eq!(user(&house.options_file()), me, "the options stay with the Supervisor");
    house.stop(app).await;

    // Elsewhere, whoever starts it decides who it is.
    let mut command = house.command(&["once"]);
    command.env_remove("SUPERVISOR_TOKEN").env("FLUVIUS2MQTT_DATA_DIR", house.home.path("elsewhere"));
    command.arg("--config").arg(house.home.write_config());
    let elsewhere = Running::start(&mut command).finished().await;
    assert_eq!(elsewhere.code, Some(1), "no broker without a login: {}", elsewhere.log);
    assert_eq!(user(&house.home.path("elsewhere")), me);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_for_a_broker_that_is_not_there_yet() {
    let house = House::new().await;
    // An answer that can't be used may hold a password, and must not be told.
    house.supervisor.edit(|house| house.broker = Some(json!({"host": "127.0.0.1", "port": House::FIRST})));
    let app = house.run();
    app.logs("the Supervisor answers in a way that this version doesn't know (no JSON of the right shape)").await;
    house.supervisor.edit(|house| house.broker = None);
    app.logs("the Supervisor knows no broker yet; install and start the app Mosquitto broker").await;
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    house.is_published().await;
    assert!(house.supervisor.count("GET /services/mqtt 400") > 0);
    house.stop(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_installed_again_has_another_password() {
    let mut house = House::new().await;
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    let app = house.run();
    house.is_published().await;

    house.home.broker.down();
    house.home.broker.write("users", &user_file(House::USER, House::SECOND));
    house.home.broker.up().await;
    // The Supervisor may be the last to know.
    app.logs("it refuses the login that it had handed out; the next try asks for a new one").await;
    house.supervisor.provide_broker(house.home.broker.port, House::SECOND);
    house.is_published().await;
    house.stop(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_broker_wins() {
    let mut house = House::new().await;
    house.supervisor.provide_broker(free_port(), "unused");
    house.options["mqtt"] = json!({"url": house.home.broker.url(), "username": House::USER, "password": House::FIRST});
    let app = house.run();
    house.is_published().await;
    house.stop(app).await;
    assert_eq!(house.supervisor.count("GET /services/mqtt 200"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_options_are_told_once_and_wait_for_the_user() {
    let mut house = House::new().await;
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    house.supervisor.edit(|house| "nl".clone_into(&mut house.language));
    let right = house.options.clone();
    house.options["email"] = json!("hunter2");
    house.options["meters"][0]["gas_unit"] = json!("m3");
    let mut app = house.run();
    let (title, message) = house.supervisor.notification().await;
    assert_eq!(title, "Fluvius-meters: kijk de opties na");
    assert!(message.contains("- option email: is not an e-mail address;"), "{message}");
    assert!(message.contains("- option meters > 1 > gas_unit: is for gas meters only;"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
    assert!(app.is_running(), "an end would be followed by a new start, again and again");
    let health = Running::start(&mut house.command(&["health"])).finished().await;
    assert_eq!(health.code, Some(0), "and so would an app that is ill: {}", health.log);
    let log = house.stop(app).await;
    assert!(log.contains("option email: is not an e-mail address") && !log.contains("hunter2"), "{log}");
    assert!(house.home.portal.requests().is_empty());
    assert_eq!(house.supervisor.count("POST create 200"), 1);

    // Other commands end with their exit code.
    let checked = Running::start(&mut house.command(&["once"])).finished().await;
    assert_eq!(checked.code, Some(2), "{}", checked.log);

    house.options = right;
    let app = house.run();
    let is_gone = || house.supervisor.edit(|house| house.notifications.is_empty()).then_some(());
    until("the notification is gone", is_gone).await;
    house.is_published().await;
    house.stop(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_told_and_not_repeated() {
    let mut house = House::new().await;
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    let right = house.options["password"].clone();
    house.options["password"] = json!("not the password");
    for _ in 0..2 {
        let mut app = house.run();
        let (title, message) = house.supervisor.notification().await;
        assert_eq!(title, "Fluvius meters: Mijn Fluvius refuses the login");
        assert!(
            message.contains("check fluvius.email and fluvius.password") || message.contains("password"),
            "{message}"
        );
        app.logs("Next poll").await;
        assert!(app.is_running());
        house.stop(app).await;
    }
    assert_eq!(house.home.portal.count(Where::Credentials), 1, "a start with the same password asks nothing");

    house.options["password"] = right;
    let app = house.run();
    house.is_published().await;
    let is_gone = || house.supervisor.edit(|house| house.notifications.is_empty()).then_some(());
    until("the notification is gone", is_gone).await;
    house.stop(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_home_assistant_misses_while_it_is_away_comes_afterwards() {
    let mut house = House::new().await;
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    house.supervisor.edit(|house| house.core_is_away = true);
    let app = house.run();
    house.is_published().await;
    until("statistics were tried", || (house.supervisor.count("GET /core/websocket 502") > 0).then_some(())).await;
    house.supervisor.edit(|house| house.core_is_away = false);
    let statistic = format!("fluvius2mqtt:{EAN}_consumption");
    let is_there = || (!house.supervisor.home_assistant.rows(&statistic).is_empty()).then_some(());
    until("the statistics are in Home Assistant", is_there).await;
    house.stop(app).await;

    house.supervisor.edit(|house| house.core_is_away = true);
    house.options["email"] = json!("nobody");
    let app = house.run();
    app.logs("Home Assistant can't be told yet what this log tells").await;
    house.supervisor.edit(|house| house.core_is_away = false);
    house.supervisor.notification().await;
    house.stop(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_that_refuses_the_token_is_told_in_the_log() {
    let house = House::new().await;
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    house.supervisor.edit(|house| "another".clone_into(&mut house.token));
    let mut app = Running::start(house.command(&[]).env("SUPERVISOR_TOKEN", Supervisor::TOKEN));
    app.logs("the Supervisor refuses this app; restart the app, so that it gets a new token").await;
    app.logs("Next poll").await;
    assert!(app.is_running());
    house.stop(app).await;
    assert_eq!(house.supervisor.count("POST dismiss 401"), 1, "what is refused once is refused always");
}
