use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_yaml::{Mapping, Value};

use super::flags::flag;
use super::options::option;

/// The values of all sources, one above the other, and where those come from that aren't the file's.
pub(super) struct Tree {
    root: Value,
    origins: BTreeMap<String, String>,
    file: Option<PathBuf>,
    has_flags: bool,
    has_options: bool,
}

impl Tree {
    /// The values of a file, or of none.
    pub(super) fn new(value: Value, file: Option<PathBuf>) -> Self {
        let root = if value.is_null() { Value::Mapping(Mapping::new()) } else { value };
        Self { root, origins: BTreeMap::new(), file, has_flags: false, has_options: false }
    }

    pub(super) const fn root(&self) -> &Value {
        &self.root
    }

    pub(super) const fn file(&self) -> Option<&PathBuf> {
        self.file.as_ref()
    }

    /// Says that the command at work has flags for some keys.
    pub(super) const fn offer_flags(&mut self) {
        self.has_flags = true;
    }

    /// The flag with which the command at work sets a key.
    pub(super) fn flag(&self, path: &str) -> Option<&'static str> {
        if self.has_flags { flag(path) } else { None }
    }

    /// Says that the user sets options of an app.
    pub(super) const fn offer_options(&mut self) {
        self.has_options = true;
    }

    /// The option that sets a key, as the user sees it.
    pub(super) fn option(&self, path: &str) -> Option<String> {
        if self.has_options { option(path) } else { None }
    }

    /// The environment variable or flag that a value comes from, by the path of its key.
    pub(super) fn origin(&self, path: &str) -> Option<&str> {
        let mut path = path;
        loop {
            if let Some(origin) = self.origins.get(path) {
                return Some(origin);
            }
            path = path.get(..path.rfind(['.', '['])?)?;
        }
    }

    /// Sets a key at the top.
    pub(super) fn set_top(&mut self, key: &str, value: Value, origin: &str) {
        if let Value::Mapping(root) = &mut self.root {
            root.insert(key.into(), value);
            self.origins.insert(key.to_owned(), origin.to_owned());
        }
    }

    /// Sets a key at the top to what the lowest sources say, which have no name of their own.
    pub(super) fn set_below(&mut self, key: &str, value: Value) {
        if let Value::Mapping(root) = &mut self.root {
            root.insert(key.into(), value);
        }
    }

    /// Sets a key of a section likewise.
    pub(super) fn set_below_in_section(&mut self, section: &str, key: &str, value: Value) {
        if let Some(table) = self.section(section) {
            table.insert(key.into(), value);
        }
    }

    /// Adds a section that sets nothing, if it isn't there.
    pub(super) fn add_section(&mut self, section: &str) {
        let _ = self.section(section);
    }

    /// Sets a key of a section. A section that is no table stays as it is, and is a fault for the check.
    pub(super) fn set_in_section(&mut self, section: &str, key: &str, value: Value, origin: &str) {
        if let Some(table) = self.section(section) {
            table.insert(key.into(), value);
            self.origins.insert(format!("{section}.{key}"), origin.to_owned());
        }
    }

    /// Whether a section is there and sets none of these keys.
    pub(super) fn is_section_without(&self, section: &str, keys: &[&str]) -> bool {
        let table = self.root.get(section).and_then(Value::as_mapping);
        table.is_some_and(|table| keys.iter().all(|key| table.get(*key).is_none_or(Value::is_null)))
    }

    /// Drops a key of a section.
    pub(super) fn remove_in_section(&mut self, section: &str, key: &str) {
        if let Some(table) = self.section(section) {
            table.remove(key);
        }
    }

    /// All meters; none when there is no list of them.
    pub(super) fn meters(&self) -> &[Value] {
        self.root.get("meters").and_then(Value::as_sequence).map_or(&[], Vec::as_slice)
    }

    /// Sets a key of a meter, or of a new one that follows the last. `false` when meters before it are missing.
    pub(super) fn set_in_meter(&mut self, index: usize, key: &str, value: Value, origin: &str) -> bool {
        let Value::Mapping(root) = &mut self.root else { return true };
        let meters = root.entry("meters".into()).or_insert(Value::Null);
        if meters.is_null() {
            *meters = Value::Sequence(Vec::new());
        }
        let Value::Sequence(meters) = meters else { return true };
        if meters.len() == index {
            meters.push(Value::Null);
        }
        let Some(meter) = meters.get_mut(index) else { return false };
        if let Some(meter) = table(meter) {
            meter.insert(key.into(), value);
            self.origins.insert(format!("meters[{index}].{key}"), origin.to_owned());
        }
        true
    }

    fn section(&mut self, section: &str) -> Option<&mut Mapping> {
        let Value::Mapping(root) = &mut self.root else { return None };
        table(root.entry(section.into()).or_insert(Value::Null))
    }
}

fn table(value: &mut Value) -> Option<&mut Mapping> {
    if value.is_null() {
        *value = Value::Mapping(Mapping::new());
    }
    value.as_mapping_mut()
}
