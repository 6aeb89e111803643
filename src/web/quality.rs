//! How well the days of a meter are known, with days in a row put together so that years of them stay readable. Pure.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};

use super::span::Span;
use super::standing::Standing;
use crate::config::History;
use crate::ledger::{Correction, DayState, Quality};

/// Days in a row of which the same is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run<N> {
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    pub(super) note: N,
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
    pub(super) missing: Vec<Run<Standing>>,
    pub(super) partial: Vec<Run<Standing>>,
    pub(super) daily_only: Vec<Run<Standing>>,
    pub(super) absent: Vec<Run<Standing>>,
    /// With the number of estimated readings.
    pub(super) estimated: Vec<Run<u32>>,
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
    pub(super) fn of(told: RangeInclusive<NaiveDate>, resolution: History, span: &Span, known: &Known<'_>) -> Self {
        let daily = daily(resolution, known.days);
        let dates = told.start().iter_days().take_while(|date| date <= told.end());
        let days: Vec<(NaiveDate, DayState)> =
            dates.map(|date| (date, known.days.get(&date).copied().unwrap_or_default())).collect();
        let of = |quality| days.iter().filter(move |(_, state)| state.quality() == quality);
        let runs_of = |quality| runs(of(quality).map(|(date, state)| (*date, Standing::of(*date, *state, span))));
        let is_enough = daily.is_some();
        let mut report = Self {
            counts: Counts::default(),
            daily,
            missing: runs_of(Quality::Missing),
            partial: runs_of(Quality::Partial),
            daily_only: if is_enough { Vec::new() } else { runs_of(Quality::DailyOnly) },
            absent: runs_of(Quality::Absent),
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

impl<N> Run<N> {
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

/// Puts days together that follow each other and have the same note. They come oldest first and go newest first.
fn runs<N: PartialEq>(days: impl Iterator<Item = (NaiveDate, N)>) -> Vec<Run<N>> {
    let mut runs: Vec<Run<N>> = Vec::new();
    for (date, note) in days {
        match runs.last_mut() {
            Some(run) if run.last.succ_opt() == Some(date) && run.note == note => run.last = date,
            _ => runs.push(Run { first: date, last: date, note }),
        }
    }
    runs.reverse();
    runs
}

fn estimated(days: &BTreeMap<NaiveDate, u32>) -> Vec<Run<u32>> {
    let sum = |Run { first, last, .. }: Run<()>| {
        let note = days.range(first..=last).fold(0_u32, |sum, (_, readings)| sum.saturating_add(*readings));
        Run { first, last, note }
    };
    runs(days.keys().map(|date| (*date, ()))).into_iter().map(sum).collect()
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
