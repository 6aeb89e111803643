use serde_json::{Value, json};

use super::dashboard::{Dashboard, Gas, Grid, Sources, configured, with_sources};
use super::{Error, Kind, Series, Socket, rows};
use crate::config::{HomeAssistant, Meter};
use crate::energy::MeterKind;

const USER: &str = "auth/current_user";

/// A Home Assistant that can be reached and takes the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Its version, such as 2026.11.0.
    pub version: String,
    /// Whether the token is an administrator's, without which no statistics can be written.
    pub is_administrator: bool,
    /// What becomes of the Energy dashboard, if it is to show the meters.
    pub dashboard: Option<Dashboard>,
}

/// Connects to Home Assistant and looks around, without changing anything.
///
/// # Errors
/// When Home Assistant can't be reached, is too old, refuses the token, or keeps no statistics.
pub async fn probe(settings: &HomeAssistant, meters: &[Meter]) -> Result<Probe, Error> {
    let mut socket = Socket::connect(&settings.url, &settings.token).await?;
    let user = socket.call(json!({"type": USER})).await?;
    let is_administrator = user.get("is_admin").and_then(Value::as_bool);
    let is_administrator = is_administrator.ok_or_else(|| Error::Unreadable { command: USER.to_owned() })?;
    // Only a recorder answers this, and without one there are no statistics.
    rows::listed(&mut socket).await?;
    let dashboard = if settings.energy_dashboard {
        let prefs = configured(&mut socket).await?;
        Some(with_sources(&prefs, socket.version(), &sources(meters)).0)
    } else {
        None
    };
    let version = socket.version().to_string();
    socket.close().await;
    Ok(Probe { version, is_administrator, dashboard })
}

/// The sources that meters would be, as far as they decide what becomes of the dashboard.
fn sources(meters: &[Meter]) -> Sources {
    let mut sources = Sources::default();
    for meter in meters {
        let kind = match meter.kind {
            MeterKind::Electricity => Kind::Consumption,
            MeterKind::Gas => Kind::Gas(meter.unit),
        };
        let series = Series { ean: meter.ean.clone(), meter: String::new(), kind, rows: Vec::new(), ends: None };
        match meter.kind {
            MeterKind::Electricity => {
                sources.grid.push(Grid { consumption: series.id(), injection: None, cost: None, compensation: None });
            }
            MeterKind::Gas => sources.gas.push(Gas { gas: series.id(), cost: None }),
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::History;
    use crate::energy::{Ean, Unit};
    use crate::statistics::Shown;
    use crate::statistics::fake::{Failure, FakeHomeAssistant};

    fn meter(ean: &str, kind: MeterKind) -> Meter {
        Meter {
            ean: Ean::parse(ean).unwrap(),
            serial: String::new(),
            name: None,
            kind,
            unit: Unit::KilowattHour,
            resolution: History::Finest,
            history_from: None,
            history_until: None,
        }
    }

    fn meters() -> [Meter; 2] {
        [meter("541448860000000011", MeterKind::Electricity), meter("541448860000000028", MeterKind::Gas)]
    }

    fn settings(home: &FakeHomeAssistant, energy_dashboard: bool) -> HomeAssistant {
        HomeAssistant { url: home.url(), token: home.token(), splits_registers: false, energy_dashboard }
    }

    #[tokio::test]
    async fn it_tells_the_version_and_whose_the_token_is_and_changes_nothing() {
        let home = FakeHomeAssistant::start("2026.11.0").await.unwrap();
        let found = probe(&settings(&home, false), &meters()).await.unwrap();
        assert_eq!(found, Probe { version: "2026.11.0".into(), is_administrator: true, dashboard: None });
        home.fail(Failure::Unauthorized);
        assert!(!probe(&settings(&home, false), &meters()).await.unwrap().is_administrator);
        let commands = home.edit(|state| state.commands.clone());
        assert_eq!(commands, [USER, "recorder/list_statistic_ids"].repeat(2));
    }

    #[tokio::test]
    async fn it_tells_what_becomes_of_the_dashboard() {
        for version in ["2026.2.3", "2026.11.0"] {
            let home = FakeHomeAssistant::start(version).await.unwrap();
            let dashboard = async || probe(&settings(&home, true), &meters()).await.unwrap().dashboard.unwrap();
            assert_eq!(dashboard().await, Dashboard { grid: Shown::Added, gas: Shown::Added });
            let source = |id: &str| {
                json!({"energy_sources": [
                    {"type": "grid", "flow_from": [{"stat_energy_from": id}], "flow_to": []},
                ]})
            };
            home.edit(|state| state.prefs = Some(source("sensor.p1")));
            assert_eq!(dashboard().await, Dashboard { grid: Shown::Occupied, gas: Shown::Added });
            home.edit(|state| state.prefs = Some(source("fluvius2mqtt:541448860000000011_consumption")));
            assert_eq!(dashboard().await, Dashboard { grid: Shown::AlreadyOurs, gas: Shown::Added });
            home.edit(|state| {
                state.prefs = Some(json!({"energy_sources": [{"type": "gas", "stat_energy_from": "sensor.gas"}]}))
            });
            assert_eq!(dashboard().await, Dashboard { grid: Shown::Added, gas: Shown::Occupied });
        }
    }

    #[tokio::test]
    async fn one_that_keeps_no_statistics_yet_is_not_good_enough() {
        let home = FakeHomeAssistant::start("2026.11.0").await.unwrap();
        home.fail(Failure::Starting(1));
        assert!(matches!(probe(&settings(&home, false), &[]).await, Err(Error::Unavailable(_))));
    }
}
