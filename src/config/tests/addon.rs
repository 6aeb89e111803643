//! The form of the Home Assistant app says the same as the program: no option, default, word or translation drifts away.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use super::app::app;
use super::repository_file;
use crate::config::keys;
use crate::config::options::{OPTIONS, Sets, TARIFFS};

const LANGUAGES: [&str; 4] = ["en", "nl", "fr", "de"];

/// Keys without an option: those that the Supervisor or the app itself sets, and those that are of use elsewhere only.
const NOT_OPTIONS: &[&str] = &[
    "data_dir",
    "fluvius.password_file",
    "fluvius.timezone",
    "fluvius.url",
    "home_assistant.token",
    "home_assistant.token_file",
    "home_assistant.url",
    "mqtt.client_id",
    "mqtt.password_file",
    "poll.pause",
    "web.listen",
];

/// What a file of the app says, in the shape of JSON.
pub(super) fn file(name: &str) -> Value {
    let text = fs::read_to_string(repository_file("addon").join(name)).unwrap();
    serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(super) fn manifest() -> Value {
    file("config.yaml")
}

pub(super) fn names(table: &Value) -> BTreeSet<&str> {
    table.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The fields of an option that is a list of tables or a table; none for all others.
fn fields(schema: &Value) -> Option<&Value> {
    let item = schema.as_array().map_or(schema, |items| &items[0]);
    item.is_object().then_some(item)
}

/// The defaults with what a user has to fill in.
fn filled_in() -> Value {
    let mut options = manifest()["options"].clone();
    options["email"] = json!("you@example.com");
    options["password"] = json!("horse staple");
    options["meters"] = json!([{"ean": "541448860000000011", "serial": "1SAG1100000015"}]);
    options
}

#[test]
fn every_key_is_an_option_or_none_on_purpose() {
    let manifest = manifest();
    let schema = &manifest["schema"];
    assert_eq!(names(schema), OPTIONS.iter().map(|(option, _)| *option).collect());
    assert_eq!(names(&schema["meters"][0]), keys::METER.iter().copied().collect());
    let tariffs = TARIFFS.iter().map(|(option, _)| *option);
    assert_eq!(names(&schema["prices"][0]), keys::PERIOD.iter().copied().chain(tariffs).collect());

    let mut set: BTreeSet<String> = NOT_OPTIONS.iter().map(|key| (*key).to_owned()).collect();
    for (_, sets) in OPTIONS {
        match sets {
            Sets::Top("mqtt") => set.extend(names(&schema["mqtt"]).iter().map(|key| format!("mqtt.{key}"))),
            Sets::Top(key) => set.extend([(*key).to_owned()]),
            Sets::Key(section, key) => set.extend([format!("{section}.{key}")]),
        }
    }
    let sections = keys::SECTIONS.iter();
    let all = sections.flat_map(|(section, keys)| keys.iter().map(move |key| format!("{section}.{key}")));
    let is_section = |key: &str| keys::SECTIONS.iter().any(|(section, _)| *section == key);
    let top = keys::TOP.iter().filter(|key| !is_section(key)).map(|key| (*key).to_owned());
    assert_eq!(set, all.chain(top).collect());
}

#[test]
fn the_defaults_are_those_of_the_program() {
    let loaded = |options: &Value| {
        let case = app(&options.to_string());
        let loaded = case.loaded();
        assert_eq!(loaded.warnings, [""; 0]);
        format!("{:?}", loaded.config).replace(case.folder.path().to_str().unwrap(), "")
    };
    let mut shortest = filled_in();
    shortest.as_object_mut().unwrap().retain(|key, _| ["email", "password", "meters"].contains(&key.as_str()));
    assert_eq!(loaded(&filled_in()), loaded(&shortest));
}

#[test]
fn what_has_no_default_may_be_left_out_or_has_to_be_filled_in() {
    // As the Supervisor decides it: a table or a list of tables must be there, and what is marked with ? need not.
    let manifest = manifest();
    let defaults = names(&manifest["options"]);
    let must_fill_in: Vec<_> = defaults.iter().filter(|key| manifest["options"][**key].is_null()).collect();
    assert_eq!(must_fill_in, [&"email", &"password"]);
    for (option, schema) in manifest["schema"].as_object().unwrap() {
        let is_optional = schema.as_str().is_some_and(|kind| kind.ends_with('?'));
        assert_eq!(defaults.contains(option.as_str()), !is_optional, "{option}");
    }
    let required = |option: &str| {
        let fields = fields(&manifest["schema"][option]).unwrap().as_object().unwrap();
        fields.iter().filter(|(_, kind)| !kind.as_str().unwrap().ends_with('?')).map(|(key, _)| key.clone()).collect()
    };
    let (meter, price, mqtt): (Vec<_>, Vec<_>, Vec<_>) = (required("meters"), required("prices"), required("mqtt"));
    assert_eq!((meter, price, mqtt), (vec!["ean".to_owned(), "serial".to_owned()], vec!["from".to_owned()], vec![]));
}

/// All options and fields, such as `log` or `meters > kind`, with their types.
fn kinds() -> Vec<(String, String)> {
    let mut kinds = Vec::new();
    for (option, schema) in manifest()["schema"].as_object().unwrap() {
        let of_item = |kind: &Value| kind.as_str().map(str::to_owned).unwrap();
        match fields(schema) {
            Some(fields) => {
                let fields = fields.as_object().unwrap().iter();
                kinds.extend(fields.map(|(field, kind)| (format!("{option} > {field}"), of_item(kind))));
            }
            None => kinds.push((option.clone(), of_item(schema.as_array().map_or(schema, |items| &items[0])))),
        }
    }
    kinds
}

/// What is between the parentheses of a type such as `list(…)`.
fn inner<'a>(kind: &'a str, name: &str) -> Option<&'a str> {
    kind.trim_end_matches('?').strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')
}

