//! A few answers make a configuration that works, and nothing is written that doesn't.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::config::{self, CommandLine, Config};
use fluvius2mqtt::energy::{MeterKind, Unit};
use fluvius2mqtt::simulator::SimulatedMeter;
use fluvius2mqtt::statistics::fake::FakeHomeAssistant;

use crate::support::{
    EAN, Finished, Home, Mosquitto, OTHER_EAN, OTHER_SERIAL, Running, SERIAL, before, free_port, plain, user_file,
    yesterday,
};

/// A home with a meter for electricity and one for gas, and no configuration.
pub(crate) async fn home() -> Home {
    let mut meters = vec![
        SimulatedMeter::electricity(EAN, SERIAL, before(400)),
        SimulatedMeter::gas(OTHER_EAN, OTHER_SERIAL, before(400)),
    ];
    for meter in &mut meters {
        meter.published_until = Some(yesterday());
    }
    Home::with(Clock::system(), meters, Mosquitto::start().await).await
}

/// `init` in a home, with the simulated portal in place of the real one.
pub(crate) fn init(home: &Home, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
    command.arg("init").args(arguments).env_clear().current_dir(home.path(""));
    command.env("FLUVIUS2MQTT_FLUVIUS_URL", home.portal.url()).env("FLUVIUS2MQTT_POLL_PAUSE", "0s");
    command
}

/// Gives the answers, a line each.
async fn answered(home: &Home, arguments: &[&str], answers: &[&str]) -> Finished {
    Running::answering(&mut init(home, arguments), &answers.join("\n")).finished().await
}

/// The account's answers.
pub(crate) fn account(home: &Home) -> [String; 2] {
    [home.portal.email(), home.portal.password()]
}

pub(crate) fn loaded(file: &Path) -> Config {
    let command_line = CommandLine { config: Some(file.to_owned()), data_dir: None };
    let loaded = config::load(&command_line, std::iter::empty()).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(loaded.warnings, Vec::<String>::new());
    loaded.config
}

#[tokio::test(flavor = "multi_thread")]
async fn a_few_answers_make_a_configuration_that_works() {
    let home = home().await;
    let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
    let ([email, password], url, broker) = (account(&home), home_assistant.url(), home.broker.url());
    let token = home_assistant.token();
    let answers = [
        &email,
        &password,
        EAN,
        SERIAL,
        "",
        "",
        "y",
        OTHER_EAN,
        OTHER_SERIAL,
        "gas",
        "m3",
        "The \"old\" boiler",
        "n",
        &broker,
        "",
        "y",
        url.as_str(),
        token.expose(),
    ];
    let done = answered(&home, &[], &answers).await;
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.log);
    insta::assert_snapshot!("what_init_tells", told(&home, &done));
    assert_eq!(done.log, "");

    let file = home.path("config.yaml");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let config = loaded(&file);
    assert_eq!((config.fluvius.email.as_str(), config.fluvius.password.expose()), (email.as_str(), password.as_str()));
    let meters: Vec<_> =
        config.meters.iter().map(|meter| (meter.ean.digits(), meter.serial.as_str(), meter.kind)).collect();
    assert_eq!(meters, [(EAN, SERIAL, MeterKind::Electricity), (OTHER_EAN, OTHER_SERIAL, MeterKind::Gas)]);
    assert_eq!((config.meters[0].name.as_deref(), config.meters[1].unit), (None, Unit::CubicMetre));
    assert_eq!(config.meters[1].name.as_deref(), Some("The \"old\" boiler"));
    assert_eq!((config.mqtt.port, config.mqtt.login.is_none()), (home.broker.port, true));
    assert_eq!(config.home_assistant.unwrap().token.expose(), token.expose());
    let (written, example) = (fs::read_to_string(&file).unwrap(), include_str!("../config.example.yaml"));
    let new: Vec<_> = written.lines().filter(|line| !example.lines().any(|known| known == *line)).collect();
    let new = new.join("\n").replace(url.as_str(), "[home assistant]").replace(&broker, "[broker]");
    insta::assert_snapshot!("what_init_writes_into_the_example", new);

    // What it says comes next works, with the session that is there already.
    let mut once = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
    once.arg("once").env_clear().env("FLUVIUS2MQTT_FLUVIUS_URL", home.portal.url()).current_dir(home.path(""));
    once.env("FLUVIUS2MQTT_POLL_PAUSE", "0s");
    let once = Running::start(&mut once).finished().await;
    assert_eq!(once.code, Some(0), "{}", once.log);
    assert_eq!(home.state(EAN).await["status"], "ok");
    assert_eq!(home.portal.logins(), 1);
}

