//! The commands of the recorder.

use std::time::Instant;

use chrono::{DateTime, Timelike as _, Utc};
use serde_json::{Map, Value, json};

use super::shape::{check, fields, is_text_or_null, text, texts};
use super::{Import, State, Statistic, energy, unit};
use crate::statistics::Row;
use crate::statistics::rows::{millionths, units};

/// The commands that an administrator only may give.
const ADMIN: [&str; 3] = ["recorder/import_statistics", "recorder/clear_statistics", "energy/save_prefs"];

/// Why a command is refused.
pub(super) struct Fault {
    code: &'static str,
    message: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, message: &str) -> Self {
        Self { code, message: message.to_owned() }
    }

    pub(super) fn format(message: &str) -> Self {
        Self::new("invalid_format", message)
    }

    fn failed(message: &str) -> Self {
        Self::new("home_assistant_error", message)
    }
}

impl State {
    /// The answer to a command; `None` when the connection is to break.
    pub(super) fn receive(&mut self, command: &Value, last_id: &mut u64) -> Option<Value> {
        let id = command.get("id").and_then(Value::as_u64).unwrap_or_default();
        let breaks = match &mut self.failures.drop {
            Some((0, done)) => Some(*done),
            Some((after, _)) => {
                *after -= 1;
                None
            }
            None => None,
        };
        if breaks == Some(false) {
            self.failures.drop = None;
            return None;
        }
        let result = self.judge(command, id, last_id);
        if breaks.is_some() {
            self.failures.drop = None;
            return None;
        }
        Some(match result {
            Ok(result) => json!({"id": id, "type": "result", "success": true, "result": result}),
            Err(Fault { code, message }) => {
                let error = json!({"code": code, "message": message});
                json!({"id": id, "type": "result", "success": false, "error": error})
            }
        })
    }

    fn judge(&mut self, command: &Value, id: u64, last_id: &mut u64) -> Result<Value, Fault> {
        let kind = command.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.commands.push(kind.clone());
        if id == 0 {
            return Err(Fault::format("Message incorrectly formatted."));
        }
        if id <= *last_id {
            return Err(Fault::new("id_reuse", "Identifier values have to increase."));
        }
        *last_id = id;
        if self.failures.starting > 0 {
            self.failures.starting -= 1;
            return Err(Fault::new("unknown_command", "Unknown command."));
        }
        if self.failures.unauthorized && ADMIN.contains(&kind.as_str()) {
            return Err(Fault::new("unauthorized", "Unauthorized"));
        }
        self.commit(Instant::now());
        match kind.as_str() {
            "recorder/import_statistics" => self.import(command),
            "recorder/statistics_during_period" => self.during_period(command),
            "recorder/clear_statistics" => self.clear(command),
            "recorder/list_statistic_ids" => self.list(command),
            "recorder/get_statistics_metadata" => self.metadata(command),
            "auth/current_user" => self.user(command),
            "energy/get_prefs" => energy::prefs(self, command),
            "energy/save_prefs" => energy::save(self, command),
            _ => Err(Fault::new("unknown_command", "Unknown command.")),
        }
    }

    fn user(&self, command: &Value) -> Result<Value, Fault> {
        fields(command, &["id", "type"], &[])?;
        let is_admin = !self.failures.unauthorized;
        Ok(json!({
            "id": "4b8f", "name": "Home", "is_owner": is_admin, "is_admin": is_admin, "credentials": [], "mfa_modules": [],
        }))
    }

