use chrono::{DateTime, NaiveDate, Utc};

use super::once::Outcome;
use crate::config::Meter;
use crate::ledger::{self, Change};
use crate::mqtt::Status;
use crate::portal::{self, Refusal};

/// Why a poll, or a part of it, failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Portal(#[from] portal::Error),
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

impl Failure {
    /// What the status sensor shows.
    pub(super) fn status(&self) -> Status {
        match self {
            Self::Ledger(_) => Status::BridgeFailed,
            Self::Portal(error) => match error {
                portal::Error::Refused { .. } => Status::LoginRefused,
                portal::Error::BudgetSpent { .. } => Status::LoginPaused,
                portal::Error::Throttled { .. } | portal::Error::Unavailable { .. } => Status::PortalUnavailable,
                portal::Error::Changed { .. } | portal::Error::Insecure { .. } => Status::PortalChanged,
                portal::Error::MeterRefused { .. } => Status::MeterFailed,
                portal::Error::File { .. } | portal::Error::Setup(_) => Status::BridgeFailed,
            },
        }
    }

    /// Whether other days and meters may still be asked for.
    pub(super) fn leaves_others(&self) -> bool {
        matches!(self, Self::Portal(error) if error.leaves_others())
    }

    /// What a single run that met it comes to.
    pub(super) fn outcome(&self) -> Outcome {
        if self.status() == Status::LoginRefused { Outcome::LoginRefused } else { Outcome::Failed }
    }

    /// When a new try makes sense.
    pub(super) fn retry(&self) -> Retry {
        match self {
            Self::Portal(
                portal::Error::Throttled { until, .. }
                | portal::Error::BudgetSpent { until, .. }
                | portal::Error::Refused { refusal: Refusal::LockedUntil(until), .. },
            ) => Retry::At(*until),
            Self::Portal(portal::Error::Unavailable { .. }) | Self::Ledger(_) => Retry::Soon,
            Self::Portal(_) => Retry::AsUsual,
        }
    }
}

/// When the next poll makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Retry {
    /// At the usual times.
    AsUsual,
    /// Before that: what went wrong may be over soon.
    Soon,
    /// At the usual times from then on, or then if none is near.
    At(DateTime<Utc>),
}

/// What a poll did for one meter.
#[derive(Debug)]
pub(super) struct MeterReport {
    pub(super) meter: String,
    pub(super) change: Change,
    pub(super) missing: Vec<NaiveDate>,
    /// Nothing was ever read of it.
    pub(super) is_empty: bool,
    /// What should be published by now is there.
    pub(super) is_up_to_date: bool,
    pub(super) failure: Option<Failure>,
}

impl MeterReport {
    pub(super) fn failed(meter: &Meter, failure: Failure) -> Self {
        let change = Change::default();
        Self {
            meter: meter.to_string(),
            change,
            missing: Vec::new(),
            is_empty: false,
            is_up_to_date: false,
            failure: Some(failure),
        }
    }
}

/// What a poll did.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) meters: Vec<MeterReport>,
    /// What kept the poll from going on, for all meters.
    pub(super) failure: Option<Failure>,
}

impl Report {
    pub(super) fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.failure.iter().chain(self.meters.iter().filter_map(|meter| meter.failure.as_ref()))
    }

    /// Whether a meter that answers still lacks what should be published by now.
    pub(super) fn awaits_a_day(&self) -> bool {
        self.meters.iter().any(|meter| meter.failure.is_none() && !meter.is_up_to_date)
    }

    /// The latest that any failure asks for.
    pub(super) fn retry(&self) -> Retry {
        let mut retry = Retry::AsUsual;
        for failure in self.failures() {
            retry = match (retry, failure.retry()) {
                (Retry::At(one), Retry::At(other)) => Retry::At(one.max(other)),
                (at @ Retry::At(_), _) | (_, at @ Retry::At(_)) => at,
                (Retry::Soon, _) | (_, Retry::Soon) => Retry::Soon,
                (Retry::AsUsual, Retry::AsUsual) => Retry::AsUsual,
            };
        }
        retry
    }

    /// One line for the log: what came in, what was corrected, what is missing.
    pub(super) fn line(&self) -> String {
        if let Some(failure) = &self.failure {
            return format!("poll failed: {failure}");
        }
        let meters: Vec<_> = self.meters.iter().map(line).collect();
        format!("poll: {}", meters.join("; "))
    }
}

fn line(report: &MeterReport) -> String {
    let Change { added, corrected, .. } = report.change;
    let came = match added {
        0 => "nothing new".to_owned(),
        1 => "1 new reading".to_owned(),
        added => format!("{added} new readings"),
    };
    let corrected = if corrected > 0 { format!(", {corrected} corrected") } else { String::new() };
    let missing = match report.missing.as_slice() {
        [] => "nothing is missing".to_owned(),
        [day] => format!("{day} is not there yet"),
        [first, .., last] => format!("{} days from {first} to {last} are not there yet", report.missing.len()),
    };
    match &report.failure {
        Some(failure) => format!("{}: {came}{corrected}, then it failed: {failure}", report.meter),
        None if report.is_empty => format!(
            "{}: the portal has nothing for this meter yet; if that lasts, compare its EAN and serial number with the meter",
            report.meter
        ),
        None => format!("{}: {came}{corrected}, {missing}", report.meter),
    }
}
