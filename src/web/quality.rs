//! How well the days of a meter are known, with days in a row put together so that years of them stay readable. Pure.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime};

use super::facts::Facts;
use crate::config::{History, Meter};
use crate::energy::MeterKind;
use crate::ledger::{Correction, DayState, Quality, portal_floor, publication_days};

/// Days in a row of which the same is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span<N> {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    pub(super) note: N,
}

/// What the clock of the house says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) date: NaiveDate,
    pub(super) time: NaiveTime,
    /// When the first poll of a day is due.
    pub(super) first_poll: NaiveTime,
}

/// Why nothing is known of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The portal will publish it on that day.
    NotYet { arrives: NaiveDate },
    /// The portal should have published it, and hasn't.
    Late,
    /// It hasn't been asked for.
    ToFetch,
    /// It lies before the history that is wanted.
    BeforeHistory,
    /// The portal doesn't keep it any more.
    Forgotten,
}

/// What happens with a day of which a part is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    Awaited,
    /// It was given up, and what there is counts.
    GivenUp,
}

/// A meter that has daily totals alone, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Daily {
    /// The configuration asks for no more.
    Wanted,
    /// The portal gives no more.
    Granted,
}

/// How many days there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) all: usize,
    /// With the daily totals of a meter that has nothing else.
    pub(super) complete: usize,
    pub(super) daily_only: usize,
    pub(super) partial: usize,
    pub(super) missing: usize,
    pub(super) absent: usize,
    pub(super) estimated: usize,
    pub(super) corrected: usize,
}

/// All that is to be told of some days, each list with the newest first.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) counts: Counts,
    /// Set for a meter whose daily totals are all that there is to know.
    pub(super) daily: Option<Daily>,
    pub(super) missing: Vec<Span<Why>>,
    pub(super) partial: Vec<Span<Rest>>,
    pub(super) daily_only: Vec<Span<()>>,
    pub(super) absent: Vec<Span<()>>,
    /// With the number of estimated readings.
    pub(super) estimated: Vec<Span<u32>>,
    pub(super) corrected: Vec<(NaiveDate, Vec<Correction>)>,
}

/// What stands in the ledger about the days of a meter.
pub(super) struct Known<'a> {
    /// All of its days, be they told or not: whether it has daily totals alone shows in these.
    pub(super) days: &'a BTreeMap<NaiveDate, DayState>,
    /// Those of the days that are told.
    pub(super) estimated: &'a BTreeMap<NaiveDate, u32>,
    pub(super) corrections: &'a [Correction],
}

impl Report {
    /// Tells of the days in `told`.
    pub(super) fn of(
        told: RangeInclusive<NaiveDate>,
        meter: &Meter,
        facts: &Facts,
        now: Now,
        known: &Known<'_>,
    ) -> Self {
        let daily = daily(meter.resolution, known.days);
        let dates = told.start().iter_days().take_while(|date| date <= told.end());
        let days: Vec<(NaiveDate, DayState)> =
            dates.map(|date| (date, known.days.get(&date).copied().unwrap_or_default())).collect();
        let of = |quality| days.iter().filter(move |(_, state)| state.quality() == quality);
        let dates_of = |quality| of(quality).map(|(date, _)| (*date, ()));
        let is_enough = daily.is_some();
        let mut report = Self {
            counts: Counts::default(),
            daily,
            missing: spans(of(Quality::Missing).map(|(date, state)| (*date, why(*date, *state, meter, facts, now)))),
            partial: spans(of(Quality::Partial).map(|(date, state)| (*date, rest(*state)))),
            daily_only: spans(dates_of(Quality::DailyOnly).filter(|_| !is_enough)),
            absent: spans(dates_of(Quality::Absent)),
            estimated: estimated(known.estimated),
            corrected: corrected(known.corrections),
        };
        let count = |quality| of(quality).count();
        report.counts = Counts {
            all: days.len(),
            complete: count(Quality::Complete) + if is_enough { count(Quality::DailyOnly) } else { 0 },
            daily_only: if is_enough { 0 } else { count(Quality::DailyOnly) },
            partial: count(Quality::Partial),
            missing: count(Quality::Missing),
            absent: count(Quality::Absent),
            estimated: known.estimated.len(),
            corrected: report.corrected.len(),
        };
        report
    }

