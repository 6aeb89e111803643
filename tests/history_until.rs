//! For a home that reads its meter itself from some day on, what comes after `history_until` counts nothing anywhere.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, DurationRound as _, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{SimulatedMeter, Sums};
use fluvius2mqtt::statistics::Row;
use fluvius2mqtt::statistics::fake::FakeHomeAssistant;
use serde_json::json;

use crate::gas::{GAS_EAN, ago, last_day, meter as gas_meter, six};
use crate::support::{EAN, Home, Mosquitto, SERIAL, assert_totals, before, midnight, until, yesterday};

const CONSUMPTION: &str = "fluvius2mqtt:541448860000000011_consumption";
const INJECTION: &str = "fluvius2mqtt:541448860000000011_injection";
const COST: &str = "fluvius2mqtt:541448860000000011_cost";

/// A home with one electricity meter, and one with a Home Assistant.
async fn home() -> (Home, FakeHomeAssistant) {
    let mut home = Home::new().await;
    let home_assistant = FakeHomeAssistant::start("2025.11.0").await.unwrap();
    home.settings["home_assistant"] =
        json!({"url": home_assistant.url().as_str(), "token": home_assistant.token().expose()});
    home.settings["prices"] = json!([{"from": before(400), "consumption": 0.3, "standing_charge": 120.0}]);
    (home, home_assistant)
}

fn end(home: &mut Home, last: Option<NaiveDate>) {
    home.settings["meters"][0]["history_until"] = json!(last);
}

/// The hours of these days.
fn rows(home: &Home, first: NaiveDate, last: NaiveDate, amount: fn(&Sums) -> i64) -> Vec<Row> {
    let mut hours: BTreeMap<DateTime<Utc>, i64> = BTreeMap::new();
    for date in first.iter_days().take_while(|date| *date <= last) {
        for slot in home.portal.truth(EAN, date).unwrap().slots {
            *hours.entry(slot.start.duration_trunc(TimeDelta::hours(1)).unwrap()).or_default() += amount(&slot.sums);
        }
    }
    let mut sum = 0;
    let row = |(start, state)| {
        sum += state;
        Row { start, state, sum }
    };
    hours.into_iter().map(row).collect()
}

/// What is counted until a day, and hours of nothing until the last day.
fn ended(home: &Home, last: NaiveDate, amount: fn(&Sums) -> i64) -> Vec<Row> {
    let mut all = rows(home, before(30), yesterday(), amount);
    let counted = rows(home, before(30), last, amount);
    let sum = counted.last().unwrap().sum;
    for row in &mut all[counted.len()..] {
        *row = Row { state: 0, sum, ..*row };
    }
    all
}

fn held(home_assistant: &FakeHomeAssistant) -> [Vec<Row>; 2] {
    [CONSUMPTION, INJECTION].map(|id| home_assistant.rows(id))
}

