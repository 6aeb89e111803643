//! What to ask the portal next for one meter. Pure.
//!
//! Intervals are asked for day by day, newest first. What they leave open is asked for as daily totals, which reach further
//! back. Everything that a plan goes by stands in the ledger, apart from what this pass has asked already, so that a pass
//! that is cut off anywhere is taken up by the next one without asking twice for what is final.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::config::History;
use crate::energy::MeterKind;
use crate::ledger::{APART, Answers, Asked, DayState, IntervalCode, OCCASIONS, late_days, trailing_days};
use crate::portal::{DAILY, DAILY_DAYS, interval_codes};

/// On so many published days the granularity codes are tried out.
const PROBED_DAYS: usize = 2;

/// After so many late days in a row without any interval, earlier ones aren't asked for: the intervals of a meter begin on
/// the day that the user switched them on.
const EMPTY_DAYS: u64 = 14;

/// The longest interval that is shorter than a day, in seconds.
const HOUR: u32 = 3_600;

/// The days of a pass, and how it treats them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scope {
    /// The first day, and the last.
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    /// The newest days are read again although they are there, since they may have been corrected.
    pub(super) rereads: bool,
    /// A code for intervals is looked for while none is known.
    pub(super) probes: bool,
}

/// A request for one day or more, the first and the last of them included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    /// The granularity code.
    pub(super) code: u8,
    pub(super) asks: Asks,
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// The intervals of a day.
    Intervals,
    /// Daily totals.
    Totals,
    /// Whether the code gives intervals.
    Probe,
}

/// What a request brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) readings: usize,
    /// The length of the shortest intervals, in seconds, if there are any shorter than a day.
    pub(super) shortest: Option<u32>,
}

/// What follows from an answer, beside the readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// This code gives intervals.
    Code(IntervalCode),
    /// There is nothing on these days, the first and the last included.
    Nothing(NaiveDate, NaiveDate),
}

/// The plan of one pass over one meter.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    kind: MeterKind,
    resolution: History,
    scope: Scope,
    /// The meter day in which the pass runs.
    today: NaiveDate,
    code: Option<IntervalCode>,
    /// From the first day of the scope on.
    days: BTreeMap<NaiveDate, DayState>,
    asked: BTreeSet<(NaiveDate, Asked)>,
    /// Days for which a request failed, so that the portal has not said what it has.
    failed: BTreeSet<NaiveDate>,
    probed: BTreeSet<(NaiveDate, u8)>,
    /// Published days whose intervals were asked for in this pass and didn't come, and whether any came.
    without_intervals: bool,
    with_intervals: bool,
}

impl Plan {
    pub(super) fn new(
        kind: MeterKind,
        resolution: History,
        scope: Scope,
        today: NaiveDate,
        code: Option<IntervalCode>,
        days: BTreeMap<NaiveDate, DayState>,
    ) -> Self {
        Self {
            kind,
            resolution,
            scope,
            today,
            code: code.filter(|_| resolution != History::Days),
            days,
            asked: BTreeSet::new(),
            failed: BTreeSet::new(),
            probed: BTreeSet::new(),
            without_intervals: false,
            with_intervals: false,
        }
    }

    /// The next request; `None` when the pass is over.
    pub(super) fn next(&self, now: DateTime<Utc>) -> Option<Request> {
        if let Some(known) = self.code {
            return self.intervals(known.code, now).or_else(|| self.totals(now));
        }
        let probes = self.scope.probes && self.resolution != History::Days;
        if probes && let Some(request) = self.blind_probe() {
            return Some(request);
        }
        // A month of totals shows which days are published, and on these the codes are tried before the rest is asked for.
        let has_asked = self.asked.iter().any(|(_, asked)| *asked == Asked::Totals);
        let probe = if probes && has_asked { self.probe() } else { None };
        probe.or_else(|| self.totals(now))
    }

