//! One poll of all meters.

use super::home::{Bridge, Watched, newest_day};
use super::report::{MeterReport, Report};
use super::visit::Visit;
use crate::ledger;
use crate::mqtt::{Connection, Status};

impl Bridge {
    /// Polls all meters, one after the other, and shows what changes on the way.
    pub(super) async fn poll(&mut self, broker: Option<&Connection>) -> Report {
        let mut report = Report::default();
        if let Err(error) = self.portal.log_in().await {
            report.failure = Some(error.into());
        }
        let Self { meters, ledger, portal, display, clock, .. } = self;
        for meter in meters {
            if report.failure.is_none() {
                let newest = newest_day(meter.settings.kind, clock.now(), display.zone);
                let show = |ledger: &ledger::Ledger, meter: &Watched| display.show(ledger, meter, broker);
                let done = Visit::new(meter, ledger, portal, *clock, newest, &show).run().await;
                meter.status = status(&done);
                if done.failure.as_ref().is_none_or(super::report::Failure::leaves_others) {
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

fn status(report: &MeterReport) -> Status {
    match &report.failure {
        Some(failure) => failure.status(),
        None if report.is_up_to_date => Status::Ok,
        None => Status::Waiting,
    }
}
