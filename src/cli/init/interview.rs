//! The questions in their order, which is public: scripts answer them line by line.

use super::draft::{Draft, HomeAssistant, Meter};
use super::questions::{Question, Questions};
use crate::energy::MeterKind;
use crate::history_csv;
use crate::secret::Secret;

const GAS: &str = "gas";

/// Asks for everything. Of the meters of an export, only what nobody else can know is asked.
pub(super) fn interview(
    questions: &Questions,
    draft: &mut Draft,
    known: Vec<history_csv::Meter>,
) -> anyhow::Result<()> {
    questions.say("Your account on mijn.fluvius.be; two-factor login must be off:\n");
    let email = Question { key: "fluvius.email", label: "E-mail address", default: None, is_secret: false };
    questions.ask(draft, &email, |draft, answer| draft.email = Some(answer.to_owned()))?;
    let password = Question { key: "fluvius.password", label: "Password", default: None, is_secret: true };
    questions.ask(draft, &password, |draft, answer| draft.password = Some(Secret::new(answer.to_owned())))?;

    questions.say("\nYour meters; electricity and gas are two:\n");
    if known.is_empty() {
        Entry::new(questions, draft).ask()?;
    }
    for known in known {
        Entry::new(questions, draft).fill_in(&known)?;
    }
    while questions.is_yes("Another meter?")? {
        Entry::new(questions, draft).ask()?;
    }

    questions.say("\nThe MQTT broker, the one that Home Assistant uses:\n");
    broker(questions, draft)?;

    questions.say("\nStatistics put each kWh in the hour in which it was used, in Home Assistant itself:\n");
    if questions.is_yes("Statistics in Home Assistant?")? {
        home_assistant(questions, draft)?;
    }
    Ok(())
}

/// A meter that is being entered: the last of the draft.
struct Entry<'a> {
    questions: &'a Questions,
    draft: &'a mut Draft,
    number: usize,
}

impl<'a> Entry<'a> {
    fn new(questions: &'a Questions, draft: &'a mut Draft) -> Self {
        let number = draft.meters.len();
        draft.meters.push(Meter::default());
        Self { questions, draft, number }
    }

    /// Asks for all of it.
    fn ask(&mut self) -> anyhow::Result<()> {
        self.question("ean", "EAN (18 digits, on mijn.fluvius.be under Verbruik)", None, |meter| &mut meter.ean)?;
        self.question("serial", "Serial number (printed on the meter)", None, |meter| &mut meter.serial)?;
        let kind = self.question("kind", "Electricity or gas", Some("electricity"), |meter| &mut meter.kind)?;
        self.ask_rest(&kind)
    }

    /// Takes what an export says, and asks for the rest.
    fn fill_in(&mut self, known: &history_csv::Meter) -> anyhow::Result<()> {
        let history_csv::Meter { ean, serial, kind } = known;
        let ean = ean.digits();
        let kind = match kind {
            MeterKind::Electricity => "electricity",
            MeterKind::Gas => GAS,
        };
        self.questions.say(&format!("{kind}, EAN {ean}, serial number {serial}"));
        self.enter("ean", ean, |meter| &mut meter.ean)?;
        self.enter("serial", serial, |meter| &mut meter.serial)?;
        self.enter("kind", kind, |meter| &mut meter.kind)?;
        self.ask_rest(kind)
    }

    fn ask_rest(&mut self, kind: &str) -> anyhow::Result<()> {
        if kind.eq_ignore_ascii_case(GAS) {
            self.question("gas_unit", "Count it in kwh or m3", Some("kwh"), |meter| &mut meter.gas_unit)?;
        }
        self.question("name", "Name in Home Assistant", Some(""), |meter| &mut meter.name)?;
        Ok(())
    }

    fn question(
        &mut self,
        key: &str,
        label: &str,
        default: Option<&str>,
        field: fn(&mut Meter) -> &mut Option<String>,
    ) -> anyhow::Result<String> {
        let key = &format!("meters[{}].{key}", self.number);
        let question = Question { key, label, default, is_secret: false };
        self.questions.ask(self.draft, &question, put(self.number, field))
    }

    fn enter(&mut self, key: &str, value: &str, field: fn(&mut Meter) -> &mut Option<String>) -> anyhow::Result<()> {
        let key = format!("meters[{}].{key}", self.number);
        self.questions.enter(self.draft, &key, value, put(self.number, field))
    }
}

/// Puts an answer in a field of a meter.
fn put(number: usize, field: fn(&mut Meter) -> &mut Option<String>) -> impl Fn(&mut Draft, &str) {
    move |draft, answer| {
        if let Some(meter) = draft.meters.get_mut(number) {
            *field(meter) = Some(answer.to_owned());
        }
    }
}

fn broker(questions: &Questions, draft: &mut Draft) -> anyhow::Result<()> {
    let url = Question {
        key: "mqtt.url",
        label: "Address of the broker",
        default: Some("mqtt://127.0.0.1:1883"),
        is_secret: false,
    };
    questions.ask(draft, &url, |draft, answer| draft.broker.url = Some(answer.to_owned()))?;
    if draft.has_broker_login() {
        return Ok(());
    }
    let user = Question { key: "mqtt.username", label: "User at the broker", default: Some(""), is_secret: false };
    let user = questions.ask(draft, &user, |draft, answer| draft.broker.username = Some(answer.to_owned()))?;
    if !user.is_empty() {
        let password =
            Question { key: "mqtt.password", label: "Password at the broker", default: Some(""), is_secret: true };
        questions
            .ask(draft, &password, |draft, answer| draft.broker.password = Some(Secret::new(answer.to_owned())))?;
    }
    Ok(())
}

fn home_assistant(questions: &Questions, draft: &mut Draft) -> anyhow::Result<()> {
    fn section(draft: &mut Draft) -> &mut HomeAssistant {
        draft.home_assistant.get_or_insert_default()
    }
    let url = Question {
        key: "home_assistant.url",
        label: "Address of Home Assistant, as in the browser",
        default: Some("http://homeassistant.local:8123"),
        is_secret: false,
    };
    questions.ask(draft, &url, |draft, answer| section(draft).url = Some(answer.to_owned()))?;
    let token = Question {
        key: "home_assistant.token",
        label: "Token of an administrator (your profile there > Security > Long-lived access tokens)",
        default: None,
        is_secret: true,
    };
    questions.ask(draft, &token, |draft, answer| section(draft).token = Some(Secret::new(answer.to_owned())))?;
    Ok(())
}