    /// Takes note of what a request brought; `None` when it failed. The state of its days is set apart from that.
    pub(super) fn took(&mut self, request: Request, answer: Option<Answer>) -> Option<Finding> {
        let dates = request.first.iter_days().take_while(|date| *date <= request.last);
        if answer.is_none() && request.asks != Asks::Probe {
            self.failed.extend(dates.clone());
        }
        match request.asks {
            Asks::Probe => {
                self.probed.insert((request.first, request.code));
                let seconds = answer?.shortest?;
                let known = IntervalCode { code: request.code, seconds };
                self.code = Some(known);
                self.asked.insert((request.first, Asked::Intervals));
                self.with_intervals = true;
                Some(Finding::Code(known))
            }
            Asks::Intervals => {
                self.asked.insert((request.first, Asked::Intervals));
                match answer {
                    Some(Answer { shortest: None, .. }) => self.without_intervals |= self.state(request.first).complete,
                    _ => self.with_intervals = true,
                }
                None
            }
            Asks::Totals => {
                self.asked.extend(dates.map(|date| (date, Asked::Totals)));
                let before = request.first.pred_opt().filter(|before| *before >= self.scope.first)?;
                let is_a_month = usize::try_from((request.last - request.first).num_days()).ok()? + 1 >= DAILY_DAYS;
                // A month that is long past and empty comes before the contract, and so does all that is older.
                (is_a_month && self.is_late(request.last) && answer?.readings == 0)
                    .then_some(Finding::Nothing(self.scope.first, before))
            }
        }
    }

    /// Sets what is known of a day now.
    pub(super) fn set(&mut self, date: NaiveDate, state: DayState) {
        self.days.insert(date, state);
    }

    /// Whether the code no longer gives what it gave: intervals of days that are published.
    pub(super) const fn has_lost_its_code(&self) -> bool {
        self.code.is_some() && self.without_intervals && !self.with_intervals
    }

    /// How many days and how many requests are left, at most: where the intervals begin shows on the way. Days that failed
    /// are left for another pass.
    pub(super) fn left(&self, now: DateTime<Utc>) -> (usize, usize) {
        let floor = self.interval_floor();
        let is_by_interval = |date: &NaiveDate| self.code.is_some() && self.wants_intervals(*date, floor, now);
        let intervals = self.dates().filter(is_by_interval).count();
        let is_by_total =
            |date: &NaiveDate| !is_by_interval(date) && !self.failed.contains(date) && self.wants_total(*date, now);
        let totals = self.dates().filter(is_by_total).count();
        (intervals + totals + self.failed.len(), intervals + totals.div_ceil(DAILY_DAYS))
    }

    /// The days of the scope, newest first.
    fn dates(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let (first, last) = (self.scope.first, self.scope.last);
        std::iter::successors(Some(last), |date| date.pred_opt()).take_while(move |date| *date >= first)
    }

    fn intervals(&self, code: u8, now: DateTime<Utc>) -> Option<Request> {
        let floor = self.interval_floor();
        let date = self.dates().find(|date| self.wants_intervals(*date, floor, now))?;
        Some(Request { first: date, last: date, code, asks: Asks::Intervals })
    }

    /// Daily totals of the newest days in a row that want them, as many as fit in a request.
    fn totals(&self, now: DateTime<Utc>) -> Option<Request> {
        let last = self.dates().find(|date| self.wants_total(*date, now))?;
        let wanting = self.dates().skip_while(|date| *date > last).take(DAILY_DAYS);
        let first = wanting.take_while(|date| self.wants_total(*date, now)).last()?;
        Some(Request { first, last, code: DAILY, asks: Asks::Totals })
    }

    /// Tries the codes on a day that is probably published, while none is known to be.
    fn blind_probe(&self) -> Option<Request> {
        // Electricity is there after a day or two, gas after three or four.
        let age = match self.kind {
            MeterKind::Electricity => 1,
            MeterKind::Gas => 4,
        };
        if self.dates().any(|date| self.state(date).complete) {
            return None;
        }
        self.untried(self.dates().nth(age)?)
    }

