use super::{Case, SHORTEST, assert_one_fault, told, with, with_fluvius, with_meter};

#[test]
fn all_faults_are_told_at_once() {
    let told = told(
        "
fluvius: {email: nobody, pasword: x, url: ftp://a, timezone: Europe/Brussel, remember_me: maybe, reading_codes: x}
meters:
  - {ean: 12, serial: 'a b', kind: water, resolution: minute, history_from: yesterday}
  - {ean: '541448860000000011'}
mqtt: {url: http://a, client_id: a/b, base_topic: /x}
poll: {at: [06:20, 25:00], pause: 1h}
data_dir: [a]
log: loud
colour: red
",
    );
    let keys: Vec<&str> = told.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(
        keys,
        [
            "colour",
            "fluvius.pasword",
            "fluvius.email",
            "fluvius.password",
            "fluvius.url",
            "fluvius.timezone",
            "fluvius.remember_me",
            "fluvius.reading_codes",
            "meters[0].ean",
            "meters[0].serial",
            "meters[0].kind",
            "meters[0].resolution",
            "meters[0].history_from",
            "meters[1].serial",
            "mqtt.url",
            "mqtt.client_id",
            "mqtt.base_topic",
            "poll.at[1]",
            "poll.pause",
            "data_dir",
            "log",
        ],
        "{told:#?}"
    );
}

#[test]
fn a_fault_says_what_is_wrong_and_what_to_do() {
    assert_eq!(
        told(&with("log: loud")),
        ["log: is none of the words that are known here; use one of: error, warn, info, debug, trace"]
    );
}

#[test]
fn typos_name_the_nearest_key() {
    assert_one_fault(&with("mqqt: {}"), "mqqt: no setting has this name; did you mean `mqtt`?");
    assert_one_fault(&with_fluvius("remember-me: true"), "did you mean `remember_me`?");
    assert_one_fault(&with_meter("nmae: Home"), "meters[0].nmae: no setting has this name; did you mean `name`?");
    assert_one_fault(&with("poll: {every: 1h}"), "remove it; the keys here are: at, pause");
    assert_one_fault(&with_fluvius("timezone: europe/brussels"), "did you mean Europe/Brussels?");
    assert_one_fault(&with_fluvius("timezone: Brussels"), "did you mean Europe/Brussels?");
}

#[test]
fn each_value_has_its_bounds() {
    let fluvius = [
        ("email: 'a b@c'", "fluvius.email: is not an e-mail address"),
        ("url: 'http://mijn.fluvius.be'", "would send your password unencrypted; use https://"),
        ("url: 'http://localhost.example.com'", "unencrypted"),
        ("url: 'https://mijn.fluvius.be/verbruik'", "more than an origin"),
        ("url: 'https://mijn.fluvius.be/?a=b'", "more than an origin"),
        ("url: 'https://me@mijn.fluvius.be'", "holds a user"),
        ("url: 'mijn.fluvius.be'", "is not an address"),
        ("remember_me: 1", "expected true or false, found a number"),
    ];
    for (more, expected) in fluvius {
        assert_one_fault(
            &with_fluvius(more).replacen("email: you@example.com, ", "", usize::from(more.contains("email"))),
            expected,
        );
    }
    let name = format!("name: {}", "x".repeat(61));
    let meter = [
        (name.as_str(), "is too long"),
        ("name: \"a\\nb\"", "can't be shown"),
        ("name: ' '", "meters[0].name: is empty"),
        ("name: 1", "expected text, found a number; put it between quotes"),
        ("history_from: 2009-12-31", "no readings"),
        ("history_from: 2026-01-01, history_until: 2026-01-01", "is not after `history_from`"),
        ("gas_unit: m3", "meters[0].gas_unit: is for gas meters only"),
        ("kind: gas, gas_unit: gallon", "meters[0].gas_unit: is none of the words"),
        ("history_from: 2026-02-30", "is not a date; write it as YYYY-MM-DD"),
        ("history_from: 2026-1-01", "is not a date"),
    ];
    for (more, expected) in meter {
        assert_one_fault(&with_meter(more), expected);
    }
    let rest = [
        ("mqtt: {url: '127.0.0.1:1883'}", "mqtt.url: is not an address; write mqtt://"),
        ("mqtt: {url: 'localhost:1883'}", "something else than mqtt://"),
        ("mqtt: {url: 'mqtt://'}", "no host name"),
        ("mqtt: {url: 'mqtt://a/b'}", "more than a host and a port"),
        ("mqtt: {url: 'mqtt://a:0'}", "port 0"),
        ("mqtt: {url: 'mqtt://:secret@a'}", "a password without a user"),
        ("mqtt: {url: 'mqtt://a:5%@b'}", "that is no escape; write % as %25"),
        ("mqtt: {url: 'mqtt://a@b', username: c}", "keys of their own set one as well"),
        ("mqtt: {url: 'mqtt://a@b', password: c}", "keys of their own set one as well"),
        ("mqtt: {password: c}", "mqtt.password: is set without `username`"),
        ("mqtt: {ca_file: /nowhere/ca.pem, url: 'mqtts://a'}", "/nowhere/ca.pem can't be read: No such file"),
        ("mqtt: {client_id: 'a b'}", "no client id"),
        ("mqtt: {discovery_prefix: fluvius2mqtt}", "mqtt.base_topic: is the same as `discovery_prefix`"),
        ("mqtt: {base_topic: a/+}", "holds a character"),
        ("mqtt: {base_topic: a/}", "begins or ends with /"),
        ("mqtt: {base_topic: $SYS}", "begins with $"),
        ("mqtt: {birth_topic: ' a'}", "mqtt.birth_topic: begins or ends with a space"),
        ("mqtt: {birth_topic: \"a\\0b\"}", "holds a character"),
        ("mqtt: mqtt://127.0.0.1", "mqtt: expected keys with values, found text"),
        ("poll: {at: '06:20'}", "poll.at: expected a list, found text"),
        ("poll: {at: []}", "poll.at: holds 0 times; write 1 to 24"),
        (
            "poll: {at: [6.20]}",
            "poll.at[0]: expected a time of day, found a number; write it as \"HH:MM\" between quotes",
        ),
        ("poll: {at: [06:20, 07:20, 06:20]}", "poll.at[2]: is in the list twice"),
        ("poll: {at: [24:00]}", "poll.at[0]: is not a time of day"),
        ("poll: {at: ['+6:20']}", "poll.at[0]: is not a time of day"),
        ("poll: {pause: 301}", "poll.pause: is too long"),
        ("poll: {pause: -1}", "is not a duration"),
        ("poll: {pause: .inf}", "is not a duration"),
        ("log: !secret level", "tags such as !secret are not understood"),
        ("data_dir: ''", "data_dir: is empty"),
        ("1: 2", "the configuration: a key here is no setting's name"),
    ];
    for (more, expected) in rest {
        assert_one_fault(&with(more), expected);
    }
}

#[test]
fn a_certificate_needs_encryption() {
    let case = Case::empty();
    let certificate = case.write("ca.pem", "-----BEGIN CERTIFICATE-----\n", 0o644);
    let key = case.write("key.pem", "-----BEGIN PRIVATE KEY-----\n", 0o644);
    assert_one_fault(&with(&format!("mqtt: {{ca_file: {}}}", certificate.display())), "mqtts:// in `url`");
    let text = with(&format!("mqtt: {{url: 'mqtts://a', ca_file: {}}}", key.display()));
    assert_one_fault(&text, "key.pem holds no PEM certificate");
    let text = with(&format!("mqtt: {{url: 'mqtts://a', ca_file: {}}}", case.folder.path().display()));
    assert_one_fault(&text, "it is a folder");
}

#[test]
fn eans_are_digits_and_differ() {
    let ean = |text: &str| SHORTEST.replace("'541448860000000011'", text);
    assert_one_fault(&ean("'54144886000000001'"), "meters[0].ean: an EAN has 18 digits, this one has 17; copy");
    assert_one_fault(&ean("5.4e17"), "expected 18 digits between quotes, found a number");
    let twice = SHORTEST.replace("}]", "}, {ean: 5414 4886 0000 0000 11}]");
    let told = told(&twice);
    assert!(told[0].starts_with("meters[1].ean: is the same EAN as that of meters[0]; "), "{told:?}");
    assert!(told[1].starts_with("meters[1].serial: is missing"), "{told:?}");
}

#[test]
fn there_is_at_least_one_meter() {
    for meters in ["", "meters:", "meters: []"] {
        let told = told(&format!("fluvius: {{email: a@b, password: x}}\n{meters}"));
        assert!(told[0].starts_with("meters[0].ean: is missing; set it in /"), "{told:?}");
        assert_eq!(told.len(), 2);
    }
    let no_list = told("fluvius: {email: a@b, password: x}\nmeters: {ean: '541448860000000011', serial: A}");
    assert_eq!(
        no_list,
        ["meters: expected a list, found keys with values; begin each meter with a dash, as in `- ean: …`"]
    );
}

#[test]
fn bad_yaml_is_told_by_place_only() {
    for (text, expected) in [
        ("fluvius:\n  password: hunter2: x\n", "this is not valid YAML at line 2, column 20; check the indentation"),
        ("fluvius:\n\tpassword: hunter2\n", "not valid YAML at line 2, column 1"),
        ("fluvius: {password: *hunter2}\n", "not valid YAML at line 1, column 21"),
        ("fluvius:\n  hunter2: a\n  hunter2: b\n", "the section that begins at line 2, column 3 has a key twice"),
        ("--- {hunter2: 1}\n--- {hunter2: 1}\n", "not valid YAML at an unknown place"),
        ("password: 99999999999999999999999999\n", "not valid YAML at line 1, column 11"),
    ] {
        let told = told(text);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("config.yaml: ") && told[0].contains(expected), "{told:?}");
        assert!(!told[0].contains("hunter2") && !told[0].contains("9999"), "{told:?}");
    }
    assert_eq!(
        told("hunter2"),
        [
            "the configuration: expected keys with values, found text; below it, indented, the keys are: fluvius, meters, \
         prices, mqtt, home_assistant, poll, web, data_dir, log"
        ]
    );
}

#[test]
fn a_file_that_is_no_text_is_told() {
    let case = Case::empty();
    std::fs::write(case.folder.path().join("config.yaml"), [0xff, 0xfe]).unwrap();
    assert!(case.told()[0].contains("can't be read: it is not UTF-8 text"));
    let case = Case::empty();
    std::fs::create_dir(case.folder.path().join("config.yaml")).unwrap();
    assert!(case.told()[0].contains("can't be read: it is a folder (Docker makes one"));
    let case = Case::file(&format!("{SHORTEST}# {}", "x".repeat(1024 * 1024)));
    assert!(case.told()[0].contains("it is far too large"));
}
