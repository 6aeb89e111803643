//! Whatever watches over the service learns whether it is well, and an outage of others is no illness of its own.

use std::process::Command;

use fluvius2mqtt::simulator::{Fault, How, Where};
use reqwest::StatusCode;
use reqwest::header::HOST;
use serde_json::json;

use crate::support::{Finished, Home, Running, client, free_port, until};

/// A home whose service answers over HTTP, and where.
async fn home() -> (Home, String) {
    let mut home = Home::new().await;
    let address = format!("127.0.0.1:{}", free_port());
    home.settings["web"] = json!({"listen": address});
    (home, address)
}

async fn health(home: &Home) -> Finished {
    Running::start(&mut home.command(&["health"])).finished().await
}

/// The status of a page, asked for under a name.
async fn status(address: &str, path: &str, host: &str) -> Option<StatusCode> {
    let request = client().get(format!("http://{address}{path}")).header(HOST, host);
    Some(request.send().await.ok()?.status())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_well_from_its_start_to_its_end() {
    let (home, address) = home().await;
    let none = health(&home).await;
    assert_eq!((none.code, none.out.as_str()), (Some(1), ""));
    let says =
        format!("fluvius2mqtt: no service answers at {address}; see its log, or start it with: fluvius2mqtt run\n");
    assert_eq!(none.log, says);
    let bridge = home.run();
    bridge.logs("Next poll").await;
    let well = health(&home).await;
    assert_eq!((well.code, well.out.as_str(), well.log.as_str()), (Some(0), "The service is running.\n", ""));
    assert_eq!(bridge.stop().await.code, Some(0));
    assert_eq!(health(&home).await.code, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_hangs_and_a_broker_that_is_down_are_no_illness() {
    let (mut home, address) = home().await;
    home.portal.fail(Fault::always(Where::History, How::Hang));
    home.broker.down();
    let _bridge = home.run();
    until("a request hangs", || (home.portal.count(Where::History) > 0).then_some(())).await;
    assert_eq!(status(&address, "/health", &address).await, Some(StatusCode::OK));
    assert_eq!(health(&home).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_no_illness() {
    let (mut home, _) = home().await;
    home.settings["fluvius"]["password"] = json!("wrong");
    let bridge = home.run();
    bridge.logs("Next poll").await;
    assert_eq!(health(&home).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stands_still_is_ill() {
    let (home, _) = home().await;
    let bridge = home.run();
    bridge.logs("Next poll").await;
    bridge.signal("STOP");
    let ill = health(&home).await;
    assert_eq!(ill.code, Some(1), "{}", ill.log);
    assert!(ill.log.contains("no service answers"), "{}", ill.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_answer_to_a_strangers_name() {
    let (home, address) = home().await;
    let bridge = home.run();
    bridge.logs("Next poll").await;
    for host in ["localhost", "127.0.0.1", "192.168.1.7:8099", "[::1]:8099"] {
        assert_eq!(status(&address, "/health", host).await, Some(StatusCode::OK), "{host}");
    }
    for host in ["evil.example", "127.0.0.1.evil.example:8099"] {
        assert_eq!(status(&address, "/health", host).await, Some(StatusCode::FORBIDDEN), "{host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_told_and_the_bridge_works() {
    let (home, address) = home().await;
    let _taken = std::net::TcpListener::bind(&address).unwrap();
    let bridge = home.run();
    bridge.logs("Next poll").await;
    let done = bridge.stop().await;
    assert_eq!(done.code, Some(0), "{}", done.log);
    assert!(done.log.contains(&format!("{address} can't be listened on")), "{}", done.log);
    assert!(done.log.contains("Set web.listen to a port that is free, or to off"), "{}", done.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_address_that_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (listen, says) in [("off", "web.listen is off"), ("here", "is not an address with a port")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
        command.arg("health").env_clear().current_dir(folder.path()).env("FLUVIUS2MQTT_WEB_LISTEN", listen);
        let told = Running::start(&mut command).finished().await;
        assert_eq!((told.code, told.out.as_str()), (Some(1), ""), "{listen}");
        assert!(told.log.contains(says) && told.log.lines().count() == 1, "{}", told.log);
    }
}
