//! What the app sends through the Supervisor, a real Home Assistant takes.

use std::time::Instant;

use serde_json::{Value, json};

use crate::support::{EAN, House, Household, LIMIT, LOOK, SERIAL, Supervisor};

#[tokio::test(flavor = "multi_thread")]
async fn real_notifications_sensors_and_statistics_come_from_the_app() {
    let Household { home_assistant, broker } = Household::new().await;
    let (supervisor, open) = (Supervisor::before(Some(&home_assistant)).await, broker.port);
    let mut house = House::with(broker, open, supervisor).await;
    house.supervisor.provide_broker(open, House::FIRST);
    let right = std::mem::replace(&mut house.options["email"], json!("nobody"));
    let shown = async |count: usize| {
        let deadline = Instant::now() + LIMIT;
        loop {
            let shown = home_assistant.ws(json!({"type": "persistent_notification/get"})).await;
            let ours: Vec<Value> = shown
                .as_array()
                .unwrap()
                .iter()
                .filter(|it| it["notification_id"] == "fluvius2mqtt")
                .cloned()
                .collect();
            if ours.len() == count {
                return ours;
            }
            assert!(Instant::now() < deadline, "waited in vain for {count} notifications: {shown}");
            tokio::time::sleep(LOOK).await;
        }
    };
    let app = house.run();
    assert_eq!(shown(1).await[0]["title"], "Fluvius meters: check the options");
    house.stop(app).await;

    house.options["email"] = right;
    let app = house.run();
    shown(0).await;
    let device = home_assistant.device(&format!("fluvius2mqtt_{EAN}")).await;
    assert_eq!(device["serial_number"], SERIAL);
    let statistic = format!("fluvius2mqtt:{EAN}_consumption");
    let deadline = Instant::now() + LIMIT;
    while !home_assistant.statistics_known().await.contains_key(&statistic) {
        assert!(Instant::now() < deadline, "waited in vain for the statistics: {}", app.log());
        tokio::time::sleep(LOOK).await;
    }
    house.stop(app).await;
}
