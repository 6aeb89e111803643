//! The service: polls at the right times for as long as it lives.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{error, info, warn};

use super::backfill::{Backfill, Broken};
use super::board::Board;
use super::home::{Bridge, Error};
use super::report::{Report, Retry};
use super::schedule::{Last, next_poll};
use super::supervisor;
use crate::ledger;
use crate::mqtt::{Event, Status};
use crate::statistics::{Import, Importer};
use crate::web::{self, Answer, Content, Press, Pulse, Site, Wish};

/// A restart so soon after a poll that left no question open needs no new one.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// The button works at most this often.
const BETWEEN_PRESSES: Duration = Duration::from_secs(60);

/// So many presses may wait; each is answered within a request to the portal.
const PRESSES: usize = 4;

/// How long the first poll waits for the broker, which may know where earlier totals began.
const BROKER_FIRST: Duration = Duration::from_secs(5);

/// How long the goodbye to the broker may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// The longest sleep before the clock is looked at again: it may have been set, or the machine suspended.
const LOOK: Duration = Duration::from_secs(30);

/// Why the service wakes up.
enum Wake {
    Stop,
    Due,
    Event(Event),
    Imported(Import),
    Press(Press),
    /// Nothing else is to be done, so that the back-fill goes on.
    Idle,
}

