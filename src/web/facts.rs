//! How far a meter is known, for the overview and the metrics.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::span::Span;
use crate::ledger::{DayState, Error, Ledger, MeterId};

/// What the ledger has of a meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) span: Span,
    /// The newest complete day.
    pub(super) newest: Option<NaiveDate>,
    /// The days that could be there by now and are still awaited.
    pub(super) missing: Vec<NaiveDate>,
    /// Those of them for which the portal has answered that it has no more.
    pub(super) asked: Vec<NaiveDate>,
    /// Whether anything was ever read.
    pub(super) has_readings: bool,
    /// The last poll that left no question open, by the clock of the house too.
    pub(super) last_sync: Option<DateTime<Utc>>,
    pub(super) last_sync_here: Option<NaiveDateTime>,
}

impl Facts {
    pub(super) fn read(ledger: &Ledger, id: MeterId, span: Span, house: Tz) -> Result<Self, Error> {
        let states = ledger.days(id, span.first())?;
        let is_complete = |state: &DayState| state.complete && state.has_amounts && !state.absent;
        let is_asked =
            |day: &NaiveDate| states.get(day).is_some_and(|state| state.intervals.count > 0 || state.totals.count > 0);
        let missing = ledger.missing(id, span.begins, span.due())?;
        let last_sync = ledger.last_sync(id)?;
        Ok(Self {
            span,
            newest: states.range(..=span.last()).rev().find(|(_, state)| is_complete(state)).map(|(date, _)| *date),
            asked: missing.iter().copied().filter(is_asked).collect(),
            missing,
            has_readings: ledger.has_readings(id)?,
            last_sync,
            last_sync_here: last_sync.map(|at| at.with_timezone(&house).naive_local()),
        })
    }

    /// The last day up to which none is missing since the beginning.
    pub(super) fn complete_until(&self) -> Option<NaiveDate> {
        let newest = self.newest?;
        let before = |missing: &NaiveDate| missing.pred_opt().filter(|day| *day >= self.span.begins);
        self.missing.first().map_or(Some(newest), before).map(|day| day.min(newest))
    }
}