    /// Tries the codes on days that are known to be published.
    fn probe(&self) -> Option<Request> {
        let published = self.dates().filter(|date| self.state(*date).complete && !self.has_intervals(*date));
        published.take(PROBED_DAYS).find_map(|date| self.untried(date))
    }

    fn untried(&self, date: NaiveDate) -> Option<Request> {
        let mut codes = interval_codes(self.kind, self.resolution).iter();
        let code = *codes.find(|code| !self.probed.contains(&(date, **code)))?;
        Some(Request { first: date, last: date, code, asks: Asks::Probe })
    }

    fn wants_intervals(&self, date: NaiveDate, floor: Option<NaiveDate>, now: DateTime<Utc>) -> bool {
        let state = self.state(date);
        if state.closed || self.asked.contains(&(date, Asked::Intervals)) {
            return false;
        }
        if self.scope.rereads && self.age(date) <= trailing_days(self.kind) {
            return true;
        }
        !self.has_intervals(date)
            && floor.is_none_or(|floor| date >= floor)
            && self.is_expected(date, state.intervals, now)
    }

    fn wants_total(&self, date: NaiveDate, now: DateTime<Utc>) -> bool {
        let state = self.state(date);
        if state.closed || self.asked.contains(&(date, Asked::Totals)) || self.has_intervals(date) {
            return false;
        }
        let rereads = self.scope.rereads && self.age(date) <= trailing_days(self.kind);
        rereads || (state.finest.is_none() && self.is_expected(date, state.totals, now))
    }

    /// Whether what is missing of a day may still come.
    fn is_expected(&self, date: NaiveDate, answers: Answers, now: DateTime<Utc>) -> bool {
        if !self.is_late(date) || answers.count == 0 {
            return true;
        }
        answers.count < OCCASIONS && answers.last.is_none_or(|last| now.signed_duration_since(last) >= APART)
    }

    /// The first day whose intervals are asked for: after a stretch of late days that had none.
    fn interval_floor(&self) -> Option<NaiveDate> {
        let (mut empty, mut after) = (0, None);
        for (date, state) in self.days.iter().rev() {
            let had_none = self.is_late(*date) && state.intervals.count > 0 && !self.is_in_intervals(*state);
            let is_next = after.is_none_or(|after| date.succ_opt() == Some(after));
            empty = match (had_none, is_next) {
                (true, true) => empty + 1,
                (true, false) => 1,
                (false, _) => 0,
            };
            if empty == EMPTY_DAYS {
                return date.checked_add_days(Days::new(EMPTY_DAYS));
            }
            after = Some(*date);
        }
        None
    }

    /// Whether a day is there as finely as it is wanted, or as its meter can give it.
    fn has_intervals(&self, date: NaiveDate) -> bool {
        let longest = match self.resolution {
            History::Finest => self.code.map_or(900, |known| known.seconds.max(900)),
            History::Hours => self.code.map_or(HOUR, |known| known.seconds.max(HOUR)),
            // A total is all that is wanted.
            History::Days => return false,
        };
        self.state(date).finest.is_some_and(|finest| finest <= longest)
    }

    /// Whether anything of a day is there in intervals.
    const fn is_in_intervals(&self, state: DayState) -> bool {
        match state.finest {
            Some(finest) => finest <= HOUR,
            None => state.has_amounts,
        }
    }

    fn state(&self, date: NaiveDate) -> DayState {
        self.days.get(&date).copied().unwrap_or_default()
    }

    /// How many days ago a day began: yesterday is 1.
    fn age(&self, date: NaiveDate) -> i64 {
        self.today.signed_duration_since(date).num_days()
    }

    /// Whether a day that isn't there yet isn't just late.
    fn is_late(&self, date: NaiveDate) -> bool {
        self.age(date) > late_days(self.kind)
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
