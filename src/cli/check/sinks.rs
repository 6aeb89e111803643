//! Where the readings go: the broker, and Home Assistant.

use super::finding::{Finding, Subject};
use crate::config::{self, Config};
use crate::mqtt::{self, ProbeError, SetupError};
use crate::statistics::{self, Dashboard, Error, Probe, Shown};
use crate::supervisor::{self, Supervisor};

/// Tries the broker.
pub(super) async fn broker(config: &Config, tell: &mut impl FnMut(Finding)) {
    let subject = Subject::broker();
    let settings = match named_by_supervisor(config).await {
        Ok(named) => named.unwrap_or_else(|| config.mqtt.clone()),
        Err(error) => return tell(Finding::bad(&subject, "the Supervisor names none").because(error)),
    };
    let settings = &settings;
    let host = if settings.host.contains(':') { format!("[{}]", settings.host) } else { settings.host.clone() };
    let place = format!("{host}:{}", settings.port);
    tell(match mqtt::probe(settings).await {
        Ok(()) => Finding::good(&subject, "it takes a message and passes it on").at(place),
        Err(ProbeError::Connection(trouble)) => {
            let finding = Finding::bad(&subject, trouble.problem).remedy(trouble.remedy).at(place);
            match trouble.cause {
                Some(cause) => finding.because(cause),
                None => finding,
            }
        }
        Err(ProbeError::NotPassedOn) => {
            Finding::bad(&subject, "it takes the login, but doesn't pass on what is published below mqtt.base_topic")
                .remedy("allow this user to read and write there")
                .at(format!("{place}, {}/#", settings.base_topic))
        }
        Err(ProbeError::Setup(SetupError::CaFile { path, why })) => {
            Finding::bad(&subject, "mqtt.ca_file can't be used")
                .because(why)
                .remedy("name a PEM file with the certificate of the broker's authority")
                .at(path.display())
        }
        Err(ProbeError::Setup(SetupError::Tls(why))) => Finding::bad(&subject, "TLS can't be set up")
            .because(why)
            .remedy("check that the system has its certificates (package ca-certificates), or set mqtt.ca_file"),
    });
}

/// As an app of Home Assistant, the broker that its Supervisor knows, unless the options name one.
async fn named_by_supervisor(config: &Config) -> Result<Option<config::Mqtt>, supervisor::Error> {
    let Some(app) = config.app.as_ref().filter(|app| app.names_broker) else { return Ok(None) };
    Supervisor::new(app)?.broker(&config.mqtt).await.map(Some)
}

/// Tries Home Assistant, if it is configured.
pub(super) async fn home_assistant(config: &Config, tell: &mut impl FnMut(Finding)) {
    let Some(settings) = &config.home_assistant else { return };
    let subject = Subject::home_assistant();
    let place = settings.url.origin().ascii_serialization();
    let usable = match statistics::probe(settings, &config.meters).await {
        Ok(Probe { version, is_administrator: true, dashboard }) => {
            tell(Finding::good(&subject, format!("version {version}, with the token of an administrator")).at(place));
            Some(dashboard)
        }
        Ok(Probe { version, .. }) => {
            let message = format!("version {version}, but the token is not an administrator's");
            tell(Finding::bad(&subject, message).at(place).remedy(NEW_TOKEN));
            None
        }
        Err(error) => {
            tell(trouble(&subject, error).at(place));
            None
        }
    };
    if settings.energy_dashboard {
        let subject = Subject::energy_dashboard();
        tell(match usable {
            Some(dashboard) => shown(&subject, dashboard),
            None => Finding::not_tried(&subject, "Home Assistant can't be used"),
        });
    }
}

fn shown(subject: &Subject, dashboard: Option<Dashboard>) -> Finding {
    let occupied = |what, pick| {
        let message = format!("it has another source for {what}, and is left as it is");
        let remedy = format!("to use this one, pick the {pick} of the meter there, in place of the other");
        Finding::attention(subject, message).remedy(&remedy)
    };
    match dashboard {
        Some(Dashboard { grid: Shown::Occupied, .. }) => {
            occupied("the grid", "statistics \"… consumption\" and \"… injection\"")
        }
        Some(Dashboard { gas: Shown::Occupied, .. }) => occupied("gas", "statistic \"… gas\""),
        Some(Dashboard { grid: Shown::AlreadyOurs, gas: Shown::AlreadyOurs }) => {
            Finding::good(subject, "it shows the meters")
        }
        _ => Finding::good(subject, "the first poll adds the meters to it"),
    }
}

const NEW_TOKEN: &str =
    "make a long-lived token as an administrator (your profile > Security) and put it in home_assistant.token";

fn trouble(subject: &Subject, error: Error) -> Finding {
    match error {
        Error::Refused => Finding::bad(subject, "it refuses the token").remedy(NEW_TOKEN),
        Error::TooOld { version } => Finding::bad(subject, format!("version {version} is too old for statistics"))
            .remedy("update it to 2024.11 or newer"),
        Error::Unavailable(why) => Finding::bad(subject, "it can't be reached")
            .because(why)
            .remedy("check that it runs, and home_assistant.url"),
        Error::Command { command, reason, .. } => Finding::bad(subject, format!("it refuses the command {command}"))
            .because(reason)
            .remedy("update Home Assistant or fluvius2mqtt, or report it with both versions"),
        Error::Unreadable { command } => Finding::bad(subject, format!("its answer to {command} can't be read"))
            .remedy("update Home Assistant or fluvius2mqtt, or report it with both versions"),
    }
}
