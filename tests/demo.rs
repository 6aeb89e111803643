//! The demo shows the whole of it, on a machine that has nothing.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::json;

use crate::support::{Listener, Mosquitto, Page, Running, Terminal, free_port, retained, until};

const STATE: &str = "/541448860000000011/state";
const DISCOVERY: &str = "homeassistant/device/fluvius2mqtt_541448860000000011/config";

fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
    command.arg("demo").args(arguments).env_clear().current_dir("/");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_the_device_with_its_sensors_and_then_a_late_day() {
    let finished = Running::start(&mut demo(&[])).finished().await;
    assert_eq!(finished.code, Some(0), "{}", finished.log);
    let (before, after) = finished.out.split_once("is not published yet").expect("a day is late");
    for sensor in ["Consumption ", "Consumption high tariff", "Injection ", "Injection low tariff", "Net consumption "]
    {
        let line = |text: &str| {
            let mut lines = text.lines().filter(|line| line.contains(sensor) && line.ends_with(" kWh"));
            lines.next().unwrap_or_else(|| panic!("{sensor} in {text}")).to_owned()
        };
        assert!(line(before).split_whitespace().any(|word| word.parse::<f64>().is_ok_and(|kwh| kwh > 0.0)), "{sensor}");
    }
    for update in ["Last complete day", "Consumption ", "Net consumption "] {
        assert!(after.contains(update), "{update} in {after}");
    }
    assert!(before.contains("Demo home") && before.contains("waiting") && after.contains("ok"), "{}", finished.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_the_status_page_stays_until_it_is_stopped() {
    let mut terminal = Terminal::start(&mut demo(&[]));
    terminal.shows("The status page stays at http://127.0.0.1:").await;
    let rest = terminal.rest_of_line().await;
    let (port, says) = rest.split_once('/').unwrap();
    assert_eq!(says, " until you press Ctrl-C.");
    let page = Page::at(port.parse().unwrap());
    let shown = page.shows("a day that was late", |shown| shown["meters"][0]["status"] == "ok").await;
    assert_eq!((&shown["meters"][0]["name"], &shown["meters"][0]["days_missing"]), (&json!("Demo home"), &json!(0)));
    terminal.types("\u{3}");
    let (code, shown) = terminal.ends().await;
    assert_eq!(code, Some(0), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_broker_of_ones_own_it_stays_until_it_is_stopped_and_leaves_nothing() {
    let broker = Mosquitto::start().await;
    let listener = Listener::connect(broker.port).await;
    let running = Running::start(&mut demo(&["--broker", &broker.url()]));
    listener.wait_for(&format!("fluvius2mqtt{STATE}"), "status", "ok").await;
    let topics: Vec<_> = retained(broker.port).await.into_iter().map(|(topic, _)| topic).collect();
    assert_eq!(topics, [&format!("fluvius2mqtt{STATE}"), "fluvius2mqtt/status", DISCOVERY]);
    running.signal("INT");
    let finished = running.finished().await;
    assert_eq!(finished.code, Some(0), "{}", finished.log);
    assert_eq!(retained(broker.port).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_keep_on_the_broker_stays() {
    let broker = Mosquitto::start().await;
    let listener = Listener::connect(broker.port).await;
    let others = [
        ("fluvius2mqtt/541448860000000028/state", r#"{"status":"ok"}"#),
        ("homeassistant/device/fluvius2mqtt_541448860000000028/config", r#"{"components":{}}"#),
        ("homeassistant/device/some_lamp/config", r#"{"components":{}}"#),
        ("homeassistant/sensor/some_lamp/config", "{}"),
    ]
    .map(|(topic, payload)| (topic.to_owned(), payload.to_owned()));
    for (topic, payload) in &others {
        listener.publish(topic, payload, true).await;
        listener.wait(topic, "it is there", |_| true).await;
    }
    let running = Running::start(&mut demo(&["--broker", &broker.url()]));
    listener.wait_for(&format!("fluvius2mqtt{STATE}"), "status", "ok").await;
    running.signal("TERM");
    assert_eq!(running.finished().await.code, Some(0));
    assert_eq!(retained(broker.port).await, others);
    for (topic, _) in &others {
        assert_eq!(listener.heard_on(topic).len(), 1, "{topic}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_real_bridge_it_uses_topics_of_its_own() {
    let broker = Mosquitto::start().await;
    let listener = Listener::connect(broker.port).await;
    listener.publish("fluvius2mqtt/status", "online", true).await;
    listener.wait("fluvius2mqtt/status", "somebody is there", |_| true).await;
    let running = Running::start(&mut demo(&["--broker", &broker.url()]));
    listener.wait_for(&format!("fluvius2mqtt_demo{STATE}"), "status", "ok").await;
    running.signal("INT");
    assert_eq!(running.finished().await.code, Some(0));
    assert_eq!(retained(broker.port).await, [("fluvius2mqtt/status".to_owned(), "online".to_owned())]);
    assert_eq!(listener.heard_on("fluvius2mqtt/status").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_not_there_is_told() {
    let url = format!("mqtt://127.0.0.1:{}", free_port());
    let finished = Running::start(&mut demo(&["--broker", &url])).finished().await;
    assert_eq!(finished.code, Some(1));
    assert!(finished.log.contains("--broker"), "{}", finished.log);

    let finished = Running::start(&mut demo(&["--broker", "homeassistant.local"])).finished().await;
    assert_eq!(finished.code, Some(2), "{}", finished.log);
    assert!(finished.log.contains("mqtt.url"), "{}", finished.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playground_has_all_that_the_commands_need_and_touches_no_configuration_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("here").to_str().unwrap().to_owned();
    let file = folder.path().join("here/config.yaml");
    let playground = Running::start(&mut demo(&["--playground", &path]));
    until("it says that it stays", || playground.out().contains("until you press Ctrl-C").then_some(())).await;
    let command = format!("{} --config {} check\n", env!("CARGO_BIN_EXE_fluvius2mqtt"), file.display());
    assert!(playground.out().contains(&command), "{}", playground.out());
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let mut once = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
    once.arg("--config").arg(&file).arg("once").env_clear();
    let polled = Running::start(&mut once).finished().await;
    assert_eq!(polled.code, Some(0), "{}", polled.log);
    assert!(polled.log.contains("Home (") && polled.log.contains("Heating ("), "{}", polled.log);
    let mut import = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
    import.arg("--config").arg(&file).arg("import").arg(file.with_file_name("export.csv")).env_clear();
    let imported = Running::start(&mut import).finished().await;
    assert_eq!(imported.code, Some(0), "{}", imported.log);
    assert!(imported.out.contains("Home (…0011)"), "{}", imported.out);
    playground.signal("INT");
    assert_eq!(playground.finished().await.code, Some(0));

    std::fs::write(&file, "log: info\n").unwrap();
    let refused = Running::start(&mut demo(&["--playground", &path])).finished().await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.log.contains("is a file of your own; name another folder"), "{}", refused.log);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "log: info\n");
}
