//! What the service tells the status page of itself: a board that it writes and the page reads, whatever either is doing.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::time::Instant;

use super::home::Watched;
use super::report::{Failure, Report};
use crate::clock::Clock;
use crate::ledger::{self, Change};
use crate::mqtt::{self, Status, TroubleKind};
use crate::portal::{self, Refusal, Traffic};
use crate::statistics;
use crate::web::{Backfill, Counts, Link, MeterView, Problem, View};

/// The board, and where else the page looks.
#[derive(Clone)]
pub(super) struct Board(Arc<Mutex<State>>);

struct State {
    clock: Clock,
    view: View,
    traffic: Traffic,
    broker: Option<watch::Receiver<mqtt::Link>>,
    home_assistant: Option<watch::Receiver<statistics::Link>>,
}

impl Board {
    /// A board of a service that begins now.
    pub(super) fn new(clock: Clock, meters: &[Watched], has_home_assistant: bool, traffic: Traffic) -> Self {
        // A count that appears with the first failure would not be seen to rise.
        let failures = Status::ALL.into_iter().filter(|status| status.is_problem());
        let view = View {
            started: clock.now(),
            polling_since: None,
            last_poll: None,
            next_poll: None,
            service: Link::Unknown,
            portal: Link::Unknown,
            broker: Link::Unknown,
            home_assistant: has_home_assistant.then_some(Link::Unknown),
            meters: meters.iter().map(view).collect(),
            counts: Counts { failures: failures.map(|status| (status.word(), 0)).collect(), ..Counts::default() },
        };
        Self(Arc::new(Mutex::new(State { clock, view, traffic, broker: None, home_assistant: None })))
    }

    /// All of it, as it is now.
    pub(super) fn view(&self) -> View {
        let state = self.state();
        let now = state.clock.now();
        let mut view = state.view.clone();
        view.counts.portal_requests = state.traffic.requests();
        view.counts.portal_time = state.traffic.time();
        if let Some(link) = &state.broker {
            view.broker = broker(&link.borrow(), now);
        }
        if let Some(link) = &state.home_assistant {
            view.home_assistant = Some(home_assistant(&link.borrow(), now));
        }
        view
    }

    /// Where the state of the broker is told.
    pub(super) fn watch_broker(&self, link: watch::Receiver<mqtt::Link>) {
        self.state().broker = Some(link);
    }

    /// Where the state of Home Assistant is told.
    pub(super) fn watch_home_assistant(&self, link: watch::Receiver<statistics::Link>) {
        self.state().home_assistant = Some(link);
    }

    /// When the next poll is due.
    pub(super) fn next_poll(&self, due: DateTime<Utc>) {
        self.state().view.next_poll = Some(due);
    }

    /// A poll begins.
    pub(super) fn begins(&self) {
        let mut state = self.state();
        state.view.polling_since = Some(state.clock.now());
        state.view.next_poll = None;
    }

    /// A poll has ended.
    pub(super) fn polled(&self, report: &Report, meters: &[Watched]) {
        let mut state = self.state();
        let now = state.clock.now();
        let view = &mut state.view;
        view.polling_since = None;
        view.last_poll = Some(now);
        view.note(report.failure.as_ref(), now);
        view.meters = meters.iter().map(self::view).collect();
        for (meter, report) in view.meters.iter_mut().zip(&report.meters) {
            meter.problem = report.failure.as_ref().map(problem);
        }
        for meter in &report.meters {
            view.count(meter.change);
        }
        let polls = if report.failures().next().is_some() {
            &mut view.counts.polls_failed
        } else {
            &mut view.counts.polls_done
        };
        *polls = polls.saturating_add(1);
        for failure in report.failures() {
            view.count_failure(failure);
        }
    }

    /// The service goes on from a poll of an earlier start.
    pub(super) fn goes_on(&self, last_poll: Option<DateTime<Utc>>, meters: &[Watched]) {
        let mut state = self.state();
        state.view.last_poll = last_poll;
        state.view.meters = meters.iter().map(view).collect();
    }

    /// A back-fill has come further.
    pub(super) fn advanced(&self, change: Change, meters: &[Watched]) {
        let mut state = self.state();
        state.view.count(change);
        for (told, meter) in state.view.meters.iter_mut().zip(meters) {
            *told = MeterView { problem: told.problem.take(), ..view(meter) };
        }
    }

