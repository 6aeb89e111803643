//! A meter that fails is no harm to the other one.

use fluvius2mqtt::simulator::{Fault, How, SimulatedMeter, Where};
use serde_json::{Value, json};

use crate::support::{
    EAN, Home, Mosquitto, OTHER_EAN, OTHER_SERIAL, SERIAL, assert_totals, before, first_days, retained, yesterday,
};

/// A home with two meters, the good one first or last, and the one that will fail.
async fn home(good_first: bool) -> Home {
    let meter = |ean, serial, seed| {
        let mut meter = SimulatedMeter::electricity(ean, serial, before(400));
        meter.published_until = Some(yesterday());
        meter.household.seed = seed;
        meter
    };
    let mut meters = vec![meter(EAN, SERIAL, 3), meter(OTHER_EAN, OTHER_SERIAL, 4)];
    if !good_first {
        meters.reverse();
    }
    Home::with(Default::default(), meters, Mosquitto::start().await).await
}

async fn assert_good(home: &Home) {
    let state = home.state(EAN).await;
    assert_eq!(state["status"], "ok");
    assert_totals(&state, home.portal.expected(EAN, first_days()));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_meters_have_their_own_exact_sums_and_sensors() {
    let home = home(true).await;
    home.once_well().await;
    assert_good(&home).await;
    assert_totals(&home.state(OTHER_EAN).await, home.portal.expected(OTHER_EAN, first_days()));
    let ids: Vec<_> = retained(home.broker.port)
        .await
        .iter()
        .filter(|(topic, _)| topic.starts_with("homeassistant/"))
        .map(|(_, announced)| {
            let announced: Value = serde_json::from_str(announced).unwrap();
            announced["components"]["consumption_total"]["unique_id"].clone()
        })
        .collect();
    let expected = [EAN, OTHER_EAN].map(|ean| json!(format!("fluvius2mqtt_{ean}_consumption_total")));
    assert_eq!(ids, expected);
    assert_eq!((home.portal.logins(), home.portal.overlaps()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_that_the_portal_refuses_is_told_and_the_other_goes_on() {
    for good_first in [true, false] {
        for status in [404, 403] {
            let home = home(good_first).await;
            home.portal.fail(Fault::always(Where::History, How::Status(status, None)).for_ean(OTHER_EAN));
            let failed = home.once().await;
            assert_eq!(failed.code, Some(1), "{}", failed.log);
            let says =
                format!("the portal refuses the history of this meter (HTTP {status}); check that its EAN and serial");
            assert!(failed.log.contains(&says) && failed.log.contains("…0028"), "{}", failed.log);
            assert_good(&home).await;
            let other = home.state(OTHER_EAN).await;
            assert_eq!(other["status"], "meter_failed");
            assert!(other.get("consumption_total").is_none() && other.get("day").is_none(), "{other}");
            assert!(home.portal.history_requests(OTHER_EAN) <= 3, "there is no point in asking for each day");

            home.portal.clear_faults();
            home.once_well().await;
            assert_good(&home).await;
            assert_totals(&home.state(OTHER_EAN).await, home.portal.expected(OTHER_EAN, first_days()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_for_which_the_portal_breaks_is_told_and_the_other_goes_on() {
    for good_first in [true, false] {
        let home = home(good_first).await;
        home.portal.fail(Fault::always(Where::History, How::Status(500, Some(0))).for_ean(OTHER_EAN));
        let failed = home.once().await;
        assert_eq!(failed.code, Some(1), "{}", failed.log);
        assert_good(&home).await;
        assert_eq!(home.state(OTHER_EAN).await["status"], "portal_unavailable");
        home.portal.clear_faults();
        home.once_well().await;
        assert_totals(&home.state(OTHER_EAN).await, home.portal.expected(OTHER_EAN, first_days()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_with_a_wrong_serial_number_has_no_data_which_is_no_failure() {
    for good_first in [true, false] {
        let mut home = home(good_first).await;
        home.settings["meters"][usize::from(good_first)]["serial"] = json!("1SAG9999999999");
        let log = home.once_well().await.log;
        assert!(log.contains("meter …0028: the portal has nothing for this meter yet"), "{log}");
        assert_good(&home).await;
        let other = home.state(OTHER_EAN).await;
        assert_eq!(other["status"], "waiting");
        assert!(other.get("consumption_total").is_none() && other.get("day").is_none(), "{other}");

        home.settings["meters"][usize::from(good_first)]["serial"] = json!(OTHER_SERIAL);
        home.once_well().await;
        assert_totals(&home.state(OTHER_EAN).await, home.portal.expected(OTHER_EAN, first_days()));
        assert_good(&home).await;
    }
}
