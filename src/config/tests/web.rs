//! Where the service answers over HTTP.

use std::net::SocketAddr;

use super::{Case, SHORTEST, assert_one_fault, loaded, with};
use crate::config::load_listen;

fn address(text: &str) -> Option<SocketAddr> {
    Some(text.parse().unwrap())
}

#[test]
fn it_is_this_machine_alone_unless_the_user_says_otherwise() {
    assert_eq!(loaded(SHORTEST).config.listen, address("127.0.0.1:8099"));
    assert_eq!(loaded(&with("web: {listen: '[::]:80'}")).config.listen, address("[::]:80"));
    for off in ["web: {listen: off}", "web: {listen: false}"] {
        assert_eq!(loaded(&with(off)).config.listen, None, "{off}");
    }
    let case = Case::file(&with("web: {listen: off}")).var("FLUVIUS2MQTT_WEB_LISTEN", "0.0.0.0:1");
    assert_eq!(case.loaded().config.listen, address("0.0.0.0:1"), "the environment is above the file");
}

#[test]
fn mistakes_are_told() {
    for (text, expected) in [
        ("web: {lisen: off}", "web.lisen: no setting has this name; did you mean `listen`?"),
        ("web: {listen: here}", "web.listen: is not an address with a port"),
        ("web: {listen: 127.0.0.1}", "web.listen: is not an address with a port"),
        ("web: {listen: true}", "web.listen: expected an address with a port, or off"),
        ("web: {listen: '0.0.0.0:0'}", "web.listen: has port 0"),
    ] {
        assert_one_fault(&with(text), expected);
    }
}

#[test]
fn it_can_be_known_when_all_else_is_wrong() {
    let case = Case::empty();
    case.write("other.yaml", "fluvius: {email: nobody}\nweb: {listen: 127.0.0.1:9}", 0o600);
    let mut command_line = case.command_line.clone();
    command_line.config = Some(case.folder.path().join("other.yaml"));
    assert_eq!(load_listen(&command_line, []).unwrap(), address("127.0.0.1:9"));
    let wrong = [("FLUVIUS2MQTT_WEB_LISTEN".into(), "here".into())];
    let told = load_listen(&command_line, wrong).unwrap_err().to_string();
    assert!(told.contains("web.listen (set by FLUVIUS2MQTT_WEB_LISTEN): is not an address"), "{told}");
}
