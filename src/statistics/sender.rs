//! Brings what Home Assistant holds of a statistic in line with its rows.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;
use tracing::warn;

use super::error::Error;
use super::planner::{first_difference, fitted};
use super::rows;
use super::series::{Kind, Row, Series};
use super::socket::Socket;
use crate::energy::Ean;

/// Home Assistant takes messages of 4 MiB; so many rows are a twentieth of it.
const CHUNK: usize = 2_000;

/// So many chunks are sent before their replies are awaited.
const AHEAD: usize = 4;

/// Home Assistant says yes before it has written; how long that may take, and how often to look.
const WRITTEN: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(200);

const HOUR: TimeDelta = TimeDelta::hours(1);

/// One connection's knowledge of what Home Assistant holds.
#[derive(Default)]
pub(super) struct Sender {
    held: BTreeMap<String, Held>,
}

/// What is held of a statistic from its first hour on.
struct Held {
    /// The sum of what is held before that.
    base: i64,
    rows: Vec<Row>,
}

/// What Home Assistant holds of a statistic, as it was read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The meter.
    pub ean: Ean,
    /// Which of its statistics.
    pub kind: Kind,
    /// The start of the last hour.
    pub last_hour: DateTime<Utc>,
    /// How many hours there are from the first of ours on.
    pub rows: usize,
    /// The sum at the last hour, in millionths.
    pub sum: i64,
    /// How many hours were sent for that.
    pub sent: usize,
}

impl Sender {
    /// Removes what Home Assistant holds in another unit than it is to be in: it takes the new unit for the old rows as
    /// well and never converts them. What gas costs goes with it, since its price is that of a unit.
    pub(super) async fn follow_units(&mut self, socket: &mut Socket, series: &[Series]) -> Result<(), Error> {
        let ids: Vec<_> = series.iter().map(Series::id).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let held = rows::units_held(socket, &ids).await?;
        let mut wrong = Vec::new();
        for series in series {
            let (wanted, _) = series.kind.unit();
            if let Some(unit) = held.get(&series.id()).filter(|unit| *unit != wanted) {
                let is_gas = matches!(series.kind, Kind::Gas(_));
                let costs = if is_gas { ", as well as its costs" } else { "" };
                warn!(
                    "Home Assistant: the statistic \"{}\" was in {unit}; it is removed and made anew in {wanted}{costs}",
                    series.name()
                );
                wrong.push(series.id());
                wrong.extend(is_gas.then(|| series.with(Kind::Cost)));
            }
        }
        for id in &wrong {
            self.held.remove(id);
        }
        rows::clear(socket, &wrong).await
    }

    /// Sends what is missing or different, from the first difference on, or `everything`, and reads it back. `None` when
    /// Home Assistant is to hold nothing of the statistic.
    pub(super) async fn send(
        &mut self,
        socket: &mut Socket,
        series: &Series,
        everything: bool,
    ) -> Result<Option<Import>, Error> {
        let (wanted, held) = self.look(socket, series).await?;
        let from = if everything { Some(0) } else { first_difference(&wanted, &held) };
        let tail = from.and_then(|from| wanted.get(from..)).unwrap_or_default();
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Ok(None) };
        let held_now = Import {
            ean: series.ean.clone(),
            kind: series.kind,
            last_hour: last.start,
            rows: wanted.len(),
            sum: last.sum,
            sent: tail.len(),
        };
        if !tail.is_empty() {
            import(socket, series, tail).await?;
            read_back(socket, &series.id(), tail).await?;
        }
        let base = first.sum.saturating_sub(first.state);
        self.held.insert(series.id(), Held { base, rows: wanted });
        Ok(Some(held_now))
    }

    /// What a statistic is to be in Home Assistant, and what it is there now.
    pub(super) async fn look(&mut self, socket: &mut Socket, series: &Series) -> Result<(Vec<Row>, Vec<Row>), Error> {
        let Some(first) = series.rows.first().map(|row| row.start).or(series.ends) else {
            return Ok(Default::default());
        };
        let held = self.known(socket, series, first).await?;
        Ok((fitted(&series.rows, held.base, &held.rows, series.ends), held.rows))
    }

    /// What Home Assistant holds of a statistic from `first` until its last row, or beyond that if it ends: as it was read
    /// back, if the end of that still stands, or else read anew.
    async fn known(&mut self, socket: &mut Socket, series: &Series, first: DateTime<Utc>) -> Result<Held, Error> {
        let id = &series.id();
        if let Some(held) = self.held.remove(id)
            && held.rows.first().is_some_and(|row| row.start == first)
            && let Some(newest) = held.rows.last()
            && rows::read(socket, id, newest.start, after(newest.start)).await?.first() == Some(newest)
        {
            return Ok(held);
        }
        let after_ours = series.rows.last().map_or(first, |last| after(last.start));
        let mut rows = rows::read(socket, id, first, after_ours).await?;
        if series.ends.is_some() {
            rows.extend(rows::read_on(socket, id, after_ours).await?);
        }
        // Where there is nothing at all, nothing can lie before it that matters.
        let base = match (series.rows.is_empty(), rows.is_empty()) {
            (true, true) => None,
            _ => rows::last_before(socket, id, first).await?,
        };
        Ok(Held { base: base.map_or(0, |row| row.sum), rows })
    }
}

/// Sends rows as they are.
async fn import(socket: &mut Socket, series: &Series, rows: &[Row]) -> Result<(), Error> {
    let chunks: Vec<_> = rows.chunks(CHUNK).collect();
    for ahead in chunks.chunks(AHEAD) {
        let version = *socket.version();
        let commands = ahead.iter().map(|chunk| rows::import(series, chunk, &version)).collect();
        for result in socket.call_all(commands).await {
            result?;
        }
    }
    Ok(())
}

/// Waits until Home Assistant holds these rows.
async fn read_back(socket: &mut Socket, id: &str, wanted: &[Row]) -> Result<(), Error> {
    let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Ok(()) };
    let deadline = Instant::now() + WRITTEN;
    loop {
        // The last row is written last, so the others are worth reading only when it is there.
        let newest = rows::read(socket, id, last.start, after(last.start)).await?;
        if newest.first() == Some(last) && rows::read(socket, id, first.start, after(last.start)).await? == wanted {
            return Ok(());
        }
        if Instant::now() > deadline {
            let why = format!("it has not written the statistics within {} s", WRITTEN.as_secs());
            return Err(Error::Unavailable(why));
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn after(hour: DateTime<Utc>) -> DateTime<Utc> {
    hour.checked_add_signed(HOUR).unwrap_or(hour)
}

#[cfg(test)]
#[path = "sender_tests.rs"]
mod tests;