impl Bridge {
    /// Runs until `stop` comes, then says goodbye to the broker. A portal or broker that fails is tried again.
    ///
    /// # Errors
    /// When the ledger or the connection's settings can't be used at the start.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), Error> {
        let pulse = Pulse::new();
        let has_home_assistant = self.config.home_assistant.is_some();
        let board = Board::new(self.clock, &self.meters, has_home_assistant, self.portal.traffic());
        let (press, presses) = mpsc::channel(PRESSES);
        let _web = self.config.listen.and_then(|address| {
            let told = board.clone();
            let content = Content::service(&self.config, self.clock, move || told.view(), press);
            web::start(address, Site::new(pulse.clone(), self.config.app.as_ref(), content))
        });
        pulse.of(self.serve(&board, presses, stop)).await
    }

    async fn serve(
        mut self,
        board: &Board,
        mut presses: mpsc::Receiver<Press>,
        stop: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let mut stop = std::pin::pin!(stop);
        let mut broker = self.connect()?;
        board.watch_broker(broker.link());
        let notices = self.notices()?;
        let mut due = self.clock.now();
        let mut backfill: Option<Backfill> = None;
        if self.is_fresh(due)? {
            for meter in &mut self.meters {
                let expected = meter.expected(due, self.display.zone);
                let complete = self.ledger.is_complete(meter.id, expected)?;
                meter.status = if complete { Status::Ok } else { Status::Waiting };
            }
            let awaits_a_day = self.meters.iter().any(|meter| meter.status == Status::Waiting);
            due = self.next(Last { retry: Retry::AsUsual, failures: 0, awaits_a_day });
            backfill = Some(self.plan_backfill()?);
            board.goes_on(self.last_sync()?, &self.meters);
            info!("the last poll was moments ago; the next one is at {}", self.local(due));
        }
        self.show_all(&broker);
        if !self.has_anchors()? {
            tokio::select! {
                () = &mut stop => {
                    broker.close(true, GOODBYE).await;
                    return Ok(());
                }
                event = broker.event() => {
                    if self.on_event(&event)? {
                        due = self.clock.now();
                    }
                }
                () = tokio::time::sleep(BROKER_FIRST) => {}
            }
            self.show_all(&broker);
        }
        let mut importer = self.config.home_assistant.clone().map(Importer::start);
        if let Some(importer) = &importer {
            board.watch_home_assistant(importer.link());
        }
        self.want(importer.as_ref());
        let (mut failures, mut cut_off) = (0, 0);
        let mut last_press: Option<Instant> = None;
        loop {
            board.next_poll(due);
            let wake = tokio::select! {
                biased;
                () = &mut stop => Wake::Stop,
                event = broker.event() => Wake::Event(event),
                import = imported(&mut importer) => Wake::Imported(import),
                // Without a page nobody presses.
                Some(press) = presses.recv() => Wake::Press(press),
                () = until(self.clock.now(), due) => Wake::Due,
                () = std::future::ready(()), if backfill.is_some() => Wake::Idle,
            };
            match wake {
                Wake::Stop => break,
                Wake::Event(Event::Refresh) => {
                    if may_press(&mut last_press) {
                        info!("refresh: polling now");
                        due = self.clock.now();
                    } else {
                        info!("refresh: not again within a minute");
                    }
                }
                Wake::Press(Press { wish, answer }) => {
                    let begins = may_press(&mut last_press);
                    if begins {
                        info!("asked on the status page: polling now");
                        if wish == Wish::LogIn
                            && let Err(failure) = self.portal.forget_refusal()
                        {
                            error!("{failure}");
                        }
                        due = self.clock.now();
                        board.next_poll(due);
                    }
                    // Whoever has gone away doesn't want to know.
                    let _ = answer.send(if begins { Answer::Begins } else { Answer::TooSoon });
                }
                Wake::Event(event) => {
                    match self.on_event(&event) {
                        Ok(true) => due = self.clock.now(),
                        Ok(false) => {}
                        Err(failure) => error!("{failure}"),
                    }
                    self.show_all(&broker);
                }
                Wake::Imported(import) => {
                    if let Err(failure) = self.note(&import) {
                        error!("{failure}");
                    }
                }
                Wake::Due if due > self.clock.now() => {}
                Wake::Due => {
                    board.begins();
                    let report = tokio::select! {
                        () = &mut stop => break,
                        report = self.poll(Some(&broker)) => report,
                    };
                    failures = if report.retry() == Retry::Soon { failures + 1 } else { 0 };
                    let awaits_a_day = report.awaits_a_day();
                    due = self.next(Last { retry: report.retry(), failures, awaits_a_day });
                    board.polled(&report, &self.meters);
                    self.log(&report, Some(due));
                    supervisor::tell(notices.as_ref(), &report);
                    self.want(importer.as_ref());
                    backfill = if report.failure.is_none() { self.planned_backfill() } else { None };
                }
                Wake::Idle => {
                    let Some(under_way) = &mut backfill else { continue };
                    let advanced = tokio::select! {
                        () = &mut stop => break,
                        advanced = self.advance(under_way, Some(&broker)) => advanced,
                    };
                    match advanced {
                        Ok(Some(change)) => {
                            cut_off = 0;
                            board.advanced(change, &self.meters);
                        }
                        Ok(None) => {
                            backfill = None;
                            self.want(importer.as_ref());
                        }
                        Err(Broken { meter, failure, is_cut_off }) => {
                            board.failed(meter, &failure);
                            if !failure.leaves_others() {
                                backfill = None;
                            }
                            // A day that fails alone is asked for again with the next poll that comes anyway.
                            if is_cut_off {
                                cut_off += 1;
                                let last = Last { retry: failure.retry(), failures: cut_off, awaits_a_day: false };
                                due = due.min(self.next(last));
                            }
                            warn!(
                                "the history can't be fetched further for now: {failure}. The next poll is at {}",
                                self.local(due)
                            );
                        }
                    }
                }
            }
        }
        info!("stopping");
        broker.close(true, GOODBYE).await;
        Ok(())
    }

    /// Tells the importer what Home Assistant is to hold now.
    fn want(&self, importer: Option<&Importer>) {
        let Some(importer) = importer else { return };
        match self.series() {
            Ok(series) => importer.want(series),
            Err(failure) => error!("{failure}"),
        }
    }

    /// The back-fill that is needed after a poll.
    fn planned_backfill(&self) -> Option<Backfill> {
        match self.plan_backfill() {
            Ok(backfill) => Some(backfill),
            Err(failure) => {
                error!("{failure}");
                None
            }
        }
    }

    /// Takes what the broker held; other events are the caller's. `true` when a poll is needed now.
    fn on_event(&mut self, event: &Event) -> Result<bool, ledger::Error> {
        match event {
            Event::Held(held) => self.decide_anchors(held),
            Event::Refresh => Ok(false),
        }
    }

    /// The last poll of any meter that left no question open.
    fn last_sync(&self) -> Result<Option<DateTime<Utc>>, ledger::Error> {
        let mut last = None;
        for meter in &self.meters {
            last = last.max(self.ledger.last_sync(meter.id)?);
        }
        Ok(last)
    }

    fn is_fresh(&self, now: DateTime<Utc>) -> Result<bool, Error> {
        for meter in &self.meters {
            let age = self.ledger.last_sync(meter.id)?.map(|last| now.signed_duration_since(last));
            if !age.is_some_and(|age| age >= TimeDelta::zero() && age < FRESH) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn next(&self, last: Last) -> DateTime<Utc> {
        let jitter = rand::random_range(0.0..1.0);
        next_poll(self.clock.now(), self.config.clock(), &self.config.poll.at, last, jitter)
    }

    /// One line for each poll.
    pub(super) fn log(&self, report: &Report, next: Option<DateTime<Utc>>) {
        let next = next.map_or_else(String::new, |next| format!(". Next poll: {}", self.local(next)));
        let line = format!("{}{next}", report.line());
        if report.failures().any(|failure| failure.status() == Status::LoginRefused) {
            error!("{line}");
        } else if report.failures().next().is_some() {
            warn!("{line}");
        } else {
            info!("{line}");
        }
    }

    fn local(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.config.clock()).format("%a %d %b %H:%M").to_string()
    }
}

/// Whether a button may be pressed again; if so, it has been.
fn may_press(last: &mut Option<Instant>) -> bool {
    let may = last.is_none_or(|press| press.elapsed() >= BETWEEN_PRESSES);
    if may {
        *last = Some(Instant::now());
    }
    may
}

/// The next statistic that was imported, if there is an importer.
async fn imported(importer: &mut Option<Importer>) -> Import {
    match importer {
        Some(importer) => importer.confirmed().await,
        None => std::future::pending().await,
    }
}

/// Sleeps towards an instant; the caller looks whether it has come.
async fn until(now: DateTime<Utc>, due: DateTime<Utc>) {
    let rest = due.signed_duration_since(now).to_std().unwrap_or_default();
    tokio::time::sleep(rest.min(LOOK)).await;
}
