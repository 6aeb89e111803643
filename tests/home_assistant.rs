//! Home Assistant finds everything whenever it looks, and the button works.

use std::time::Duration;

use serde_json::json;

use crate::support::{EAN, Home, Listener, Message, average_peak, is_quiet, retained, until, yesterday};

/// Longer than the wait before everything is announced again.
const WHILE: Duration = Duration::from_secs(4);

/// A bridge at rest, and a listener that has forgotten how it came to that.
async fn at_rest(home: &Home) -> (crate::support::Running, Listener) {
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    bridge.logs("Next poll").await;
    listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;
    listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
    // What a poll brings last.
    listener.wait_for(&Home::state_topic(EAN), "average_peak", average_peak(&home.portal, yesterday())).await;
    listener.forget();
    (bridge, listener)
}

#[tokio::test(flavor = "multi_thread")]
async fn when_home_assistant_starts_everything_is_announced_again() {
    let home = Home::new().await;
    let (bridge, listener) = at_rest(&home).await;
    let held = retained(home.broker.port).await;
    listener.publish("homeassistant/status", "offline", false).await;
    assert!(is_quiet(&listener, &Home::discovery_topic(EAN), WHILE).await, "nothing to do for one that ends");

    listener.forget();
    listener.publish("homeassistant/status", "online", false).await;
    for (topic, payload) in held {
        listener.wait(&topic, "again", |message| message.payload == payload).await;
    }
    let order: Vec<_> = listener.heard().iter().map(|message: &Message| message.topic.clone()).skip(1).collect();
    assert_eq!(order, [Home::discovery_topic(EAN), Home::state_topic(EAN), "fluvius2mqtt/status".to_owned()]);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_that_somebody_removes_comes_back() {
    let home = Home::new().await;
    let (bridge, listener) = at_rest(&home).await;
    let held = retained(home.broker.port).await;
    listener.publish(&Home::discovery_topic(EAN), "", true).await;
    listener.wait(&Home::discovery_topic(EAN), "again", |message| !message.payload.is_empty()).await;
    listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;
    assert_eq!(retained(home.broker.port).await, held);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offline_that_somebody_else_says_is_put_right() {
    let home = Home::new().await;
    let (bridge, listener) = at_rest(&home).await;
    listener.publish("fluvius2mqtt/status", "offline", true).await;
    listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_names_of_topics_are_used_throughout() {
    let mut home = Home::new().await;
    home.settings["mqtt"]["discovery_prefix"] = json!("ha");
    home.settings["mqtt"]["base_topic"] = json!("energy/fluvius");
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    bridge.logs("Next poll").await;
    let state = format!("energy/fluvius/{EAN}/state");
    let discovery = format!("ha/device/fluvius2mqtt_{EAN}/config");
    listener.wait_for(&state, "status", "ok").await;
    let announced = listener.wait(&discovery, "an announcement", |_| true).await.json();
    assert_eq!(announced["state_topic"], state);
    assert_eq!(announced["availability"][0]["topic"], "energy/fluvius/status");
    assert_eq!(announced["components"]["refresh"]["command_topic"], "energy/fluvius/command/refresh");
    listener.forget();
    // The birth topic follows the prefix unless it is set.
    listener.publish("ha/status", "online", false).await;
    listener.wait(&discovery, "again", |_| true).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_polls_at_once_and_at_most_once_a_minute() {
    let mut home = Home::new().await;
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    home.portal.edit_meter(EAN, |meter| meter.withheld.insert(yesterday()));
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    listener.wait_for(&Home::state_topic(EAN), "status", "waiting").await;
    bridge.logs("Next poll").await;
    home.portal.edit_meter(EAN, |meter| meter.withheld.clear());

    listener.publish("fluvius2mqtt/command/refresh", "PRESS", false).await;
    let state = listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
    assert_eq!(state["day"], yesterday().to_string());
    until("the second poll is over", || (bridge.log().matches("Next poll").count() == 2).then_some(())).await;

    let requests = home.portal.requests().len();
    listener.publish("fluvius2mqtt/command/refresh", "PRESS", false).await;
    bridge.logs("not again within a minute").await;
    // The minute is what is promised; so long it is quiet, and then the button works again.
    assert!(is_quiet(&listener, &Home::state_topic(EAN), Duration::from_secs(60)).await);
    assert_eq!(home.portal.requests().len(), requests);
    listener.publish("fluvius2mqtt/command/refresh", "PRESS", false).await;
    until("the third poll is over", || (bridge.log().matches("Next poll").count() == 3).then_some(())).await;
    assert!(home.portal.requests().len() > requests);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_that_was_retained_is_no_press() {
    let home = Home::new().await;
    home.once_well().await;
    let requests = home.portal.requests().len();
    let listener = Listener::connect(home.broker.port).await;
    listener.publish("fluvius2mqtt/command/refresh", "PRESS", true).await;
    listener.wait("fluvius2mqtt/command/refresh", "the press is there", |_| true).await;
    listener.forget();
    let bridge = home.run();
    listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;
    assert!(is_quiet(&listener, &Home::state_topic(EAN), WHILE).await);
    assert_eq!(home.portal.requests().len(), requests);
    assert!(!bridge.log().contains("refresh"), "{}", bridge.log());
    assert_eq!(home.state(EAN).await["day"], yesterday().to_string());
    bridge.stop().await;
}
