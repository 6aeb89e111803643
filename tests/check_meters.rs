//! A check tells what is wrong with a meter, and leaves alone what isn't.

use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{Fault, How, Rows, SimulatedMeter, Where};
use serde_json::json;

use crate::check::{about, electricity, told};
use crate::support::{EAN, Home, Mosquitto, OTHER_EAN, OTHER_SERIAL, SERIAL, asked_since, before};

#[tokio::test(flavor = "multi_thread")]
async fn a_typo_in_a_serial_or_an_ean_is_told_apart_from_a_portal_that_is_late() {
    let meters = vec![electricity(EAN, SERIAL), electricity(OTHER_EAN, OTHER_SERIAL)];
    let mut home = Home::with(Clock::system(), meters, Mosquitto::start().await).await;
    let right = home.settings["meters"].clone();

    home.settings["meters"][0]["serial"] = json!("1SAG1100000016");
    insta::assert_snapshot!("a_typo_in_a_serial", told(&home, 1).await);
    home.settings["meters"] = right.clone();
    home.settings["meters"][1]["ean"] = json!("541448860000000035");
    let told_ean = told(&home, 1).await;
    assert!(about(&told_ean, "Meter …0011").starts_with("[ ok ]"), "{told_ean}");
    assert!(about(&told_ean, "Meter …0035").contains("Compare the EAN with Verbruik"), "{told_ean}");

    home.settings["meters"] = right;
    let until = |days| move |meter: &mut SimulatedMeter| meter.published_until = Some(before(days));
    // Two days late is nothing special, a week has something to show, and two weeks are late.
    for (days, outcome) in [(2, "[ ok ]"), (7, "[ ok ]"), (14, "[note]")] {
        home.portal.edit_meter(EAN, until(days));
        let told = told(&home, 0).await;
        assert!(about(&told, "Meter …0011").starts_with(outcome), "{days} days: {told}");
    }
    insta::assert_snapshot!("a_portal_that_is_late", about(&told(&home, 0).await, "Meter …0011"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_is_asked_about_days_that_it_has() {
    let mut gas = SimulatedMeter::gas(OTHER_EAN, OTHER_SERIAL, before(400));
    gas.published_until = Some(before(2));
    let mut home = Home::with(Clock::system(), vec![electricity(EAN, SERIAL), gas], Mosquitto::start().await).await;
    home.settings["meters"][1]["kind"] = json!("gas");
    home.settings["meters"][1]["name"] = json!("Gas");
    let told_gas = told(&home, 0).await;
    // Its day begins at six, so that the dates depend on the hour.
    assert!(
        about(&told_gas, "Meter Gas (…0028)")
            .starts_with("[ ok ] Meter Gas (…0028): the portal has readings of all 8 days"),
        "{told_gas}"
    );
    assert!(about(&told_gas, "Meter Gas (…0028), intervals").contains("hours, with granularity 2"), "{told_gas}");

    // One that is new in this account, and one that was another's until lately.
    home.portal.edit_meter(EAN, |meter| meter.history_from = before(1));
    insta::assert_snapshot!("a_new_meter", about(&told(&home, 0).await, "Meter …0011"));
    home.portal.edit_meter(EAN, |meter| {
        meter.history_from = before(400);
        meter.published_until = Some(before(200));
    });
    home.settings["meters"][0]["history_until"] = json!(before(200));
    insta::assert_snapshot!("a_meter_of_the_past", about(&told(&home, 0).await, "Meter …0011"));
    home.settings["meters"][0]["serial"] = json!("1SAG1100000016");
    insta::assert_snapshot!("a_typo_in_a_meter_of_the_past", about(&told(&home, 1).await, "Meter …0011"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_of_another_kind_is_told() {
    let mut home = Home::new().await;
    home.settings["meters"][0]["kind"] = json!("gas");
    insta::assert_snapshot!(about(&told(&home, 1).await, "Meter …0011"));
}

#[tokio::test(flavor = "multi_thread")]
async fn how_fine_the_readings_are_is_found_out() {
    for (name, codes) in [
        ("quarter_hours_with_another_code", vec![(3, Rows::Quarters), (4, Rows::Days)]),
        ("hours_only", vec![(2, Rows::Hours), (4, Rows::Days)]),
        ("daily_totals_only", vec![(1, Rows::Days), (4, Rows::Days)]),
    ] {
        let home = Home::new().await;
        home.portal.edit_meter(EAN, |meter| meter.codes = codes.into_iter().collect());
        let told = told(&home, 0).await;
        insta::assert_snapshot!(name, about(&told, "Meter …0011, intervals"));
        let asked = asked_since(&home.portal, 0);
        assert!(asked.len() <= 7, "{} requests", asked.len());
    }
    let mut home = Home::new().await;
    home.settings["meters"][0]["resolution"] = json!("day");
    assert!(!told(&home, 0).await.contains("intervals"), "they aren't wanted");
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_that_look_swapped_are_told() {
    let home = Home::new().await;
    home.portal.edit_meter(EAN, |meter| meter.swapped_codes = true);
    let told = told(&home, 0).await;
    assert!(
        told.contains("[note] Meter …0011: the readings look as if consumption and injection were swapped"),
        "{told}"
    );
    assert!(told.ends_with("It works; mind what is marked with [note].\n"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_meter_that_fails_is_no_reason_to_leave_the_other() {
    let meters = vec![electricity(EAN, SERIAL), electricity(OTHER_EAN, OTHER_SERIAL)];
    let home = Home::with(Clock::system(), meters, Mosquitto::start().await).await;
    home.portal.fail(Fault::always(Where::History, How::Status(404, None)).for_ean(EAN));
    let refused = told(&home, 1).await;
    assert!(about(&refused, "Meter …0011").contains("the portal refuses this meter (HTTP 404)"), "{refused}");
    assert!(about(&refused, "Meter …0028").starts_with("[ ok ]"), "{refused}");
    home.portal.clear_faults();
    home.portal.fail(Fault::always(Where::History, How::Html).for_ean(EAN));
    let changed = told(&home, 1).await;
    assert!(about(&changed, "Meter …0011").contains("the portal has changed"), "{changed}");
    assert!(about(&changed, "Meter …0028").starts_with("[ ok ]"), "{changed}");
    home.portal.clear_faults();
    home.portal.fail(Fault::always(Where::History, How::Status(429, Some(900))).for_ean(EAN));
    let busy = told(&home, 1).await;
    assert!(about(&busy, "Meter …0011").contains("the portal asks to wait until"), "{busy}");
    assert_eq!(about(&busy, "Meter …0028"), "[ -- ] Meter …0028: not tried: the portal failed before that");
}
