//! A dry run prints what would be published, and publishes nothing.

use std::io::ErrorKind;
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::support::{EAN, Home, Listener, Running, retained};

/// Topics and payloads without the time of the poll, which differs.
fn comparable(messages: impl IntoIterator<Item = (String, String)>) -> Vec<(String, Value)> {
    let mut comparable: Vec<_> = messages
        .into_iter()
        .map(|(topic, payload)| {
            let mut payload = serde_json::from_str(&payload).unwrap_or(Value::String(payload));
            if let Some(state) = payload.as_object_mut() {
                state.remove("last_sync");
            }
            (topic, payload)
        })
        .collect();
    comparable.sort_by(|one, other| one.0.cmp(&other.0));
    comparable
}

#[tokio::test(flavor = "multi_thread")]
async fn it_prints_what_a_poll_then_publishes() {
    let home = Home::new().await;
    let listener = Listener::connect(home.broker.port).await;
    let dry = Running::start(&mut home.command(&["once", "--dry-run"])).finished().await;
    assert_eq!(dry.code, Some(0), "{}", dry.log);
    assert!(listener.heard().is_empty(), "{:?}", listener.heard());

    home.once_well().await;
    let lines = dry.out.lines().map(|line| line.split_once(' ').unwrap());
    let printed = comparable(lines.map(|(topic, payload)| (topic.to_owned(), payload.to_owned())));
    assert_eq!(printed, comparable(retained(home.broker.port).await));
    assert_eq!(printed.len(), 3);
    assert_eq!(home.portal.logins(), 1, "the session is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_does_not_even_connect_to_the_broker() {
    let mut home = Home::new().await;
    let broker = TcpListener::bind("127.0.0.1:0").unwrap();
    broker.set_nonblocking(true).unwrap();
    home.settings["mqtt"]["url"] = json!(format!("mqtt://{}", broker.local_addr().unwrap()));
    let dry = Running::start(&mut home.command(&["once", "--dry-run"])).finished().await;
    assert_eq!(dry.code, Some(0), "{}", dry.log);
    assert_eq!(broker.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_no_broker() {
    let mut home = Home::new().await;
    home.broker.down();
    let dry = Running::start(&mut home.command(&["once", "--dry-run"])).finished().await;
    assert_eq!(dry.code, Some(0), "{}", dry.log);
    assert!(dry.out.contains(&Home::state_topic(EAN)), "{}", dry.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_shows_in_the_exit_code() {
    let mut home = Home::new().await;
    home.settings["fluvius"]["password"] = json!("not the password");
    let dry = Running::start(&mut home.command(&["once", "--dry-run"])).finished().await;
    assert_eq!(dry.code, Some(3), "{}", dry.log);
    assert!(dry.out.contains("login_refused"), "{}", dry.out);
}
