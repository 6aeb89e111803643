//! The options of the Home Assistant app as a source: which option sets which key.

use serde_yaml::{Mapping, Value};

use super::fault::{Fault, Wrong};
use super::file;
use super::keys::{looks_like_a_key, nearest};
use super::model::App;
use super::tree::Tree;

/// What an option sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sets {
    /// A key at the top, as it is: a word, a list, or a section whose options have the names of its keys.
    Top(&'static str),
    /// A key of a section.
    Key(&'static str, &'static str),
}

/// All options. Those of a meter have the names of its keys, and so have those of a period of prices, but for [`TARIFFS`].
pub(super) const OPTIONS: &[(&str, Sets)] = &[
    ("email", Sets::Key("fluvius", "email")),
    ("password", Sets::Key("fluvius", "password")),
    ("meters", Sets::Top("meters")),
    ("prices", Sets::Top("prices")),
    ("energy_dashboard", Sets::Key("home_assistant", "energy_dashboard")),
    ("registers", Sets::Key("home_assistant", "registers")),
    ("poll_at", Sets::Key("poll", "at")),
    ("log", Sets::Top("log")),
    ("remember_me", Sets::Key("fluvius", "remember_me")),
    ("reading_codes", Sets::Key("fluvius", "reading_codes")),
    ("mqtt", Sets::Top("mqtt")),
];

/// The options of a period of prices in the place of `consumption: {high: …, low: …}`: a form has no field for either a
/// number or two of them.
pub(super) const TARIFFS: [(&str, &str); 2] = [("consumption_high", "high"), ("consumption_low", "low")];

/// The option that sets a key, such as `fluvius.email` or `meters[0].ean`, in the words of the form: lists count from 1.
pub(super) fn option(path: &str) -> Option<String> {
    let (option, rest) = OPTIONS.iter().find_map(|(option, sets)| {
        let rest = match sets {
            Sets::Top(key) => path.strip_prefix(key)?,
            Sets::Key(section, key) => path.strip_prefix(section)?.strip_prefix('.')?.strip_prefix(key)?,
        };
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some((option, rest))
    })?;
    let (number, rest) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((index, rest)) => (Some(index.parse::<usize>().ok()?.checked_add(1)?), rest),
        None => (None, rest),
    };
    let field = rest.trim_start_matches('.').replace("consumption.", "consumption_");
    let parts = [Some((*option).to_owned()), number.map(|number| number.to_string()), Some(field)];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    Some(format!("option {}", parts.join(" > ")))
}

/// Lays the options over the file. As an app there are statistics, and the data is where the options are.
///
/// # Errors
/// When there are no options to lay.
pub(super) fn overlay(app: &App, tree: &mut Tree, faults: &mut Vec<Fault>) -> Result<(), Fault> {
    tree.offer_options();
    if let Some(folder) = app.options.parent() {
        tree.set_below("data_dir", folder.display().to_string().into());
    }
    tree.add_section("home_assistant");
    for (name, value) in read(app)? {
        let name = name.as_str().unwrap_or_default();
        let Some((_, sets)) = OPTIONS.iter().find(|(option, _)| *option == name) else {
            faults.push(unknown(name));
            continue;
        };
        let Some(value) = filled_in(value) else { continue };
        match sets {
            Sets::Top("prices") => tree.set_below("prices", prices(value, faults)),
            Sets::Top(key) => tree.set_below(key, value),
            Sets::Key(section, key) => tree.set_below_in_section(section, key, value),
        }
    }
    Ok(())
}

fn read(app: &App) -> Result<Mapping, Fault> {
    let shown = app.options.display().to_string();
    let content = file::read(&app.options).map_err(|reason| {
        let remedy = "an app has to be started as root; it gives that up by itself";
        Wrong::new(format!("the options can't be read: {reason}"), remedy).at(&shown)
    })?;
    // The parser's own messages quote what they stumble on.
    serde_json::from_str(&content.text).map_err(|_| {
        let remedy = "save the options again on the tab Configuration of the app";
        Wrong::new("these are not the options of an app", remedy).at(&shown)
    })
}

/// A value without what was left empty; `None` when that is all of it.
fn filled_in(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::Mapping(fields) => {
            let fields = fields.into_iter().filter_map(|(key, value)| Some((key, filled_in(value)?)));
            Some(Value::Mapping(fields.collect())).filter(|fields| fields.as_mapping().is_some_and(|it| !it.is_empty()))
        }
        Value::Sequence(items) => {
            // A meter of which nothing is filled in is one that is forgotten, and keeps its place.
            let item = |item: Value| match item {
                Value::Mapping(_) => Some(filled_in(item).unwrap_or_else(|| Value::Mapping(Mapping::new()))),
                item => filled_in(item),
            };
            let items: Vec<Value> = items.into_iter().filter_map(item).collect();
            (!items.is_empty()).then_some(Value::Sequence(items))
        }
        value => Some(value),
    }
}

/// The periods with what the file has as `consumption: {high: …, low: …}`.
fn prices(mut value: Value, faults: &mut Vec<Fault>) -> Value {
    let periods = value.as_sequence_mut().map_or(&mut [][..], Vec::as_mut_slice);
    for (index, period) in periods.iter_mut().enumerate() {
        let Some(period) = period.as_mapping_mut() else { continue };
        let mut tariffs = Mapping::new();
        for (option, key) in TARIFFS {
            if let Some(price) = period.remove(option) {
                tariffs.insert(key.into(), price);
            }
        }
        if tariffs.is_empty() {
            continue;
        }
        if period.contains_key("consumption") {
            let remedy = "empty either consumption or both of consumption_high and consumption_low";
            let wrong = Wrong::new("there is a price for the high or low tariff as well", remedy);
            faults.extend(option(&format!("prices[{index}].consumption")).map(|option| wrong.at(option)));
        } else {
            period.insert("consumption".into(), Value::Mapping(tariffs));
        }
    }
    value
}

fn unknown(name: &str) -> Fault {
    let remedy = match nearest(name, OPTIONS.iter().map(|(option, _)| *option)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "remove it on the tab Configuration of the app".to_owned(),
    };
    let shown =
        if looks_like_a_key(name) && !name.is_empty() { format!("option {name}") } else { "options".to_owned() };
    Wrong::new("no option has this name", remedy).at(shown)
}
