//! Capabilities still to come: refused when they are right, corrected when they are wrong.

use super::{Case, SHORTEST, assert_one_fault, with, with_meter};

const HOME_ASSISTANT: &str = "home_assistant: {url: 'http://homeassistant.local:8123', token: abc, registers: split, \
                              energy_dashboard: true}";

#[test]
fn each_is_refused_in_a_sentence() {
    assert_one_fault(
        &with(HOME_ASSISTANT),
        "home_assistant: statistics in Home Assistant are not part of this version yet; remove the section, the sensors \
         over MQTT work without it",
    );
    assert_one_fault(
        &with(
            "prices: [{from: 2026-01-01, consumption: {high: 0.3120, low: 0.2760}, injection: -0.0350, gas: 1, \
             standing_charge: 120.00, capacity: 53.20}, {from: 2026-02-01, consumption: 0.3}]",
        ),
        "prices: costs are not part of this version yet; remove the section",
    );
    assert_one_fault(&with("web: {listen: 127.0.0.1:8099}"), "web.listen: the status page is not part of this version");
    assert_one_fault(&with_meter("kind: gas"), "meters[0].kind: gas meters are not part of this version yet");
    assert_one_fault(&with_meter("kind: gas, gas_unit: m3"), "meters[0].kind: gas meters are not part of this version");
    assert_one_fault(&with_meter("gas_unit: m3"), "meters[0].gas_unit: is for gas meters only");
    assert_one_fault(
        &with_meter("history_from: 2026-01-01, history_until: 2026-06-30"),
        "meters[0].history_until: an end of the history is not part of this version yet; remove the key",
    );
}

#[test]
fn typos_inside_come_first() {
    for (text, expected) in [
        (
            with(&HOME_ASSISTANT.replace("token", "tokn")),
            "home_assistant.tokn: no setting has this name; did you mean `token`?",
        ),
        (with(&HOME_ASSISTANT.replace("split", "spilt")), "home_assistant.registers: is none of the words"),
        (with(&HOME_ASSISTANT.replace("http:", "ftp:")), "home_assistant.url: is not a plain http://"),
        (with(&HOME_ASSISTANT.replace("token: abc", "token: 123")), "home_assistant.token: without quotes"),
        (with("home_assistant: {token: abc}"), "home_assistant.url: is missing"),
        (
            with("prices: [{from: 2026-01-01, consumtion: 1}]"),
            "prices[0].consumtion: no setting has this name; did you mean `consumption`?",
        ),
        (with("prices: [{consumption: 1}]"), "prices[0].from: is missing"),
        (with("prices: [{from: 2026-01-01}]"), "prices[0]: holds no price"),
        (with("prices: [{from: 2026-01-01, gas: 1}, {from: 2026-01-01, gas: 2}]"), "prices[1].from: another period"),
        (with("prices: [{from: 2026-01-01, consumption: {high: 1}}]"), "prices[0].consumption.low: is missing"),
        (with("prices: [{from: 2026-01-01, consumption: '0,31'}]"), "expected a number, or high and low, found text"),
        (with("prices: [{from: 2026-01-01, consumption: -1}]"), "prices[0].consumption: is out of range"),
        (with("prices: [{from: 2026-01-01, capacity: .nan}]"), "prices[0].capacity: is out of range"),
        (with("prices: {from: 2026-01-01}"), "prices: expected a list"),
        (with("web: {lisen: off}"), "web.lisen: no setting has this name; did you mean `listen`?"),
        (with("web: {listen: here}"), "web.listen: is not an address with a port"),
        (with("web: {listen: true}"), "web.listen: expected an address with a port, or off"),
        (with_meter("gas_unit: gallon"), "meters[0].gas_unit: is none of the words"),
        (with_meter("history_from: 2026-01-01, history_until: 2026-01-01"), "is not after `history_from`"),
    ] {
        let told = super::told(&text);
        assert!(told.iter().any(|line| line.contains(expected)), "{told:#?} for {text}");
        assert!(!told.iter().any(|line| line.contains("not part of this version")), "{told:#?} for {text}");
    }
}

#[test]
fn the_environment_is_refused_as_well() {
    let case = Case::file(SHORTEST)
        .var("FLUVIUS2MQTT_HOME_ASSISTANT_URL", "http://homeassistant.local:8123")
        .var("FLUVIUS2MQTT_HOME_ASSISTANT_TOKEN", "abc")
        .var("FLUVIUS2MQTT_PRICES", "[{from: 2026-01-01, consumption: 0.3}]")
        .var("FLUVIUS2MQTT_WEB_LISTEN", "127.0.0.1:8099");
    let told = case.told();
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told.iter().all(|line| line.contains("not part of this version")), "{told:#?}");
}