    /// The back-fill of a meter, by its place in the configuration, has failed.
    pub(super) fn failed(&self, meter: usize, failure: &Failure) {
        let mut state = self.state();
        let now = state.clock.now();
        state.view.count_failure(failure);
        if !failure.leaves_others() {
            state.view.note(Some(failure), now);
        } else if let Some(meter) = state.view.meters.get_mut(meter) {
            meter.problem = Some(problem(failure));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl View {
    /// Notes what kept a poll from going on, if anything did.
    fn note(&mut self, failure: Option<&Failure>, now: DateTime<Utc>) {
        match failure {
            // It says nothing of the portal.
            Some(failure) if failure.status() == Status::BridgeFailed => {
                self.service = link(&self.service, Some(failure), now);
            }
            failure => {
                self.service = Link::Up;
                self.portal = link(&self.portal, failure, now);
            }
        }
    }

    fn count(&mut self, change: Change) {
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let counts = &mut self.counts;
        counts.readings_added = counts.readings_added.saturating_add(number(change.added));
        counts.readings_corrected = counts.readings_corrected.saturating_add(number(change.corrected));
    }

    fn count_failure(&mut self, failure: &Failure) {
        let count = self.counts.failures.entry(failure.status().word()).or_default();
        *count = count.saturating_add(1);
    }
}

fn view(meter: &Watched) -> MeterView {
    MeterView {
        status: meter.status.word(),
        problem: None,
        backfill: meter.progress.map(|progress| Backfill {
            done: progress.done,
            left: progress.left,
            rest: progress.rest,
        }),
    }
}

/// How something is after a poll. The same trouble as before began when it did.
fn link(before: &Link, failure: Option<&Failure>, now: DateTime<Utc>) -> Link {
    let Some(failure) = failure else { return Link::Up };
    let problem = problem(failure);
    let since = match (before, failure) {
        (_, Failure::Portal(portal::Error::Refused { since, .. })) => *since,
        (Link::Down { problem: other, since }, _)
            if std::mem::discriminant(other) == std::mem::discriminant(&problem) =>
        {
            *since
        }
        _ => now,
    };
    Link::Down { problem, since }
}

fn problem(failure: &Failure) -> Problem {
    let error = match failure {
        Failure::Ledger(error) => return ledger_problem(error),
        Failure::Portal(error) => error,
    };
    match error {
        portal::Error::Refused { refusal, .. } => match refusal {
            Refusal::BadCredentials | Refusal::GivenToken => Problem::WrongLogin,
            Refusal::LockedUntil(until) => Problem::AccountLockedUntil(*until),
            Refusal::LockedForGood => Problem::AccountLocked,
            Refusal::Interactive => Problem::LoginWantsUser,
        },
        portal::Error::BudgetSpent { until, .. } => Problem::LoginPausedUntil(*until),
        portal::Error::Throttled { until, .. } => Problem::PortalRestsUntil(*until),
        portal::Error::Unavailable { step, why, .. } => Problem::PortalDown { why: format!("{step}: {why}") },
        portal::Error::Changed { step, what } => Problem::PortalChanged { what: format!("{step}: {what}") },
        portal::Error::MeterRefused { status } => Problem::MeterRefused { status: *status },
        portal::Error::Insecure { .. } => Problem::PortalInsecure,
        portal::Error::File { file, cause } => Problem::File { file, why: cause.to_string() },
        portal::Error::Setup(why) => Problem::Setup { why: why.clone() },
    }
}

fn ledger_problem(error: &ledger::Error) -> Problem {
    Problem::Ledger { why: error.to_string() }
}

fn broker(link: &mqtt::Link, now: DateTime<Utc>) -> Link {
    let (kind, why, since) = match link {
        mqtt::Link::Connecting => return Link::Unknown,
        mqtt::Link::Up => return Link::Up,
        mqtt::Link::Down { kind, reason, since } => (kind, reason.clone(), since),
    };
    let problem = match kind {
        TroubleKind::RefusesLogin => Problem::BrokerRefusesLogin,
        TroubleKind::RefusesClientId => Problem::BrokerRefusesClientId,
        TroubleKind::Refuses => Problem::BrokerRefuses,
        TroubleKind::Silent => Problem::BrokerSilent,
        TroubleKind::Tls => Problem::BrokerInsecure { why },
        TroubleKind::Unreachable => Problem::BrokerUnreachable { why },
        TroubleKind::Broke => Problem::BrokerBroke,
        TroubleKind::Strange => Problem::BrokerStrange { why },
        TroubleKind::Unknown => Problem::BrokerUnknown { why },
    };
    Link::Down { problem, since: ago(*since, now) }
}

fn home_assistant(link: &statistics::Link, now: DateTime<Utc>) -> Link {
    let (error, since) = match link {
        statistics::Link::Idle => return Link::Unknown,
        statistics::Link::Up => return Link::Up,
        statistics::Link::Down { error, since } => (error, since),
    };
    let problem = match error.as_ref() {
        statistics::Error::Refused => Problem::HomeRefusesToken,
        statistics::Error::TooOld { version } => Problem::HomeTooOld { version: version.clone() },
        statistics::Error::Unavailable(why) => Problem::HomeUnavailable { why: why.clone() },
        statistics::Error::Command { .. } | statistics::Error::Unreadable { .. } => {
            Problem::HomeRefusesCommand { why: error.to_string() }
        }
    };
    Link::Down { problem, since: ago(*since, now) }
}

/// The time of day of an instant that has passed.
fn ago(instant: Instant, now: DateTime<Utc>) -> DateTime<Utc> {
    let passed = TimeDelta::from_std(instant.elapsed()).unwrap_or_default();
    now.checked_sub_signed(passed).unwrap_or(now)
}
