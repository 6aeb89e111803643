//! With Home Assistant configured, each kWh is in the hour in which it was used, whatever happens on the way.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, DurationRound as _, NaiveDate, TimeDelta, Utc};
use fluvius2mqtt::bridge::{Bridge, Outcome};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{SimulatedMeter, Sums};
use fluvius2mqtt::statistics::Row;
use fluvius2mqtt::statistics::fake::{Failure, FakeHomeAssistant};
use serde_json::json;

use crate::support::{
    EAN, Finished, Home, Listener, Mosquitto, Running, SERIAL, before, day, retained, until, yesterday,
};

const CONSUMPTION: &str = "fluvius2mqtt:541448860000000011_consumption";
const INJECTION: &str = "fluvius2mqtt:541448860000000011_injection";

async fn home(version: &str) -> (Home, FakeHomeAssistant) {
    let mut home = Home::new().await;
    let home_assistant = FakeHomeAssistant::start(version).await.unwrap();
    home.settings["home_assistant"] =
        json!({"url": home_assistant.url().as_str(), "token": home_assistant.token().expose()});
    (home, home_assistant)
}

/// The rows that the hours of these days make.
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

fn all_rows(home: &Home) -> [Vec<Row>; 2] {
    [Sums::consumption, Sums::injection].map(|amount| rows(home, before(30), yesterday(), amount))
}

fn held(home_assistant: &FakeHomeAssistant) -> [Vec<Row>; 2] {
    [CONSUMPTION, INJECTION].map(|id| home_assistant.rows(id))
}

fn imports(home_assistant: &FakeHomeAssistant) -> usize {
    home_assistant
        .edit(|state| state.commands.iter().filter(|command| *command == "recorder/import_statistics").count())
}