    /// Whether there is nothing to list.
    pub(super) const fn is_spotless(&self) -> bool {
        self.missing.is_empty()
            && self.partial.is_empty()
            && self.daily_only.is_empty()
            && self.absent.is_empty()
            && self.estimated.is_empty()
            && self.corrected.is_empty()
    }
}

impl<N> Span<N> {
    pub(super) fn days(&self) -> i64 {
        self.last.signed_duration_since(self.first).num_days().saturating_add(1)
    }
}

/// The years in which there are days, newest first.
pub(super) fn years(days: &RangeInclusive<NaiveDate>) -> impl Iterator<Item = i32> + use<> {
    (days.start().year()..=days.end().year()).rev()
}

/// Those of the days that lie in a year; `None` when there are none.
pub(super) fn within(days: &RangeInclusive<NaiveDate>, year: i32) -> Option<RangeInclusive<NaiveDate>> {
    let first = NaiveDate::from_ymd_opt(year, 1, 1)?.max(*days.start());
    let last = NaiveDate::from_ymd_opt(year, 12, 31)?.min(*days.end());
    (first <= last).then_some(first..=last)
}

fn daily(resolution: History, days: &BTreeMap<NaiveDate, DayState>) -> Option<Daily> {
    let any = |quality| days.values().any(|state| state.quality() == quality);
    if resolution == History::Days {
        return Some(Daily::Wanted);
    }
    (any(Quality::DailyOnly) && !any(Quality::Complete)).then_some(Daily::Granted)
}

fn why(date: NaiveDate, state: DayState, meter: &Meter, facts: &Facts, now: Now) -> Why {
    let arrives = arrives(meter.kind, date);
    if arrives > now.date || (arrives == now.date && now.time < now.first_poll) {
        return Why::NotYet { arrives };
    }
    if date < portal_floor(facts.today) {
        Why::Forgotten
    } else if state.intervals.count > 0 || state.totals.count > 0 {
        Why::Late
    } else if date < facts.first {
        Why::BeforeHistory
    } else {
        Why::ToFetch
    }
}

/// The day on which the portal usually has published a day.
fn arrives(kind: MeterKind, date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(publication_days(kind))).unwrap_or(date)
}

const fn rest(state: DayState) -> Rest {
    if state.closed { Rest::GivenUp } else { Rest::Awaited }
}

/// Puts days together that follow each other and have the same note. They come oldest first and go newest first.
fn spans<N: PartialEq>(days: impl Iterator<Item = (NaiveDate, N)>) -> Vec<Span<N>> {
    let mut spans: Vec<Span<N>> = Vec::new();
    for (date, note) in days {
        match spans.last_mut() {
            Some(span) if span.last.succ_opt() == Some(date) && span.note == note => span.last = date,
            _ => spans.push(Span { first: date, last: date, note }),
        }
    }
    spans.reverse();
    spans
}

fn estimated(days: &BTreeMap<NaiveDate, u32>) -> Vec<Span<u32>> {
    let sum = |Span { first, last, .. }: Span<()>| {
        let note = days.range(first..=last).fold(0_u32, |sum, (_, readings)| sum.saturating_add(*readings));
        Span { first, last, note }
    };
    spans(days.keys().map(|date| (*date, ()))).into_iter().map(sum).collect()
}

/// The corrections by day, the newest day first; those of a day in the order in which they come.
fn corrected(corrections: &[Correction]) -> Vec<(NaiveDate, Vec<Correction>)> {
    let mut days: BTreeMap<NaiveDate, Vec<Correction>> = BTreeMap::new();
    for correction in corrections {
        days.entry(correction.date).or_default().push(*correction);
    }
    days.into_iter().rev().collect()
}

#[cfg(test)]
#[path = "quality_tests.rs"]
mod tests;
