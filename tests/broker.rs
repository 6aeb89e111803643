//! A broker that goes away and comes back, even an empty one, soon has everything again.

use std::time::Duration;

use chrono::Days;
use fluvius2mqtt::simulator::{Fault, How, Where};
use serde_json::json;

use crate::support::{EAN, Home, Listener, retained, yesterday};

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_was_gone_for_a_minute_has_everything_again() {
    let mut home = Home::new().await;
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    let listener = Listener::connect(home.broker.port).await;
    // Without the portal's peaks, which come last, nothing changes after the status.
    home.portal.fail(Fault::always(Where::Peaks, How::Status(500, None)));
    let bridge = home.run();
    listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
    let before = retained(home.broker.port).await;
    assert_eq!(before.len(), 3, "{before:?}");
    bridge.logs("Next poll").await;
    let requests = home.portal.requests().len();

    home.broker.down();
    bridge.logs("no connection to the broker").await;
    // The minute is what is promised, and tries come less often by its end.
    tokio::time::sleep(Duration::from_secs(60)).await;
    home.broker.up().await;
    let listener = Listener::connect(home.broker.port).await;
    listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;

    assert_eq!(retained(home.broker.port).await, before);
    assert_eq!(home.portal.requests().len(), requests, "the portal has nothing to do with it");
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_could_not_be_sent_goes_out_when_the_broker_is_back() {
    let mut home = Home::new().await;
    home.portal.edit_meter(EAN, |meter| meter.withheld.insert(yesterday()));
    home.once_well().await;
    let old = home.state(EAN).await;
    assert_eq!(old["day"], (yesterday() - Days::new(1)).to_string());
    home.let_an_hour_pass();
    home.broker.down();
    home.portal.edit_meter(EAN, |meter| meter.withheld.clear());

    let bridge = home.run();
    bridge.logs("Next poll").await;
    home.broker.up().await;
    let listener = Listener::connect(home.broker.port).await;
    let state = listener.wait_for(&Home::state_topic(EAN), "day", yesterday().to_string()).await;
    assert_eq!(state["status"], "ok");
    assert_ne!(state["consumption_total"], old["consumption_total"]);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_that_dies_is_offline() {
    let home = Home::new().await;
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;
    bridge.kill();
    listener.wait("fluvius2mqtt/status", "gone", |message| message.payload == "offline").await;
}
