use std::fmt::Display;

use crate::cli::{DONE, FAILED};
use crate::config::Meter;

/// What a check is about.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Its name for programs, which never changes.
    pub(super) name: String,
    /// Its name for the household.
    pub(super) title: String,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Good,
    /// It works, and there is something that the household should know.
    Attention,
    Bad,
    /// Something before it failed.
    NotTried,
}

/// What a check has found.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Finding {
    pub(super) subject: Subject,
    pub(super) outcome: Outcome,
    /// What was found, in words of this program and without anything private.
    pub(super) message: String,
    /// What the system or a library says about it, which may name hosts and files.
    pub(super) cause: Option<String>,
    /// Where it was: a file or a host. For the household alone.
    pub(super) place: Option<String>,
    /// What to do about it.
    pub(super) remedy: Option<String>,
    /// The exit code that it asks for.
    pub(super) exit: u8,
}

impl Subject {
    fn new(name: &str, title: &str) -> Self {
        Self { name: name.to_owned(), title: title.to_owned() }
    }

    pub(super) fn config() -> Self {
        Self::new("config", "Configuration")
    }

    pub(super) fn data_dir() -> Self {
        Self::new("data_dir", "Data directory")
    }

    pub(super) fn login() -> Self {
        Self::new("login", "Login")
    }

    /// All meters, when it isn't known how many there are.
    pub(super) fn meters() -> Self {
        Self::new("meters", "Meters")
    }

    pub(super) fn meter(index: usize, meter: &Meter) -> Self {
        let title = match &meter.name {
            Some(name) => format!("Meter {name} ({})", meter.ean),
            None => format!("Meter {}", meter.ean),
        };
        Self { name: format!("meters[{index}]"), title }
    }

    /// The intervals of this meter.
    pub(super) fn intervals(&self) -> Self {
        Self { name: format!("{}.intervals", self.name), title: format!("{}, intervals", self.title) }
    }

    pub(super) fn broker() -> Self {
        Self::new("broker", "Broker")
    }

    pub(super) fn home_assistant() -> Self {
        Self::new("home_assistant", "Home Assistant")
    }

    pub(super) fn energy_dashboard() -> Self {
        Self::new("energy_dashboard", "Energy dashboard")
    }
}

impl Finding {
    fn new(subject: &Subject, outcome: Outcome, message: String, exit: u8) -> Self {
        Self { subject: subject.clone(), outcome, message, cause: None, place: None, remedy: None, exit }
    }

    pub(super) fn good(subject: &Subject, message: impl Into<String>) -> Self {
        Self::new(subject, Outcome::Good, message.into(), DONE)
    }

    pub(super) fn attention(subject: &Subject, message: impl Into<String>) -> Self {
        Self::new(subject, Outcome::Attention, message.into(), DONE)
    }

    pub(super) fn bad(subject: &Subject, message: impl Into<String>) -> Self {
        Self::new(subject, Outcome::Bad, message.into(), FAILED)
    }

    pub(super) fn not_tried(subject: &Subject, why: &str) -> Self {
        Self::new(subject, Outcome::NotTried, format!("not tried: {why}"), DONE)
    }

    pub(super) fn because(mut self, cause: impl Display) -> Self {
        // Whatever it says, a finding has one line.
        self.cause = Some(cause.to_string().split_whitespace().collect::<Vec<_>>().join(" "));
        self
    }

    pub(super) fn at(mut self, place: impl Display) -> Self {
        self.place = Some(place.to_string());
        self
    }

    /// What to do about it, which begins a line.
    pub(super) fn remedy(mut self, remedy: &str) -> Self {
        let mut rest = remedy.chars();
        let first = rest.next().into_iter().flat_map(char::to_uppercase);
        self.remedy = Some(first.chain(rest.clone()).collect());
        self
    }

    pub(super) fn exits(mut self, code: u8) -> Self {
        self.exit = code;
        self
    }
}
