//! History comes in as far back as the portal has it, can be stopped at any point, and no final day is asked for twice.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use fluvius2mqtt::simulator::{Fault, How, SimulatedMeter, Where};
use serde_json::{Value, json};

use crate::support::{
    EAN, Finished, Home, Listener, Mosquitto, OTHER_EAN, OTHER_SERIAL, Running, SERIAL, Terminal, asked_since,
    assert_totals, before, midnight, until, yesterday,
};

/// As long as the portal remembers, or nearly so.
const THREE_YEARS: u64 = 1_090;

/// A home with daily totals since its contract and quarter-hours for some time.
async fn home(contract: u64, quarters: u64) -> Home {
    let mut meter = SimulatedMeter::electricity(EAN, SERIAL, before(contract));
    meter.fine_since = before(quarters);
    meter.published_until = Some(yesterday());
    let mut home = Home::with(Default::default(), vec![meter], Mosquitto::start().await).await;
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    home
}

fn backfill(home: &Home, days: u64) -> Running {
    Running::start(&mut home.command(&["backfill", "--from", &before(days).to_string()]))
}

/// How often each day was asked for, by granularity; probes of other codes are left out.
fn asked(home: &Home) -> BTreeMap<(NaiveDate, String), usize> {
    let mut asked = BTreeMap::new();
    for request in
        asked_since(&home.portal, 0).into_iter().filter(|request| ["1", "4"].contains(&&*request.granularity))
    {
        let last: NaiveDate = request.until[..10].parse().unwrap();
        for date in request.day().iter_days().take_while(|date| *date <= last) {
            *asked.entry((date, request.granularity.clone())).or_default() += 1;
        }
    }
    asked
}

