//! What the ledger has of a meter, for the overview.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::config::Meter;
use crate::energy::MeterDay;
use crate::ledger::{Error, Ledger, MeterId, publication_days};

/// How far a meter is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// The meter day that runs.
    pub(super) today: NaiveDate,
    /// The newest day that should be published by now: yesterday, or for gas four days ago; at most the last day that is wanted.
    pub(super) expected: NaiveDate,
    /// Where the history begins.
    pub(super) first: NaiveDate,
    /// Whether the history ends with `expected`, as the configuration wants it.
    pub(super) is_over: bool,
    /// The newest complete day.
    pub(super) newest: Option<NaiveDate>,
    /// The days until `expected` that are still awaited.
    pub(super) missing: Vec<NaiveDate>,
    /// Whether anything was ever read.
    pub(super) has_readings: bool,
    /// The last poll that left no question open.
    pub(super) last_sync: Option<DateTime<Utc>>,
}

impl Facts {
    /// Reads them. `None` when no run has entered the meter yet.
    pub(super) fn read(ledger: &Ledger, meter: &Meter, now: DateTime<Utc>, zone: Tz) -> Result<Option<Self>, Error> {
        let Some(id) = known(ledger, meter)? else { return Ok(None) };
        let today = MeterDay::containing(meter.kind, now, zone).map_or_else(|| now.date_naive(), MeterDay::date);
        let due = today.checked_sub_days(Days::new(publication_days(meter.kind))).unwrap_or(today);
        let expected = meter.history_until.map_or(due, |until| until.min(due));
        let first = ledger.history_start(id, meter.history_from)?;
        let yesterday = today.pred_opt().unwrap_or(today);
        Ok(Some(Self {
            today,
            expected,
            first,
            is_over: meter.history_until.is_some_and(|until| until <= due),
            newest: ledger.snapshot(id, yesterday)?.day.filter(|day| day.consumption.is_some()).map(|day| day.date),
            missing: ledger.missing(id, first, expected)?,
            has_readings: ledger.has_readings(id)?,
            last_sync: ledger.last_sync(id)?,
        }))
    }

    /// The last day up to which none is missing since the beginning.
    pub(super) fn complete_until(&self) -> Option<NaiveDate> {
        let newest = self.newest?;
        let before = |missing: &NaiveDate| missing.pred_opt().filter(|day| *day >= self.first);
        self.missing.first().map_or(Some(newest), before).map(|day| day.min(newest))
    }
}

/// A meter in the ledger, with the end that the configuration gives it.
pub(super) fn known(ledger: &Ledger, meter: &Meter) -> Result<Option<MeterId>, Error> {
    Ok(ledger.known_meter(&meter.ean, meter.kind, meter.unit)?.map(|id| id.ending(meter.history_until)))
}
