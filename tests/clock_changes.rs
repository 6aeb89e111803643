//! On the days on which the clocks change, every quarter-hour is there and none counts twice.

use chrono::{Days, NaiveDate};
use fluvius2mqtt::bridge::{Bridge, Outcome};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::SimulatedMeter;
use serde_json::json;

use crate::support::{EAN, Home, Mosquitto, SERIAL, asked_since, assert_totals, day};

/// Polls in the morning of a day, and returns the home.
async fn poll(now: &str, history_from: NaiveDate) -> Home {
    poll_as_finely_as("auto", now, history_from).await
}

async fn poll_as_finely_as(resolution: &str, now: &str, history_from: NaiveDate) -> Home {
    let clock = Clock::starting_at(now.parse().unwrap());
    let meter = SimulatedMeter::electricity(EAN, SERIAL, history_from - Days::new(30));
    let mut home = Home::with(clock, vec![meter], Mosquitto::start().await).await;
    home.settings["meters"][0]["history_from"] = json!(history_from);
    home.settings["meters"][0]["resolution"] = json!(resolution);
    assert_eq!(Bridge::open(home.config(), clock).unwrap().once().await.unwrap(), Outcome::Done);
    home
}

async fn assert_exact(home: &Home, changed: NaiveDate, quarters: i64, ends: [&str; 2], offsets: [&str; 2]) {
    let state = home.state(EAN).await;
    let (first, last) = (changed - Days::new(4), changed + Days::new(1));
    assert_eq!(state["status"], "ok");
    assert_eq!(state["day"], last.to_string());
    assert_totals(&state, home.portal.expected(EAN, first..=last));
    assert_eq!([&state["totals_from"], &state["complete_until"]], ends);

    let midnight = |date: NaiveDate| {
        let at = date.and_hms_opt(0, 0, 0).unwrap().and_local_timezone(chrono_tz::Europe::Brussels).unwrap();
        at.timestamp()
    };
    let (start, end) = (midnight(changed), midnight(changed + Days::new(1)));
    assert_eq!(end - start, quarters * 900);
    let of_day = format!("FROM reading WHERE seconds = 900 AND start >= {start} AND start < {end}");
    for direction in [1, 2] {
        let kept = home.ledger_count(&format!("SELECT count(DISTINCT start) {of_day} AND direction = {direction}"));
        assert_eq!(kept, quarters, "direction {direction}");
    }
    let truth = home.portal.truth(EAN, changed).unwrap();
    assert_eq!(truth.slots.len(), usize::try_from(quarters).unwrap());
    let amount = |direction| home.ledger_count(&format!("SELECT sum(amount) {of_day} AND direction = {direction}"));
    assert_eq!([amount(1), amount(2)], [truth.sums.consumption(), truth.sums.injection()]);
    for (direction, sum) in [(1, truth.sums.consumption()), (2, truth.sums.injection())] {
        let settled = home.ledger_count(&format!(
            "SELECT sum(amount) FROM day_amount WHERE date = '{changed}' AND direction = {direction}"
        ));
        assert_eq!(settled, sum, "direction {direction}");
    }

    let asked = asked_since(&home.portal, 0);
    let that_day = asked.iter().find(|asked| asked.day() == changed && asked.granularity == "1").unwrap();
    assert_eq!(that_day.from, format!("{changed}T00:00:00.000{}", offsets[0]));
    assert_eq!(that_day.until, format!("{changed}T23:59:59.999{}", offsets[1]));
    assert!(home.portal.requests().iter().all(|request| request.status.is_some_and(|status| status < 400)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_of_23_hours_is_whole_in_march() {
    let home = poll("2026-03-31T05:00:00Z", day("2026-03-25")).await;
    let ends = ["2026-03-25T00:00:00+01:00", "2026-03-31T00:00:00+02:00"];
    assert_exact(&home, day("2026-03-29"), 92, ends, ["+01:00", "+02:00"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_of_25_hours_is_whole_in_october() {
    let home = poll("2026-10-27T06:00:00Z", day("2026-10-21")).await;
    let ends = ["2026-10-21T00:00:00+02:00", "2026-10-27T00:00:00+01:00"];
    assert_exact(&home, day("2026-10-25"), 100, ends, ["+02:00", "+01:00"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_right_after_the_change_asks_for_the_whole_day_and_no_more() {
    for (now, changed) in [("2026-03-30T04:30:00Z", "2026-03-29"), ("2026-10-26T05:30:00Z", "2026-10-25")] {
        let home = poll(now, day(changed) - Days::new(1)).await;
        let state = home.state(EAN).await;
        assert_eq!((&state["status"], &state["day"]), (&json!("ok"), &json!(changed)), "{state}");
        let last = home.portal.expected(EAN, day(changed)..=day(changed));
        assert_eq!(state["day_consumption"], Home::kwh(last.consumption()));
        assert!(asked_since(&home.portal, 0).iter().all(|asked| asked.day() <= day(changed)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn daily_totals_over_the_change_are_asked_for_with_the_offset_of_each_end() {
    for (now, first, last, offsets) in [
        ("2026-03-31T05:00:00Z", "2026-03-25", "2026-03-30", ["+01:00", "+02:00"]),
        ("2026-10-27T06:00:00Z", "2026-10-21", "2026-10-26", ["+02:00", "+01:00"]),
    ] {
        let home = poll_as_finely_as("day", now, day(first)).await;
        let asked = asked_since(&home.portal, 0);
        let ends = [format!("{first}T00:00:00.000{}", offsets[0]), format!("{last}T23:59:59.999{}", offsets[1])];
        assert_eq!(asked.iter().map(|asked| [&asked.from, &asked.until]).collect::<Vec<_>>(), [[&ends[0], &ends[1]]]);
        assert_totals(&home.state(EAN).await, home.portal.expected(EAN, day(first)..=day(last)));
    }
}
