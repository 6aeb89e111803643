//! After a restart the last known values are there at once, and the portal isn't asked again for nothing.

use std::time::{Duration, Instant};

use fluvius2mqtt::simulator::{Fault, How, Where};

use crate::support::{EAN, Home, Listener, until};

/// What the promise says.
const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn the_last_known_values_are_published_before_the_portal_is_asked() {
    let mut home = Home::new().await;
    home.once_well().await;
    let known = home.state(EAN).await;
    home.let_an_hour_pass();
    // A portal that never answers, and a broker that has forgotten everything.
    home.portal.forget_sessions();
    home.portal.fail(Fault::always(Where::Settings, How::Hang));
    home.portal.fail(Fault::always(Where::History, How::Hang));
    home.broker.down();
    home.broker.up().await;

    let requests = home.portal.requests().len();
    let listener = Listener::connect(home.broker.port).await;
    let started = Instant::now();
    let bridge = home.run();
    let state = listener.wait(&Home::state_topic(EAN), "a state", |_| true).await;
    let discovery = listener.wait(&Home::discovery_topic(EAN), "an announcement", |_| true).await;
    let available = listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;
    for message in [&state, &discovery, &available] {
        assert!(message.at - started < AT_ONCE, "{} took {:?}", message.topic, message.at - started);
    }
    for key in ["consumption_total", "injection_low", "net_total", "day", "day_net", "totals_from", "complete_until"] {
        assert_eq!(state.json()[key], known[key], "{key}");
    }
    assert_eq!(state.json()["status"], "starting");
    // It asks in the end, and the values stay meanwhile.
    until("the portal is asked", || (home.portal.requests().len() > requests).then_some(())).await;
    assert_eq!(listener.heard_on(&Home::state_topic(EAN)).len(), 1);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_within_ten_minutes_asks_for_nothing() {
    let home = Home::new().await;
    home.once_well().await;
    let requests = home.portal.requests().len();
    let listener = Listener::connect(home.broker.port).await;
    listener.forget();
    let bridge = home.run();
    bridge.logs("the next one is at").await;
    listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
    bridge.stop().await;
    assert_eq!(home.portal.requests().len(), requests);

    home.let_an_hour_pass();
    let bridge = home.run();
    bridge.logs("Next poll").await;
    bridge.stop().await;
    assert!(home.portal.requests().len() > requests, "an hour later it asks");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_bridges_never_share_a_data_directory() {
    let home = Home::new().await;
    let first = home.run();
    first.logs("Next poll").await;
    let second = home.once().await;
    assert_eq!(second.code, Some(1));
    assert!(second.log.contains("in use by another fluvius2mqtt"), "{}", second.log);
    first.stop().await;
}
