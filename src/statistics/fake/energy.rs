//! The commands of the Energy dashboard.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::State;
use super::commands::Fault;
use super::shape::{check, fields, is_text_or_null};

const LISTS: [&str; 3] = ["energy_sources", "device_consumption", "device_consumption_water"];

type Found = Result<Value, Fault>;

pub(super) fn prefs(state: &State, command: &Value) -> Found {
    fields(command, &["id", "type"], &[])?;
    state.prefs.clone().ok_or_else(|| Fault::new("not_found", "No prefs"))
}

/// Each list that is given replaces the whole one.
pub(super) fn save(state: &mut State, command: &Value) -> Found {
    let all = fields(command, &["id", "type"], &LISTS)?;
    for key in LISTS {
        check(all, key, "list", Value::is_array)?;
    }
    let sources = all.get("energy_sources").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let grid: Vec<&Value> =
        sources.iter().filter(|source| source.get("type").is_some_and(|one| one == "grid")).collect();
    if state.is_at_least(2026, 3) {
        for source in &grid {
            pair(state, source)?;
        }
        unique(grid.iter().filter_map(|source| source.get("stat_energy_from")))?;
        unique(grid.iter().filter_map(|source| source.get("stat_energy_to")))?;
    } else {
        if grid.len() > 1 {
            return Err(Fault::format("You cannot have more than 1 grid source"));
        }
        for source in &grid {
            flows(source)?;
        }
    }
    for source in sources.iter().filter(|source| source.get("type").is_some_and(|one| one == "gas")) {
        gas(state, source)?;
    }
    let empty = json!({"energy_sources": [], "device_consumption": [], "device_consumption_water": []});
    let mut prefs = state.prefs.take().unwrap_or(empty);
    if let Some(fields) = prefs.as_object_mut() {
        let given = LISTS.into_iter().filter_map(|key| Some((key.to_owned(), all.get(key)?.clone())));
        fields.extend(given);
    }
    state.prefs = Some(prefs.clone());
    Ok(prefs)
}

/// A source since 2026.3.
fn pair(state: &State, source: &Value) -> Result<(), Fault> {
    let texts = [
        "stat_energy_from",
        "stat_energy_to",
        "stat_cost",
        "entity_energy_price",
        "stat_compensation",
        "entity_energy_price_export",
    ];
    let others = ["number_energy_price", "number_energy_price_export", "stat_rate", "power_config"];
    let name: &[&str] = if state.is_at_least(2026, 6) { &["name"] } else { &[] };
    let data = fields(source, &["type", "cost_adjustment_day"], &[&texts[..], &others, name].concat())?;
    for key in texts {
        check(data, key, "str", is_text_or_null)?;
    }
    let is_set = |key: &str| data.get(key).is_some_and(|value| !value.is_null());
    if !["stat_energy_from", "stat_energy_to", "stat_rate", "power_config"].into_iter().any(is_set) {
        return Err(Fault::format("Grid must have at least one of: import meter, export meter, or power sensor"));
    }
    priced(state, data)
}

/// A source of gas.
fn gas(state: &State, source: &Value) -> Result<(), Fault> {
    let texts = ["stat_cost", "entity_energy_price"];
    let newer: &[&str] = if state.is_at_least(2026, 6) { &["name", "stat_rate"] } else { &[] };
    let optional = [&texts[..], &["number_energy_price"], newer].concat();
    let data = fields(source, &["type", "stat_energy_from"], &optional)?;
    check(data, "stat_energy_from", "str", Value::is_string)?;
    for key in texts {
        check(data, key, "str", is_text_or_null)?;
    }
    priced(state, data)
}

/// Since 2026.4, what is no entity has no price of its own.
fn priced(state: &State, data: &Map<String, Value>) -> Result<(), Fault> {
    let is_external = data.get("stat_energy_from").and_then(Value::as_str).is_some_and(|id| id.contains(':'));
    let is_set = |key: &str| data.get(key).is_some_and(|value| !value.is_null());
    if is_external && (is_set("entity_energy_price") || is_set("number_energy_price")) && state.is_at_least(2026, 4) {
        return Err(Fault::format("Costs are not supported for external statistics. Use stat_cost instead"));
    }
    Ok(())
}

/// The source until 2026.2.
fn flows(source: &Value) -> Result<(), Fault> {
    let data = fields(source, &["type", "flow_from", "flow_to", "cost_adjustment_day"], &["power"])?;
    flow(data, "flow_from", &["stat_energy_from", "stat_cost"])?;
    flow(data, "flow_to", &["stat_energy_to", "stat_compensation"])
}

fn flow(data: &Map<String, Value>, key: &str, own: &[&str]) -> Result<(), Fault> {
    let list = data.get(key).and_then(Value::as_array).ok_or_else(|| Fault::format("expected a list"))?;
    let keys = [own, &["entity_energy_price", "number_energy_price"]].concat();
    for one in list {
        let (first, rest) = keys.split_at(1);
        let data = fields(one, first, rest)?;
        check(data, first.first().unwrap_or(&""), "str", Value::is_string)?;
        if rest.iter().any(|key| !data.contains_key(*key)) {
            return Err(Fault::new("unknown_error", "Unknown error"));
        }
    }
    unique(list.iter().filter_map(|one| one.get(own.first().copied().unwrap_or_default())))
}

fn unique<'a>(ids: impl Iterator<Item = &'a Value>) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    for id in ids.filter_map(Value::as_str) {
        if !seen.insert(id) {
            return Err(Fault::format(&format!("Cannot specify {id} more than once")));
        }
    }
    Ok(())
}
