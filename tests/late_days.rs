//! What the portal publishes late or corrects is counted when it is there, once, and exactly.

use chrono::Days;
use fluvius2mqtt::simulator::{Rows, SimulatedMeter};
use serde_json::Value;

use crate::support::{
    EAN, Home, Mosquitto, SERIAL, asked_since, assert_totals, before, first_days, midnight, yesterday,
};

/// The sums from the start of a first run until so many days before yesterday.
async fn assert_counts_until(home: &Home, state: &Value, days: u64) {
    assert_totals(state, home.portal.expected(EAN, before(30)..=before(days)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_late_is_waited_for_and_then_counted_once() {
    let home = Home::new().await;
    home.portal.edit_meter(EAN, |meter| meter.published_until = Some(before(1)));
    for _ in 0..2 {
        let log = home.once_well().await.log;
        assert!(log.contains(&format!("{} is not there yet", yesterday())), "{log}");
        let state = home.state(EAN).await;
        assert_eq!(state["status"], "waiting");
        assert_eq!(state["complete_until"], midnight(yesterday()));
        assert_eq!(state["day"], before(1).to_string());
        assert_counts_until(&home, &state, 1).await;
    }
    home.portal.edit_meter(EAN, |meter| meter.published_until = Some(yesterday()));
    for _ in 0..2 {
        home.once_well().await;
        let state = home.state(EAN).await;
        assert_eq!(state["status"], "ok");
        assert_eq!(state["complete_until"], midnight(yesterday() + Days::new(1)));
        assert_eq!(state["day"], yesterday().to_string());
        assert_counts_until(&home, &state, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_day_counts_for_nothing() {
    for (with_daily_totals, on_the_first_run) in [(false, false), (false, true), (true, false), (true, true)] {
        let case = format!("daily totals: {with_daily_totals}, first run: {on_the_first_run}");
        let home = Home::new().await;
        home.portal.edit_meter(EAN, |meter| {
            if !with_daily_totals {
                meter.codes = [(1, Rows::Quarters)].into();
            }
            if !on_the_first_run {
                meter.published_until = Some(before(1));
            }
        });
        if !on_the_first_run {
            home.once_well().await;
        }
        for quarters in [1, 40, 95] {
            home.portal.edit_meter(EAN, |meter| {
                meter.published_until = Some(yesterday());
                meter.partial.insert(yesterday(), quarters);
            });
            home.once_well().await;
            let state = home.state(EAN).await;
            assert_eq!(state["status"], "waiting", "{case}, {quarters} quarters: {state}");
            assert_eq!(state["day"], before(1).to_string(), "{case}");
            assert_eq!(state["complete_until"], midnight(yesterday()), "{case}");
            assert_counts_until(&home, &state, 1).await;
        }
        home.portal.edit_meter(EAN, |meter| meter.partial.clear());
        home.once_well().await;
        let state = home.state(EAN).await;
        assert_eq!(state["status"], "ok", "{case}");
        assert_counts_until(&home, &state, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_moves_the_totals_up_and_down_by_itself_and_no_more() {
    let home = Home::new().await;
    home.once_well().await;
    let at_first = home.portal.expected(EAN, first_days());
    let mut corrected = at_first;
    for (day, tenths) in [(before(1), -200), (yesterday(), 125), (before(2), 33), (before(1), 17)] {
        let before_it = corrected;
        home.portal.edit_meter(EAN, |meter| meter.corrections.insert(day, tenths));
        corrected = home.portal.expected(EAN, first_days());
        assert_ne!(corrected, before_it);
        let log = home.once_well().await.log;
        assert!(log.contains("96 corrected") || log.contains(" corrected, nothing is missing"), "{log}");
        assert!(log.contains("nothing new"), "{log}");
        let state = home.state(EAN).await;
        assert_totals(&state, corrected);
        let last = home.portal.expected(EAN, yesterday()..=yesterday());
        assert_eq!(state["day_consumption"], Home::kwh(last.consumption()));
        assert_eq!(state["day_net"], Home::kwh(last.consumption() - last.injection()));
    }
    let log = home.once_well().await.log;
    assert!(!log.contains("corrected"), "a correction is told once: {log}");

    home.portal.edit_meter(EAN, |meter| meter.corrections.clear());
    home.once_well().await;
    assert_totals(&home.state(EAN).await, at_first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hole_in_the_history_holds_the_totals_back_until_it_is_filled() {
    let home = Home::new().await;
    home.portal.edit_meter(EAN, |meter| meter.withheld.insert(before(5)));
    let log = home.once_well().await.log;
    assert!(log.contains(&format!("{} is not there yet", before(5))), "{log}");
    let state = home.state(EAN).await;
    assert!(state.get("consumption_total").is_none() && state.get("net_total").is_none(), "{state}");
    assert_eq!(state["complete_until"], midnight(before(5)));
    assert_eq!(state["day"], yesterday().to_string());

    home.portal.edit_meter(EAN, |meter| meter.withheld.clear());
    let requests = home.portal.requests().len();
    home.once_well().await;
    let state = home.state(EAN).await;
    assert_counts_until(&home, &state, 0).await;
    assert_eq!(state["complete_until"], midnight(yesterday() + Days::new(1)));
    let days: Vec<_> = asked_since(&home.portal, requests).iter().map(crate::support::Asked::day).collect();
    assert_eq!(days, [yesterday(), before(1), before(2), before(5)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_before_the_contract_hold_nothing_up() {
    let mut meter = SimulatedMeter::electricity(EAN, SERIAL, before(9));
    meter.published_until = Some(yesterday());
    let home = Home::with(Default::default(), vec![meter], Mosquitto::start().await).await;
    home.once_well().await;
    let state = home.state(EAN).await;
    assert_eq!(state["status"], "ok");
    assert_eq!(state["totals_from"], midnight(before(30)));
    assert_eq!(state["complete_until"], midnight(yesterday() + Days::new(1)));
    assert_totals(&state, home.portal.expected(EAN, first_days()));

    // Were they to come after all, the totals would not jump.
    home.portal.edit_meter(EAN, |meter| meter.history_from = before(40));
    home.once_well().await;
    assert_totals(&home.state(EAN).await, home.portal.expected(EAN, before(9)..=yesterday()));
}
