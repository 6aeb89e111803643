use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use tracing::debug;

use super::home::Watched;
use super::report::{Failure, MeterReport};
use crate::clock::Clock;
use crate::config::History;
use crate::energy::{MeterDay, Resolution};
use crate::ledger::{self, Change, IntervalCode, Ledger};
use crate::portal::{DAILY, DAILY_DAYS, Portal, interval_codes};

/// After so many failed requests in a row a meter is left for the next poll.
const PATIENCE: u32 = 3;

/// On so many published days the granularity codes are tried out.
const PROBED_DAYS: usize = 2;

/// The day that is probed when none is known to be published: three days old, as old as the portal is late.
const PROBED_BLINDLY: usize = 2;

/// After so many days in a row without any interval, earlier ones aren't asked for: the intervals of a meter begin on the
/// day that the user switched them on.
const EMPTY_DAYS: usize = 14;

/// A day that ended this long ago is not empty because it is late.
const LATE: TimeDelta = TimeDelta::days(7);

/// What to do with a meter whose ledger has changed.
type Show<'a> = dyn Fn(&Ledger, &Watched) + 'a;

/// One poll of one meter: what is asked for, in which order, and what happens to the answers.
///
/// Intervals are asked for day by day. What they leave open is asked for as daily totals, which reach further back. While
/// it isn't known which granularity code gives intervals, the daily totals come first, and the days that they show to be
/// published are used to find out.
pub(super) struct Visit<'a> {
    meter: &'a Watched,
    ledger: &'a mut Ledger,
    portal: &'a mut Portal,
    clock: Clock,
    newest: NaiveDate,
    show: &'a Show<'a>,
    change: Change,
    /// Days for which a request failed, so that the portal has not said what it has.
    unanswered: BTreeSet<NaiveDate>,
    failures_in_a_row: u32,
    failure: Option<Failure>,
}

/// What a request brought.
#[derive(Clone, Copy, Debug, Default)]
struct Answer {
    readings: usize,
    /// The length of the shortest intervals, in seconds, if there are any shorter than a day.
    intervals: Option<u32>,
}

impl<'a> Visit<'a> {
    pub(super) fn new(
        meter: &'a Watched,
        ledger: &'a mut Ledger,
        portal: &'a mut Portal,
        clock: Clock,
        newest: NaiveDate,
        show: &'a Show<'a>,
    ) -> Self {
        Self {
            meter,
            ledger,
            portal,
            clock,
            newest,
            show,
            change: Change::default(),
            unanswered: BTreeSet::new(),
            failures_in_a_row: 0,
            failure: None,
        }
    }

    pub(super) async fn run(mut self) -> MeterReport {
        if let Err(failure) = self.ask().await {
            self.failure = Some(failure);
        }
        let settings = &self.meter.settings;
        match self.report() {
            Ok(report) => report,
            Err(error) => MeterReport::failed(settings, error.into()),
        }
    }

    fn report(self) -> Result<MeterReport, ledger::Error> {
        let id = self.meter.id;
        Ok(MeterReport {
            meter: self.meter.settings.to_string(),
            change: self.change,
            missing: self.ledger.missing(id, self.first_day()?, self.newest)?,
            is_empty: !self.ledger.has_readings(id)?,
            is_up_to_date: self.ledger.is_complete(id, self.newest)?,
            failure: self.failure,
        })
    }

    fn first_day(&self) -> Result<NaiveDate, ledger::Error> {
        self.ledger.history_start(self.meter.id, self.meter.settings.history_from)
    }

    /// The longest intervals that do, in seconds.
    fn wanted_seconds(&self) -> Result<u32, ledger::Error> {
        let configured = match self.meter.settings.resolution {
            History::Finest => 900,
            History::Hours => 3_600,
            History::Days => 90_000,
        };
        let found = self.ledger.interval_code(self.meter.id)?.map_or(0, |found| found.seconds);
        Ok(found.max(configured))
    }

    async fn ask(&mut self) -> Result<(), Failure> {
        let first = self.first_day()?;
        let wanted = self.ledger.wanted(self.meter.id, first, self.newest, self.wanted_seconds()?)?;
        if interval_codes(self.meter.settings.kind, self.meter.settings.resolution).is_empty() {
            self.ask_daily(&wanted).await?;
        } else {
            let mut probed = BTreeSet::new();
            let is_known = self.ledger.interval_code(self.meter.id)?.is_some();
            if !is_known {
                self.ask_daily(&wanted).await?;
                probed = self.probe(&wanted).await?;
            }
            if let Some(known) = self.ledger.interval_code(self.meter.id)? {
                let days: Vec<_> = wanted.iter().copied().filter(|day| !probed.contains(&day.date())).collect();
                let found = self.ask_intervals(&days, known).await?;
                if is_known {
                    let open = self.not_covered(&wanted)?;
                    self.ask_daily(&open).await?;
                    if !found && self.any_is_complete(&days)? {
                        debug!("{}: granularity {} gives nothing any more", self.meter.settings, known.code);
                        self.ledger.set_interval_code(self.meter.id, None)?;
                    }
                }
            }
        }
        let answered: Vec<_> = wanted.into_iter().filter(|day| !self.unanswered.contains(&day.date())).collect();
        let now = self.clock.now();
        self.ledger.note_answers(self.meter.id, &answered, self.wanted_seconds()?, now)?;
        if self.failure.is_none() {
            self.ledger.set_last_sync(self.meter.id, now)?;
        }
        self.ledger.release_totals(self.meter.id, self.newest)?;
        Ok(())
    }