/// What was told, without what differs from run to run.
fn told(home: &Home, done: &Finished) -> String {
    // A gas day begins at six, so that its dates depend on the hour.
    let text = plain(home, &done.out);
    let lines = text.lines().map(|line| match line.split_once(" days from ") {
        Some((what, _)) if what.contains("…0028") => format!("{what} days from […]"),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_meters_come_from_an_export_of_the_portal() {
    let home = home().await;
    let titles = "Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus;Omschrijving";
    let row = |ean: &str, serial: &str, unit: &str| {
        format!(
            "01-11-2026;00:00:00;01-11-2026;00:15:00;=\"{ean}\";{serial};Digitale meter;Afname Dag;0,065;{unit};Uitgelezen;\r\n"
        )
    };
    let rows = [row(EAN, SERIAL, "kWh"), row(EAN, SERIAL, "kWh"), row(OTHER_EAN, OTHER_SERIAL, "m³")].concat();
    fs::write(home.path("export.csv"), format!("\u{feff}{titles}\r\n{rows}")).unwrap();
    let ([email, password], broker) = (account(&home), home.broker.url());
    let answers = [&email, &password, "Cottage", "kwh", "Boiler", "", &broker];
    let file = home.path("my own.yaml");
    let arguments = ["--from-csv", "export.csv", "--config", file.to_str().unwrap(), "--data-dir", "elsewhere"];
    let done = answered(&home, &arguments, &answers).await;
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.log);
    let next = format!("fluvius2mqtt run --config '{}' --data-dir elsewhere\n", file.display());
    assert!(done.out.ends_with(&next), "{}", done.out);
    let config = loaded(&file);
    let meters: Vec<_> = config
        .meters
        .iter()
        .map(|meter| (meter.ean.digits(), meter.serial.as_str(), meter.kind, meter.name.as_deref().unwrap()))
        .collect();
    assert_eq!(
        meters,
        [(EAN, SERIAL, MeterKind::Electricity, "Cottage"), (OTHER_EAN, OTHER_SERIAL, MeterKind::Gas, "Boiler")]
    );
    assert!(home.path("elsewhere").join("tokens.json").exists());

    fs::write(home.path("other.csv"), "a;b\n1;2\n").unwrap();
    for (name, says) in [("other.csv", "it doesn't begin with the names of the columns"), ("none.csv", "can't be read")]
    {
        let refused = answered(&home, &["--from-csv", name], &[]).await;
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
        assert!(refused.log.contains(name) && refused.log.contains(says), "{}", refused.log);
    }
    fs::write(home.path("typo.csv"), format!("{titles}\n{}", row("5414", SERIAL, "kWh"))).unwrap();
    let refused = answered(&home, &["--from-csv", "typo.csv"], &[]).await;
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
    assert!(refused.log.contains("typo.csv: line 2: ") && refused.log.contains("18 digits"), "{}", refused.log);
    assert!(!home.path("config.yaml").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_there_stays_as_it_is() {
    let home = home().await;
    fs::write(home.path("config.yaml"), "mine").unwrap();
    let refused = answered(&home, &[], &[]).await;
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
    insta::assert_snapshot!(plain(&home, &refused.log));
    std::os::unix::fs::symlink("nowhere", home.path("link.yaml")).unwrap();
    let refused = Running::start(init(&home, &[]).env("FLUVIUS2MQTT_CONFIG", "link.yaml")).finished().await;
    assert_eq!(refused.code, Some(2));
    assert!(refused.log.contains("link.yaml is there already"), "{}", refused.log);
    let refused = answered(&home, &["--config", "none/config.yaml"], &[]).await;
    assert_eq!(refused.code, Some(1));
    assert!(refused.log.contains("the folder none can't be written; make it"), "{}", refused.log);
    assert_eq!(fs::read_to_string(home.path("config.yaml")).unwrap(), "mine");
    assert_eq!(home.portal.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_answer_is_told_in_the_words_of_the_configuration() {
    let home = home().await;
    let [email, password] = account(&home);
    let good = [email.as_str(), &password, EAN, SERIAL, "electricity", "", "y"];
    for (answers, says) in [
        (vec!["jan"], "E-mail address: is not an e-mail address; write the address of your account"),
        (vec![], "E-mail address: an answer is needed"),
        (vec![&email, ""], "Password: an answer is needed"),
        (
            vec![&email, &password, "5414"],
            "EAN (18 digits, on mijn.fluvius.be under Verbruik): an EAN has 18 digits, this one has 4; copy",
        ),
        (vec![&email, &password, EAN, "a b"], "Serial number (printed on the meter): is not a serial number"),
        (vec![&email, &password, EAN, SERIAL, "water"], "Electricity or gas: is none of the words that are known here"),
        (vec![&email, &password, EAN, SERIAL, "gas", "litres"], "Count it in kwh or m3: is none of the words"),
        (
            [&good[..], &[EAN]].concat(),
            "EAN (18 digits, on mijn.fluvius.be under Verbruik): is the same EAN as that of meters[0]",
        ),
        ([&good[..6], &["perhaps"]].concat(), "Another meter? Write y or n"),
        (
            [&good[..6], &["", "broker.lan"]].concat(),
            "Address of the broker: is not an address; write mqtt://HOST:1883",
        ),
        (
            [&good[..6], &["", "", "", "y", "ftp://a"]].concat(),
            "Address of Home Assistant, as in the browser: is not a plain http://",
        ),
        ([&good[..6], &["", "", "", "y", ""]].concat(), "Token of an administrator"),
    ] {
        let refused = answered(&home, &[], &answers).await;
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{answers:?}: {}", refused.log);
        assert!(refused.log.contains(says), "{says} in {}", refused.log);
        assert!(!refused.log.contains(&password), "{}", refused.log);
    }
    let wrong = Running::start(init(&home, &[]).env("FLUVIUS2MQTT_FLUVIUS_PASWORD", "x")).finished().await;
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.log.contains("FLUVIUS2MQTT_FLUVIUS_PASWORD: no setting has this name"), "{}", wrong.log);
    assert_eq!(home.portal.requests().len(), 0);
    assert_eq!(fs::read_dir(home.path("")).unwrap().count(), 0, "nothing was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_work_is_not_written_unasked() {
    let home = home().await;
    let ([email, password], broker) = (account(&home), home.broker.url());
    let answers = |password: &str, serial: &str, broker: &str| {
        [&email, password, EAN, serial, "", "", "", broker].map(str::to_owned)
    };
    let gone = format!("mqtt://127.0.0.1:{}", free_port());
    for (answers, code, says) in [
        (answers("a slip of the finger", SERIAL, &broker), 3, "the portal refused the e-mail address or the password"),
        (answers("a slip of the finger", SERIAL, &broker), 3, "not tried again now"),
        (answers(&password, "1SAG1100000016", &broker), 1, "Compare the EAN with Verbruik"),
        (answers(&password, SERIAL, &gone), 1, "it can't be reached"),
    ] {
        let answers: Vec<_> = answers.iter().map(String::as_str).collect();
        let failed = answered(&home, &[], &answers).await;
        assert_eq!(failed.code, Some(code), "{}{}", failed.out, failed.log);
        assert!(failed.out.contains(says) && failed.out.ends_with("\nNothing was written.\n"), "{}", failed.out);
        assert!(!home.path("config.yaml").exists());
    }
    assert_eq!(home.portal.logins(), 2, "each password was sent once");
}

#[tokio::test(flavor = "multi_thread")]
async fn any_password_works_as_it_is() {
    let password = "~ \"quotes\" 'and' #: {{ é🔑 }} \\n %20 &*!|> yes ";
    let users = user_file("me & you", "it's \"#1\"");
    let settings = "allow_anonymous false\npassword_file {folder}/users\n";
    let broker = Mosquitto::with_files(settings, &[("users", &users)]).await;
    let home = home().await;
    home.portal.set_password(password);
    let email = home.portal.email();
    let url = broker.url();
    let answers =
        [&email, password, EAN, &format!("\"{SERIAL}\""), "", "- a: b", "", &url, "me & you", "it's \"#1\"", ""];
    let done = answered(&home, &[], &answers).await;
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.log);
    let config = loaded(&home.path("config.yaml"));
    assert_eq!(config.fluvius.password.expose(), password);
    assert_eq!(config.meters[0].name.as_deref(), Some("- a: b"));
    let (user, password) = config.mqtt.login.unwrap();
    assert_eq!((user.as_str(), password.expose()), ("me & you", "it's \"#1\""));
    assert!(config.home_assistant.is_none());
    assert!(!done.out.contains("quotes") && !done.out.contains("it's"), "{}", done.out);

    // In the address it is as good, and then nobody is asked for it.
    let url = url.replace("mqtt://", "mqtt://me%20&%20you:it's%20%22%231%22@");
    let answers = [&email, config.fluvius.password.expose(), EAN, SERIAL, "", "", "", &url, "n"];
    let done = answered(&home, &["--config", "other.yaml"], &answers).await;
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.log);
    assert!(!done.out.contains("it's"), "{}", done.out);
    assert_eq!(loaded(&home.path("other.yaml")).mqtt.login.unwrap().1.expose(), "it's \"#1\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn help_tells_the_order_of_the_answers() {
    let home = home().await;
    let help = Running::start(&mut init(&home, &["--help"])).finished().await;
    assert_eq!(help.code, Some(0));
    let words = ["EAN, serial number, electricity or gas", "the broker's address, user", "Example: fluvius2mqtt init"];
    assert!(words.iter().all(|word| help.out.contains(word)), "{}", help.out);
}
