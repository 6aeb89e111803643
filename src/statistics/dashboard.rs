//! The Energy dashboard: adding our meters to it, and nothing else.

use serde_json::{Value, json};

use super::{Error, Socket, Version};

const GET: &str = "energy/get_prefs";
const SAVE: &str = "energy/save_prefs";

/// The statistics of a meter that the dashboard can show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// The id of the consumption.
    pub(super) consumption: String,
    /// The id of the injection.
    pub(super) injection: Option<String>,
    /// The id of what the consumption costs.
    pub(super) cost: Option<String>,
    /// The id of what the injection earns.
    pub(super) compensation: Option<String>,
}

/// What is to become of the dashboard.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// It has our meters already.
    AlreadyOurs,
    /// It has another source for the grid, and ours beside it would count everything twice: the user picks.
    Occupied,
    /// All energy sources to save, ours last.
    Save(Value),
}

/// What becomes of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dashboard {
    /// Our meters are added.
    Added,
    /// They were already.
    AlreadyOurs,
    /// It has another source for the grid and is left as it is.
    Occupied,
}

/// The dashboard with these meters. All that is configured stays as it is.
#[must_use]
pub(super) fn with_grid(prefs: &Value, version: &Version, meters: &[Grid]) -> Outcome {
    let mut sources = prefs.get("energy_sources").and_then(Value::as_array).cloned().unwrap_or_default();
    let grid: Vec<&Value> = sources.iter().filter(|source| is(source, "type", "grid")).collect();
    if meters.iter().all(|meter| grid.iter().any(|source| imports(source, &meter.consumption))) {
        return Outcome::AlreadyOurs;
    }
    if !grid.is_empty() {
        return Outcome::Occupied;
    }
    if version.has_unified_grid() {
        sources.extend(meters.iter().map(unified));
    } else {
        sources.push(flows(meters));
    }
    Outcome::Save(Value::Array(sources))
}

/// Adds these meters to the dashboard, unless it has a source for the grid.
///
/// # Errors
/// Why Home Assistant doesn't do it.
pub(super) async fn add_to_dashboard(socket: &mut Socket, meters: &[Grid]) -> Result<Dashboard, Error> {
    let prefs = configured(socket).await?;
    match with_grid(&prefs, socket.version(), meters) {
        Outcome::AlreadyOurs => Ok(Dashboard::AlreadyOurs),
        Outcome::Occupied => Ok(Dashboard::Occupied),
        Outcome::Save(sources) => {
            socket.call(json!({"type": SAVE, "energy_sources": sources})).await?;
            Ok(Dashboard::Added)
        }
    }
}

/// How the dashboard is configured, with a list of its sources.
///
/// # Errors
/// Why Home Assistant doesn't tell.
pub(super) async fn configured(socket: &mut Socket) -> Result<Value, Error> {
    let prefs = match socket.call(json!({"type": GET})).await {
        Err(Error::Command { code, .. }) if code == "not_found" => json!({"energy_sources": []}),
        answer => answer?,
    };
    // What can't be understood must not be replaced.
    if !prefs.get("energy_sources").is_some_and(Value::is_array) {
        return Err(Error::Unreadable { command: GET.to_owned() });
    }
    Ok(prefs)
}

/// Whether a source of either format counts this id as energy from the grid.
fn imports(source: &Value, id: &str) -> bool {
    let flows = source.get("flow_from").and_then(Value::as_array).into_iter().flatten();
    std::iter::once(source).chain(flows).any(|part| is(part, "stat_energy_from", id))
}

fn is(value: &Value, key: &str, wanted: &str) -> bool {
    value.get(key).and_then(Value::as_str) == Some(wanted)
}

/// A source since 2026.3.
fn unified(meter: &Grid) -> Value {
    json!({
        "type": "grid",
        "stat_energy_from": meter.consumption,
        "stat_energy_to": meter.injection,
        "stat_cost": meter.cost,
        "entity_energy_price": null,
        "number_energy_price": null,
        "stat_compensation": meter.compensation.as_ref().filter(|_| meter.injection.is_some()),
        "entity_energy_price_export": null,
        "number_energy_price_export": null,
        "cost_adjustment_day": 0,
    })
}

/// The one source until 2026.2, which answers with an error when a key with null is absent.
fn flows(meters: &[Grid]) -> Value {
    let from = |meter: &Grid| {
        json!({
            "stat_energy_from": meter.consumption,
            "stat_cost": meter.cost,
            "entity_energy_price": null,
            "number_energy_price": null,
        })
    };
    let to = |meter: &Grid| {
        meter.injection.as_ref().map(|injection| {
            json!({
                "stat_energy_to": injection,
                "stat_compensation": meter.compensation,
                "entity_energy_price": null,
                "number_energy_price": null,
            })
        })
    };
    json!({
        "type": "grid",
        "flow_from": meters.iter().map(from).collect::<Vec<_>>(),
        "flow_to": meters.iter().filter_map(to).collect::<Vec<_>>(),
        "cost_adjustment_day": 0,
    })
}

#[cfg(test)]
#[path = "dashboard_tests.rs"]
mod tests;
