use super::*;
use crate::energy::Unit;
use crate::statistics::fake::{Failure, FakeHomeAssistant};

const VERSIONS: [&str; 3] = ["2024.11.0", "2025.11.0", "2026.11.0"];

fn at(hour: i64) -> DateTime<Utc> {
    "2026-01-13T05:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
}

fn row(hour: i64, state: i64, sum: i64) -> Row {
    Row { start: at(hour), state, sum }
}

/// Five hours of so much each.
fn series(kind: Kind, each: i64) -> Series {
    Series {
        ean: Ean::parse("541448860000000028").unwrap(),
        meter: "Heating".to_owned(),
        kind,
        rows: (0..5).map(|hour| row(hour, each, each * (hour + 1))).collect(),
        ends: None,
    }
}

async fn start(version: &str) -> (FakeHomeAssistant, Socket) {
    let home = FakeHomeAssistant::start(version).await.unwrap();
    let socket = Socket::connect(&home.url(), &home.token()).await.unwrap();
    (home, socket)
}

async fn send_all(sender: &mut Sender, socket: &mut Socket, all: &[Series]) -> Vec<Import> {
    sender.follow_units(socket, all).await.unwrap();
    let mut imports = Vec::new();
    for series in all {
        imports.extend(sender.send(socket, series, false).await.unwrap());
    }
    imports
}

#[tokio::test]
async fn gas_in_another_unit_is_a_new_statistic_and_so_are_its_costs() {
    for version in VERSIONS {
        let (home, mut socket) = start(version).await;
        let mut sender = Sender::default();
        let power = series(Kind::Consumption, 3_000_000);
        let old = [series(Kind::Gas(Unit::KilowattHour), 11_000_000), series(Kind::Cost, 781_000)];
        send_all(&mut sender, &mut socket, &[old[0].clone(), old[1].clone(), power.clone()]).await;
        // Of a ledger that was lost, in the old unit and at the old price.
        home.edit(|state| {
            for id in [old[0].id(), old[1].id()] {
                state.statistics.get_mut(&id).unwrap().rows.insert(at(-9), row(-9, 1, 1));
            }
        });

        let new = [series(Kind::Gas(Unit::CubicMetre), 1_000_000), series(Kind::Cost, 820_000)];
        for _ in 0..2 {
            send_all(&mut sender, &mut socket, &[new[0].clone(), new[1].clone(), power.clone()]).await;
            for series in new.iter().chain([&power]) {
                assert_eq!(home.rows(&series.id()), series.rows, "{version}");
            }
            let metadata = home.edit(|state| state.statistics[&new[0].id()].metadata.clone());
            assert_eq!(metadata["unit_of_measurement"], "m³");
        }
        let cleared =
            home.edit(|state| state.commands.iter().filter(|one| *one == "recorder/clear_statistics").count());
        assert_eq!(cleared, 1);
    }
}

#[tokio::test]
async fn a_connection_that_breaks_while_the_unit_changes_costs_nothing() {
    for after in 0..9 {
        for done in [false, true] {
            let (home, mut socket) = start("2026.11.0").await;
            let old = [series(Kind::Gas(Unit::KilowattHour), 11_000_000), series(Kind::Cost, 781_000)];
            send_all(&mut Sender::default(), &mut socket, &old).await;
            let new = [series(Kind::Gas(Unit::CubicMetre), 1_000_000), series(Kind::Cost, 781_000)];
            home.fail(Failure::Drop { after, done });
            let mut sender = Sender::default();
            if sender.follow_units(&mut socket, &new).await.is_ok() {
                for series in &new {
                    let _ = sender.send(&mut socket, series, false).await;
                }
            }
            home.mend();
            let mut socket = Socket::connect(&home.url(), &home.token()).await.unwrap();
            send_all(&mut Sender::default(), &mut socket, &new).await;
            for series in &new {
                assert_eq!(home.rows(&series.id()), series.rows, "{after} {done}");
            }
        }
    }
}

#[tokio::test]
async fn rows_after_the_end_count_nothing_and_rows_of_a_lost_ledger_stay() {
    let (home, mut socket) = start("2026.11.0").await;
    let whole = series(Kind::Consumption, 2_000_000);
    send_all(&mut Sender::default(), &mut socket, std::slice::from_ref(&whole)).await;
    // A ledger that has less, with no end: what is newer may be that of a lost one.
    let less = Series { rows: whole.rows[..2].to_vec(), ..whole.clone() };
    send_all(&mut Sender::default(), &mut socket, std::slice::from_ref(&less)).await;
    assert_eq!(home.rows(&whole.id()), whole.rows);

    let ended = Series { ends: Some(at(3)), rows: whole.rows[..3].to_vec(), ..whole.clone() };
    let mut sender = Sender::default();
    for turn in 0..3 {
        let imports = send_all(&mut sender, &mut socket, std::slice::from_ref(&ended)).await;
        let expected = [&whole.rows[..3], &[row(3, 0, 6_000_000), row(4, 0, 6_000_000)]].concat();
        assert_eq!(home.rows(&whole.id()), expected);
        assert_eq!((imports[0].sum, imports[0].sent), (6_000_000, if turn == 0 { 2 } else { 0 }));
    }
    // All of it lies after the end, and older rows are there.
    let none = Series { ends: Some(at(1)), rows: Vec::new(), ..whole.clone() };
    send_all(&mut Sender::default(), &mut socket, std::slice::from_ref(&none)).await;
    assert_eq!(home.rows(&whole.id()).last().unwrap().sum, 2_000_000);
    assert_eq!(home.rows(&whole.id())[..1], whole.rows[..1]);

    // Without the end again, the hours come back.
    send_all(&mut Sender::default(), &mut socket, std::slice::from_ref(&whole)).await;
    assert_eq!(home.rows(&whole.id()), whole.rows);
}

#[tokio::test]
async fn what_ended_before_it_began_is_looked_for_once_and_not_made() {
    let (home, mut socket) = start("2026.11.0").await;
    let none = Series { ends: Some(at(0)), rows: Vec::new(), ..series(Kind::Consumption, 1) };
    let imports = send_all(&mut Sender::default(), &mut socket, std::slice::from_ref(&none)).await;
    assert_eq!((imports.len(), home.edit(|state| state.statistics.len())), (0, 0));
    assert_eq!(home.edit(|state| state.commands.len()), 2, "one for its unit, one for its rows");
}
