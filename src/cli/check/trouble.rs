use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::finding::{Finding, Subject};
use crate::cli::LOGIN_REFUSED;
use crate::portal::{Error, refused};

/// What the portal's trouble means for somebody who tries the set-up out.
pub(super) fn trouble(subject: &Subject, error: &Error, zone: Tz) -> Finding {
    let local = |at: &DateTime<Utc>| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
    let bad = |message: String| Finding::bad(subject, message);
    match error {
        Error::Refused { refusal, since, remembered } => {
            let [problem, remedy] = refused(refusal, *since, *remembered);
            bad(problem).remedy(&remedy).exits(LOGIN_REFUSED)
        }
        Error::BudgetSpent { spent, until } => {
            bad(format!("no login was tried: there were {spent} in a short time, and more could lock the account"))
                .remedy(&format!("wait until {}", local(until)))
        }
        Error::Throttled { step, until } => {
            bad(format!("the portal asks to wait until {} ({step})", local(until))).remedy("wait until then")
        }
        Error::Unavailable { step, why, .. } => bad(format!("the portal is not available ({step})"))
            .because(why)
            .remedy("try again later; if it lasts, look whether mijn.fluvius.be opens in a browser"),
        Error::Changed { step, what } => {
            bad(format!("the portal has changed ({step}: {what})")).remedy("look for a new version of fluvius2mqtt")
        }
        Error::MeterRefused { status } => bad(format!("the portal refuses this meter (HTTP {status})"))
            .remedy("compare its EAN, serial number and kind with mijn.fluvius.be, and whether it is of this account"),
        Error::Insecure { step } => bad(format!("{step} leads to an address without encryption"))
            .remedy("nothing was sent there; look for a new version of fluvius2mqtt"),
        Error::File { file, cause } => bad(format!("{file} in the data directory can't be used"))
            .because(cause)
            .remedy("check that the folder can be written; if the file is damaged, remove it"),
        Error::Setup(cause) => bad("HTTPS can't be set up".to_owned())
            .because(cause)
            .remedy("check that the system has its certificates (package ca-certificates)"),
    }
}