    fn import(&mut self, command: &Value) -> Result<Value, Fault> {
        let all = fields(command, &["id", "type", "metadata", "stats"], &[])?;
        let metadata = all.get("metadata").unwrap_or(&Value::Null);
        let (has_mean, newer): (&[&str], &[&str]) = if self.is_at_least(2025, 11) {
            (&[], &["has_mean", "mean_type", "unit_class"])
        } else {
            (&["has_mean"], &[])
        };
        let required = [&["has_sum", "name", "source", "statistic_id", "unit_of_measurement"], has_mean].concat();
        let data = fields(metadata, &required, newer)?;
        for key in ["has_sum", "has_mean"] {
            check(data, key, "bool", Value::is_boolean)?;
        }
        for key in ["name", "unit_of_measurement", "unit_class"] {
            check(data, key, "str", is_text_or_null)?;
        }
        check(data, "mean_type", "0, 1 or 2", |value| value.as_u64().is_some_and(|kind| kind <= 2))?;
        let stats = all.get("stats").and_then(Value::as_array).ok_or_else(|| Fault::format("expected a list"))?;
        let raw = stats.iter().map(raw_row).collect::<Result<Vec<_>, _>>()?;

        let (id, source) = (text(data, "statistic_id")?, text(data, "source")?);
        if !is_external(id) {
            return Err(Fault::failed("Invalid statistic_id"));
        }
        if id.split(':').next() != Some(source) {
            return Err(Fault::failed("Invalid source"));
        }
        let unit = data.get("unit_of_measurement").and_then(Value::as_str);
        if let Some(class) = data.get("unit_class").and_then(Value::as_str) {
            if !unit::is_class(class) {
                return Err(Fault::failed(&format!("Unsupported unit_class: '{class}'")));
            }
            if !unit.is_some_and(|unit| unit::is_of(unit, class)) {
                return Err(Fault::failed(&format!("Unsupported unit_of_measurement for unit_class '{class}'")));
            }
        }
        let rows = raw.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
        if self.is_at_least(2025, 11) {
            for key in ["mean_type", "unit_class"].into_iter().filter(|key| !data.contains_key(*key)) {
                self.warnings.push(format!("doesn't specify {key}"));
            }
        }
        if !self.failures.lost {
            let due = Instant::now() + self.failures.commit;
            self.uncommitted.push((due, Import { id: id.to_owned(), metadata: metadata.clone(), rows }));
            self.commit(Instant::now());
        }
        Ok(Value::Null)
    }

    fn during_period(&self, command: &Value) -> Result<Value, Fault> {
        let required = ["id", "type", "start_time", "statistic_ids", "period"];
        let all = fields(command, &required, &["end_time", "types", "units"])?;
        let ids = texts(all, "statistic_ids")?;
        let types = if all.contains_key("types") { texts(all, "types")? } else { vec!["state", "sum"] };
        let known = ["change", "last_reset", "max", "mean", "min", "state", "sum"];
        if ids.is_empty() || types.iter().any(|one| !known.contains(one)) {
            return Err(Fault::format("length of value must be at least 1, or value is not allowed"));
        }
        if text(all, "period")? != "hour" {
            return Err(Fault::format("this one keeps hours only"));
        }
        let time = |key| {
            DateTime::parse_from_rfc3339(text(all, key)?)
                .map(|time| time.to_utc())
                .map_err(|_| Fault::new("invalid_time", "Invalid time"))
        };
        let from = time("start_time")?;
        let until = if all.contains_key("end_time") { time("end_time")? } else { DateTime::<Utc>::MAX_UTC };
        let no_units = Value::Object(Map::new());
        let wanted = fields(all.get("units").unwrap_or(&no_units), &[], &unit::CLASSES)?;
        for class in wanted.keys() {
            if !unit::is_of(text(wanted, class)?, class) {
                return Err(Fault::format("value must be one of the units of its class"));
            }
        }
        let mut result = Map::new();
        for id in ids {
            let Some(statistic) = self.statistics.get(id) else { continue };
            let held = statistic.metadata.get("unit_of_measurement").and_then(Value::as_str).unwrap_or_default();
            let class = unit::class_of(held).unwrap_or_default();
            let shown_in = match wanted.get(class).and_then(Value::as_str) {
                Some(unit) => unit,
                None if class == "energy" && self.shows_mwh => "MWh",
                None => held,
            };
            let rows = statistic.rows.range(from..until.max(from)).map(|(start, row)| {
                let start = start.timestamp_millis();
                let mut shown = json!({"start": start, "end": start + 3_600_000});
                for (key, amount) in [("state", row.state), ("sum", row.sum)] {
                    if let (true, Some(fields)) = (types.contains(&key), shown.as_object_mut()) {
                        fields.insert(key.to_owned(), unit::convert(units(amount), held, shown_in).into());
                    }
                }
                shown
            });
            let rows: Vec<Value> = rows.collect();
            if !rows.is_empty() {
                result.insert(id.to_owned(), rows.into());
            }
        }
        Ok(Value::Object(result))
    }

