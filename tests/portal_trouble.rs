//! A portal in trouble is given time, loses no day, and never makes a number up.

use std::time::Duration;

use chrono::{Days, TimeDelta, Utc};
use fluvius2mqtt::bridge::{Bridge, Outcome};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{Fault, Gap, How, Rows, Where};

use crate::support::{EAN, Home, asked_since, assert_totals, before, first_days, midnight, yesterday};

async fn assert_whole(home: &Home) {
    let state = home.state(EAN).await;
    assert_eq!(state["status"], "ok", "{state}");
    assert_eq!(state["complete_until"], midnight(yesterday() + Days::new(1)));
    assert_totals(&state, home.portal.expected(EAN, first_days()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_wait_that_the_portal_asks_for_is_sat_out() {
    let home = Home::new().await;
    home.portal.fail(Fault::once(Where::History, How::Status(429, Some(2))).for_date(before(7)).times(2));
    let done = home.once_well().await;
    assert!(done.took >= Duration::from_secs(4), "{:?}", done.took);
    assert_whole(&home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_that_the_portal_asks_for_outlives_the_process() {
    let home = Home::new().await;
    home.once_well().await;
    home.portal.fail(Fault::once(Where::History, How::Status(429, Some(600))));
    let told = home.once().await;
    assert_eq!(told.code, Some(1), "{}", told.log);
    assert!(told.log.contains("the portal asks to wait until "), "{}", told.log);
    let requests = home.portal.requests().len();
    for _ in 0..2 {
        let again = home.once().await;
        assert_eq!(again.code, Some(1), "{}", again.log);
        assert!(again.log.contains("the portal asks to wait until "), "{}", again.log);
        assert_eq!(home.portal.requests().len(), requests, "the portal is left alone");
        let state = home.state(EAN).await;
        assert_eq!(state["status"], "portal_unavailable");
        assert_totals(&state, home.portal.expected(EAN, first_days()));
    }
    let clock = Clock::starting_at(Utc::now() + TimeDelta::seconds(605));
    home.portal.edit(|world| world.clock = clock);
    assert_eq!(Bridge::open(home.config(), clock).unwrap().once().await.unwrap(), Outcome::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_stumbles_is_asked_again() {
    for how in [How::Status(500, None), How::Status(408, None), How::Drop] {
        let home = Home::new().await;
        home.portal.fail(Fault::once(Where::History, how).times(2));
        home.once_well().await;
        assert_whole(&home).await;
        assert_eq!(home.portal.overlaps(), 0, "one request at a time");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_hangs_once_is_left_after_half_a_minute_and_asked_again() {
    let home = Home::new().await;
    home.portal.fail(Fault::once(Where::History, How::Hang).for_date(before(3)));
    let done = home.once_well().await;
    assert!(done.took >= Duration::from_secs(30), "{:?}", done.took);
    assert_whole(&home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_that_is_down_is_left_soon_and_what_is_known_stays() {
    let home = Home::new().await;
    home.once_well().await;
    home.portal.fail(Fault::always(Where::History, How::Status(503, Some(0))));
    let requests = home.portal.requests().len();
    let failed = home.once().await;
    assert_eq!(failed.code, Some(1), "{}", failed.log);
    assert!(failed.log.contains("the portal is not available ("), "{}", failed.log);
    assert!(home.portal.requests().len() - requests <= 9, "three days, three tries each");
    let state = home.state(EAN).await;
    assert_eq!(state["status"], "portal_unavailable");
    assert_totals(&state, home.portal.expected(EAN, first_days()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_for_one_day_that_makes_no_sense_costs_that_day_until_the_next_poll() {
    for (how, says) in [
        (How::Html, "the answer is no JSON"),
        (How::Truncated, "the answer is cut off"),
        (How::Object, "the answer is no list of readings"),
        (How::Status(302, None), "HTTP 302"),
    ] {
        let home = Home::new().await;
        home.portal.fail(Fault::always(Where::History, how.clone()).for_date(before(10)));
        let failed = home.once().await;
        assert_eq!(failed.code, Some(1), "{how:?}: {}", failed.log);
        assert!(
            failed.log.contains(&format!("the portal has changed (reading the meter's history: {says})")),
            "{}",
            failed.log
        );
        let state = home.state(EAN).await;
        assert_eq!(state["status"], "portal_changed", "{how:?}");
        // All the others are there: the newest one shows, and the sums wait for the one that is missing.
        let last = home.portal.expected(EAN, yesterday()..=yesterday());
        assert_eq!(state["day"], yesterday().to_string(), "{how:?}");
        assert_eq!(state["day_consumption"], Home::kwh(last.consumption()), "{how:?}");
        assert_eq!(state["complete_until"], midnight(before(10)), "{how:?}");
        assert!(state.get("consumption_total").is_none(), "{how:?}: {state}");

        home.portal.clear_faults();
        let requests = home.portal.requests().len();
        home.once_well().await;
        assert_whole(&home).await;
        let days: Vec<_> = asked_since(&home.portal, requests).iter().map(crate::support::Asked::day).collect();
        assert_eq!(days, [yesterday(), before(1), before(2), before(10)], "{how:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_makes_no_sense_in_the_trailing_days_leaves_the_totals_as_they_are() {
    let home = Home::new().await;
    home.once_well().await;
    let sums = home.portal.expected(EAN, first_days());
    home.portal.edit_meter(EAN, |meter| meter.corrections.insert(before(1), 70));
    home.portal.fail(Fault::always(Where::History, How::Truncated).for_date(before(1)));
    let failed = home.once().await;
    assert_eq!(failed.code, Some(1), "{}", failed.log);
    let state = home.state(EAN).await;
    assert_eq!(state["status"], "portal_changed");
    assert_totals(&state, sums);
    home.portal.clear_faults();
    home.once_well().await;
    assert_whole(&home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn daily_totals_that_make_no_sense_cost_nothing_when_the_quarters_come() {
    let home = Home::new().await;
    home.portal.fail(Fault::once(Where::History, How::Html));
    let failed = home.once().await;
    assert_eq!(failed.code, Some(1), "{}", failed.log);
    let state = home.state(EAN).await;
    assert_eq!(state["status"], "portal_changed");
    assert_totals(&state, home.portal.expected(EAN, first_days()));
    home.once_well().await;
    assert_whole(&home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_that_is_missing_is_not_zero() {
    for gap in [Gap::NullAmounts, Gap::NoValues, Gap::NoRow] {
        let home = Home::new().await;
        let noon = yesterday().and_hms_opt(11, 0, 0).unwrap().and_utc();
        home.portal.edit_meter(EAN, |meter| {
            meter.codes = [(1, Rows::Quarters)].into();
            meter.gaps.insert(noon, gap);
        });
        home.once_well().await;
        let state = home.state(EAN).await;
        assert_eq!(state["status"], "waiting", "{gap:?}");
        assert_eq!(state["day"], before(1).to_string(), "{gap:?}");
        assert_totals(&state, home.portal.expected(EAN, before(30)..=before(1)));
        let kept = home.ledger_count(&format!("SELECT count(*) FROM reading WHERE start = {}", noon.timestamp()));
        assert_eq!(kept, 0, "{gap:?}");

        home.portal.edit_meter(EAN, |meter| meter.gaps.clear());
        let log = home.once_well().await.log;
        assert!(log.contains("2 new readings, nothing is missing"), "{gap:?}: {log}");
        assert_whole(&home).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_nobody_knows_is_told_once_and_its_amounts_count() {
    let home = Home::new().await;
    home.portal.edit_meter(EAN, |meter| {
        for days in 0..5 {
            meter.statuses.insert(before(days), 8);
        }
    });
    let log = home.once_well().await.log;
    assert_eq!(log.matches("readings with the status 8 are kept").count(), 1, "{log}");
    assert_whole(&home).await;
}
