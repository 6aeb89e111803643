use std::fmt;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Europe::Brussels;

use super::guard::Refusal;

/// What the bridge was asking the portal for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The addresses and names that a login needs.
    Settings,
    /// The page with the login form.
    LoginPage,
    /// The e-mail address and the password.
    Credentials,
    /// The code that a completed login gives.
    Confirmation,
    /// The tokens for that code, or for an older token.
    Token,
    /// A meter's history.
    History,
    /// A meter's monthly peaks.
    Peaks,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Settings => "reading the login settings",
            Self::LoginPage => "opening the login page",
            Self::Credentials => "sending the e-mail address and password",
            Self::Confirmation => "completing the login",
            Self::Token => "getting an access token",
            Self::History => "reading the meter's history",
            Self::Peaks => "reading the monthly peaks",
        })
    }
}

/// Why the portal gave no data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The portal refused the login, now or earlier; it is not tried again until the user has done something.
    #[error("login refused: {}", refused(.refusal, *.since, *.remembered).join(". "))]
    Refused {
        /// Why.
        refusal: Refusal,
        /// When the portal said so.
        since: DateTime<Utc>,
        /// Whether this was said on an earlier occasion, and no login was tried now.
        remembered: bool,
    },
    /// Too many password logins were needed lately.
    #[error("no login was tried: {spent} password logins in a short time are enough, so that the portal doesn't lock the account. \
             The next one is possible at {}. If this goes on, the portal no longer keeps sessions as it did: look for an update of fluvius2mqtt", local(.until))]
    BudgetSpent {
        /// How many logins used up the budget.
        spent: usize,
        /// When the next one is allowed.
        until: DateTime<Utc>,
    },
    /// The portal asks for rest.
    #[error("the portal asks to wait until {} ({step}); a running bridge goes on by itself then", local(.until))]
    Throttled {
        /// What was being done.
        step: Step,
        /// When requests are welcome again.
        until: DateTime<Utc>,
    },
    /// The portal can't be reached or is out of order.
    #[error(
        "the portal is not available ({step}: {why}); a running bridge tries again by itself. If it lasts, look whether mijn.fluvius.be opens in a browser"
    )]
    Unavailable {
        /// What was being done.
        step: Step,
        /// What happened.
        why: String,
        /// How long the portal asks to wait.
        retry_after: Option<Duration>,
    },
    /// The portal answers in a way that this version doesn't know.
    #[error(
        "the portal has changed ({step}: {what}); nothing is lost, but a new version of fluvius2mqtt may be needed"
    )]
    Changed {
        /// What was being done.
        step: Step,
        /// What is different.
        what: String,
    },
    /// The portal refuses this one meter.
    #[error(
        "the portal refuses the history of this meter (HTTP {status}); check that its EAN and serial number are right and belong to this account"
    )]
    MeterRefused {
        /// The HTTP status.
        status: u16,
    },
    /// The portal would have us talk over an open line.
    #[error("the portal's {step} leads to an address without encryption; nothing was sent there")]
    Insecure {
        /// What was being done.
        step: Step,
    },
    /// A file of the session can't be read or written.
    #[error(
        "{file} in the data directory can't be used: {cause}. Check that the folder can be written; if the file is damaged, remove it"
    )]
    File {
        /// Its name.
        file: &'static str,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The HTTP client can't be made.
    #[error("HTTPS can't be set up: {0}. Check that the system has its certificates (package ca-certificates)")]
    Setup(String),
}

impl Error {
    /// Whether it concerns one meter or one day, so that others may still be read.
    #[must_use]
    pub fn leaves_others(&self) -> bool {
        match self {
            Self::MeterRefused { .. } => true,
            Self::Unavailable { step, .. } | Self::Changed { step, .. } => *step == Step::History,
            _ => false,
        }
    }
}

/// An instant as the clock at the portal shows it.
fn local(instant: &DateTime<Utc>) -> String {
    instant.with_timezone(&Brussels).format("%Y-%m-%d %H:%M").to_string()
}

/// What the portal has against a login, and what the user can do about it, the latter in sentences.
#[must_use]
pub fn refused(refusal: &Refusal, since: DateTime<Utc>, remembered: bool) -> [String; 2] {
    let (what, remedy) = match refusal {
        Refusal::BadCredentials => (
            "the portal refused the e-mail address or the password".to_owned(),
            "Check both at mijn.fluvius.be and correct them in the configuration",
        ),
        Refusal::LockedUntil(until) => (
            format!("the portal has locked the account for a while; no login is tried before {}", local(until)),
            "Nothing to do but wait; log in at mijn.fluvius.be yourself only after that",
        ),
        Refusal::LockedForGood => (
            "the portal has locked the account".to_owned(),
            "Unlock it at mijn.fluvius.be (forgotten password) or with Fluvius, and put the new password in the configuration",
        ),
        Refusal::Interactive => (
            "the portal asks for a step that only you can do (a second factor, a consent or a new password)".to_owned(),
            "Log in at mijn.fluvius.be with e-mail address and password and complete it; two-factor login must be off, \
             and itsme, eID and professional accounts can't be used",
        ),
        Refusal::GivenToken => (
            "the portal doesn't take the token".to_owned(),
            "Tokens last about an hour: get a new one, or leave it out and log in with e-mail address and password",
        ),
    };
    let again = match refusal {
        Refusal::LockedUntil(_) | Refusal::GivenToken => "",
        Refusal::LockedForGood | Refusal::Interactive => {
            ". No login is tried again until the e-mail address or password changes, or until you press “Try the login again” \
             on the status page"
        }
        Refusal::BadCredentials => {
            ". No login is tried again until the e-mail address or password changes; if they were right all along, remove \
              login.json from the data directory"
        }
    };
    let when = if remembered { format!(" (on {}; not tried again now)", local(&since)) } else { String::new() };
    [format!("{what}{when}"), format!("{remedy}{again}")]
}