    fn clear(&mut self, command: &Value) -> Result<Value, Fault> {
        let all = fields(command, &["id", "type", "statistic_ids"], &[])?;
        let ids = texts(all, "statistic_ids")?;
        // The recorder does one job after the other.
        if let Some(last) = self.uncommitted.iter().map(|(at, _)| *at).max() {
            self.commit(last);
        }
        self.statistics.retain(|id, _| !ids.contains(&id.as_str()));
        Ok(Value::Null)
    }

    fn list(&self, command: &Value) -> Result<Value, Fault> {
        let all = fields(command, &["id", "type"], &["statistic_type"])?;
        check(all, "statistic_type", "sum or mean", |kind| kind == "sum" || kind == "mean")?;
        let wants_mean = all.get("statistic_type").is_some_and(|kind| kind == "mean");
        Ok(self.statistics.iter().filter(|_| !wants_mean).map(describe).collect())
    }

    /// An id that it doesn't know is absent.
    fn metadata(&self, command: &Value) -> Result<Value, Fault> {
        let all = fields(command, &["id", "type"], &["statistic_ids"])?;
        let ids = if all.contains_key("statistic_ids") { texts(all, "statistic_ids")? } else { Vec::new() };
        let wanted = self.statistics.iter().filter(|(id, _)| ids.is_empty() || ids.contains(&id.as_str()));
        Ok(wanted.map(describe).collect())
    }
}

fn describe((id, statistic): (&String, &Statistic)) -> Value {
    let field = |key: &str| statistic.metadata.get(key).cloned().unwrap_or_default();
    json!({
        "statistic_id": id, "name": field("name"), "source": field("source"), "has_sum": true,
        "mean_type": 0, "has_mean": false, "unit_class": field("unit_class"),
        "statistics_unit_of_measurement": field("unit_of_measurement"),
        "display_unit_of_measurement": field("unit_of_measurement"),
    })
}

/// A row of the right form. The real one would take a row without a state or a sum, and hold null for it.
fn raw_row(value: &Value) -> Result<(DateTime<Utc>, &Map<String, Value>), Fault> {
    let data = fields(value, &["start", "state", "sum"], &["mean", "min", "max", "last_reset"])?;
    for key in ["state", "sum", "mean", "min", "max"] {
        check(data, key, "float", Value::is_number)?;
    }
    let start = text(data, "start")?;
    match DateTime::parse_from_rfc3339(start) {
        Ok(start) => Ok((start.to_utc(), data)),
        Err(_) if start.parse::<chrono::NaiveDateTime>().is_ok() => {
            Err(Fault::failed("Naive timestamp: no or invalid timezone info provided"))
        }
        Err(_) => Err(Fault::format(&format!("Invalid datetime specified: {start}"))),
    }
}

fn row((start, data): (DateTime<Utc>, &Map<String, Value>)) -> Result<Row, Fault> {
    if (start.minute(), start.second(), start.nanosecond()) != (0, 0, 0) {
        return Err(Fault::failed("Invalid timestamp: timestamps must be from the top of the hour"));
    }
    let amount = |key| data.get(key).and_then(Value::as_f64).and_then(millionths);
    match (amount("state"), amount("sum")) {
        (Some(state), Some(sum)) => Ok(Row { start, state, sum }),
        _ => Err(Fault::format("expected float")),
    }
}

/// Whether it can be the id of a statistic without an entity.
fn is_external(id: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('_')
            && !part.ends_with('_')
            && part.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase() || c == b'_')
    };
    !id.contains("__") && id.split_once(':').is_some_and(|(domain, object)| is_part(domain) && is_part(object))
}
