use proptest::prelude::*;
use serde_yaml::{Mapping, Value};

use super::{Case, SHORTEST, assert_one_fault, loaded, with};
use crate::config::keys;

#[test]
fn a_password_that_yaml_takes_for_something_else_needs_quotes() {
    for (text, expected) in [
        ("12345", "fluvius.password: without quotes this is not text"),
        ("1e5", "without quotes"),
        ("true", "without quotes"),
        ("~", "fluvius.password: is empty; put it between quotes"),
        ("''", "fluvius.password: is empty"),
        ("[a]", "expected text, found a list"),
        ("!secret fluvius", "tags such as !secret"),
    ] {
        assert_one_fault(&SHORTEST.replace("'horse staple'", text), expected);
    }
    // These are text without quotes too, and nothing of them is lost.
    for text in ["012345", "2026-01-01", "off"] {
        let password = loaded(&SHORTEST.replace("'horse staple'", text)).config.fluvius.password;
        assert_eq!(password.expose(), text);
    }
}

#[test]
fn a_password_can_have_a_file_of_its_own() {
    let case = Case::empty();
    let with_file = |path: &std::path::Path| {
        SHORTEST.replace("password: 'horse staple'", &format!("password_file: {}", path.display()))
    };
    for (content, password) in [("abc", "abc"), ("abc\n", "abc"), ("abc\r\n", "abc"), (" a\n\n", " a\n"), ("12", "12")]
    {
        let path = case.write("password", content, 0o600);
        let loaded = loaded(&with_file(&path));
        assert_eq!(loaded.config.fluvius.password.expose(), password);
        assert!(loaded.warnings.is_empty(), "{loaded:?}");
    }
    let path = case.write("password", "\n", 0o600);
    assert_one_fault(&with_file(&path), "password is empty; write the secret into it");
    let missing = case.folder.path().join("missing");
    assert_one_fault(&with_file(&missing), "missing can't be read: No such file or directory");
    let both = SHORTEST.replace("'horse staple'", &format!("x, password_file: {}", missing.display()));
    let told = super::told(&both);
    assert!(told[0].starts_with("fluvius.password: `password_file` is set as well; remove either"), "{told:?}");
    assert_one_fault(
        &SHORTEST.replace("password: 'horse staple'", "password_file: hunter2"),
        "fluvius.password_file: the file can't be read",
    );
}

#[test]
fn files_that_others_can_read_are_warned_of() {
    let warnings = |text: &str, mode| {
        let case = Case::empty();
        case.write("config.yaml", text, mode);
        case.loaded().warnings
    };
    for mode in [0o644, 0o640, 0o604] {
        let warnings = warnings(SHORTEST, mode);
        assert_eq!(warnings.len(), 1, "{mode:o}");
        assert!(warnings[0].contains("run: chmod 600 /") && warnings[0].ends_with("config.yaml"), "{warnings:?}");
    }
    assert!(warnings(SHORTEST, 0o600).is_empty());

    let secrets = Case::empty();
    let password = secrets.write("password", "abc", 0o640);
    let by_file = SHORTEST.replace("password: 'horse staple'", &format!("password_file: {}", password.display()));
    assert!(warnings(&by_file, 0o644).is_empty(), "no secret is in either file for all to read");
    let in_url = format!("{by_file}mqtt: {{url: 'mqtt://a:b@c'}}");
    assert_eq!(warnings(&in_url, 0o644).len(), 1);
    assert!(warnings(&in_url.replace("a:b@", "a@"), 0o644).is_empty());
    assert_eq!(warnings(&format!("{by_file}mqtt: {{username: a, password: b}}"), 0o644).len(), 1);
    secrets.write("password", "abc", 0o644);
    let warnings = warnings(&by_file, 0o644);
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("every user may read it; run: chmod 600 /"), "{warnings:?}");
}

#[test]
fn what_loads_shows_no_secret_either() {
    let loaded = loaded(&with("mqtt: {url: 'mqtt://me:hunter2@broker'}"));
    let shown = format!("{loaded:?}");
    assert!(!shown.contains("hunter2") && !shown.contains("horse staple") && !shown.contains("54144886"), "{shown}");
}

/// A word that is no key and no part of a message.
const SECRET: &str = "Zq7-Kx9w";

