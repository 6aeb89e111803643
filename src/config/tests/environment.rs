use super::{Case, SHORTEST};
use crate::config::{History, LogLevel};

#[test]
fn the_environment_alone_is_enough() {
    let case = Case::empty();
    let password = case.write("password", "from a file\n", 0o600);
    let config = case
        .var("FLUVIUS2MQTT_FLUVIUS_EMAIL", "me@example.be")
        .var("FLUVIUS2MQTT_FLUVIUS_PASSWORD", "0123")
        .var("FLUVIUS2MQTT_FLUVIUS_REMEMBER_ME", "true")
        .var("FLUVIUS2MQTT_METERS_0_EAN", "541448860000000011")
        .var("FLUVIUS2MQTT_METERS_0_SERIAL", "1SAG1100000015")
        .var("FLUVIUS2MQTT_METERS_1_EAN", "541448860000000028")
        .var("FLUVIUS2MQTT_METERS_1_SERIAL", "1SAG1100000016")
        .var("FLUVIUS2MQTT_METERS_1_NAME", "Shed")
        .var("FLUVIUS2MQTT_MQTT_URL", "mqtt://broker:1999")
        .var("FLUVIUS2MQTT_MQTT_USERNAME", "me")
        .var("FLUVIUS2MQTT_MQTT_PASSWORD_FILE", password.to_str().unwrap())
        .var("FLUVIUS2MQTT_POLL_AT", "07:00, 19:00")
        .var("FLUVIUS2MQTT_POLL_PAUSE", "2")
        .var("FLUVIUS2MQTT_WEB_LISTEN", "off")
        .var("FLUVIUS2MQTT_DATA_DIR", "/data")
        .var("FLUVIUS2MQTT_LOG", "debug")
        .var("FLUVIUS2MQTT_MQTT_CLIENT_ID", "")
        .var("FLUVIUS_OF_SOMEBODY_ELSE", "x")
        .loaded()
        .config;
    assert_eq!((config.fluvius.email.as_str(), config.fluvius.password.expose()), ("me@example.be", "0123"));
    assert!(config.fluvius.remember_me);
    assert_eq!((config.meters.len(), config.meters[1].name.as_deref()), (2, Some("Shed")));
    assert_eq!((config.mqtt.host.as_str(), config.mqtt.port), ("broker", 1999));
    assert_eq!(config.mqtt.login.unwrap().1.expose(), "from a file");
    assert_eq!(config.poll.at.len(), 2);
    assert_eq!(config.poll.pause.as_secs(), 2);
    assert_eq!((config.data_dir.to_str(), config.log), (Some("/data"), LogLevel::Debug));
}

#[test]
fn meters_can_be_inline_yaml() {
    let config = Case::file(SHORTEST)
        .var("FLUVIUS2MQTT_METERS", "[{ean: 541448860000000028, serial: B}]")
        .var("FLUVIUS2MQTT_METERS_0_RESOLUTION", "day")
        .loaded()
        .config;
    assert_eq!((config.meters.len(), config.meters[0].serial.as_str()), (1, "B"));
    assert_eq!(config.meters[0].resolution, History::Days);
    let told = Case::file(SHORTEST).var("FLUVIUS2MQTT_METERS", "[{ean: 'hunter2").told();
    assert!(told[0].starts_with("FLUVIUS2MQTT_METERS: this is not valid YAML at line 1, column "), "{told:?}");
}

#[test]
fn each_source_wins_over_the_next() {
    let mut case = Case::file(&super::with("data_dir: /file"));
    assert_eq!(case.loaded().config.data_dir.to_str(), Some("/file"));
    case = case.var("FLUVIUS2MQTT_DATA_DIR", "/environment").var("FLUVIUS2MQTT_METERS_0_NAME", "Home");
    let config = case.loaded().config;
    assert_eq!((config.data_dir.to_str(), config.meters[0].name.as_deref()), (Some("/environment"), Some("Home")));
    assert_eq!(config.meters[0].serial, "1SAG1100000015", "the file's meter keeps what is not overlaid");
    case.command_line.data_dir = Some("/command-line".into());
    assert_eq!(case.loaded().config.data_dir.to_str(), Some("/command-line"));
}

