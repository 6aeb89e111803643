//! Single tasks on a connection of their own.

use chrono::{DateTime, Utc};

use super::error::Error;
use super::importer::{show, sources};
use super::planner::first_difference;
use super::rows;
use super::sender::{Import, Sender};
use super::series::Series;
use super::socket::Socket;
use crate::config::HomeAssistant;

/// What Home Assistant holds of a statistic, against what it is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How many hours it holds between the first and the last of ours.
    pub held: usize,
    /// How many it is to hold there.
    pub wanted: usize,
    /// The first hour that is missing or different.
    pub differs_from: Option<DateTime<Utc>>,
}

/// Compares each statistic with what Home Assistant holds, without changing anything.
///
/// # Errors
/// When Home Assistant can't be reached or refuses.
pub async fn compare(settings: &HomeAssistant, series: &[Series]) -> Result<Vec<Comparison>, Error> {
    let mut socket = Socket::connect(&settings.url, &settings.token).await?;
    let mut sender = Sender::default();
    let mut comparisons = Vec::new();
    for series in series {
        let (wanted, held) = sender.look(&mut socket, series).await?;
        let differs_from = first_difference(&wanted, &held).and_then(|index| wanted.get(index)).map(|row| row.start);
        comparisons.push(Comparison { held: held.len(), wanted: wanted.len(), differs_from });
    }
    socket.close().await;
    Ok(comparisons)
}

/// Sends all statistics, changed or not, or only what differs; and adds the meters to the Energy dashboard if that is
/// wanted.
///
/// # Errors
/// When Home Assistant can't be reached or refuses.
pub async fn send(settings: &HomeAssistant, series: &[Series], everything: bool) -> Result<Vec<Import>, Error> {
    if series.is_empty() {
        return Ok(Vec::new());
    }
    let mut socket = Socket::connect(&settings.url, &settings.token).await?;
    let mut sender = Sender::default();
    sender.follow_units(&mut socket, series).await?;
    let mut imports = Vec::new();
    for series in series {
        imports.extend(sender.send(&mut socket, series, everything).await?);
    }
    if settings.energy_dashboard {
        show(&mut socket, &sources(series)).await?;
    }
    socket.close().await;
    Ok(imports)
}

/// Removes every statistic of this program from Home Assistant; gives how many there were.
///
/// # Errors
/// When Home Assistant can't be reached or refuses.
pub async fn clear(settings: &HomeAssistant, series: &[Series]) -> Result<usize, Error> {
    let mut socket = Socket::connect(&settings.url, &settings.token).await?;
    let of_meters = |id: &String| series.iter().any(|series| id.starts_with(&series.meter_prefix()));
    let ids: Vec<_> = rows::listed(&mut socket).await?.into_iter().filter(of_meters).collect();
    let count = ids.len();
    if count > 0 {
        rows::clear(&mut socket, &ids).await?;
    }
    socket.close().await;
    Ok(count)
}