/// Scalars, most of which fit nowhere; some hold the secret.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => prop::sample::select(vec![
            SECRET.to_owned(),
            format!("mqtt://me:{SECRET}@broker"),
            format!("mqtt://me:{SECRET}@broker/x"),
            format!("https://me:{SECRET}@mijn.fluvius.be"),
            format!("you@{SECRET} "),
            format!("541448860000000011{SECRET}"),
            format!("{SECRET}:20"),
        ])
        .prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => ".{0,12}".prop_map(Value::from),
    ]
}

fn key() -> impl Strategy<Value = Value> {
    let known = [keys::TOP, keys::FLUVIUS, keys::METER, keys::MQTT, keys::HOME_ASSISTANT, keys::POLL, keys::PERIOD];
    prop_oneof![
        12 => prop::sample::select(known.concat()).prop_map(Value::from),
        1 => Just(Value::from(SECRET)),
        1 => scalar(),
    ]
}

fn table(value: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    prop::collection::vec((key(), value), 0..8).prop_map(|entries| Value::Mapping(entries.into_iter().collect()))
}

/// Any tree of known keys and values that mostly don't fit.
fn tree() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 60, 8, |inner| {
        let inner = inner.boxed();
        prop_oneof![table(inner.clone()), prop::collection::vec(inner, 0..4).prop_map(Value::Sequence)]
    })
}

/// A tree with the secret as the value of one key, at its place, beside a fault.
fn misplaced() -> impl Strategy<Value = Value> {
    let sections: Vec<(&str, &str)> =
        keys::SECTIONS.iter().flat_map(|(section, keys)| keys.iter().map(|key| (*section, *key))).collect();
    (prop::sample::select(sections), scalar()).prop_map(|((section, key), value)| {
        let table: Mapping = [(Value::from(key), value)].into_iter().collect();
        let entries = [(Value::from(section), Value::Mapping(table)), (Value::from("log"), Value::from(SECRET))];
        Value::Mapping(entries.into_iter().collect())
    })
}

fn assert_silent(text: &str) -> Result<(), TestCaseError> {
    if let Err(faults) = Case::file(text).load() {
        prop_assert!(!faults.all().is_empty(), "no fault tells why this failed: {}", text);
        let shown = format!("{faults} {faults:?}");
        prop_assert!(!shown.contains(SECRET), "{} for {}", shown, text);
        prop_assert!(!shown.contains("54144886"), "{} for {}", shown, text);
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_text_panics_or_shows_the_secret(text in "[-a-z0-9:,{}\\[\\]&*!|>'\"%@`#?~. \n\t]{0,60}", place in any::<prop::sample::Index>()) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let mut with_secret = text.clone();
        with_secret.insert_str(*place.get(&places), SECRET);
        assert_silent(&text)?;
        assert_silent(&with_secret)?;
        assert_silent(&with(&with_secret))?;
    }

    #[test]
    fn no_unicode_panics(text in "\\PC*") {
        assert_silent(&text)?;
    }

    #[test]
    fn no_tree_panics_or_shows_the_secret(value in tree()) {
        assert_silent(&serde_yaml::to_string(&value).unwrap())?;
    }

    #[test]
    fn no_section_panics_or_shows_the_secret(value in table(tree())) {
        assert_silent(&serde_yaml::to_string(&value).unwrap())?;
    }

    #[test]
    fn a_secret_in_the_place_of_another_value_is_not_shown(value in misplaced()) {
        assert_silent(&serde_yaml::to_string(&value).unwrap())?;
    }

    #[test]
    fn no_environment_panics_or_shows_the_secret(
        names in prop::collection::vec("FLUVIUS(2MQTT)?_(METERS|PRICES|FLUVIUS|MQTT|HOME_ASSISTANT|POLL)?_?[0-9]{0,2}_?(EAN|AT|URL|PASSWORD|TOKEN|[A-Z]{0,5})", 0..5),
        value in scalar(),
    ) {
        let text = value.as_str().unwrap_or(SECRET).to_owned();
        let case = Case::file(&with("home_assistant: {}")).var("SUPERVISOR_TOKEN", SECRET);
        let case = names.iter().fold(case, |case, name| case.var(name, &text));
        if let Err(faults) = case.load() {
            prop_assert!(!format!("{faults} {faults:?}").contains(SECRET), "{}", faults);
        }
    }
}