#[test]
fn the_file_is_named_by_the_command_line_or_the_environment() {
    let mut case = Case::file(&super::with("log: error"));
    let other = case.write("other.yaml", &super::with("log: warn"), 0o600);
    let third = case.write("third.yaml", &super::with("log: debug"), 0o600);
    assert_eq!(case.loaded().config.log, LogLevel::Error);
    case = case.var("FLUVIUS2MQTT_CONFIG", other.to_str().unwrap());
    assert_eq!(case.loaded().config.log, LogLevel::Warn);
    case.command_line.config = Some(third);
    assert_eq!(case.loaded().config.log, LogLevel::Debug);

    case.command_line.config = Some(case.folder.path().join("missing.yaml"));
    let told = case.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("--config: the configuration file ") && told[0].contains("missing.yaml"), "{told:?}");
    let told = Case::empty().var("FLUVIUS2MQTT_CONFIG", "/nowhere/a.yaml").told();
    assert!(told[0].starts_with("FLUVIUS2MQTT_CONFIG: ") && told[0].contains("/nowhere/a.yaml"), "{told:?}");
}

#[test]
fn without_any_file_the_variables_are_told() {
    let told = Case::empty().told();
    for (key, variable) in [
        ("fluvius.email", "FLUVIUS2MQTT_FLUVIUS_EMAIL"),
        ("fluvius.password", "FLUVIUS2MQTT_FLUVIUS_PASSWORD"),
        ("meters[0].ean", "FLUVIUS2MQTT_METERS_0_EAN"),
        ("meters[0].serial", "FLUVIUS2MQTT_METERS_0_SERIAL"),
    ] {
        let start = format!("{key}: is missing; set it as {variable}, or in a file");
        assert!(told.iter().any(|line| line.starts_with(&start)), "{told:#?}");
    }
    assert_eq!(told.len(), 4);
}

#[test]
fn names_of_older_tools_work() {
    let older = || {
        Case::empty()
            .var("FLUVIUS_LOGIN", "me@example.be")
            .var("FLUVIUS_PASSWORD", "secret")
            .var("FLUVIUS_EAN", "541448860000000011")
            .var("FLUVIUS_METER_SERIAL", "A")
            .var("FLUVIUS_TIMEZONE", "Europe/Paris")
    };
    let config = older().var("FLUVIUS_GRANULARITY", "4").loaded().config;
    assert_eq!((config.fluvius.email.as_str(), config.fluvius.password.expose()), ("me@example.be", "secret"));
    assert_eq!(config.fluvius.timezone.name(), "Europe/Paris");
    assert_eq!((config.meters[0].serial.as_str(), config.meters[0].resolution), ("A", History::Days));
    for (code, resolution) in [("1", History::Finest), ("2", History::Hours), ("3", History::Finest)] {
        assert_eq!(older().var("FLUVIUS_GRANULARITY", code).loaded().config.meters[0].resolution, resolution);
    }
    let told = older().var("FLUVIUS_GRANULARITY", "5").told();
    assert!(told[0].starts_with("FLUVIUS_GRANULARITY: is none of the known granularities; use 1 or 3"), "{told:?}");

    let case = older().var("FLUVIUS2MQTT_FLUVIUS_EMAIL", "ours@example.be").var("FLUVIUS2MQTT_METERS_0_SERIAL", "B");
    let config = case.loaded().config;
    assert_eq!((config.fluvius.email.as_str(), config.meters[0].serial.as_str()), ("ours@example.be", "B"));
}

