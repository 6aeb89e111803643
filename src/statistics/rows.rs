//! The rows that Home Assistant holds: reading, writing and removing them.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::redact::PREFIX;
use super::{Error, Row, Series, Socket, Version};
use crate::energy::Unit;

/// The domain of our ids.
const SOURCE: &str = "fluvius2mqtt";

const IMPORT: &str = "recorder/import_statistics";
const PERIOD: &str = "recorder/statistics_during_period";
const CLEAR: &str = "recorder/clear_statistics";
const LIST: &str = "recorder/list_statistic_ids";
const METADATA: &str = "recorder/get_statistics_metadata";

/// The most that one request reads: some 200 KB.
const WINDOW: TimeDelta = TimeDelta::days(90);

/// The first stretch in which the last row is looked for, and how far back it is looked for at all.
const FIRST_WINDOW: TimeDelta = TimeDelta::days(3);
const FARTHEST: TimeDelta = TimeDelta::days(6 * 366);

/// Millionths in one unit.
const SCALE: f64 = 1e6;

/// Up to so many millionths, a billion units, an amount comes back from whole units in a double as it went.
const LARGEST: f64 = 1e15;

/// The command that writes some rows of a series; an hour that is there already is replaced.
#[must_use]
pub(super) fn import(series: &Series, rows: &[Row], version: &Version) -> Value {
    let (unit, class) = series.kind.unit();
    let mut metadata = json!({
        "has_sum": true,
        "name": series.name(),
        "source": SOURCE,
        "statistic_id": series.id(),
        "unit_of_measurement": unit,
    });
    if let Some(fields) = metadata.as_object_mut() {
        if version.needs_unit_class() {
            fields.insert("mean_type".to_owned(), 0.into());
            fields.insert("unit_class".to_owned(), class.into());
        } else {
            fields.insert("has_mean".to_owned(), false.into());
        }
    }
    let stats: Vec<Value> = rows
        .iter()
        .map(|row| json!({"start": iso(row.start, SecondsFormat::Secs), "state": units(row.state), "sum": units(row.sum)}))
        .collect();
    json!({"type": IMPORT, "metadata": metadata, "stats": stats})
}

/// The rows of an id from an instant on and before another one, in the order of time. A row without a sum, which is
/// never ours, is left out.
///
/// # Errors
/// Why they can't be read.
pub(super) async fn read(
    socket: &mut Socket,
    id: &str,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    let mut start = from;
    while start < until {
        let end = start.checked_add_signed(WINDOW).unwrap_or(until).min(until);
        rows.extend(window(socket, id, start, Some(end)).await?);
        start = end;
    }
    Ok(rows)
}

/// The rows of an id from an instant on, however many there are.
///
/// # Errors
/// Why they can't be read.
pub(super) async fn read_on(socket: &mut Socket, id: &str, from: DateTime<Utc>) -> Result<Vec<Row>, Error> {
    window(socket, id, from, None).await
}

/// The newest row of an id before an instant, if there is one in the six years before it.
///
/// # Errors
/// Why it can't be read.
pub(super) async fn last_before(socket: &mut Socket, id: &str, instant: DateTime<Utc>) -> Result<Option<Row>, Error> {
    let farthest = instant.checked_sub_signed(FARTHEST).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let (mut end, mut stretch) = (instant, FIRST_WINDOW);
    while farthest < end {
        let start = end.checked_sub_signed(stretch).unwrap_or(farthest).max(farthest);
        if let Some(row) = window(socket, id, start, Some(end)).await?.pop() {
            return Ok(Some(row));
        }
        (end, stretch) = (start, (stretch * 6).min(WINDOW));
    }
    Ok(None)
}

/// Removes all rows of these ids. One that is not ours is left alone.
///
/// # Errors
/// Why they can't be removed. When it is [`Error::Unavailable`] they may be gone all the same.
pub(super) async fn clear(socket: &mut Socket, ids: &[String]) -> Result<(), Error> {
    let ours: Vec<&String> = ids.iter().filter(|id| id.starts_with(PREFIX)).collect();
    if ours.is_empty() {
        return Ok(());
    }
    socket.call(json!({"type": CLEAR, "statistic_ids": ours})).await.map(|_| ())
}

