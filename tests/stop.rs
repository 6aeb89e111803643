//! Told to stop, the bridge says goodbye and ends within five seconds, whatever it is doing.

use std::time::{Duration, Instant};

use fluvius2mqtt::simulator::{Fault, How, Where};

use crate::support::{EAN, Home, Listener, retained};

/// What the promise says.
const LIMIT: Duration = Duration::from_secs(5);

async fn availability(home: &Home) -> String {
    let held = retained(home.broker.port).await;
    held.into_iter().find(|(topic, _)| topic == "fluvius2mqtt/status").expect("the bridge has a status").1
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_at_rest_it_goes_offline_and_ends_well() {
    let home = Home::new().await;
    for signal in ["TERM", "INT"] {
        let listener = Listener::connect(home.broker.port).await;
        let bridge = home.run();
        listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
        listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;
        let told = Instant::now();
        bridge.signal(signal);
        let finished = bridge.finished().await;
        assert!(told.elapsed() < LIMIT, "{signal}: {:?}", told.elapsed());
        assert_eq!(finished.code, Some(0), "{signal}: {}", finished.log);
        assert_eq!(availability(&home).await, "offline", "{signal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_during_a_request_it_abandons_that() {
    let home = Home::new().await;
    home.portal.fail(Fault::always(Where::History, How::Hang));
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;
    crate::support::until("a request hangs", || (home.portal.count(Where::History) > 0).then_some(())).await;
    let told = Instant::now();
    let finished = bridge.stop().await;
    assert!(told.elapsed() < LIMIT, "{:?}", told.elapsed());
    assert_eq!(finished.code, Some(0), "{}", finished.log);
    assert_eq!(availability(&home).await, "offline");
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_without_a_broker_it_ends_as_well() {
    let mut home = Home::new().await;
    home.once_well().await;
    home.broker.down();
    // The second time without a ledger, so that it waits for what the broker has to say.
    for _ in 0..2 {
        let bridge = home.run();
        bridge.logs("no connection to the broker").await;
        let told = Instant::now();
        let finished = bridge.stop().await;
        assert!(told.elapsed() < LIMIT, "{:?}", told.elapsed());
        assert_eq!(finished.code, Some(0), "{}", finished.log);
        std::fs::remove_dir_all(home.data_dir()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_poll_leaves_its_values_available() {
    let home = Home::new().await;
    home.once_well().await;
    assert_eq!(availability(&home).await, "online");
}
