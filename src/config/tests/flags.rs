use super::{Case, SHORTEST};
use crate::config::{Flags, History, Question, load_question_with};
use crate::energy::MeterKind;
use crate::secret::Secret;

const FIRST: &str = "541448860000000011";
const SECOND: &str = "541448860000000028";

impl Case {
    fn ask(&self, flags: Flags) -> Question {
        self.asked(flags, true).unwrap_or_else(|told| panic!("{told:#?}"))
    }

    fn asked(&self, flags: Flags, needs_login: bool) -> Result<Question, Vec<String>> {
        let file = self.folder.path().join("config.yaml");
        load_question_with(&self.command_line, flags, needs_login, self.environment.clone(), &file)
            .map_err(|faults| faults.to_string().lines().map(str::to_owned).collect())
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn meters(eans: &[&str], serials: &[&str], kinds: &[&str]) -> Flags {
    Flags { eans: owned(eans), serials: owned(serials), kinds: owned(kinds), ..Flags::default() }
}

/// The EAN's end, serial number and kind of each meter that is meant.
fn meant(question: &Question) -> Vec<(&str, &str, MeterKind)> {
    let meters = question.meters.iter();
    meters.map(|meter| (meter.ean.last_four(), meter.serial.as_str(), meter.kind)).collect()
}

#[test]
fn flags_alone_are_enough() {
    let flags = Flags {
        email: Some("me@example.be".to_owned()),
        password: Some(Secret::new("0123".to_owned())),
        timezone: Some("Europe/Paris".to_owned()),
        remember_me: true,
        ..meters(&[FIRST, SECOND], &["A", "B"], &["electricity", "gas"])
    };
    let question = Case::empty().ask(flags);
    assert_eq!((question.fluvius.email.as_str(), question.fluvius.password.expose()), ("me@example.be", "0123"));
    assert_eq!((question.fluvius.timezone.name(), question.fluvius.remember_me), ("Europe/Paris", true));
    assert_eq!(meant(&question), [("0011", "A", MeterKind::Electricity), ("0028", "B", MeterKind::Gas)]);
    assert_eq!((question.data_dir, question.granularity), (None, None));
}

#[test]
fn a_known_meter_keeps_what_the_flags_do_not_say() {
    let text = SHORTEST.replace("}]", &format!("}}, {{ean: '{SECOND}', serial: B, kind: gas, name: Boiler}}]"));
    let ask = |flags| Case::file(&text).ask(flags);
    assert_eq!(ask(Flags::default()).meters.len(), 2);
    assert_eq!(meant(&ask(meters(&["5414 4886 0000 0000 28"], &[], &[]))), [("0028", "B", MeterKind::Gas)]);
    assert_eq!(meant(&ask(meters(&[SECOND], &["C"], &["electricity"]))), [("0028", "C", MeterKind::Electricity)]);
    let both = ask(meters(&[SECOND, FIRST], &[], &[]));
    assert_eq!(both.meters.iter().map(|meter| meter.ean.last_four()).collect::<Vec<_>>(), ["0028", "0011"]);
    let new = ask(meters(&["541448860000000035"], &["D"], &["gas"]));
    assert_eq!(meant(&new), [("0035", "D", MeterKind::Gas)]);
    // Without an EAN, they are said of the meters that are there.
    assert_eq!(meant(&ask(meters(&[], &["E"], &["gas"])))[0], ("0011", "E", MeterKind::Gas));
}

#[test]
fn a_meter_of_the_environment_that_lacks_its_ean_takes_that_of_the_flags() {
    let case = Case::empty()
        .var("FLUVIUS_LOGIN", "me@example.be")
        .var("FLUVIUS_PASSWORD", "secret")
        .var("FLUVIUS_METER_SERIAL", "A")
        .var("FLUVIUS_GRANULARITY", "2");
    let question = case.ask(meters(&[FIRST], &[], &[]));
    assert_eq!(meant(&question), [("0011", "A", MeterKind::Electricity)]);
    assert_eq!((question.granularity, question.meters[0].resolution), (Some(2), History::Hours));
}

#[test]
fn a_password_flag_replaces_a_password_file() {
    let text = SHORTEST.replace("password: 'horse staple'", "password_file: /nowhere/password");
    let flags = Flags { password: Some(Secret::new("new".to_owned())), ..Flags::default() };
    assert_eq!(Case::file(&text).ask(flags).fluvius.password.expose(), "new");
}

#[test]
fn with_a_token_nobody_asks_for_a_password_and_a_question_needs_no_broker() {
    let question = Case::empty().asked(meters(&[FIRST], &["A"], &[]), false).unwrap();
    assert_eq!((question.fluvius.email.as_str(), question.fluvius.password.expose()), ("", ""));
    Case::file(&super::with("mqtt: {url: nonsense}")).ask(Flags::default());
}

#[test]
fn a_fault_names_the_flag() {
    let told = |flags| Case::file(SHORTEST).asked(flags, true).unwrap_err();
    let one = |flags| {
        let told = told(flags);
        assert_eq!(told.len(), 1, "{told:#?}");
        told[0].clone()
    };
    let email = Flags { email: Some("nobody".to_owned()), ..Flags::default() };
    assert!(one(email).starts_with("fluvius.email (set by --email): is not an e-mail address; "));
    let new = one(meters(&[SECOND], &[], &[]));
    assert!(new.starts_with("meters[1].serial: is missing; give --meter-serial, or set it in "), "{new}");
    for (flags, start) in [
        (meters(&[FIRST], &["a b"], &[]), "meters[0].serial (set by --meter-serial): is not a serial number"),
        (meters(&[FIRST], &[], &["water"]), "meters[0].kind (set by --kind): is none of the words"),
        (meters(&[FIRST, SECOND], &["A"], &[]), "--meter-serial: is there once, and --ean twice; "),
        (meters(&[FIRST, FIRST, FIRST], &[], &[]), "--ean: names the same meter twice; "),
        (meters(&[FIRST], &[], &["gas", "gas"]), "--kind: is there twice, which is not once for each meter; "),
    ] {
        let told = told(flags);
        assert!(told[0].starts_with(start), "{start} in {told:#?}");
    }
}
