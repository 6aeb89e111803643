use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use tracing::debug;

use super::home::Watched;
use super::plan::{Answer, Asks, Finding, Plan, Request, Scope};
use super::report::Failure;
use crate::clock::Clock;
use crate::energy::{MeterDay, Reading, Resolution};
use crate::ledger::{self, Asked, Change, Ledger};
use crate::portal::Portal;

/// After so many failed requests in a row a meter is left for the next poll.
const PATIENCE: u32 = 3;

/// A pass over the days of one meter: its plan carried out, one request after the other, and what came of it.
pub(super) struct Visit {
    pub(super) plan: Plan,
    zone: Tz,
    pub(super) change: Change,
    failures_in_a_row: u32,
    /// The first failure that left other requests a chance.
    pub(super) failure: Option<Failure>,
}

impl Visit {
    /// Plans a pass.
    pub(super) fn new(
        meter: &Watched,
        ledger: &Ledger,
        scope: Scope,
        now: DateTime<Utc>,
        zone: Tz,
    ) -> Result<Self, ledger::Error> {
        let (settings, id) = (&meter.settings, meter.id);
        let code = ledger.interval_code(id)?;
        let days = ledger.days(id, scope.first)?;
        Ok(Self {
            plan: Plan::new(settings.kind, settings.resolution, scope, meter.today(now, zone), code, days),
            zone,
            change: Change::default(),
            failures_in_a_row: 0,
            failure: None,
        })
    }

    /// Makes the next request and keeps what it brings; `false` when the pass is over.
    pub(super) async fn step(
        &mut self,
        meter: &Watched,
        ledger: &mut Ledger,
        portal: &mut Portal,
        clock: Clock,
    ) -> Result<bool, Failure> {
        let Some(request) = self.plan.next(clock.now()) else {
            if self.plan.has_lost_its_code() {
                debug!("{}: the granularity code gives no intervals any more", meter.settings);
                ledger.set_interval_code(meter.id, None)?;
            }
            return Ok(false);
        };
        let days = self.days(meter, request);
        let answer = match self.fetch(meter, portal, &days, request).await? {
            None => None,
            Some(readings) => Some(self.keep(meter, ledger, &days, request, &readings, clock)?),
        };
        match self.plan.took(request, answer) {
            Some(Finding::Code(known)) => {
                debug!("{}: granularity {} gives intervals of {} s", meter.settings, known.code, known.seconds);
                ledger.set_interval_code(meter.id, Some(known))?;
            }
            Some(Finding::Nothing(first, last)) => {
                debug!("{}: the portal has nothing before {}", meter.settings, request.first);
                ledger.give_up(meter.id, first, last, clock.now())?;
                for (date, state) in ledger.days(meter.id, first)? {
                    self.plan.set(date, state);
                }
            }
            None => {}
        }
        Ok(true)
    }

    fn days(&self, meter: &Watched, request: Request) -> Vec<MeterDay> {
        let dates = request.first.iter_days().take_while(|date| *date <= request.last);
        dates.filter_map(|date| MeterDay::new(meter.settings.kind, date, self.zone)).collect()
    }

    /// `None` when the request failed in a way that leaves others a chance.
    async fn fetch(
        &mut self,
        meter: &Watched,
        portal: &mut Portal,
        days: &[MeterDay],
        request: Request,
    ) -> Result<Option<Vec<Reading>>, Failure> {
        let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(None) };
        match portal.history(&meter.settings, *first, *last, request.code).await {
            Ok(readings) => {
                self.failures_in_a_row = 0;
                Ok(Some(readings))
            }
            Err(error) => {
                let failure = Failure::from(error);
                self.failures_in_a_row += 1;
                if !failure.leaves_others() || self.failures_in_a_row == PATIENCE {
                    return Err(failure);
                }
                debug!("{}: {first} to {last}: {failure}", meter.settings);
                self.failure.get_or_insert(failure);
                Ok(None)
            }
        }
    }

    fn keep(
        &mut self,
        meter: &Watched,
        ledger: &mut Ledger,
        days: &[MeterDay],
        request: Request,
        readings: &[Reading],
        clock: Clock,
    ) -> Result<Answer, ledger::Error> {
        let lies_in_a_day = |reading: &&Reading| {
            let (start, end) = (reading.interval.start(), reading.interval.end());
            days.iter().any(|day| start >= day.interval().start() && end <= day.interval().end())
        };
        let of_days: Vec<_> = readings.iter().filter(lies_in_a_day).copied().collect();
        let shorter = of_days.iter().filter(|reading| Resolution::of(reading.interval) != Some(Resolution::Day));
        let answer =
            Answer { readings: of_days.len(), shortest: shorter.map(|reading| reading.interval.seconds()).min() };
        let asked = match request.asks {
            Asks::Totals => Some(Asked::Totals),
            Asks::Intervals => Some(Asked::Intervals),
            // A code that gives nothing says nothing of the day.
            Asks::Probe => answer.shortest.map(|_| Asked::Intervals),
        };
        if let Some(asked) = asked {
            self.change = self.change.and(ledger.answer(meter.id, days, &of_days, asked, clock.now())?);
        } else {
            for day in days {
                self.change = self.change.and(ledger.merge(meter.id, *day, &of_days, clock.now())?);
            }
        }
        for day in days {
            self.plan.set(day.date(), ledger.day(meter.id, day.date())?);
        }
        Ok(answer)
    }
}
