use serde_json::Value;

use super::strict::ask_at;
use super::*;
use crate::simulator::{Fault, How, Where};

/// A request for peaks with some parameters changed, which has no granularity unless it is one of them.
async fn ask_peaks(portal: &Simulator, ean: &str, changes: &[(&str, &str)]) -> (u16, Vec<Value>) {
    let mut without = vec![
        ("historyFrom", "2026-09-01T00:00:00.000+02:00"),
        ("historyUntil", "2026-10-27T23:59:59.999+01:00"),
        ("granularity", ""),
    ];
    without.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    without.extend(changes);
    let answer = ask_at(portal, "meter-measurement-spikes", ean, &without).await;
    answer.unwrap_or_else(|status| (status, Vec::new()))
}

#[tokio::test]
async fn peaks_are_the_highest_quarters_of_whole_months() {
    let portal = start().await;
    Bench::new(&portal).log_in().await.unwrap();
    let (_, months) = ask_peaks(&portal, POWER, &[]).await;
    assert_eq!(months.len(), 1, "October isn't over");
    assert_eq!((&months[0]["d"], &months[0]["de"]), (&"2026-08-31T22:00:00Z".into(), &"2026-09-30T22:00:00Z".into()));
    let days = date("2026-09-01").iter_days().take(30).filter_map(|date| portal.truth(POWER, date));
    let highest = days.flat_map(|day| day.slots).map(|slot| (slot.sums.consumption(), slot.start)).max().unwrap();
    let value = &months[0]["v"][0];
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let kilowatts = (highest.0 * 4) as f64 / 1e6;
    assert!((value["v"].as_f64().unwrap() - kilowatts).abs() < 1e-9 && kilowatts > 1.0, "{value}");
    assert_eq!(value["sst"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), highest.1);
    let length = value["set"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap() - highest.1;
    assert_eq!(length.num_minutes(), 15);
    let (_, of_gas) = ask_peaks(&portal, GAS, &[("meterSerialNumber", "7FLO1100000028")]).await;
    assert!(of_gas.is_empty());
}

#[tokio::test]
async fn peaks_take_the_parameters_of_history_without_a_granularity() {
    let portal = start().await;
    assert_eq!(ask_peaks(&portal, POWER, &[]).await.0, 401);
    Bench::new(&portal).log_in().await.unwrap();
    for change in [
        ("granularity", "1"),
        ("historyFrom", "2026-09-01T00:00:00.000+01:00"),
        ("historyFrom", "2026-09-01T06:00:00.000+02:00"),
        ("historyFrom", ""),
        ("historyUntil", "2026-10-27T23:59:59.999+02:00"),
        ("historyUntil", "2026-10-28T00:00:00.000+01:00"),
        ("historyUntil", ""),
        ("asServiceProvider", "true"),
        ("asServiceProvider", ""),
        ("meterSerialNumber", ""),
    ] {
        assert_eq!(ask_peaks(&portal, POWER, &[change]).await.0, 400, "{change:?}");
    }
    let as_a_gas_day =
        [("historyFrom", "2026-09-01T06:00:00.000+02:00"), ("historyUntil", "2026-10-28T05:59:59.999+01:00")];
    assert_eq!(ask_peaks(&portal, POWER, &as_a_gas_day).await.0, 400);
    assert_eq!(ask_peaks(&portal, POWER, &[("meterSerialNumber", "1SAG1100000012")]).await, (200, vec![]));
    assert_eq!(ask_peaks(&portal, "541448860000000035", &[]).await, (200, vec![]), "somebody else's EAN");
}

#[tokio::test]
async fn peaks_go_back_three_years_and_may_be_withheld_or_published_otherwise() {
    let portal = start().await;
    Bench::new(&portal).log_in().await.unwrap();
    portal.edit_meter(POWER, |meter| {
        meter.history_from = date("2020-01-15");
        meter.peaks = [
            (date("2026-07-01"), None),
            (date("2026-08-01"), Some(43_210)),
            (date("2026-10-01"), Some(10_000)),
            (date("2026-11-01"), None),
        ]
        .into();
    });
    let (_, months) = ask_peaks(&portal, POWER, &[("historyFrom", "2022-01-01T00:00:00.000+01:00")]).await;
    assert_eq!(months.len(), 35, "of three years all months but the withheld one");
    assert_eq!(months[0]["d"], "2023-10-31T23:00:00Z");
    let of = |month: &str| months.iter().find(|row| row["d"] == month).map(|row| row["v"][0]["v"].to_string());
    assert_eq!(of("2026-06-30T22:00:00Z"), None);
    assert_eq!(of("2026-07-31T22:00:00Z").unwrap(), "4.321");
    assert_eq!(of("2026-09-30T22:00:00Z").unwrap(), "1.0", "before the month is over");
}

/// Three months of peaks, which end with one that isn't over.
const MONTHS: [&str; 2] = ["2026-08-01", "2026-10-27"];

#[tokio::test]
async fn the_peaks_of_a_meter_are_read_with_the_token_in_hand() {
    let portal = start().await;
    let bench = Bench::new(&portal);
    let mut client = bench.client();
    let none = read_peaks(&portal, &mut client, POWER, MONTHS).await.unwrap_err();
    assert_eq!((none.to_string().as_str(), portal.logins()), ("the session has just ended", 0));
    client.log_in().await.unwrap();
    let peaks = read_peaks(&portal, &mut client, POWER, MONTHS).await.unwrap();
    let months: Vec<_> = peaks.iter().map(|peak| peak.month).collect();
    assert_eq!(months, [date("2026-08-01"), date("2026-09-01")]);
    let days = date("2026-09-01").iter_days().take(30).filter_map(|date| portal.truth(POWER, date));
    let slots: Vec<_> = days.flat_map(|day| day.slots).collect();
    let highest = slots.iter().map(|slot| slot.sums.consumption() * 4).max().unwrap();
    let newest = peaks.newest().unwrap();
    assert_eq!(newest.power.millionths(), highest, "to the last digit");
    let of_that_quarter = slots.iter().find(|slot| slot.start == newest.quarter.start()).unwrap();
    assert_eq!(of_that_quarter.sums.consumption() * 4, highest);
}

#[tokio::test]
async fn no_fault_of_the_peaks_costs_more_than_the_peaks() {
    for (how, says) in [
        (How::Status(401, None), "HTTP 401"),
        (How::Status(403, None), "HTTP 403"),
        (How::Status(404, None), "HTTP 404"),
        (How::Status(429, Some(3_600)), "too many requests (HTTP 429)"),
        (How::Status(302, None), "HTTP 302"),
        (How::Status(500, None), "HTTP 500"),
        (How::Status(503, Some(7_200)), "HTTP 503"),
        (How::Html, "the answer is no JSON"),
        (How::Truncated, "the answer is cut off"),
        (How::Object, "the answer is no list of peaks"),
        (How::Drop, "the connection broke"),
        (How::Hang, "no answer within 30 s"),
    ] {
        let portal = start().await;
        let bench = Bench::new(&portal);
        let mut client = bench.client();
        client.log_in().await.unwrap();
        portal.fail(Fault::always(Where::Peaks, how.clone()));
        for _ in 0..2 {
            tokio::time::pause();
            let none = read_peaks(&portal, &mut client, POWER, MONTHS).await.unwrap_err().to_string();
            tokio::time::resume();
            assert!(none.starts_with(says), "{how:?}: {none}");
            assert!(!none.contains(POWER), "{how:?}: {none}");
        }
        assert_eq!(portal.count(Where::Peaks), 2, "{how:?}: one try each");
        // Energy goes on with the same token, also after a restart.
        let token = portal.access_token();
        for client in [&mut client, &mut bench.client()] {
            assert_eq!(read(&portal, client, POWER, ["2026-10-26"; 2], 1).await.unwrap().len(), 192, "{how:?}");
        }
        assert_eq!((portal.logins(), portal.refreshes(), portal.access_token()), (1, 0, token), "{how:?}");
        portal.clear_faults();
        assert_eq!(read_peaks(&portal, &mut client, POWER, MONTHS).await.unwrap().iter().count(), 2, "{how:?}");
        assert_eq!(portal.overlaps(), 0, "{how:?}");
    }
}

#[tokio::test]
async fn peaks_respect_the_rest_that_the_portal_asked_for() {
    let portal = start().await;
    let bench = Bench::new(&portal);
    let mut client = bench.client();
    portal.fail(Fault::once(Where::History, How::Status(429, Some(3_600))));
    assert!(read(&portal, &mut client, POWER, ["2026-10-26"; 2], 1).await.is_err());
    let requests = portal.requests().len();
    assert!(read_peaks(&portal, &mut client, POWER, MONTHS).await.is_err());
    assert_eq!(portal.requests().len(), requests);
}