async fn statistics(home: &Home, arguments: &[&str]) -> Finished {
    Running::start(&mut home.command(&[&["statistics"], arguments].concat())).finished().await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hour_holds_what_was_counted_in_it_with_every_version() {
    for version in ["2024.11.0", "2025.10.4", "2025.11.0", "2026.2.3", "2026.11.0"] {
        let (home, home_assistant) = home(version).await;
        home.once_well().await;
        assert_eq!(held(&home_assistant), all_rows(&home), "{version}");
        assert_eq!(home_assistant.edit(|state| state.warnings.clone()), Vec::<String>::new(), "{version}");
        let names = home_assistant.edit(|state| {
            state.statistics.values().map(|statistic| statistic.metadata["name"].clone()).collect::<Vec<_>>()
        });
        assert_eq!(names, ["Fluvius 0011 consumption", "Fluvius 0011 injection"]);
        names_stay(home, &home_assistant).await;
    }
}

/// A meter that gets another name keeps its statistics as they are.
async fn names_stay(mut home: Home, home_assistant: &FakeHomeAssistant) {
    home.settings["meters"][0]["name"] = json!("Cottage");
    let name = || home_assistant.edit(|state| state.statistics[CONSUMPTION].metadata["name"].clone());
    home.portal.edit_meter(EAN, |meter| meter.corrections.insert(before(1), 10));
    let before = (name(), held(home_assistant));
    home.once_well().await;
    assert_eq!(name(), before.0);
    assert_ne!(held(home_assistant), before.1, "it was sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sensors_are_not_counted_as_well() {
    let (home, _home_assistant) = home("2026.11.0").await;
    home.once_well().await;
    let announced =
        retained(home.broker.port).await.into_iter().find(|(topic, _)| topic.ends_with("/config")).unwrap().1;
    assert!(announced.contains("consumption_total") && !announced.contains("state_class"), "{announced}");
}

#[tokio::test(flavor = "multi_thread")]
async fn registers_are_split_on_request() {
    let (mut home, home_assistant) = home("2026.11.0").await;
    home.settings["home_assistant"]["registers"] = json!("split");
    home.once_well().await;
    let high = home_assistant.rows("fluvius2mqtt:541448860000000011_consumption_high");
    let expected = rows(&home, before(30), yesterday(), |sums| sums.consumption_high);
    assert_eq!(high.last().map(|row| row.sum), expected.last().map(|row| row.sum));
    assert_eq!(home_assistant.edit(|state| state.statistics.len()), 6);
    assert_eq!(held(&home_assistant), all_rows(&home));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_polls_send_each_hour_once() {
    let (home, home_assistant) = home("2026.11.0").await;
    home.once_well().await;
    let first = imports(&home_assistant);
    for _ in 0..9 {
        home.once_well().await;
    }
    assert_eq!(imports(&home_assistant), first);
    assert_eq!(held(&home_assistant), all_rows(&home));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_day_and_a_correction_change_what_comes_after_and_nothing_else() {
    let (home, home_assistant) = home("2026.11.0").await;
    home.portal.edit_meter(EAN, |meter| meter.withheld.insert(yesterday()));
    home.once_well().await;
    let early = [Sums::consumption, Sums::injection].map(|amount| rows(&home, before(30), before(1), amount));
    assert_eq!(held(&home_assistant), early);
    home.portal.edit_meter(EAN, |meter| {
        meter.withheld.clear();
        meter.corrections.insert(before(1), -70);
    });
    home.once_well().await;
    assert_eq!(held(&home_assistant), all_rows(&home));
    assert_ne!(home_assistant.rows(CONSUMPTION)[..early[0].len()], early[0][..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_home_assistant_loses_is_sent_again_when_it_is_back() {
    let (home, home_assistant) = home("2026.11.0").await;
    let listener = Listener::connect(home.broker.port).await;
    let bridge = home.run();
    listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
    let whole = all_rows(&home);
    until("all is held", || (held(&home_assistant) == whole).then_some(())).await;

    // An emptied database, a cleared id, an older backup, and rows that another tool changed.
    let damages: [fn(&mut BTreeMap<String, fluvius2mqtt::statistics::fake::Statistic>); 4] = [
        |statistics| statistics.clear(),
        |statistics| {
            statistics.remove(INJECTION);
        },
        |statistics| {
            let rows = &mut statistics.get_mut(CONSUMPTION).unwrap().rows;
            let from = *rows.keys().nth(300).unwrap();
            rows.retain(|start, _| *start < from);
        },
        |statistics| {
            let rows = &mut statistics.get_mut(CONSUMPTION).unwrap().rows;
            let row = rows.values_mut().nth(100).unwrap();
            row.sum += 1_000_000;
        },
    ];
    for damage in damages {
        home_assistant.edit(|state| damage(&mut state.statistics));
        assert_ne!(held(&home_assistant), whole);
        home_assistant.hang_up();
        until("all is held again", || (held(&home_assistant) == whole).then_some(())).await;
    }
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_in_the_middle_costs_nothing() {
    for done in [false, true] {
        let (home, home_assistant) = home("2026.11.0").await;
        for after in [0, 1, 2, 3, 5] {
            home_assistant.fail(Failure::Drop { after, done });
            let _ = home.once().await;
        }
        home_assistant.mend();
        home.once_well().await;
        assert_eq!(held(&home_assistant), all_rows(&home));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_assistant_that_is_slow_noisy_or_starting_gets_it_all() {
    for failure in [
        Failure::Reversed,
        Failure::Noise,
        Failure::Uncommitted(std::time::Duration::from_millis(1_500)),
        Failure::Late(std::time::Duration::from_millis(300)),
        Failure::Starting(2),
        Failure::Upgrade(502),
    ] {
        let (home, home_assistant) = home("2026.11.0").await;
        home_assistant.fail(failure);
        let listener = Listener::connect(home.broker.port).await;
        let bridge = home.run();
        // The sensors wait for nothing of this.
        listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
        if matches!(failure, Failure::Upgrade(_)) {
            bridge.logs("Home Assistant can't be reached (").await;
            home_assistant.mend();
        }
        let whole = all_rows(&home);
        until("all is held", || (held(&home_assistant) == whole).then_some(())).await;
        bridge.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_is_over_when_home_assistant_has_written_what_it_was_sent() {
    let (home, home_assistant) = home("2026.11.0").await;
    home_assistant.fail(Failure::Uncommitted(std::time::Duration::from_millis(1_500)));
    home.once_well().await;
    assert_eq!(held(&home_assistant), all_rows(&home));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_tried_once_and_the_sensors_go_on() {
    for failure in [Failure::Token, Failure::Unauthorized] {
        let (home, home_assistant) = home("2026.11.0").await;
        home_assistant.fail(failure);
        let listener = Listener::connect(home.broker.port).await;
        let bridge = home.run();
        bridge.logs("make a long-lived token as an administrator").await;
        listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
        bridge.logs("Next poll").await;
        let connections = home_assistant.edit(|state| state.connections);
        assert_eq!(connections, 1, "{failure:?}");
        let log = bridge.stop().await.log;
        assert!(!log.contains(home_assistant.token().expose()), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_ledger_goes_on_from_the_older_rows_that_home_assistant_holds() {
    let (mut home, home_assistant) = home("2026.11.0").await;
    home.settings["meters"][0]["history_from"] = json!(before(40));
    home.once_well().await;
    let whole = held(&home_assistant);
    std::fs::remove_dir_all(home.data_dir()).unwrap();
    // The portal has lost the older days as well.
    home.portal.edit_meter(EAN, |meter| meter.history_from = before(9));
    home.once_well().await;
    assert_eq!(held(&home_assistant), whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_compare_send_again_and_remove() {
    let (home, home_assistant) = home("2026.11.0").await;
    home.once_well().await;
    let status = statistics(&home, &["status"]).await;
    assert_eq!(status.code, Some(0), "{}", status.log);
    assert_eq!(status.out.matches("equal").count(), 2, "{}", status.out);
    assert!(!status.out.contains(EAN), "{}", status.out);

    home_assistant.edit(|state| state.statistics.get_mut(INJECTION).unwrap().rows.pop_first());
    let status = statistics(&home, &["status"]).await;
    assert_eq!(status.code, Some(1), "{}", status.log);
    assert!(status.out.contains(&format!("differs from {} 00:00", before(30))), "{}", status.out);

    let resync = statistics(&home, &["resync"]).await;
    assert_eq!(resync.code, Some(0), "{}", resync.log);
    assert_eq!(held(&home_assistant), all_rows(&home));

    let unasked = statistics(&home, &["clear"]).await;
    assert_eq!(unasked.code, Some(1));
    assert!(unasked.log.contains("--yes"), "{}", unasked.log);
    assert_eq!(held(&home_assistant), all_rows(&home));
    let cleared = statistics(&home, &["clear", "--yes"]).await;
    assert_eq!(cleared.code, Some(0), "{}", cleared.log);
    assert_eq!(held(&home_assistant), [vec![], vec![]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_energy_dashboard_is_filled_only_when_it_is_empty() {
    for version in ["2026.2.3", "2026.11.0"] {
        let (mut home, home_assistant) = home(version).await;
        home.settings["home_assistant"]["energy_dashboard"] = json!(true);
        home.once_well().await;
        let prefs = home_assistant.edit(|state| state.prefs.clone()).unwrap();
        let text = prefs.to_string();
        assert!(text.contains(CONSUMPTION) && text.contains(INJECTION), "{text}");
        home.once_well().await;
        assert_eq!(home_assistant.edit(|state| state.prefs.clone()).unwrap(), prefs);

        let other = json!({"type": "grid", "flow_from": [], "flow_to": [], "cost_adjustment_day": 0});
        let theirs = json!({"energy_sources": [other], "device_consumption": [{"stat_consumption": "sensor.a"}]});
        home_assistant.edit(|state| state.prefs = Some(theirs.clone()));
        let log = home.once_well().await.log;
        assert_eq!(home_assistant.edit(|state| state.prefs.clone()), Some(theirs));
        assert!(log.contains("has another source for the grid"), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_of_an_incomplete_day_wait_until_it_is_two_days_old() {
    let (home, home_assistant) = home("2026.11.0").await;
    home.portal.edit_meter(EAN, |meter| {
        meter.partial.insert(yesterday(), 50);
        meter.partial.insert(before(3), 50);
    });
    home.once_well().await;
    let hours: Vec<_> = home_assistant.rows(CONSUMPTION).iter().map(|row| row.start).collect();
    let of = |date: NaiveDate| {
        let day = |date: NaiveDate| {
            date.and_hms_opt(0, 0, 0).unwrap().and_local_timezone(chrono_tz::Europe::Brussels).unwrap()
        };
        hours.iter().filter(|start| **start >= day(date) && **start < day(date + Days::new(1))).count()
    };
    assert_eq!((of(yesterday()), of(before(3))), (0, 13));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hours_of_a_day_on_which_the_clocks_change_are_all_there() {
    for (now, changed, hours) in
        [("2026-03-31T10:00:00Z", "2026-03-29", 23), ("2026-10-27T10:00:00Z", "2026-10-25", 25)]
    {
        let clock = Clock::starting_at(now.parse().unwrap());
        let changed = day(changed);
        let meter = SimulatedMeter::electricity(EAN, SERIAL, changed - Days::new(30));
        let mut home = Home::with(clock, vec![meter], Mosquitto::start().await).await;
        let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
        home.settings["home_assistant"] =
            json!({"url": home_assistant.url().as_str(), "token": home_assistant.token().expose()});
        home.settings["meters"][0]["history_from"] = json!(changed);
        assert_eq!(Bridge::open(home.config(), clock).unwrap().once().await.unwrap(), Outcome::Done);
        let expected =
            [Sums::consumption, Sums::injection].map(|amount| rows(&home, changed, changed + Days::new(1), amount));
        assert_eq!(held(&home_assistant), expected);
        assert_eq!(expected[0].len(), hours + 24);
    }
}

const COST: &str = "fluvius2mqtt:541448860000000011_cost";
const COMPENSATION: &str = "fluvius2mqtt:541448860000000011_compensation";

/// An amount of energy in money, both in millionths.
fn priced(energy: i64, price: i64) -> i64 {
    let exact = i128::from(energy) * i128::from(price);
    i64::try_from((exact + 500_000) / 1_000_000).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hour_costs_what_its_price_says_and_a_new_price_changes_nothing_before_it() {
    let (mut home, home_assistant) = home("2026.11.0").await;
    home.settings["prices"] =
        json!([{"from": before(60), "consumption": {"high": 0.3120, "low": 0.2760}, "injection": 0.0350}]);
    home.once_well().await;
    let sums = home.portal.expected(EAN, before(30)..=yesterday());
    let cost = home_assistant.rows(COST);
    let high_and_low = i128::from(sums.consumption_high) * 312_000 + i128::from(sums.consumption_low) * 276_000;
    assert_eq!(cost.last().unwrap().sum, i64::try_from((high_and_low + 500_000) / 1_000_000).unwrap());
    assert_eq!(cost.len(), all_rows(&home)[0].len());
    let compensation = home_assistant.rows(COMPENSATION);
    assert_eq!(compensation.last().unwrap().sum, priced(sums.injection(), 35_000));
    assert_eq!(home_assistant.edit(|state| state.statistics[COST].metadata["unit_of_measurement"].clone()), "EUR");

    let imported = imports(&home_assistant);
    home.settings["prices"] = json!([
        {"from": before(60), "consumption": {"high": 0.3120, "low": 0.2760}, "injection": 0.0350},
        {"from": before(4), "consumption": 0.5, "injection": 0.0350},
    ]);
    home.once_well().await;
    assert_eq!(imports(&home_assistant), imported + 1, "the compensation has not changed");
    let changed = home_assistant.rows(COST);
    let start = before(4).and_hms_opt(0, 0, 0).unwrap().and_local_timezone(chrono_tz::Europe::Brussels).unwrap();
    let from = cost.iter().position(|row| row.start >= start).unwrap();
    assert_eq!(changed[..from], cost[..from]);
    let last_days = home.portal.expected(EAN, before(4)..=yesterday());
    let rise = changed.last().unwrap().sum - changed[from - 1].sum;
    assert!((rise - priced(last_days.consumption(), 500_000)).abs() <= 1, "{rise}");
}
