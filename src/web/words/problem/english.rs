use chrono::{DateTime, Utc};

use super::Told;
use crate::web::Problem;

pub(super) fn tell(problem: &Problem, local: impl Fn(DateTime<Utc>) -> String) -> Told {
    match problem {
        Problem::WrongLogin => [
            "Mijn Fluvius refuses the e-mail address or the password.".into(),
            "Check both by logging in at mijn.fluvius.be, correct them in the configuration, and restart. Until they change, \
             no login is tried, so that your account can't be locked."
                .into(),
        ],
        Problem::AccountLockedUntil(until) => [
            "Mijn Fluvius has locked the account for a while.".into(),
            format!(
                "Wait: no login is tried before {}. Don't log in at mijn.fluvius.be yourself before that, which would make \
                 the lock longer.",
                local(*until)
            )
            .into(),
        ],
        Problem::AccountLocked => [
            "Mijn Fluvius has locked the account.".into(),
            "Unlock it at mijn.fluvius.be with “forgotten password”, or ask Fluvius. Put the new password in the configuration \
             and restart; if the password has stayed the same, press “Try the login again” here."
                .into(),
        ],
        Problem::LoginWantsUser => [
            "Mijn Fluvius asks for a step that only you can do: a second factor, a consent or a new password.".into(),
            "Log in at mijn.fluvius.be with e-mail address and password, complete the step, and switch two-factor login off. \
             itsme, eID and professional accounts can't be used. Then press “Try the login again” here."
                .into(),
        ],
        Problem::LoginPausedUntil(until) => [
            "More logins were needed than is normal, so none is tried for now.".into(),
            format!(
                "Nothing to do: the next one comes by itself, from {} on. If this goes on for days, look for an update.",
                local(*until)
            )
            .into(),
        ],
        Problem::PortalRestsUntil(until) => [
            "Mijn Fluvius asks to be left alone for a while.".into(),
            format!("Nothing to do: it is asked again by itself, from {} on.", local(*until)).into(),
        ],
        Problem::PortalDown { .. } => [
            "Mijn Fluvius can't be reached or is out of order.".into(),
            "Nothing to do: it is tried again by itself, and nothing is lost. If it lasts, look whether mijn.fluvius.be opens \
             in a browser; if it does, check the internet connection of this machine."
                .into(),
        ],
        Problem::PortalChanged { .. } => [
            "Mijn Fluvius answers in a way that this version doesn't know.".into(),
            "Look for an update of fluvius2mqtt. Nothing is lost: the portal keeps three years. If there is no update, report \
             the details below."
                .into(),
        ],
        Problem::PortalInsecure => [
            "Mijn Fluvius leads to an address without encryption, so nothing was sent there.".into(),
            "If it lasts, look for an update of fluvius2mqtt, or report this.".into(),
        ],
        Problem::MeterRefused { status } => [
            format!("Mijn Fluvius refuses the history of this meter (HTTP {status}).").into(),
            "Check that its EAN and serial number are right and belong to this account. The command check tells more.".into(),
        ],
        Problem::MeterEmpty => [
            "Mijn Fluvius answers, and has nothing at all for this meter.".into(),
            "Compare its EAN and serial number with those at mijn.fluvius.be: with a typo in them, the portal gives an empty \
             answer. If the meter is new, wait some days."
                .into(),
        ],
        Problem::File { file, .. } => [
            format!("The file {file} in the data directory can't be used.").into(),
            "Check that the folder can be written by the user that runs the service, and that the disk isn't full. If the file is \
             damaged, remove it."
                .into(),
        ],
        Problem::Setup { .. } => [
            "HTTPS can't be set up.".into(),
            "Check that the system has its certificates (package ca-certificates), and restart.".into(),
        ],
        Problem::Ledger { .. } => [
            "The ledger, in which all readings are kept, can't be used.".into(),
            "Check that the disk isn't full and that the data directory can be written. If it is damaged, stop the service and put \
             back a backup of the file ledger.sqlite."
                .into(),
        ],
        Problem::BrokerRefusesLogin => [
            "The MQTT broker refuses the login.".into(),
            "Check mqtt.username and mqtt.password in the configuration. Readings are kept, and are published once it works.".into(),
        ],
        Problem::BrokerRefusesClientId => [
            "The MQTT broker refuses the client id.".into(),
            "Set another mqtt.client_id in the configuration.".into(),
        ],
        Problem::BrokerRefuses => [
            "The MQTT broker refuses the connection for now.".into(),
            "It is tried again by itself. If it lasts, look at the broker's log.".into(),
        ],
        Problem::BrokerSilent => [
            "The MQTT broker doesn't answer.".into(),
            "Check that it runs, and the host and port in mqtt.url. It is tried again by itself.".into(),
        ],
        Problem::BrokerUnreachable { .. } => [
            "The MQTT broker can't be reached.".into(),
            "Check that it runs, and the host and port in mqtt.url. It is tried again by itself, and nothing is lost.".into(),
        ],
        Problem::BrokerInsecure { .. } => [
            "The encrypted connection to the MQTT broker fails.".into(),
            "Check that the port speaks TLS, that mqtt.url has the name in the broker's certificate, and mqtt.ca_file.".into(),
        ],
        Problem::BrokerBroke => [
            "The connection to the MQTT broker broke.".into(),
            "It is made again by itself. If it lasts, look at the broker's log.".into(),
        ],
        Problem::BrokerStrange { .. } => [
            "What answers in place of the MQTT broker doesn't speak MQTT as expected.".into(),
            "Check that mqtt.url leads to an MQTT broker.".into(),
        ],
        Problem::BrokerUnknown { .. } => [
            "Home Assistant doesn't say where its MQTT broker is.".into(),
            "Install and start the app Mosquitto broker, or set a broker of your own in the options. It is asked again by itself."
                .into(),
        ],
        Problem::HomeRefusesToken => [
            "Home Assistant refuses the token, so the Energy dashboard isn't filled.".into(),
            "Make a long-lived access token as an administrator (your profile > Security), put it in home_assistant.token, and \
             restart."
                .into(),
        ],
        Problem::HomeTooOld { version } => [
            format!("Home Assistant {version} is too old for its statistics to be filled.").into(),
            "Update it to 2024.11 or newer.".into(),
        ],
        Problem::HomeUnavailable { .. } => [
            "Home Assistant can't be reached, so the Energy dashboard isn't filled for now.".into(),
            "It is tried again by itself, and nothing is lost. If it lasts, check home_assistant.url.".into(),
        ],
        Problem::HomeRefusesCommand { .. } => [
            "Home Assistant doesn't take the statistics as it should.".into(),
            "It is tried again by itself. If it lasts, look for an update of fluvius2mqtt, or report the details below with \
             both versions."
                .into(),
        ],
    }
}
