//! Bringing in the history that is older than what a poll reads: one request at a time, newest days first, so that whoever
//! runs it can do other things in between and stop at any point.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::NaiveDate;
use tokio::time::Instant;
use tracing::{error, info};

use super::home::{Bridge, Error, Watched};
use super::once::Outcome;
use super::plan::Scope;
use super::poll::RECENT;
use super::report::Failure;
use super::visit::Visit;
use crate::ledger::{self, Change, portal_floor};
use crate::mqtt::Connection;

/// How often the log and the sensor tell how far it has come.
const LOG_EVERY: Duration = Duration::from_secs(60);
const SHOW_EVERY: Duration = Duration::from_secs(10);

/// How long a request that is under way may take to end when it is to stop.
const GRACE: Duration = Duration::from_secs(10);

/// How far the back-fill of a meter has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Days that need no more requests.
    pub done: usize,
    /// Days that do, at most: where the history begins shows on the way.
    pub left: usize,
    /// How long these will take, by the pace so far.
    pub rest: Duration,
}

/// A back-fill under way.
pub(super) struct Backfill {
    jobs: VecDeque<Job>,
    started: Instant,
    requests: u32,
    logged: Option<Instant>,
    shown: Option<Instant>,
}

/// The back-fill of one meter.
struct Job {
    /// The meter's place in the configuration.
    meter: usize,
    visit: Visit,
    days: usize,
}

/// What a step did.
pub(super) struct Stepped {
    /// The meter's place in the configuration.
    pub(super) meter: usize,
    pub(super) progress: Progress,
    /// What it did to the ledger.
    change: Change,
}

/// What ended a meter's turn in a back-fill, or went wrong in it.
pub(super) struct Broken {
    /// The meter's place in the configuration.
    pub(super) meter: usize,
    pub(super) failure: Failure,
    /// The turn was given up with requests left.
    pub(super) is_cut_off: bool,
}

/// How a back-fill ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// How the portal was.
    pub outcome: Outcome,
    /// The days that were wanted, of all meters that lacked any.
    pub days: usize,
    /// Those that are still to be fetched.
    pub left: usize,
    /// Those that are not complete, although all is fetched that the portal has of them by now.
    pub missing: usize,
    /// Readings that were not there before.
    pub added: usize,
}

impl Bridge {
    /// Plans the back-fill of all meters, from the first day that each needs.
    pub(super) fn plan_backfill(&self) -> Result<Backfill, ledger::Error> {
        self.backfill_of(|meter, newest| {
            let first = self.ledger.history_start(meter.id, meter.settings.history_from)?;
            // A poll has looked for the code just before.
            Ok(newest.checked_sub_days(RECENT).and_then(|recent| recent.pred_opt()).map(|last| Scope {
                first,
                last,
                rereads: false,
                probes: false,
            }))
        })
    }

    /// Plans the back-fill of all meters between two days, whatever the configuration says of their history.
    pub(super) fn plan_backfill_between(
        &self,
        from: NaiveDate,
        to: Option<NaiveDate>,
    ) -> Result<Backfill, ledger::Error> {
        self.backfill_of(|_, newest| {
            let last = to.unwrap_or(newest).min(newest);
            Ok(Some(Scope { first: from, last, rereads: false, probes: true }))
        })
    }

    fn backfill_of(
        &self,
        scope: impl Fn(&Watched, NaiveDate) -> Result<Option<Scope>, ledger::Error>,
    ) -> Result<Backfill, ledger::Error> {
        let (now, zone) = (self.clock.now(), self.display.zone);
        let mut jobs = VecDeque::new();
        for (index, meter) in self.meters.iter().enumerate() {
            let newest = meter.newest(now, zone);
            let Some(mut scope) = scope(meter, newest)? else { continue };
            scope.first = scope.first.max(portal_floor(meter.today(now, zone)));
            let days = usize::try_from(scope.last.signed_duration_since(scope.first).num_days() + 1).unwrap_or(0);
            if days > 0 {
                jobs.push_back(Job { meter: index, visit: Visit::new(meter, &self.ledger, scope, now, zone)?, days });
            }
        }
        jobs.retain(|job: &Job| job.visit.plan.next(now).is_some());
        Ok(Backfill { jobs, started: Instant::now(), requests: 0, logged: None, shown: None })
    }

