//! Capabilities still to come: refused when they are right, corrected when they are wrong.

use super::{Case, SHORTEST, assert_one_fault, with};

#[test]
fn each_is_refused_in_a_sentence() {
    assert_one_fault(&with("web: {listen: 127.0.0.1:8099}"), "web.listen: the status page is not part of this version");
}

#[test]
fn typos_inside_come_first() {
    for (text, expected) in [
        (with("web: {lisen: off}"), "web.lisen: no setting has this name; did you mean `listen`?"),
        (with("web: {listen: here}"), "web.listen: is not an address with a port"),
        (with("web: {listen: true}"), "web.listen: expected an address with a port, or off"),
    ] {
        let told = super::told(&text);
        assert!(told.iter().any(|line| line.contains(expected)), "{told:#?} for {text}");
        assert!(!told.iter().any(|line| line.contains("not part of this version")), "{told:#?} for {text}");
    }
}

#[test]
fn the_environment_is_refused_as_well() {
    let told = Case::file(SHORTEST).var("FLUVIUS2MQTT_WEB_LISTEN", "127.0.0.1:8099").told();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("not part of this version"), "{told:#?}");
}
