//! A power cut costs nothing: what was read is kept, and what was not is read after the start.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::NaiveDate;
use fluvius2mqtt::simulator::Where;

use crate::support::{EAN, Home, Listener, asked_since, assert_totals, before, first_days, until};

/// Slow enough that a request can be waited for.
const LATENCY: Duration = Duration::from_millis(40);

/// Runs the service until the portal has been asked so often since the start, and then cuts the power.
async fn cut_after(home: &Home, requests: usize) {
    let already = home.portal.count(Where::History);
    let bridge = home.run();
    until("history is asked for", || (home.portal.count(Where::History) >= already + requests).then_some(())).await;
    bridge.kill();
}

/// The days that are there in quarter-hours.
fn whole_days(home: &Home) -> BTreeSet<NaiveDate> {
    let ledger = rusqlite::Connection::open(home.data("ledger.sqlite")).unwrap();
    let mut select = ledger.prepare("SELECT date FROM day WHERE finest = 900").unwrap();
    let dates = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
    dates.map(|date| date.unwrap().parse().unwrap()).collect()
}

async fn assert_exact(home: &Home) {
    assert_totals(&home.state(EAN).await, home.portal.expected(EAN, first_days()));
    let sums = home.portal.expected(EAN, first_days());
    for (direction, sum) in [(1, sums.consumption()), (2, sums.injection())] {
        let kept = home
            .ledger_count(&format!("SELECT sum(amount) FROM reading WHERE seconds = 900 AND direction = {direction}"));
        assert_eq!(kept, sum, "direction {direction}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_in_a_first_run_loses_nothing_and_doubles_nothing() {
    for requests in [1, 2, 5, 13, 20, 31] {
        let home = Home::new().await;
        let listener = Listener::connect(home.broker.port).await;
        home.portal.edit(|world| world.latency = LATENCY);
        cut_after(&home, requests).await;
        home.portal.edit(|world| world.latency = Duration::from_millis(1));
        let whole = whole_days(&home);
        assert!(whole.len() + 2 >= requests.saturating_sub(1), "{requests} requests, {} days", whole.len());

        let sent = home.portal.requests().len();
        home.once_well().await;
        assert_exact(&home).await;
        assert_eq!(home.portal.logins(), 1, "the session outlives the cut");
        let asked = asked_since(&home.portal, sent);
        let quarters = asked.iter().filter(|asked| asked.granularity == "1");
        let again: Vec<_> = quarters.map(crate::support::Asked::day).filter(|day| whole.contains(day)).collect();
        assert!(again.iter().all(|day| *day >= before(2)), "after {requests} requests: {again:?}");

        // Not for a moment did a sensor show less than everything.
        let state = home.state(EAN).await;
        for message in listener.heard_on(&Home::state_topic(EAN)) {
            let total = &message.json()["consumption_total"];
            assert!(total.is_null() || *total == state["consumption_total"], "{}", message.payload);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_after_cut_a_first_run_still_comes_to_its_end() {
    let home = Home::new().await;
    home.portal.edit(|world| world.latency = LATENCY);
    let mut known = 0;
    for _ in 0..5 {
        cut_after(&home, 7).await;
        let whole = whole_days(&home).len();
        assert!(whole > known, "each start gets further: {whole} days after {known}");
        known = whole;
    }
    home.once_well().await;
    assert_exact(&home).await;
    assert_eq!(home.portal.logins(), 1);
}
