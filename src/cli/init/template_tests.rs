use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::cli::init::draft::{Broker, Draft, HomeAssistant, Verdict};
use crate::config::{self, CommandLine, Config};
use crate::energy::{MeterKind, Unit};
use crate::secret::Secret;

fn load(draft: &Draft) -> Config {
    let text = draft.text();
    config::check_text(&text, Path::new("config.yaml"), &CommandLine::default(), std::iter::empty())
        .unwrap_or_else(|faults| panic!("{faults}\n{text}"))
        .config
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(text.to_owned()))
}

/// A household with all that can be asked for.
fn household() -> Draft {
    Draft {
        email: some("jan@example.org"),
        password: secret("horse: staple #1"),
        meters: vec![
            meter("541448860000000028", "1SAG1100000022", some("Cottage: \"the\" one"), false),
            meter("541448860000000035", "7FLO2100000039", None, true),
            meter("541448860000000042", "12345", some("~"), false),
        ],
        broker: Broker { url: some("mqtts://broker.lan:8884"), username: some("yes"), password: secret("0123") },
        home_assistant: Some(HomeAssistant { url: some("https://ha.lan"), token: secret("null") }),
    }
}

fn meter(ean: &str, serial: &str, name: Option<String>, is_gas: bool) -> Meter {
    let kind = if is_gas { "gas" } else { "electricity" };
    Meter { ean: some(ean), serial: some(serial), kind: some(kind), gas_unit: is_gas.then(|| "m3".to_owned()), name }
}

#[test]
fn each_value_is_read_back_as_it_was_given() {
    let config = load(&household());
    assert_eq!(
        (config.fluvius.email.as_str(), config.fluvius.password.expose()),
        ("jan@example.org", "horse: staple #1")
    );
    let meters: Vec<_> = config
        .meters
        .iter()
        .map(|meter| (meter.ean.digits(), meter.serial.as_str(), meter.name.as_deref(), meter.kind, meter.unit))
        .collect();
    let (power, gas) = ((MeterKind::Electricity, Unit::KilowattHour), (MeterKind::Gas, Unit::CubicMetre));
    assert_eq!(
        meters,
        [
            ("541448860000000028", "1SAG1100000022", Some("Cottage: \"the\" one"), power.0, power.1),
            ("541448860000000035", "7FLO2100000039", None, gas.0, gas.1),
            ("541448860000000042", "12345", Some("~"), power.0, power.1),
        ]
    );
    assert_eq!((config.mqtt.host.as_str(), config.mqtt.port, config.mqtt.tls), ("broker.lan", 8884, true));
    let (user, password) = config.mqtt.login.unwrap();
    assert_eq!((user.as_str(), password.expose()), ("yes", "0123"));
    let home_assistant = config.home_assistant.unwrap();
    assert_eq!((home_assistant.url.as_str(), home_assistant.token.expose()), ("https://ha.lan/", "null"));
    assert!(!home_assistant.splits_registers && !home_assistant.energy_dashboard);
}

#[test]
fn the_file_keeps_the_comments_of_the_example_and_nothing_that_is_for_copying() {
    let text = Draft::default().text();
    assert!(EXAMPLE.contains(FOR_COPYING) && EXAMPLE.contains("# (4) "), "the example says what it did");
    for leftover in ["Copy this file", "(1)", "(2)", "(3)", "(4)"] {
        assert!(!text.contains(leftover), "{leftover}");
    }
    // Nothing else is different, and all but what is set is as it was.
    let changed = EXAMPLE.lines().zip(text.lines()).filter(|(before, after)| before != after).count();
    assert_eq!((changed, text.lines().count()), (5, EXAMPLE.lines().count()));
    let written = household().text();
    let is_a_comment = |line: &&str| {
        key_of(line.trim_start_matches(['#', ' '])).is_none() && !line.contains("# (") && !line.contains(FOR_COPYING)
    };
    for line in EXAMPLE.lines().filter(is_a_comment) {
        // The section of Home Assistant is no comment any more, and its comments are in it.
        let opened = line.strip_prefix("# ").filter(|line| line.trim_start().starts_with('#')).unwrap_or(line);
        assert!(written.lines().any(|found| found == line || found == opened), "{line}");
    }
}