    /// Asks for intervals day by day; `false` when the portal answered and had none at all.
    async fn ask_intervals(&mut self, days: &[MeterDay], known: IntervalCode) -> Result<bool, Failure> {
        let (mut found, mut empty) = (false, 0);
        for day in days {
            let Some(answer) = self.fetch(std::slice::from_ref(day), known.code).await? else {
                found = true;
                continue;
            };
            found |= answer.intervals.is_some();
            empty = if answer.readings == 0 && self.is_late(*day) { empty + 1 } else { 0 };
            if empty == EMPTY_DAYS {
                debug!("{}: no intervals before {day}", self.meter.settings);
                break;
            }
        }
        Ok(found)
    }

    /// Asks for daily totals, newest first, until a month that is long past is empty.
    async fn ask_daily(&mut self, days: &[MeterDay]) -> Result<(), Failure> {
        let mut rest = days;
        while let Some(newest) = rest.first() {
            let fits = |day: &MeterDay| {
                let days = newest.date().signed_duration_since(day.date()).num_days();
                usize::try_from(days).is_ok_and(|days| days < DAILY_DAYS)
            };
            let (chunk, later) = rest.split_at(rest.iter().take_while(|day| fits(day)).count());
            let answer = self.fetch(chunk, DAILY).await?;
            if answer.is_some_and(|answer| answer.readings == 0) && self.is_late(*newest) {
                break;
            }
            rest = later;
        }
        Ok(())
    }

    /// Finds out which granularity code gives intervals. Returns the days whose intervals came in on the way.
    async fn probe(&mut self, wanted: &[MeterDay]) -> Result<BTreeSet<NaiveDate>, Failure> {
        let mut days = Vec::new();
        for day in wanted {
            if days.len() < PROBED_DAYS && self.ledger.is_complete(self.meter.id, day.date())? {
                days.push(*day);
            }
        }
        if days.is_empty() {
            days.extend(wanted.get(PROBED_BLINDLY));
        }
        for day in days {
            for code in interval_codes(self.meter.settings.kind, self.meter.settings.resolution) {
                let answer = self.fetch(&[day], *code).await?;
                if let Some(seconds) = answer.and_then(|answer| answer.intervals) {
                    debug!("{}: granularity {code} gives intervals of {seconds} s", self.meter.settings);
                    self.ledger.set_interval_code(self.meter.id, Some(IntervalCode { code: *code, seconds }))?;
                    return Ok(BTreeSet::from([day.date()]));
                }
            }
        }
        Ok(BTreeSet::new())
    }

    /// Asks for days, newest first, in one request and merges what comes. `None` when it failed in a way that leaves
    /// other requests a chance.
    async fn fetch(&mut self, days: &[MeterDay], code: u8) -> Result<Option<Answer>, Failure> {
        let (Some(newest), Some(oldest)) = (days.first(), days.last()) else { return Ok(None) };
        let readings = match self.portal.history(&self.meter.settings, *oldest, *newest, code).await {
            Ok(readings) => readings,
            Err(error) => {
                let failure = Failure::from(error);
                self.failures_in_a_row += 1;
                if !failure.leaves_others() || self.failures_in_a_row == PATIENCE {
                    return Err(failure);
                }
                debug!("{}: {oldest} to {newest}: {failure}", self.meter.settings);
                self.unanswered.extend(days.iter().map(|day| day.date()));
                self.failure.get_or_insert(failure);
                return Ok(None);
            }
        };
        self.failures_in_a_row = 0;
        let now = self.clock.now();
        let mut answer = Answer::default();
        for day in days {
            let lies_in = |start, end| start >= day.interval().start() && end <= day.interval().end();
            let of_day: Vec<_> = readings
                .iter()
                .filter(|reading| lies_in(reading.interval.start(), reading.interval.end()))
                .copied()
                .collect();
            let shorter = of_day.iter().filter(|reading| Resolution::of(reading.interval) != Some(Resolution::Day));
            let shortest = shorter.map(|reading| reading.interval.seconds()).min();
            answer.intervals = answer.intervals.into_iter().chain(shortest).min();
            answer.readings += of_day.len();
            self.change = self.change.and(self.ledger.merge(self.meter.id, *day, &of_day, now)?);
        }
        (self.show)(self.ledger, self.meter);
        Ok(Some(answer))
    }

    fn not_covered(&self, days: &[MeterDay]) -> Result<Vec<MeterDay>, ledger::Error> {
        let seconds = self.wanted_seconds()?;
        let mut open = Vec::new();
        for day in days {
            if !self.ledger.is_covered(self.meter.id, *day, seconds)? {
                open.push(*day);
            }
        }
        Ok(open)
    }

    fn any_is_complete(&self, days: &[MeterDay]) -> Result<bool, ledger::Error> {
        for day in days {
            if self.ledger.is_complete(self.meter.id, day.date())? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_late(&self, day: MeterDay) -> bool {
        self.clock.now().signed_duration_since(day.interval().end()) > LATE
    }
}
