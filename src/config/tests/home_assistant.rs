use super::{Case, SHORTEST, assert_one_fault, loaded, with};
use crate::config::HomeAssistant;

const SECTION: &str = "home_assistant: {url: 'http://homeassistant.local:8123', token: abc}";

fn home_assistant(case: &Case) -> HomeAssistant {
    case.loaded().config.home_assistant.unwrap()
}

#[test]
fn a_section_with_an_address_and_a_token_is_enough() {
    assert!(loaded(SHORTEST).config.home_assistant.is_none());
    let found = home_assistant(&Case::file(&with(SECTION)));
    assert_eq!((found.url.as_str(), found.token.expose()), ("http://homeassistant.local:8123/", "abc"));
    assert!(!found.splits_registers && !found.energy_dashboard);
    let text = SECTION.replace("abc}", "abc, registers: split, energy_dashboard: true}");
    let found = home_assistant(&Case::file(&with(&text)));
    assert!(found.splits_registers && found.energy_dashboard);
    let found = home_assistant(&Case::file(&with(&SECTION.replace("abc}", "abc, registers: total}"))));
    assert!(!found.splits_registers);
}

#[test]
fn the_address_may_have_a_path_and_no_more() {
    for url in ["https://example.com/home/", "http://[fd00::1]:8123/", "ws://supervisor/core/websocket"] {
        let found = home_assistant(&Case::file(&with(&SECTION.replace("http://homeassistant.local:8123", url))));
        assert_eq!(found.url.as_str(), url);
    }
    for url in [
        "ftp://a",
        "mqtt://a",
        "ws://a/api/websocket",
        "ws://supervisor/core/websocket?a",
        "ws://me:hunter2@supervisor/core/websocket",
        "http://me:hunter2@a",
        "http://hunter2@a",
        "http://a?b",
        "http://a#b",
    ] {
        assert_one_fault(
            &with(&SECTION.replace("http://homeassistant.local:8123", url)),
            "home_assistant.url: is not a plain http:// or https:// address; write it as in the browser",
        );
    }
    assert_one_fault(&with(&SECTION.replace("http:", "")), "home_assistant.url: is not an address");
}

#[test]
fn what_is_wrong_is_told() {
    for (from, to, expected) in [
        ("token", "tokn", "home_assistant.tokn: no setting has this name; did you mean `token`?"),
        ("abc", "abc, registers: spilt", "home_assistant.registers: is none of the words"),
        ("abc", "abc, energy_dashboard: maybe", "home_assistant.energy_dashboard: is neither true nor false"),
        ("abc", "123", "home_assistant.token: without quotes"),
        (", token: abc", "", "home_assistant.token: is missing"),
        ("url: 'http://homeassistant.local:8123', ", "", "home_assistant.url: is missing"),
    ] {
        let told = super::told(&with(&SECTION.replace(from, to)));
        assert!(told.iter().any(|line| line.contains(expected)), "{told:#?} for {to}");
    }
    assert_eq!(super::told(&with("home_assistant: {}")).len(), 2, "both are missing");
    assert_one_fault(&with("home_assistant: true"), "home_assistant: expected keys with values");
}

#[test]
fn the_environment_alone_is_enough() {
    let case = Case::file(SHORTEST);
    let token = case.write("token", "from a file\n", 0o600);
    let found = home_assistant(
        &case
            .var("FLUVIUS2MQTT_HOME_ASSISTANT_URL", "https://example.com")
            .var("FLUVIUS2MQTT_HOME_ASSISTANT_TOKEN_FILE", token.to_str().unwrap())
            .var("FLUVIUS2MQTT_HOME_ASSISTANT_REGISTERS", "split")
            .var("FLUVIUS2MQTT_HOME_ASSISTANT_ENERGY_DASHBOARD", "true"),
    );
    assert_eq!((found.url.as_str(), found.token.expose()), ("https://example.com/", "from a file"));
    assert!(found.splits_registers && found.energy_dashboard);
    let found = home_assistant(&Case::file(&with(SECTION)).var("FLUVIUS2MQTT_HOME_ASSISTANT_TOKEN", "new"));
    assert_eq!((found.url.as_str(), found.token.expose()), ("http://homeassistant.local:8123/", "new"));
}

#[test]
fn the_supervisor_is_the_way_in_for_a_section_that_names_none() {
    let supervised = |text: &str| Case::file(text).var("SUPERVISOR_TOKEN", "from the Supervisor");
    for case in [
        supervised(&with("home_assistant: {}")),
        supervised(&with("home_assistant: {url: , token: , token_file: }")),
        supervised(&with("home_assistant: {registers: split}")),
        supervised(SHORTEST).var("FLUVIUS2MQTT_HOME_ASSISTANT_ENERGY_DASHBOARD", "false"),
    ] {
        let found = home_assistant(&case);
        assert_eq!(found.url.as_str(), "ws://supervisor/core/websocket");
        assert_eq!(found.token.expose(), "from the Supervisor");
        let shown = format!("{:?}", case.loaded());
        assert!(!shown.contains("from the Supervisor"), "{shown}");
    }
    for text in [SHORTEST.to_owned(), with("home_assistant:")] {
        assert!(supervised(&text).loaded().config.home_assistant.is_none(), "nobody asked for statistics");
    }
}

#[test]
fn the_supervisor_replaces_nothing_that_is_set() {
    let supervised = |text: &str| Case::file(text).var("SUPERVISOR_TOKEN", "from the Supervisor");
    let found = home_assistant(&supervised(&with(SECTION)));
    assert_eq!((found.url.as_str(), found.token.expose()), ("http://homeassistant.local:8123/", "abc"));
    for (text, missing) in [
        ("home_assistant: {token: abc}", "home_assistant.url: is missing"),
        ("home_assistant: {url: 'http://a'}", "home_assistant.token: is missing"),
        ("home_assistant: {token_file: /nowhere/token}", "home_assistant.url: is missing"),
    ] {
        let told = supervised(&with(text)).told();
        assert!(told[0].starts_with(missing), "{told:#?}");
        assert!(!told.concat().contains("from the Supervisor"), "{told:#?}");
    }
    let told = supervised(&with("home_assistant: {}")).var("FLUVIUS2MQTT_HOME_ASSISTANT_URL", "http://a").told();
    assert!(told[0].starts_with("home_assistant.token: is missing"), "{told:#?}");
}