    /// Makes the next request of a back-fill; `None` when nothing is left.
    ///
    /// A failure ends the back-fill, unless it leaves others a chance: then it ends its meter's turn, or comes when that is
    /// over.
    pub(super) async fn step(&mut self, backfill: &mut Backfill) -> Result<Option<Stepped>, Broken> {
        let Some(mut job) = backfill.jobs.pop_front() else { return Ok(None) };
        let Some(meter) = self.meters.get(job.meter) else { return Ok(None) };
        let broken = |failure, is_cut_off| Broken { meter: job.meter, failure, is_cut_off };
        let before = job.visit.change;
        if let Err(failure) = job.visit.step(meter, &mut self.ledger, &mut self.portal, self.clock).await {
            if !failure.leaves_others() {
                backfill.jobs.clear();
            }
            return Err(broken(failure, true));
        }
        backfill.requests = backfill.requests.saturating_add(1);
        let now = self.clock.now();
        let (left, requests) = job.visit.plan.left(now);
        let pace = backfill.started.elapsed() / backfill.requests;
        let progress = Progress {
            done: job.days.saturating_sub(left),
            left,
            rest: pace.saturating_mul(u32::try_from(requests).unwrap_or(u32::MAX)),
        };
        let stepped = Stepped { meter: job.meter, progress, change: job.visit.change.after(before) };
        if job.visit.plan.next(now).is_some() {
            backfill.jobs.push_front(job);
            return Ok(Some(stepped));
        }
        let released = self.ledger.release_totals(meter.id, meter.newest(now, self.display.zone));
        released.map_err(|error| broken(error.into(), false))?;
        job.visit.failure.map_or(Ok(Some(stepped)), |failure| Err(broken(failure, false)))
    }

    /// Fetches the history between two days into the ledger, until it is in or `stop` comes, and tells how far it has come.
    ///
    /// # Errors
    /// When the ledger can't be used.
    pub async fn backfill(
        mut self,
        from: NaiveDate,
        to: Option<NaiveDate>,
        stop: impl Future<Output = ()>,
        mut tell: impl FnMut(&str, Progress),
    ) -> Result<Ended, Error> {
        let mut stop = std::pin::pin!(stop);
        let mut backfill = self.plan_backfill_between(from, to)?;
        let (now, mut ended) = (self.clock.now(), Ended::default());
        let mut left = vec![0; self.meters.len()];
        for job in &backfill.jobs {
            ended.days = ended.days.saturating_add(job.days);
            if let Some(left) = left.get_mut(job.meter) {
                *left = job.visit.plan.left(now).0;
            }
        }
        loop {
            let step = async {
                let mut step = std::pin::pin!(self.step(&mut backfill));
                tokio::select! {
                    stepped = &mut step => (stepped, false),
                    // An answer on its way is kept, unless it takes too long.
                    () = &mut stop => (tokio::time::timeout(GRACE, step).await.unwrap_or(Ok(None)), true),
                }
            };
            let (stepped, is_stopped) = step.await;
            match stepped {
                Ok(Some(stepped)) => {
                    ended.added = ended.added.saturating_add(stepped.change.added);
                    if let (Some(left), Some(meter)) = (left.get_mut(stepped.meter), self.meters.get(stepped.meter)) {
                        *left = stepped.progress.left;
                        tell(&meter.settings.to_string(), stepped.progress);
                    }
                }
                Ok(None) => break,
                Err(Broken { failure, .. }) => {
                    error!("{failure}");
                    ended.outcome = failure.outcome();
                    if !failure.leaves_others() {
                        break;
                    }
                }
            }
            if is_stopped {
                break;
            }
        }
        ended.left = left.iter().sum();
        for meter in &self.meters {
            let last = meter.newest(now, self.display.zone).min(to.unwrap_or(NaiveDate::MAX));
            ended.missing = ended.missing.saturating_add(self.ledger.missing(meter.id, from, last)?.len());
        }
        Ok(ended)
    }

    /// Makes the next request of the service's back-fill, tells the log and the sensor how far it has come, and gives what
    /// went wrong. Nothing when nothing is left, or else what came in.
    pub(super) async fn advance(
        &mut self,
        backfill: &mut Backfill,
        broker: Option<&Connection>,
    ) -> Result<Option<Change>, Broken> {
        let Some(stepped) = self.step(backfill).await? else { return Ok(None) };
        let Progress { done, left, .. } = stepped.progress;
        if let Some(meter) = self.meters.get_mut(stepped.meter) {
            let ends = left == 0;
            if ends {
                info!("{}: the history is in, {done} days of it", meter.settings);
            } else if is_due(&mut backfill.logged, LOG_EVERY) {
                let rest = span(stepped.progress.rest);
                info!("{}: {done} days of history are in, {left} to go, about {rest}", meter.settings);
            }
            meter.progress = Some(stepped.progress);
            if is_due(&mut backfill.shown, SHOW_EVERY) || ends {
                self.display.show(&self.ledger, meter, broker);
            }
        }
        Ok(Some(stepped.change))
    }
}

/// Whether it is time again, or for the first time.
fn is_due(last: &mut Option<Instant>, every: Duration) -> bool {
    let due = last.is_none_or(|last| last.elapsed() >= every);
    if due {
        *last = Some(Instant::now());
    }
    due
}

/// A time span in words, for people.
#[must_use]
pub fn span(time: Duration) -> String {
    match time.as_secs() {
        0..60 => "less than a minute".to_owned(),
        seconds @ 60..5_400 => format!("{} min", (seconds + 30) / 60),
        seconds => format!("{} h {:02} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}
