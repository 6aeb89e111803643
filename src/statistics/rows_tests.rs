use proptest::prelude::*;

use super::*;
use crate::energy::{Ean, Unit};
use crate::statistics::Kind;
use crate::statistics::fake::{Failure, FakeHomeAssistant};

const VERSIONS: [&str; 6] = ["2024.11.0", "2025.10.4", "2025.11.0", "2026.2.3", "2026.3.0", "2026.11.0"];

fn series(kind: Kind) -> Series {
    Series {
        ean: Ean::parse("541448860000000011").unwrap(),
        meter: "Home".to_owned(),
        kind,
        rows: vec![
            Row { start: at("2026-10-25T00:00:00Z"), state: 412_000, sum: 412_000 },
            Row { start: at("2026-10-25T01:00:00Z"), state: 0, sum: 412_000 },
            Row { start: at("2026-10-25T03:00:00Z"), state: 1_000_001, sum: 1_412_001 },
        ],
        ends: None,
    }
}

fn at(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().to_utc()
}

fn version(text: &str) -> Version {
    Version::parse(text).unwrap()
}

async fn start(version: &str) -> (FakeHomeAssistant, Socket) {
    let home = FakeHomeAssistant::start(version).await.unwrap();
    let socket = Socket::connect(&home.url(), &home.token()).await.unwrap();
    (home, socket)
}

/// Rows at these hours after the start of 2020, in an order that isn't that of time.
async fn written(hours: &[i64]) -> (FakeHomeAssistant, Socket, String, Vec<Row>) {
    let (home, mut socket) = start("2026.11.0").await;
    let first = at("2020-01-01T00:00:00Z");
    let row = |hour: &i64| Row { start: first + TimeDelta::hours(*hour), state: 1_000_000, sum: *hour * 1_000 };
    let rows: Vec<Row> = hours.iter().map(row).collect();
    let series = series(Kind::Consumption);
    for chunk in rows.rchunks(2_000) {
        let command = import(&series, chunk, socket.version());
        socket.call(command).await.unwrap();
    }
    home.edit(|state| state.commands.clear());
    (home, socket, series.id(), rows)
}

fn requests(home: &FakeHomeAssistant) -> usize {
    home.edit(|state| std::mem::take(&mut state.commands).len())
}

#[test]
fn the_metadata_is_what_the_version_takes() {
    let rows = series(Kind::Consumption).rows;
    let stats = json!([
        {"start": "2026-10-25T00:00:00+00:00", "state": 0.412, "sum": 0.412},
        {"start": "2026-10-25T01:00:00+00:00", "state": 0.0, "sum": 0.412},
        {"start": "2026-10-25T03:00:00+00:00", "state": 1.000001, "sum": 1.412001},
    ]);
    assert_eq!(
        import(&series(Kind::Consumption), &rows, &version("2025.11.0")),
        json!({"type": "recorder/import_statistics", "stats": stats, "metadata": {
            "has_sum": true, "mean_type": 0, "unit_class": "energy", "name": "Home consumption",
            "source": "fluvius2mqtt", "statistic_id": "fluvius2mqtt:541448860000000011_consumption",
            "unit_of_measurement": "kWh"}})
    );
    assert_eq!(
        import(&series(Kind::Cost), &rows[..0], &version("2026.11.0")),
        json!({"type": "recorder/import_statistics", "stats": [], "metadata": {
            "has_sum": true, "mean_type": 0, "unit_class": null, "name": "Home cost",
            "source": "fluvius2mqtt", "statistic_id": "fluvius2mqtt:541448860000000011_cost",
            "unit_of_measurement": "EUR"}})
    );
    for (unit, symbol, class) in [(Unit::KilowattHour, "kWh", "energy"), (Unit::CubicMetre, "m³", "volume")] {
        assert_eq!(
            import(&series(Kind::Gas(unit)), &rows[..0], &version("2026.11.0")),
            json!({"type": "recorder/import_statistics", "stats": [], "metadata": {
                "has_sum": true, "mean_type": 0, "unit_class": class, "name": "Home gas",
                "source": "fluvius2mqtt", "statistic_id": "fluvius2mqtt:541448860000000011_gas",
                "unit_of_measurement": symbol}})
        );
    }
    assert_eq!(
        import(&series(Kind::InjectionHigh), &rows[..0], &version("2025.10.4")),
        json!({"type": "recorder/import_statistics", "stats": [], "metadata": {
            "has_sum": true, "has_mean": false, "name": "Home injection high tariff",
            "source": "fluvius2mqtt", "statistic_id": "fluvius2mqtt:541448860000000011_injection_high",
            "unit_of_measurement": "kWh"}})
    );
}