/// The ids of ours that Home Assistant knows, in order.
///
/// # Errors
/// Why they can't be read.
pub(super) async fn listed(socket: &mut Socket) -> Result<Vec<String>, Error> {
    let answer = socket.call(json!({"type": LIST, "statistic_type": "sum"})).await?;
    let known = answer.as_array().ok_or_else(|| unreadable(LIST))?;
    let ids = known.iter().filter_map(|one| one.get("statistic_id").and_then(Value::as_str));
    let mut ours: Vec<String> = ids.filter(|id| id.starts_with(PREFIX)).map(str::to_owned).collect();
    ours.sort_unstable();
    Ok(ours)
}

/// The units in which statistics are held, by id. An id that isn't held, or has no unit, is absent.
///
/// # Errors
/// Why they can't be read.
pub(super) async fn units_held(socket: &mut Socket, ids: &[String]) -> Result<BTreeMap<String, String>, Error> {
    let answer = socket.call(json!({"type": METADATA, "statistic_ids": ids})).await?;
    let known = answer.as_array().ok_or_else(|| unreadable(METADATA))?;
    let text = |one: &Value, key: &str| one.get(key).and_then(Value::as_str).map(str::to_owned);
    let units = known.iter().filter_map(|one| {
        let id = text(one, "statistic_id").filter(|id| ids.contains(id))?;
        Some((id, text(one, "statistics_unit_of_measurement")?))
    });
    Ok(units.collect())
}

async fn window(
    socket: &mut Socket,
    id: &str,
    from: DateTime<Utc>,
    until: Option<DateTime<Utc>>,
) -> Result<Vec<Row>, Error> {
    // Without the units, they come in the ones that the user has chosen for display.
    let mut command = json!({
        "type": PERIOD,
        "start_time": iso(from, SecondsFormat::Micros),
        "statistic_ids": [id],
        "period": "hour",
        "types": ["state", "sum"],
        "units": {"energy": Unit::KilowattHour.symbol(), "volume": Unit::CubicMetre.symbol()},
    });
    if let (Some(until), Some(fields)) = (until, command.as_object_mut()) {
        fields.insert("end_time".to_owned(), iso(until, SecondsFormat::Micros).into());
    }
    let answer = socket.call(command).await?;
    decode(&answer, id).ok_or_else(|| unreadable(PERIOD))
}

/// The rows of an id in an answer, in the order of time.
fn decode(answer: &Value, id: &str) -> Option<Vec<Row>> {
    let Some(found) = answer.as_object()?.get(id) else { return Some(Vec::new()) };
    let found = found.as_array()?;
    let mut rows = Vec::with_capacity(found.len());
    for one in found {
        let start = instant(one.get("start")?.as_f64()?)?;
        let amount = |key: &str| match one.get(key) {
            None | Some(Value::Null) => Some(None),
            Some(amount) => Some(Some(millionths(amount.as_f64()?)?)),
        };
        if let (state, Some(sum)) = (amount("state")?, amount("sum")?) {
            rows.push(Row { start, state: state.unwrap_or_default(), sum });
        }
    }
    rows.sort_unstable_by_key(|row| row.start);
    Some(rows)
}

/// Whole units, as Home Assistant counts.
#[expect(clippy::cast_precision_loss, reason = "exact below a billion units")]
pub(super) fn units(millionths: i64) -> f64 {
    millionths as f64 / SCALE
}

/// The nearest millionths of whole units.
pub(super) fn millionths(units: f64) -> Option<i64> {
    let millionths = (units * SCALE).round();
    #[expect(clippy::cast_possible_truncation, reason = "checked: at most 10^15")]
    (millionths.abs() <= LARGEST).then_some(millionths as i64)
}

/// An instant from milliseconds since 1970.
fn instant(milliseconds: f64) -> Option<DateTime<Utc>> {
    #[expect(clippy::cast_possible_truncation, reason = "checked: at most 10^15")]
    (milliseconds.abs() <= LARGEST).then(|| DateTime::from_timestamp_millis(milliseconds as i64)).flatten()
}

fn iso(instant: DateTime<Utc>, precision: SecondsFormat) -> String {
    instant.to_rfc3339_opts(precision, false)
}

fn unreadable(command: &str) -> Error {
    Error::Unreadable { command: command.to_owned() }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
