//! One poll of all meters.

use chrono::Days;

use super::home::{Bridge, Watched};
use super::plan::Scope;
use super::publish::Display;
use super::report::{Failure, MeterReport, Report};
use super::visit::Visit;
use crate::ledger::{self, Ledger};
use crate::mqtt::{Connection, Status};
use crate::portal::Portal;

/// Yesterday and so many days before it are a poll's business; older ones are that of the back-fill.
pub(super) const RECENT: Days = Days::new(61);

impl Bridge {
    /// Polls all meters, one after the other, and shows what changes on the way.
    pub(super) async fn poll(&mut self, broker: Option<&Connection>) -> Report {
        let mut report = Report::default();
        if let Err(error) = self.portal.log_in().await {
            report.failure = Some(error.into());
        }
        let Self { meters, ledger, portal, display, .. } = self;
        for meter in meters {
            if report.failure.is_none() {
                let done = visit(meter, ledger, portal, display, broker).await;
                let done = done.unwrap_or_else(|error| MeterReport::failed(&meter.settings, error.into()));
                meter.status = status(&done);
                if done.failure.as_ref().is_none_or(Failure::leaves_others) {
                    report.meters.push(done);
                } else {
                    report.failure = done.failure;
                }
            }
            if let Some(failure) = &report.failure {
                meter.status = failure.status();
            }
            display.show(ledger, meter, broker);
        }
        if report.failure.is_none() {
            self.ask_peaks(broker).await;
        }
        report
    }
}

/// Reads the recent days of a meter.
async fn visit(
    meter: &Watched,
    ledger: &mut Ledger,
    portal: &mut Portal,
    display: &Display,
    broker: Option<&Connection>,
) -> Result<MeterReport, ledger::Error> {
    let (now, zone) = (display.clock.now(), display.zone);
    let last = meter.newest(now, zone);
    let start = ledger.history_start(meter.id, meter.settings.history_from)?;
    let first = start.max(last.checked_sub_days(RECENT).unwrap_or(last));
    let scope = Scope { first, last, rereads: true, probes: true };
    let mut visit = Visit::new(meter, ledger, scope, now, zone)?;
    let failure = loop {
        match visit.step(meter, ledger, portal, display.clock).await {
            Ok(true) => display.show(ledger, meter, broker),
            Ok(false) => {
                if visit.failure.is_none() {
                    ledger.set_last_sync(meter.id, display.clock.now())?;
                }
                ledger.release_totals(meter.id, last)?;
                break visit.failure;
            }
            Err(failure) => break Some(failure),
        }
    };
    let expected = meter.expected(now, zone);
    Ok(MeterReport {
        meter: meter.settings.to_string(),
        change: visit.change,
        missing: ledger.missing(meter.id, first, expected)?,
        is_empty: !ledger.has_readings(meter.id)?,
        is_up_to_date: ledger.is_complete(meter.id, expected)?,
        failure,
    })
}

fn status(report: &MeterReport) -> Status {
    match &report.failure {
        Some(failure) => failure.status(),
        None if report.is_up_to_date => Status::Ok,
        None => Status::Waiting,
    }
}
