//! The Energy dashboard: adding our meters to it, and nothing else.

use serde_json::{Value, json};

use super::{Error, Socket, Version};

const GET: &str = "energy/get_prefs";
const SAVE: &str = "energy/save_prefs";

/// The meters that the dashboard can show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sources {
    pub(super) grid: Vec<Grid>,
    pub(super) gas: Vec<Gas>,
}

/// The statistics of a gas meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gas {
    /// The id of the gas.
    pub(super) gas: String,
    /// The id of what it costs.
    pub(super) cost: Option<String>,
}

/// The statistics of an electricity meter.
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

/// What becomes of the meters of one kind on the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// They are added.
    Added,
    /// They were already.
    AlreadyOurs,
    /// It has another source of that kind, and ours beside it would count everything twice: the user picks.
    Occupied,
}

/// What becomes of the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// The electricity meters.
    pub grid: Shown,
    /// The gas meters.
    pub gas: Shown,
}

/// The energy sources with these meters last, and what became of each kind; one doesn't stand in the way of the other. All
/// that is configured stays as it is.
#[must_use]
pub(super) fn with_sources(prefs: &Value, version: &Version, ours: &Sources) -> (Dashboard, Vec<Value>) {
    let mut sources = prefs.get("energy_sources").and_then(Value::as_array).cloned().unwrap_or_default();
    let kind = |kind| sources.iter().filter(move |source| is(source, "type", kind)).collect::<Vec<_>>();
    let grid = shown(&kind("grid"), ours.grid.iter().map(|meter| meter.consumption.as_str()));
    let gas = shown(&kind("gas"), ours.gas.iter().map(|meter| meter.gas.as_str()));
    if grid == Shown::Added {
        if version.has_unified_grid() {
            sources.extend(ours.grid.iter().map(unified));
        } else {
            sources.push(flows(&ours.grid));
        }
    }
    if gas == Shown::Added {
        sources.extend(ours.gas.iter().map(gas_source));
    }
    (Dashboard { grid, gas }, sources)
}

/// What becomes of our ids beside the sources of their kind.
fn shown<'a>(sources: &[&Value], mut ours: impl Iterator<Item = &'a str>) -> Shown {
    if ours.all(|id| sources.iter().any(|source| imports(source, id))) {
        Shown::AlreadyOurs
    } else if sources.is_empty() {
        Shown::Added
    } else {
        Shown::Occupied
    }
}

/// Adds these meters to the dashboard, each kind unless it has a source of that kind.
///
/// # Errors
/// Why Home Assistant doesn't do it.
pub(super) async fn add_to_dashboard(socket: &mut Socket, ours: &Sources) -> Result<Dashboard, Error> {
    let prefs = configured(socket).await?;
    let (dashboard, sources) = with_sources(&prefs, socket.version(), ours);
    if [dashboard.grid, dashboard.gas].contains(&Shown::Added) {
        socket.call(json!({"type": SAVE, "energy_sources": sources})).await?;
    }
    Ok(dashboard)
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

/// Whether a source, in either format of the grid, counts this id as what comes in.
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

/// A source of gas.
fn gas_source(meter: &Gas) -> Value {
    json!({
        "type": "gas",
        "stat_energy_from": meter.gas,
        "stat_cost": meter.cost,
        "entity_energy_price": null,
        "number_energy_price": null,
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