#[tokio::test]
async fn every_version_takes_the_rows_and_gives_them_back() {
    for version in VERSIONS {
        let (home, mut socket) = start(version).await;
        let gas = [Unit::KilowattHour, Unit::CubicMetre].map(Kind::Gas);
        let power = [Kind::Consumption, Kind::Injection, Kind::ConsumptionLow, Kind::Cost, Kind::Compensation];
        for kind in power.into_iter().chain(gas) {
            let series = series(kind);
            let command = import(&series, &series.rows, socket.version());
            socket.call(command).await.unwrap_or_else(|error| panic!("{version}: {error}"));
            assert_eq!(home.rows(&series.id()), series.rows);
            let (from, until) = (at("2026-10-01T00:00:00Z"), at("2026-11-01T00:00:00Z"));
            assert_eq!(super::read(&mut socket, &series.id(), from, until).await.unwrap(), series.rows);
        }
        assert_eq!(home.edit(|state| state.warnings.clone()), Vec::<String>::new(), "{version}");
    }
}

#[tokio::test]
async fn the_metadata_of_another_version_is_refused_or_warned_about() {
    let series = series(Kind::Consumption);
    let (_home, mut socket) = start("2025.10.4").await;
    let command = import(&series, &series.rows, &version("2025.11.0"));
    let refused = socket.call(command).await;
    assert!(matches!(refused, Err(Error::Command { code, .. }) if code == "invalid_format"));
    let (home, mut socket) = start("2025.11.0").await;
    let command = import(&series, &series.rows, &version("2025.10.4"));
    socket.call(command).await.unwrap();
    assert_eq!(home.edit(|state| state.warnings.len()), 2);
}

#[tokio::test]
async fn long_stretches_are_read_in_windows() {
    let hours: Vec<i64> = (0..200 * 24).collect();
    let (home, mut socket, id, rows) = written(&hours).await;
    let (from, until) = (rows[0].start, rows[4799].start + TimeDelta::hours(1));
    assert_eq!(read(&mut socket, &id, from, until).await.unwrap(), rows);
    assert_eq!(requests(&home), 3);
    // The first instant is part of it, the last one isn't.
    assert_eq!(read(&mut socket, &id, from, until - TimeDelta::hours(1)).await.unwrap(), rows[..4799]);
    assert_eq!(read(&mut socket, &id, rows[7].start, rows[9].start).await.unwrap(), rows[7..9]);
    assert_eq!(read_on(&mut socket, &id, rows[7].start).await.unwrap(), rows[7..]);
    requests(&home);
    assert_eq!(read(&mut socket, &id, from, from).await.unwrap(), []);
    assert_eq!(read(&mut socket, &id, until, from).await.unwrap(), []);
    assert_eq!(requests(&home), 0);
    assert_eq!(read(&mut socket, "fluvius2mqtt:unknown", from, until).await.unwrap(), []);
}

#[tokio::test]
async fn the_unit_of_the_display_changes_nothing() {
    let (home, mut socket, id, rows) = written(&[0, 1]).await;
    home.edit(|state| state.shows_mwh = true);
    assert_eq!(read(&mut socket, &id, rows[0].start, rows[1].start).await.unwrap(), rows[..1]);
}

