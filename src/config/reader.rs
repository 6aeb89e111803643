//! Walks the tree and collects all faults, each with the path of its key.

use serde_yaml::Value;

use super::environment::variable;
use super::fault::{Fault, Wrong};
use super::keys::{looks_like_a_key, nearest};
use super::tree::Tree;

/// Reads the tree. What it can't give is `None`, and has then left a fault if it had to be there.
pub(super) struct Reader<'a> {
    tree: &'a Tree,
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<String>,
}

/// A table of the tree: its path, and its values by key. A key without a value is not in it.
pub(super) struct Table<'a> {
    pub(super) path: String,
    entries: Vec<(&'a str, &'a Value)>,
}

impl<'a> Table<'a> {
    /// The value of a key that is set.
    pub(super) fn get(&self, key: &str) -> Option<&'a Value> {
        self.written(key).filter(|value| !value.is_null())
    }

    /// The value of a key that is written down, even as nothing.
    pub(super) fn written(&self, key: &str) -> Option<&'a Value> {
        self.entries.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    /// The path of a key.
    pub(super) fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

impl<'a> Reader<'a> {
    pub(super) const fn new(tree: &'a Tree, faults: Vec<Fault>, warnings: Vec<String>) -> Self {
        Self { tree, faults, warnings }
    }

    /// The table at the top.
    pub(super) fn top(&mut self, known: &[&str]) -> Option<Table<'a>> {
        self.table(String::new(), Some(self.tree.root()), known)
    }

    /// A section of a table; one that is not there is empty.
    pub(super) fn section(&mut self, table: &Table<'a>, key: &str, known: &[&str]) -> Option<Table<'a>> {
        self.table(table.at(key), table.get(key), known)
    }

    /// A table. Keys that nobody knows are faults.
    pub(super) fn table(&mut self, path: String, value: Option<&'a Value>, known: &[&str]) -> Option<Table<'a>> {
        let mut table = Table { path, entries: Vec::new() };
        let value = match value {
            None | Some(Value::Null) => return Some(table),
            Some(value) => value,
        };
        let Value::Mapping(mapping) = value else {
            let remedy = format!("below it, indented, the keys are: {}", known.join(", "));
            self.fault(&table.path, expected("keys with values", value, &remedy));
            return None;
        };
        for (key, value) in mapping {
            match key.as_str() {
                Some(key) if known.contains(&key) => table.entries.push((key, value)),
                key => self.unknown(&table, key.unwrap_or_default(), known),
            }
        }
        Some(table)
    }

    /// The items of a list with their paths; a list that is not there has none.
    pub(super) fn list(&mut self, table: &Table<'a>, key: &str, remedy: &str) -> Option<Vec<(String, &'a Value)>> {
        let path = table.at(key);
        match table.get(key) {
            None => Some(Vec::new()),
            Some(Value::Sequence(items)) => {
                Some(items.iter().enumerate().map(|(index, item)| (format!("{path}[{index}]"), item)).collect())
            }
            Some(value) => {
                self.fault(&path, expected("a list", value, remedy));
                None
            }
        }
    }

    /// The value of a key, if it is set.
    pub(super) fn optional<T>(
        &mut self,
        table: &Table<'a>,
        key: &str,
        parse: impl FnOnce(&'a Value) -> Result<T, Wrong>,
    ) -> Option<T> {
        match parse(table.get(key)?) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.fault(&table.at(key), wrong);
                None
            }
        }
    }

    /// The value of a key that has to be there.
    pub(super) fn required<T>(
        &mut self,
        table: &Table<'a>,
        key: &str,
        parse: impl FnOnce(&'a Value) -> Result<T, Wrong>,
    ) -> Option<T> {
        if table.get(key).is_none() {
            self.missing(&table.at(key));
        }
        self.optional(table, key, parse)
    }

    /// A fault at a key that has to be there.
    pub(super) fn missing(&mut self, path: &str) {
        let variable = variable(path);
        let flag = self.tree.flag(path).map(|flag| format!("give {flag}, or ")).unwrap_or_default();
        let remedy = match self.tree.file() {
            _ if self.tree.option(path).is_some() => "fill it in on the tab Configuration of the app".to_owned(),
            Some(file) => format!("{flag}set it in {} or as {variable}", file.display()),
            None => format!(
                "{flag}set it as {variable}, or in a file that you name with --config (there is no config.yaml in the \
                 working directory)"
            ),
        };
        self.fault(path, Wrong::new("is missing", remedy));
    }

    /// A fault at a key, with the variable or flag that the value comes from.
    pub(super) fn fault(&mut self, path: &str, wrong: Wrong) {
        let key = match (self.tree.origin(path), path) {
            (Some(origin), _) => format!("{path} (set by {origin})"),
            (None, "") => "the configuration".to_owned(),
            (None, _) => self.tree.option(path).unwrap_or_else(|| path.to_owned()),
        };
        self.faults.push(wrong.at(key));
    }

    fn unknown(&mut self, table: &Table<'a>, key: &str, known: &[&str]) {
        let remedy = match nearest(key, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("remove it; the keys here are: {}", known.join(", ")),
        };
        if looks_like_a_key(key) && !key.is_empty() {
            self.fault(&table.at(key), Wrong::new("no setting has this name", remedy));
        } else {
            let problem = "a key here is no setting's name (it is not shown, since it may be a secret)";
            self.fault(&table.path, Wrong::new(problem, remedy));
        }
    }
}

/// A value of the wrong type. Its type is told, never the value.
pub(super) fn expected(what: &str, found: &Value, remedy: &str) -> Wrong {
    let found = match found {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "keys with values",
        Value::Tagged(_) => {
            let remedy = "write the value itself; a secret can be in a file of its own (password_file, token_file)";
            return Wrong::new("tags such as !secret are not understood here", remedy);
        }
    };
    Wrong::new(format!("expected {what}, found {found}"), remedy)
}
