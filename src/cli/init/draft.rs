//! The answers so far, and what the configuration says about the newest.

use std::path::Path;

use super::template::Template;
use crate::config::{self, CommandLine, Faults, Loaded};
use crate::secret::Secret;

/// What is known of the household. What isn't yet is as in the example, and right.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) email: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) meters: Vec<Meter>,
    pub(super) broker: Broker,
    pub(super) home_assistant: Option<HomeAssistant>,
}

/// A meter; what isn't known has a default.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter {
    pub(super) ean: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) gas_unit: Option<String>,
    pub(super) name: Option<String>,
}

/// The broker.
#[derive(Clone, Debug, Default)]
pub(super) struct Broker {
    pub(super) url: Option<String>,
    pub(super) username: Option<String>,
    pub(super) password: Option<Secret>,
}

/// Home Assistant itself.
#[derive(Clone, Debug, Default)]
pub(super) struct HomeAssistant {
    pub(super) url: Option<String>,
    pub(super) token: Option<Secret>,
}

/// What the configuration says about a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Right,
    /// It can be used, and is probably a mistake.
    Doubtful(String),
    /// What is wrong, and what to write.
    Wrong(String),
}

impl Draft {
    /// The configuration file that it makes.
    pub(super) fn text(&self) -> String {
        let mut template = Template::example();
        template.set("fluvius", "email", self.email.as_deref());
        template.set("fluvius", "password", self.password.as_ref().map(Secret::expose));
        template.set_meters(&self.meters);
        template.set("mqtt", "url", self.broker.url.as_deref());
        template.set("mqtt", "username", self.broker.username.as_deref());
        template.set("mqtt", "password", self.broker.password.as_ref().map(Secret::expose));
        if let Some(home_assistant) = &self.home_assistant {
            template.open("home_assistant", &["url", "token"]);
            template.set("home_assistant", "url", home_assistant.url.as_deref());
            template.set("home_assistant", "token", home_assistant.token.as_ref().map(Secret::expose));
        }
        template.text()
    }

    /// Whether the broker's address has a user in it.
    pub(super) fn has_broker_login(&self) -> bool {
        self.loaded().is_ok_and(|loaded| loaded.config.mqtt.login.is_some())
    }

    /// What the configuration would say about a key such as `meters[1].ean`, of itself and without the environment.
    pub(super) fn verdict(&self, key: &str) -> Verdict {
        match self.loaded() {
            Ok(loaded) => {
                let about = |warning: &String| warning.strip_prefix(key)?.strip_prefix(": ").map(str::to_owned);
                loaded.warnings.iter().find_map(about).map_or(Verdict::Right, Verdict::Doubtful)
            }
            Err(faults) => match faults.all().iter().find(|fault| fault.key == key) {
                Some(fault) => Verdict::Wrong(format!("{}; {}", fault.problem, fault.remedy)),
                None => Verdict::Right,
            },
        }
    }

    fn loaded(&self) -> Result<Loaded, Faults> {
        config::check_text(&self.text(), Path::new(""), &CommandLine::default(), std::iter::empty())
    }
}
