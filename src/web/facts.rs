//! What the ledger has of a meter, for the overview.

use chrono::{DateTime, NaiveDate, Utc};

use super::site::Service;
use super::span::Span;
use crate::config::Meter;
use crate::ledger::{Error, Ledger, MeterId};

/// How far a meter is known.
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
    /// Reads them. `None` when no run has entered the meter yet.
    pub(super) fn read(
        ledger: &Ledger,
        service: &Service,
        meter: &Meter,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, Error> {
        let Some(id) = known(ledger, meter)? else { return Ok(None) };
        let span = Span::read(ledger, service, meter, id, now)?;
        Ok(Some(Self {
            span,
            newest: ledger.snapshot(id, span.last())?.day.filter(|day| day.consumption.is_some()).map(|day| day.date),
            missing: ledger.missing(id, span.begins, span.expected())?,
            has_readings: ledger.has_readings(id)?,
            last_sync: ledger.last_sync(id)?,
        }))
    }

    /// The last day up to which none is missing since the beginning.
    pub(super) fn complete_until(&self) -> Option<NaiveDate> {
        let newest = self.newest?;
        let before = |missing: &NaiveDate| missing.pred_opt().filter(|day| *day >= self.span.begins);
        self.missing.first().map_or(Some(newest), before).map(|day| day.min(newest))
    }
}

/// A meter in the ledger, with the end that the configuration gives it.
pub(super) fn known(ledger: &Ledger, meter: &Meter) -> Result<Option<MeterId>, Error> {
    Ok(ledger.known_meter(&meter.ean, meter.kind, meter.unit)?.map(|id| id.ending(meter.history_until)))
}