#[test]
fn each_type_is_one_that_the_supervisor_knows() {
    // Source: RE_SCHEMA_ELEMENT in supervisor/apps/options.py. It takes a length of text as well, and then refuses every
    // text, since it compares the text with a number.
    for (option, kind) in kinds() {
        let is_range = |range: &str| {
            let (low, high) = range.split_once(',').unwrap_or_default();
            matches!((low.parse::<f64>(), high.parse::<f64>()), (Ok(low), Ok(high)) if low < high)
        };
        let is_known = matches!(kind.trim_end_matches('?'), "bool" | "email" | "password" | "str")
            || inner(&kind, "float").is_some_and(is_range)
            || inner(&kind, "match").is_some_and(|pattern| pattern.starts_with('^') && pattern.ends_with('$'))
            || inner(&kind, "list").is_some_and(|words| words.split('|').count() > 1);
        assert!(is_known, "{option}: {kind}");
    }
}

#[test]
fn the_words_of_a_choice_are_those_of_the_program() {
    let mut choices = 0;
    for (option, kind) in kinds() {
        let Some(words) = inner(&kind, "list") else { continue };
        choices += 1;
        let mut options = filled_in();
        let shown = match option.split_once(" > ") {
            Some(("meters", field)) => {
                options["meters"][0]["kind"] = json!("gas");
                options["meters"][0][field] = json!("another word");
                format!("meters > 1 > {field}")
            }
            _ => {
                options[&option] = json!("another word");
                option
            }
        };
        let words = words.replace('|', ", ");
        let expected = format!("option {shown}: is none of the words that are known here; use one of: {words}");
        assert_eq!(app(&options.to_string()).told(), [expected]);
    }
    assert_eq!(choices, 6);
}

#[test]
fn a_price_that_the_form_takes_is_one_for_the_program() {
    let mut ranges = 0;
    for (option, kind) in kinds() {
        let Some((low, high)) = inner(&kind, "float").and_then(|range| range.split_once(',')) else { continue };
        ranges += 1;
        let key = option.strip_prefix("prices > ").unwrap();
        let faults = |price: f64| {
            let mut options = filled_in();
            // What else a period with this price needs.
            options["prices"] = json!([{"from": "2026-01-01", "gas": 0.1}]);
            if key.starts_with("consumption_") {
                options["prices"][0]["consumption_high"] = json!(0.3);
                options["prices"][0]["consumption_low"] = json!(0.3);
            }
            options["prices"][0][key] = json!(price);
            app(&options.to_string()).load().err()
        };
        let (low, high): (f64, f64) = (low.parse().unwrap(), high.parse().unwrap());
        assert_eq!((faults(low), faults(high)), (None, None), "{option}");
        assert!(faults(low - 0.01).is_some() && faults(high + 0.01).is_some(), "{option} is as wide as it can be");
    }
    assert_eq!(ranges, 7);
}

#[test]
fn every_option_is_explained_in_every_language() {
    let manifest = manifest();
    let in_folder = fs::read_dir(repository_file("addon/translations")).unwrap();
    let in_folder: BTreeSet<String> =
        in_folder.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(in_folder, LANGUAGES.iter().map(|language| format!("{language}.yaml")).collect());
    for language in LANGUAGES {
        let translation = file(&format!("translations/{language}.yaml"));
        assert_eq!(names(&translation), BTreeSet::from(["configuration"]), "{language}");
        let configuration = &translation["configuration"];
        assert_eq!(names(configuration), names(&manifest["schema"]), "{language}");
        for (option, schema) in manifest["schema"].as_object().unwrap() {
            let told = &configuration[option];
            assert_is_explained(told, &format!("{language}: {option}"));
            match fields(schema) {
                Some(fields) => {
                    assert_eq!(names(&told["fields"]), names(fields), "{language}: {option}");
                    for (field, explained) in told["fields"].as_object().unwrap() {
                        assert_is_explained(explained, &format!("{language}: {option} > {field}"));
                    }
                }
                None => assert!(told.get("fields").is_none(), "{language}: {option}"),
            }
        }
        let field = |field: &str| configuration["meters"]["fields"][field]["description"].as_str().unwrap();
        assert!(
            field("ean").contains("Verbruik") && field("serial").contains("1SAG"),
            "{language}: where to find them"
        );
    }
}

fn assert_is_explained(told: &Value, what: &str) {
    for key in ["name", "description"] {
        assert!(told[key].as_str().is_some_and(|text| !text.trim().is_empty()), "{what} has no {key}");
    }
    assert!(names(told).is_subset(&BTreeSet::from(["name", "description", "fields"])), "{what}");
}