#[test]
fn older_names_overlay_the_first_meter_of_the_file() {
    let text = SHORTEST.replace("}]", "}, {ean: '541448860000000028', serial: B}]");
    let config = Case::file(&text).var("FLUVIUS_METER_SERIAL", "A").loaded().config;
    assert_eq!((config.meters[0].serial.as_str(), config.meters[1].serial.as_str()), ("A", "B"));
    assert_eq!(config.meters[0].ean.digits(), "541448860000000011");
}

#[test]
fn a_password_in_the_environment_replaces_that_of_the_file() {
    let case = Case::empty();
    let path = case.write("password", "from a file", 0o600);
    let password = |case: Case| case.loaded().config.fluvius.password.expose().to_owned();
    let by_file = SHORTEST.replace("password: 'horse staple'", "password_file: /nowhere/password");
    assert_eq!(password(Case::file(&by_file).var("FLUVIUS2MQTT_FLUVIUS_PASSWORD", "new")), "new");
    assert_eq!(password(Case::file(&by_file).var("FLUVIUS_PASSWORD", "new")), "new");
    let by_variable = |text| Case::file(text).var("FLUVIUS2MQTT_FLUVIUS_PASSWORD_FILE", path.to_str().unwrap());
    assert_eq!(password(by_variable(SHORTEST)), "from a file");
    assert_eq!(password(by_variable(SHORTEST).var("FLUVIUS_PASSWORD", "older")), "from a file");
    let told = by_variable(SHORTEST).var("FLUVIUS2MQTT_FLUVIUS_PASSWORD", "new").told();
    assert!(told[0].contains("`password_file` is set as well; remove either"), "{told:?}");
}

#[test]
fn names_that_nobody_knows_are_faults() {
    for (name, meant) in [
        ("FLUVIUS2MQTT_FLUVIUS_PASSWRD", "did you mean FLUVIUS2MQTT_FLUVIUS_PASSWORD?"),
        ("FLUVIUS2MQTT_EMAIL", "did you mean FLUVIUS2MQTT_FLUVIUS_EMAIL?"),
        ("FLUVIUS2MQTT_METERS_3_SERAIL", "did you mean FLUVIUS2MQTT_METERS_3_SERIAL?"),
        ("FLUVIUS2MQTT_COFFEE_MACHINE", "remove it; the names are FLUVIUS2MQTT_SECTION_KEY"),
        ("FLUVIUS2MQTT_METERS_00_EAN", "FLUVIUS2MQTT_"),
    ] {
        let told = Case::file(SHORTEST).var(name, "hunter2").told();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(&format!("{name}: no setting has this name; ")), "{told:?}");
        assert!(told[0].contains(meant) && !told[0].contains("hunter2"), "{told:?}");
        Case::file(SHORTEST).var(name, "").loaded();
    }
}

#[test]
fn meters_are_numbered_without_gaps() {
    let told = Case::file(SHORTEST).var("FLUVIUS2MQTT_METERS_2_EAN", "541448860000000028").told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("FLUVIUS2MQTT_METERS_2_EAN: a meter before this one is missing"), "{told:?}");
}

#[test]
fn a_fault_names_the_variable_that_the_value_comes_from() {
    let told = Case::file(SHORTEST).var("FLUVIUS_LOGIN", "nobody").var("FLUVIUS2MQTT_LOG", "loud").told();
    assert!(told[0].starts_with("fluvius.email (set by FLUVIUS_LOGIN): is not an e-mail address"), "{told:?}");
    assert!(told[1].starts_with("log (set by FLUVIUS2MQTT_LOG): "), "{told:?}");
}

#[cfg(unix)]
#[test]
fn values_that_are_not_text_are_faults() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    let mut case = Case::file(SHORTEST);
    case.environment.push(("FLUVIUS2MQTT_LOG".into(), OsString::from_vec(vec![0xff])));
    case.environment.push((OsString::from_vec(vec![0xff]), "x".into()));
    assert_eq!(case.told(), ["FLUVIUS2MQTT_LOG: is not UTF-8 text; set it again, in UTF-8"]);
}