fn dump(home: &Home) -> Vec<(i64, i64, i64, i64, i64)> {
    let ledger = rusqlite::Connection::open(home.data("ledger.sqlite")).unwrap();
    let sql = "SELECT start, seconds, direction, register, amount FROM reading ORDER BY 1, 2, 3, 4";
    let mut select = ledger.prepare(sql).unwrap();
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

/// The ledger holds exactly what the portal published between two days.
fn assert_exact(home: &Home, first: NaiveDate) {
    let sums = home.portal.expected(EAN, first..=yesterday());
    for (direction, sum) in [(1, sums.consumption()), (2, sums.injection())] {
        let sql = format!("SELECT sum(amount) FROM day_amount WHERE direction = {direction} AND date >= '{first}'");
        assert_eq!(home.ledger_count(&sql), sum, "direction {direction}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_years_stopped_three_times_are_those_of_one_go_and_no_day_is_asked_for_twice() {
    let (one_go, stopped) = tokio::join!(home(900, 300), home(900, 300));
    let whole = backfill(&one_go, THREE_YEARS).finished().await;
    assert_eq!(whole.code, Some(0), "{}", whole.log);
    assert!(whole.log.contains("The history is in: 1091 days, "), "{}", whole.log);
    assert_exact(&one_go, before(900));

    let most = one_go.portal.requests().len();
    for _ in 0..3 {
        // Somewhere in the third that comes next.
        let after = stopped.portal.requests().len() + rand::random_range(1..most / 3);
        let run = backfill(&stopped, THREE_YEARS);
        until("some requests were made", || (stopped.portal.requests().len() >= after).then_some(())).await;
        let run = run.stop().await;
        assert_eq!(run.code, Some(1), "{}", run.log);
        assert!(run.log.contains("days are still to be fetched; the same command goes on from here"), "{}", run.log);
    }
    let last = backfill(&stopped, THREE_YEARS).finished().await;
    assert_eq!(last.code, Some(0), "{}", last.log);
    assert_eq!(dump(&one_go), dump(&stopped));
    for home in [&one_go, &stopped] {
        let twice: Vec<_> = asked(home).into_iter().filter(|(_, times)| *times > 1).collect();
        assert_eq!(twice, [], "no day twice");
        assert_eq!((home.portal.logins(), home.portal.overlaps()), (1, 0));
    }
    // Days with quarter-hours, a fortnight without, months of totals until one is empty, and the login.
    assert!(most < 301 + 14 + 22 + 10, "{most} requests");

    let again = backfill(&one_go, THREE_YEARS).finished().await;
    assert_eq!((again.code, one_go.portal.requests().len()), (Some(0), most), "{}", again.log);
    assert!(again.log.contains("There is nothing to fetch"), "{}", again.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_power_cut_in_the_middle_costs_one_request_at_most() {
    let home = home(400, 400).await;
    for _ in 0..3 {
        let after = home.portal.requests().len() + rand::random_range(1..40);
        let run = backfill(&home, 150);
        until("some requests were made", || (home.portal.requests().len() >= after).then_some(())).await;
        run.kill();
    }
    let last = backfill(&home, 150).finished().await;
    assert_eq!(last.code, Some(0), "{}", last.log);
    assert_exact(&home, before(150));
    let again: usize = asked(&home).into_values().map(|times| times - 1).sum();
    assert!(again <= 3, "{again} days twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_fetched_and_nothing_else() {
    let home = home(900, 900).await;
    let (from, to) = (before(500), before(490));
    let arguments = ["backfill", "--from", &from.to_string(), "--to", &to.to_string()];
    let run = Running::start(&mut home.command(&arguments)).finished().await;
    assert_eq!(run.code, Some(0), "{}", run.log);
    let days: Vec<_> = asked(&home).into_keys().map(|(date, _)| date).collect();
    assert_eq!(days, from.iter_days().take(11).collect::<Vec<_>>());
    assert_eq!(run.out, "", "what it says goes to standard error");
    let lines: Vec<_> = run.log.lines().filter(|line| !line.contains(" INFO ")).collect();
    let readings = home.ledger_count("SELECT count(*) FROM reading");
    let last = format!("The history is in: 11 days, {readings} new readings.");
    let expected =
        ["meter …0011: 1 of 11 days, less than a minute left", "meter …0011: 11 days, all asked for", last.as_str()];
    assert_eq!(lines, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_terminal_a_bar_tells_how_far_it_is() {
    let home = home(400, 400).await;
    let mut command = home.command(&["backfill", "--from", &before(150).to_string()]);
    let (code, shown) = Terminal::start(command.env("TERM", "xterm")).ends().await;
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("meter …0011 [") && shown.contains("/151 days, "), "{shown}");
    assert!(!shown.contains(" of 151 days, "), "no lines beside the bar: {shown}");
    assert!(shown.trim_end().ends_with(" new readings."), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_told_with_what_to_do() {
    let mut home = home(400, 400).await;
    let run = |arguments: &'static [&str]| Running::start(&mut home.command(arguments)).finished();
    let wrong = run(&["backfill", "--from", "2026-02-01", "--to", "2026-01-01"]).await;
    assert_eq!((wrong.code, &*wrong.log), (Some(2), "fluvius2mqtt: --to is before --from\n"));
    assert_eq!(run(&["backfill", "--from", "yesterday"]).await.code, Some(2));
    assert_eq!(run(&["backfill"]).await.code, Some(2));

    // Two days that fail are left, and the rest is fetched.
    for days in [3, 20] {
        home.portal.fail(Fault::always(Where::History, How::Html).for_date(before(days)));
    }
    let failed: Finished = backfill(&home, 30).finished().await;
    assert_eq!(failed.code, Some(1), "{}", failed.log);
    assert!(failed.log.contains("the portal has changed"), "{}", failed.log);
    assert!(failed.log.contains("2 of 31 days are still to be fetched"), "{}", failed.log);
    home.portal.clear_faults();
    let mended = backfill(&home, 30).finished().await;
    assert_eq!(mended.code, Some(0), "{}", mended.log);
    assert_exact(&home, before(30));

    home.portal.forget_sessions();
    home.settings["fluvius"]["password"] = json!("not the password");
    let refused = backfill(&home, 60).finished().await;
    assert_eq!(refused.code, Some(3), "{}", refused.log);

    let bridge = home.run();
    bridge.logs("starts").await;
    bridge.logs("login refused").await;
    let beside = backfill(&home, 60).finished().await;
    assert_eq!(beside.code, Some(1), "{}", beside.log);
    assert!(beside.log.contains("is in use by another fluvius2mqtt; stop that one"), "{}", beside.log);
    bridge.stop().await;
}

/// The progress that a state tells.
fn left(state: &Value) -> Option<u64> {
    state["backfill"]["days_left"].as_u64()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_brings_it_in_behind_the_polls_and_tells_how_far_it_is() {
    let mut home = home(400, 400).await;
    home.settings["meters"][0]["history_from"] = json!(before(300).to_string());
    let listener = Listener::connect(home.broker.port).await;
    let topic = Home::state_topic(EAN);

    // The recent days come first, and the poll doesn't wait for the rest.
    home.portal.fail(Fault::always(Where::History, How::Hang).for_date(before(200)));
    let bridge = home.run();
    listener.wait_for(&topic, "status", "ok").await;
    let state = listener.wait(&topic, "there is progress", |message| left(&message.json()).is_some()).await.json();
    assert_eq!(state["day"], yesterday().to_string());
    assert!(state["consumption_total"].is_null(), "the totals wait for all that they count: {state}");
    assert!(state["backfill"]["days_done"].is_u64() && state["backfill"]["ready_at"].is_string(), "{state}");
    bridge.logs("days of history are in, ").await;
    until("a request hangs", || home.portal.requests().last().is_some_and(|last| last.status.is_none()).then_some(()))
        .await;
    let stopped = bridge.stop().await;
    assert_eq!(stopped.code, Some(0), "{}", stopped.log);

    // After a restart it goes on where it was.
    home.portal.clear_faults();
    listener.forget();
    let bridge = home.run();
    let state = listener.wait(&topic, "it is in", |message| left(&message.json()) == Some(0)).await.json();
    assert_totals(&state, home.portal.expected(EAN, before(300)..=yesterday()));
    assert_eq!((&state["totals_from"], &state["backfill"]["ready_at"]), (&midnight(before(300)), &Value::Null));
    bridge.logs("the history is in").await;
    bridge.stop().await;
    for message in listener.heard_on(&topic) {
        let total = &message.json()["consumption_total"];
        assert!(total.is_null() || *total == state["consumption_total"], "{}", message.payload);
    }
    let twice: Vec<_> = asked(&home).into_iter().filter(|((date, _), times)| *times > 1 && *date < before(2)).collect();
    assert_eq!(twice, [((before(200), "1".to_owned()), 2)], "only the request that was cut off is made again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_that_the_portal_refuses_keeps_no_other_from_its_history() {
    let meters = [(OTHER_EAN, OTHER_SERIAL), (EAN, SERIAL)].map(|(ean, serial)| {
        let mut meter = SimulatedMeter::electricity(ean, serial, before(400));
        meter.published_until = Some(yesterday());
        meter
    });
    let mut home = Home::with(Default::default(), meters.to_vec(), Mosquitto::start().await).await;
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    for meter in [0, 1] {
        home.settings["meters"][meter]["history_from"] = json!(before(200));
    }
    home.portal.fail(Fault::always(Where::History, How::Status(403, None)).for_ean(OTHER_EAN));
    let bridge = home.run();
    bridge.logs("the history can't be fetched further for now: the portal refuses the history of this meter").await;
    bridge.logs("the history is in").await;
    assert_exact(&home, before(200));
    assert_eq!(bridge.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_poll_brings_in_all_of_the_history() {
    let mut home = home(400, 100).await;
    home.settings["meters"][0]["history_from"] = json!(before(200).to_string());
    home.once_well().await;
    let state = home.state(EAN).await;
    assert_totals(&state, home.portal.expected(EAN, before(200)..=yesterday()));
    assert_eq!(state["totals_from"], midnight(before(200)));
    assert_eq!(state["complete_until"], midnight(yesterday() + Days::new(1)));
}
