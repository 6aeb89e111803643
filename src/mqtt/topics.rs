use crate::config;
use crate::energy::Ean;

/// The names of the topics. They are public: automations and other programs rely on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    base: String,
    discovery_prefix: String,
    /// Where Home Assistant says that it has started.
    pub birth: String,
}

impl Topics {
    /// The topics that the settings name.
    #[must_use]
    pub fn new(settings: &config::Mqtt) -> Self {
        Self {
            base: settings.base_topic.clone(),
            discovery_prefix: settings.discovery_prefix.clone(),
            birth: settings.birth_topic.clone(),
        }
    }

    /// Whether the bridge is there: `online` or `offline`.
    #[must_use]
    pub fn status(&self) -> String {
        format!("{}/status", self.base)
    }

    /// Where the button's press arrives.
    #[must_use]
    pub fn refresh(&self) -> String {
        format!("{}/command/refresh", self.base)
    }

    /// Where a check of the settings publishes something and reads it back.
    #[must_use]
    pub fn check(&self, name: &str) -> String {
        format!("{}/check/{name}", self.base)
    }

    /// A meter's values.
    #[must_use]
    pub fn state(&self, ean: &Ean) -> String {
        format!("{}/{}/state", self.base, ean.digits())
    }

    /// What Home Assistant makes a meter's device and sensors from.
    #[must_use]
    pub fn discovery(&self, ean: &Ean) -> String {
        format!("{}/device/fluvius2mqtt_{}/config", self.discovery_prefix, ean.digits())
    }
}
