//! The form of a command: which fields it may have, and of which type.

use serde_json::{Map, Value};

use super::commands::Fault;

/// The fields of an object, none of them unknown and none of `required` absent.
pub(super) fn fields<'a>(
    value: &'a Value,
    required: &[&str],
    optional: &[&str],
) -> Result<&'a Map<String, Value>, Fault> {
    let fields = value.as_object().ok_or_else(|| Fault::format("expected a dictionary"))?;
    for key in fields.keys() {
        if !required.contains(&key.as_str()) && !optional.contains(&key.as_str()) {
            return Err(Fault::format(&format!("extra keys not allowed @ data['{key}']")));
        }
    }
    match required.iter().find(|key| !fields.contains_key(**key)) {
        Some(key) => Err(Fault::format(&format!("required key not provided @ data['{key}']"))),
        None => Ok(fields),
    }
}

/// The text in a field.
pub(super) fn text<'a>(fields: &'a Map<String, Value>, key: &str) -> Result<&'a str, Fault> {
    fields.get(key).and_then(Value::as_str).ok_or_else(|| wrong("str", key))
}

/// The texts in a field that holds a list of them.
pub(super) fn texts<'a>(fields: &'a Map<String, Value>, key: &str) -> Result<Vec<&'a str>, Fault> {
    let list = fields.get(key).and_then(Value::as_array).ok_or_else(|| wrong("list", key))?;
    list.iter().map(|one| one.as_str().ok_or_else(|| wrong("str", key))).collect()
}

/// Checks a field, if it is there.
pub(super) fn check(
    fields: &Map<String, Value>,
    key: &str,
    kind: &str,
    is_right: impl Fn(&Value) -> bool,
) -> Result<(), Fault> {
    match fields.get(key) {
        Some(value) if !is_right(value) => Err(wrong(kind, key)),
        _ => Ok(()),
    }
}

/// Whether it is a text or null.
pub(super) fn is_text_or_null(value: &Value) -> bool {
    value.is_string() || value.is_null()
}

fn wrong(kind: &str, key: &str) -> Fault {
    Fault::format(&format!("expected {kind} for dictionary value @ data['{key}']"))
}
