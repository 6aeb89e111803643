//! A ledger that was lost costs nothing: the totals go on from those on the broker, neither lower nor doubled.

use std::fs;
use std::ops::RangeInclusive;

use chrono::NaiveDate;
use fluvius2mqtt::simulator::{Fault, How, Where};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{EAN, Home, Listener, before, free_port, midnight, until, yesterday};

/// All sums that grow, in the order of [`sums`].
const TOTALS: [&str; 7] = [
    "consumption_total",
    "consumption_high",
    "consumption_low",
    "injection_total",
    "injection_high",
    "injection_low",
    "net_total",
];

/// Where the totals begin: further back than a first run goes by itself.
fn anchor() -> NaiveDate {
    before(44)
}

/// The totals of days, in millionths.
fn sums(home: &Home, days: RangeInclusive<NaiveDate>) -> [i64; 7] {
    let sums = home.portal.expected(EAN, days);
    let (consumption, injection) = (sums.consumption(), sums.injection());
    [
        consumption,
        sums.consumption_high,
        sums.consumption_low,
        injection,
        sums.injection_high,
        sums.injection_low,
        consumption - injection,
    ]
}

fn plus(one: [i64; 7], other: [i64; 7]) -> [i64; 7] {
    let mut sum = one;
    sum.iter_mut().zip(other).for_each(|(sum, other)| *sum += other);
    sum
}

/// The totals that a state must hold.
fn totals(sums: [i64; 7]) -> [Value; 7] {
    sums.map(Home::kwh)
}

/// The totals that a state holds; absent ones are null.
fn shown(state: &Value) -> [Value; 7] {
    TOTALS.map(|key| state[key].clone())
}

/// A home that has counted since the anchor and awaits the last days; gives its totals.
async fn counted(awaited: u64) -> (Home, [i64; 7]) {
    let mut home = Home::new().await;
    let days = (0..awaited).map(before);
    home.portal.edit_meter(EAN, |meter| meter.withheld.extend(days)).unwrap();
    home.settings["meters"][0]["history_from"] = json!(anchor().to_string());
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    home.once_well().await;
    // The anchor is kept; a run of today would begin 31 days ago.
    home.settings["meters"][0].as_object_mut().unwrap().remove("history_from");
    let counted = sums(&home, anchor()..=before(awaited));
    let state = home.state(EAN).await;
    assert_eq!(shown(&state), totals(counted));
    assert_eq!(state["totals_from"], midnight(anchor()));
    (home, counted)
}

fn publish(home: &Home, day: NaiveDate) {
    home.portal.edit_meter(EAN, |meter| assert!(meter.withheld.remove(&day))).unwrap();
}

/// Removes the ledger and leaves the rest.
fn lose_ledger(home: &Home) {
    let mut lost = 0;
    for entry in fs::read_dir(home.data_dir()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("ledger.sqlite") {
            fs::remove_file(path).unwrap();
            lost += 1;
        }
    }
    assert!(lost > 0);
}

/// No state that was heard holds other totals than none, these or those, and none begins elsewhere.
fn holds_only(listener: &Listener, allowed: &[[i64; 7]]) {
    let heard = listener.heard_on(&Home::state_topic(EAN));
    assert!(!heard.is_empty());
    for message in heard {
        let state = message.json();
        let shown = shown(&state);
        let is_allowed = shown.iter().all(Value::is_null) || allowed.iter().any(|sums| totals(*sums) == shown);
        assert!(is_allowed, "{}", message.payload);
        assert!(state["totals_from"].is_null() || state["totals_from"] == midnight(anchor()), "{}", message.payload);
    }
}

/// The state that the broker holds must be this one.
async fn stands(home: &Home, sums: [i64; 7]) {
    let state = home.state(EAN).await;
    assert_eq!(shown(&state), totals(sums), "{state}");
    assert_eq!(state["totals_from"], midnight(anchor()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_counts_on_with_a_new_day_while_the_portal_has_it_all() {
    let (home, old) = counted(1).await;
    lose_ledger(&home);
    publish(&home, yesterday());
    let new = plus(old, sums(&home, yesterday()..=yesterday()));
    assert_eq!(new, sums(&home, anchor()..=yesterday()));

    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
    bridge.logs("Next poll").await;
    stands(&home, new).await;
    bridge.stop().await;
    holds_only(&listener, &[old, new]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_poll_does_as_well_when_the_whole_folder_is_lost() {
    let (home, old) = counted(1).await;
    fs::remove_dir_all(home.data_dir()).unwrap();
    let listener = Listener::connect(home.broker.port).await;
    home.once_well().await;
    stands(&home, old).await;
    publish(&home, yesterday());
    home.once_well().await;
    let new = sums(&home, anchor()..=yesterday());
    stands(&home, new).await;
    holds_only(&listener, &[old, new]);
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_rise_by_new_days_alone_when_the_portal_has_lost_the_older_ones() {
    let (home, old) = counted(2).await;
    home.portal.edit_meter(EAN, |meter| meter.history_from = before(9)).unwrap();
    lose_ledger(&home);
    let listener = Listener::connect(home.broker.port).await;
    home.once_well().await;
    stands(&home, old).await;

    publish(&home, before(1));
    home.once_well().await;
    let next = plus(old, sums(&home, before(1)..=before(1)));
    stands(&home, next).await;

    // And a second loss is no worse than the first.
    lose_ledger(&home);
    publish(&home, yesterday());
    home.once_well().await;
    let last = plus(next, sums(&home, yesterday()..=yesterday()));
    stands(&home, last).await;
    holds_only(&listener, &[old, next, last]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loss_in_the_middle_of_fetching_it_all_again_is_no_worse() {
    let (home, old) = counted(1).await;
    home.portal.edit_meter(EAN, |meter| meter.history_from = before(9)).unwrap();
    let listener = Listener::connect(home.broker.port).await;
    for _ in 0..2 {
        lose_ledger(&home);
        home.portal.fail(Fault::always(Where::History, How::Hang).for_date(before(5)));
        listener.forget();
        let bridge = home.run();
        listener
            .wait("fluvius2mqtt/status", "online", |message| !message.retained && message.payload == "online")
            .await;
        let hangs = || home.portal.requests().last().is_some_and(|request| request.status.is_none()).then_some(());
        until("a request hangs", hangs).await;
        bridge.kill();
    }
    home.portal.clear_faults();
    publish(&home, yesterday());
    home.once_well().await;
    let new = plus(old, sums(&home, yesterday()..=yesterday()));
    stands(&home, new).await;
    holds_only(&listener, &[old, new]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_decided_until_the_broker_has_told_what_it_holds() {
    let (mut home, old) = counted(1).await;
    lose_ledger(&home);
    publish(&home, yesterday());
    let new = sums(&home, anchor()..=yesterday());
    // Nothing listens here yet.
    let port = free_port();
    home.settings["mqtt"]["url"] = json!(format!("mqtt://127.0.0.1:{port}"));
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    bridge.logs("Next poll").await;
    stands(&home, old).await;

    lead(port, home.broker.port).await;
    // What was shown goes on standing until the days before this ledger's own are in, which are asked for at once.
    listener.wait_for(&Home::state_topic(EAN), "consumption_total", Home::kwh(new[0])).await;
    stands(&home, new).await;
    bridge.stop().await;
    holds_only(&listener, &[old, new]);
}

/// Leads connections from one port to another for as long as the test runs.
async fn lead(from: u16, to: u16) {
    let door = TcpListener::bind(("127.0.0.1", from)).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut outside, _)) = door.accept().await {
            tokio::spawn(async move {
                let mut inside = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
}
