//! How far a meter is known, for the overview and the metrics.

use chrono::{DateTime, NaiveDate, Utc};

use super::span::Span;
use crate::ledger::{Error, Ledger, MeterId};

/// What the ledger has of a meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) span: Span,
    /// The newest complete day.
    pub(super) newest: Option<NaiveDate>,
    /// The days that should be published by now and are still awaited.
    pub(super) missing: Vec<NaiveDate>,
    /// Whether anything was ever read.
    pub(super) has_readings: bool,
    /// The last poll that left no question open.
    pub(super) last_sync: Option<DateTime<Utc>>,
}

impl Facts {
    pub(super) fn read(ledger: &Ledger, id: MeterId, span: Span) -> Result<Self, Error> {
        Ok(Self {
            span,
            newest: ledger.snapshot(id, span.last())?.day.filter(|day| day.consumption.is_some()).map(|day| day.date),
            missing: ledger.missing(id, span.begins, span.expected())?,
            has_readings: ledger.has_readings(id)?,
            last_sync: ledger.last_sync(id)?,
        })
    }

    /// The last day up to which none is missing since the beginning.
    pub(super) fn complete_until(&self) -> Option<NaiveDate> {
        let newest = self.newest?;
        let before = |missing: &NaiveDate| missing.pred_opt().filter(|day| *day >= self.span.begins);
        self.missing.first().map_or(Some(newest), before).map(|day| day.min(newest))
    }
}