/// The state counts the days from a first to a last one.
async fn assert_counts(home: &Home, first: NaiveDate, last: NaiveDate) {
    let state = home.state(EAN).await;
    assert_totals(&state, home.portal.expected(EAN, first..=last));
    assert_eq!((&state["day"], &state["totals_from"]), (&json!(last), &midnight(first)));
    assert_eq!(state["complete_until"], midnight(last + Days::new(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_after_the_end_is_counted_or_sent() {
    let (mut home, home_assistant) = home().await;
    home.settings["meters"][0]["history_from"] = json!(before(30));
    end(&mut home, Some(before(5)));
    for _ in 0..2 {
        home.once_well().await;
        assert_counts(&home, before(30), before(5)).await;
        let expected = [Sums::consumption, Sums::injection].map(|amount| rows(&home, before(30), before(5), amount));
        assert_eq!(held(&home_assistant), expected);
        assert_eq!(home_assistant.rows(COST).len(), expected[0].len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_long_after_the_end_has_the_month_before_it() {
    let (mut home, home_assistant) = home().await;
    end(&mut home, Some(before(100)));
    home.once_well().await;
    assert_counts(&home, before(130), before(100)).await;
    assert_eq!(home_assistant.rows(CONSUMPTION), rows(&home, before(130), before(100), Sums::consumption));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_is_set_later_takes_back_what_came_after_it() {
    let (mut home, home_assistant) = home().await;
    home.once_well().await;
    assert_counts(&home, before(30), yesterday()).await;
    let whole = (held(&home_assistant), home_assistant.rows(COST));
    end(&mut home, Some(before(5)));
    for _ in 0..2 {
        home.once_well().await;
        assert_counts(&home, before(30), before(5)).await;
        let expected = [Sums::consumption, Sums::injection].map(|amount| ended(&home, before(5), amount));
        assert_eq!(held(&home_assistant), expected);
        let cost = home_assistant.rows(COST);
        let counted = rows(&home, before(30), before(5), Sums::consumption).len();
        assert_eq!(cost[..counted], whole.1[..counted]);
        assert!(cost[counted..].iter().all(|row| (row.state, row.sum) == (0, whole.1[counted - 1].sum)));
    }
    // An earlier end takes back more, and without one all is there again.
    end(&mut home, Some(before(9)));
    home.once_well().await;
    assert_counts(&home, before(30), before(9)).await;
    assert_eq!(home_assistant.rows(CONSUMPTION), ended(&home, before(9), Sums::consumption));
    end(&mut home, None);
    home.once_well().await;
    assert_counts(&home, before(30), yesterday()).await;
    assert_eq!((held(&home_assistant), home_assistant.rows(COST)), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_before_all_that_was_counted_leaves_nothing_of_it() {
    let (mut home, home_assistant) = home().await;
    home.once_well().await;
    end(&mut home, Some(before(60)));
    home.once_well().await;
    let state = home.state(EAN).await;
    assert!(state.get("day").is_none(), "{state}");
    assert_eq!(state["consumption_total"], json!(0.0), "{state}");
    for id in [CONSUMPTION, INJECTION, COST] {
        let rows = home_assistant.rows(id);
        assert!(!rows.is_empty() && rows.iter().all(|row| (row.state, row.sum) == (0, 0)), "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_end_newer_hours_than_those_of_the_ledger_stay() {
    let (mut home, home_assistant) = home().await;
    home.once_well().await;
    let whole = held(&home_assistant);
    for last in [None, Some(yesterday())] {
        std::fs::remove_dir_all(home.data_dir()).unwrap();
        home.portal.edit_meter(EAN, |meter| meter.published_until = Some(before(5)));
        end(&mut home, last);
        home.once_well().await;
        assert_eq!(held(&home_assistant), whole, "{last:?}: they are those of the ledger that was lost");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_takes_it_back_as_well_after_a_restart_of_home_assistant() {
    let (mut home, home_assistant) = home().await;
    home.once_well().await;
    let whole = home_assistant.rows(CONSUMPTION);
    end(&mut home, Some(before(5)));
    let bridge = home.run();
    let expected = ended(&home, before(5), Sums::consumption);
    until("the end is held", || (home_assistant.rows(CONSUMPTION) == expected).then_some(())).await;
    // A backup of before that comes back.
    home_assistant.edit(|state| {
        let statistic = state.statistics.get_mut(CONSUMPTION).unwrap();
        statistic.rows = whole.iter().map(|row| (row.start, *row)).collect();
    });
    home_assistant.hang_up();
    until("the end is held again", || (home_assistant.rows(CONSUMPTION) == expected).then_some(())).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_meter_has_an_end_of_its_own_and_that_of_gas_is_at_six() {
    let mut electricity = SimulatedMeter::electricity(EAN, SERIAL, before(400));
    electricity.published_until = Some(yesterday());
    let mut home = Home::with(Clock::system(), vec![electricity, gas_meter()], Mosquitto::start().await).await;
    let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
    home.settings["home_assistant"] =
        json!({"url": home_assistant.url().as_str(), "token": home_assistant.token().expose()});
    home.settings["meters"][1]["kind"] = json!("gas");
    home.settings["meters"][1]["gas_unit"] = json!("m3");
    home.once_well().await;
    home.settings["meters"][1]["history_until"] = json!(ago(5));
    home.once_well().await;
    assert_counts(&home, before(30), yesterday()).await;
    let state = home.state(GAS_EAN).await;
    let sums = home.portal.expected(GAS_EAN, ago(30)..=ago(5));
    assert_eq!((&state["gas_total"], &state["day"]), (&Home::kwh(sums.gas_volume), &json!(ago(5))));
    assert_eq!(state["complete_until"], six(ago(4)));
    let rows = home_assistant.rows(&format!("fluvius2mqtt:{GAS_EAN}_gas"));
    let ends = ago(4).and_hms_opt(6, 0, 0).unwrap().and_local_timezone(Brussels).unwrap();
    let (counted, after): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.start < ends);
    assert_eq!(counted.last().unwrap().sum, sums.gas_volume);
    assert_eq!(
        after.last().unwrap().start + TimeDelta::hours(1),
        six(last_day() + Days::new(1)).parse::<DateTime<Utc>>().unwrap()
    );
    assert!(after.iter().all(|row| (row.state, row.sum) == (0, sums.gas_volume)));
}