#[tokio::test]
async fn the_last_row_is_found_however_long_ago_it_is() {
    let years = 366 * 24;
    let (home, mut socket, id, rows) = written(&[0, 1, 2, 3 * years, 3 * years + 5]).await;
    for row in &rows {
        let after = row.start + TimeDelta::minutes(10);
        assert_eq!(last_before(&mut socket, &id, after).await.unwrap(), Some(*row));
    }
    assert_eq!(requests(&home), 5);
    assert_eq!(last_before(&mut socket, &id, rows[3].start).await.unwrap(), Some(rows[2]));
    assert!(requests(&home) < 16);
    assert_eq!(last_before(&mut socket, &id, rows[0].start).await.unwrap(), None);
    assert!(requests(&home) < 30);
    let (in_six, in_nine) = (rows[4].start + TimeDelta::days(5 * 366), rows[4].start + TimeDelta::days(9 * 366));
    assert_eq!(last_before(&mut socket, &id, in_six).await.unwrap(), Some(rows[4]));
    assert_eq!(last_before(&mut socket, &id, in_nine).await.unwrap(), None);
    assert_eq!(last_before(&mut socket, &id, DateTime::<Utc>::MIN_UTC).await.unwrap(), None);
}

#[tokio::test]
async fn only_ours_are_listed_and_removed() {
    let (home, mut socket, id, _) = written(&[0]).await;
    let other = "fluvius2mqtt:541448860000000028_cost".to_owned();
    home.edit(|state| {
        let held = state.statistics[&id].clone();
        for id in [other.as_str(), "sensor.power", "opower:fluvius2mqtt"] {
            state.statistics.insert(id.to_owned(), held.clone());
        }
    });
    assert_eq!(listed(&mut socket).await.unwrap(), [id.clone(), other.clone()]);
    clear(&mut socket, &[id, "sensor.power".to_owned()]).await.unwrap();
    assert_eq!(listed(&mut socket).await.unwrap(), std::slice::from_ref(&other));
    assert!(home.edit(|state| state.statistics.contains_key("sensor.power")));
    requests(&home);
    clear(&mut socket, &["sensor.power".to_owned()]).await.unwrap();
    clear(&mut socket, &[]).await.unwrap();
    assert_eq!(requests(&home), 0);
    home.fail(Failure::Unauthorized);
    assert!(matches!(clear(&mut socket, &[other]).await, Err(Error::Refused)));
}

#[tokio::test]
async fn the_units_that_are_held_are_told_by_id() {
    let (_home, mut socket, id, _) = written(&[0]).await;
    let gas = series(Kind::Gas(Unit::CubicMetre));
    let command = import(&gas, &gas.rows, socket.version());
    socket.call(command).await.unwrap();
    let (gas, nowhere) = (gas.id(), series(Kind::Injection).id());
    let held = units_held(&mut socket, &[id.clone(), gas.clone(), nowhere]).await.unwrap();
    assert_eq!(held, BTreeMap::from([(id, "kWh".to_owned()), (gas, "m³".to_owned())]));
}

#[test]
fn an_answer_is_read_or_refused_as_a_whole() {
    let answer = json!({"x": [
        {"start": 1_603_587_600_000_i64, "end": 0, "state": 2.5, "sum": 7.000_000_4},
        {"start": 1_603_584_000_000.0, "state": null, "sum": 4},
        {"start": 1_603_591_200_000_i64, "state": 1.0, "sum": null},
        {"start": 1_603_594_800_000_i64, "state": 1.0},
    ]});
    let rows = [
        Row { start: at("2020-10-25T00:00:00Z"), state: 0, sum: 4_000_000 },
        Row { start: at("2020-10-25T01:00:00Z"), state: 2_500_000, sum: 7_000_000 },
    ];
    assert_eq!(decode(&answer, "x").unwrap(), rows);
    assert_eq!(decode(&answer, "y").unwrap(), []);
    for wrong in [
        json!([]),
        json!({"x": {}}),
        json!({"x": [{"state": 1, "sum": 1}]}),
        json!({"x": [{"start": "2020-10-25", "sum": 1}]}),
        json!({"x": [{"start": 1e300, "sum": 1}]}),
        json!({"x": [{"start": 0, "state": "1", "sum": 1}]}),
        json!({"x": [{"start": 0, "state": 1, "sum": 1e300}]}),
    ] {
        assert_eq!(decode(&wrong, "x"), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn amounts_come_back_as_they_went(millionths in -1_000_000_000_000_000_i64..=1_000_000_000_000_000) {
        let text = json!(units(millionths)).to_string();
        let read: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(super::millionths(read.as_f64().unwrap()), Some(millionths));
    }
}
