//! A check tells what is wrong with the broker or with Home Assistant.

use fluvius2mqtt::statistics::fake::{Failure, FakeHomeAssistant};
use serde_json::json;

use crate::check::{about, home, told};
use crate::support::{Home, Mosquitto, free_port, user_file};

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

    let (home, home_assistant) = crate::check::home().await;
    let theirs =
        json!({"energy_sources": [{"type": "grid", "stat_energy_from": "sensor.p1", "cost_adjustment_day": 0}]});
    home_assistant.edit(|state| state.prefs = Some(theirs.clone()));
    insta::assert_snapshot!("a_dashboard_with_another_meter", about(&told(&home, 0).await, "Energy dashboard"));
    assert_eq!(home_assistant.edit(|state| state.prefs.clone()), Some(theirs));
}