#[test]
fn a_verdict_is_that_of_the_configuration() {
    let mut draft = household();
    assert_eq!(draft.verdict("meters[2].serial"), Verdict::Right);
    draft.meters[1].ean = some("541448860000000028");
    assert!(
        matches!(draft.verdict("meters[1].ean"), Verdict::Wrong(why) if why.contains("same EAN as that of meters[0]"))
    );
    draft.meters[1].ean = some("541448860000000036");
    assert!(matches!(draft.verdict("meters[1].ean"), Verdict::Doubtful(why) if why.contains("check digit")));
    draft.email = some("jan");
    assert!(
        matches!(draft.verdict("fluvius.email"), Verdict::Wrong(why) if why.starts_with("is not an e-mail address; "))
    );
    assert_eq!(draft.verdict("fluvius.password"), Verdict::Right);
    draft.broker.url = some("mqtt://me:secret@broker.lan");
    assert!(matches!(draft.verdict("mqtt.url"), Verdict::Wrong(_)), "the user is set twice");

    let mut draft = Draft { broker: Broker::default(), ..household() };
    assert!(!draft.has_broker_login());
    draft.broker.url = some("mqtt://me:secret@broker.lan");
    assert!(draft.verdict("mqtt.url") == Verdict::Right && draft.has_broker_login());
}

/// Texts that YAML may take for something else, and any other.
fn nasty() -> impl Strategy<Value = String> {
    let known = [
        "~",
        "null",
        "yes",
        "0123",
        "1e3",
        "- x",
        "a: b",
        "a #b",
        "#",
        "\"",
        "'",
        "\\",
        "\\n",
        "{{ x }}",
        "[x]",
        "&x",
        "*x",
        "!secret x",
        "|",
        ">",
        "%",
        "@",
        "`",
        "\u{85}",
        "\u{2028}x",
        "\u{feff}",
        "\u{7f}",
        "\u{0}",
        "\u{1b}[0m",
        "é🔑",
        " x ",
        "\tx",
        "---",
        "...",
        "<<",
        "password: x",
        "\u{ffff}",
    ];
    prop_oneof![prop::sample::select(known.to_vec()).prop_map(str::to_owned), "[^\r\n]{1,40}", any::<String>()]
        .prop_filter("an empty secret is refused", |text| !text.is_empty())
}

proptest! {
    #[test]
    fn any_secret_is_read_back_as_it_was_given(password in nasty(), broker in nasty(), token in nasty()) {
        let mut draft = household();
        draft.password = secret(&password);
        draft.broker.password = secret(&broker);
        draft.home_assistant.as_mut().unwrap().token = secret(&token);
        let config = load(&draft);
        prop_assert_eq!(config.fluvius.password.expose(), password);
        prop_assert_eq!(config.mqtt.login.as_ref().unwrap().1.expose(), broker);
        prop_assert_eq!(config.home_assistant.as_ref().unwrap().token.expose(), token);
        prop_assert_eq!(config.meters.len(), 3);
    }

    #[test]
    fn no_answer_changes_another_one(text in nasty()) {
        let mut draft = household();
        draft.meters[1].name = Some(text.clone());
        draft.broker.username = Some(text.clone());
        draft.email = Some(text.clone());
        for key in ["fluvius.password", "meters[0].ean", "meters[2].serial", "mqtt.url", "home_assistant.url"] {
            prop_assert_eq!(draft.verdict(key), Verdict::Right, "{}", key);
        }
        draft.email = some("jan@example.org");
        if [draft.verdict("meters[1].name"), draft.verdict("mqtt.username")] == [Verdict::Right, Verdict::Right] {
            let config = load(&draft);
            prop_assert_eq!(config.meters[1].name.as_deref(), Some(text.trim()));
            prop_assert_eq!(config.mqtt.login.unwrap().0, text);
        }
    }
}
