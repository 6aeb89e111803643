//! The instants that a file's local times mean.

use chrono::offset::LocalResult;
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;

use super::error::Wrong;
use crate::energy::{Interval, MeterDay, MeterKind, local_to_utc};

/// The lengths of intervals shorter than a day that the portal has, in seconds.
const LENGTHS: [u32; 2] = [900, 3_600];

/// What the two local times of a row mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// One stretch of time.
    Once(Interval),
    /// It begins in the hour that comes twice when the clocks go back.
    Twice {
        /// The earlier and the later stretch of time with such a start.
        both: [Interval; 2],
        /// The one that the end tells, or else the earlier one: it is meant when no other row has the same start.
        likely: Interval,
    },
    /// More than a day, which the ledger doesn't keep.
    Longer,
}

/// What a row from one local time until another means.
///
/// The portal writes both ends as the clock showed them. So the hour before the clocks go forward runs from 01:00 until
/// 03:00, and the first of the two hours that begin at 02:00 in October runs from 02:00 until 02:00. From midnight to
/// midnight is a meter day, whenever that begins.
pub(super) fn meant(from: NaiveDateTime, until: NaiveDateTime, kind: MeterKind, zone: Tz) -> Result<Meant, Wrong> {
    let until = rounded_up(until);
    let length = until.signed_duration_since(from);
    if length == TimeDelta::days(1) {
        let day = MeterDay::new(kind, from.date(), zone).map(MeterDay::interval);
        let begins = |day: Interval| from.time() == NaiveTime::MIN || instants(from, zone).contains(&day.start());
        return day.filter(|day| begins(*day)).map(Meant::Once).ok_or_else(|| unusual(from, until));
    }
    let meant = match instants(from, zone).as_slice() {
        [] => {
            let remedy = "the clocks go forward there; remove the line, or use the file as mijn.fluvius.be gives it";
            return Err(Wrong::new(format!("there is no {from}"), remedy));
        }
        [first, second] => twice(from, until, [*first, *second], zone),
        [start, ..] => ends(until, zone).into_iter().find_map(|end| usual(from, *start, end)).map(Meant::Once),
    };
    match meant {
        Some(meant) => Ok(meant),
        None if length > TimeDelta::days(1) => Ok(Meant::Longer),
        None => Err(unusual(from, until)),
    }
}

fn twice(from: NaiveDateTime, until: NaiveDateTime, starts: [DateTime<Utc>; 2], zone: Tz) -> Option<Meant> {
    let [first, second] = starts;
    let length = until.signed_duration_since(from);
    // The clock that goes back in between makes it look shorter.
    let length = if length > TimeDelta::zero() { length } else { length + (second - first) };
    let interval = |start: DateTime<Utc>| usual(from, start, start.checked_add_signed(length)?);
    let both = [interval(first)?, interval(second)?];
    let ends = ends(until, zone);
    let likely = *both.iter().find(|interval| ends.contains(&interval.end())).or(both.first())?;
    Some(Meant::Twice { both, likely })
}

/// The interval, if the portal has such ones.
fn usual(from: NaiveDateTime, start: DateTime<Utc>, end: DateTime<Utc>) -> Option<Interval> {
    let second = from.time().num_seconds_from_midnight();
    let interval = Interval::new(start, end).ok()?;
    let is_usual = |length: &u32| interval.seconds() == *length && second.is_multiple_of(*length);
    LENGTHS.iter().any(is_usual).then_some(interval)
}

fn unusual(from: NaiveDateTime, until: NaiveDateTime) -> Wrong {
    let remedy = "use quarter-hour, hourly or daily totals, as mijn.fluvius.be gives them";
    Wrong::new(format!("from {from} until {until} is no quarter-hour, hour or day"), remedy)
}

/// An end such as 23:59:59 or 23:59 belongs to the interval, and the next one begins after it.
fn rounded_up(until: NaiveDateTime) -> NaiveDateTime {
    let rest = match (until.minute() % 15, until.second()) {
        (14, 59) => TimeDelta::seconds(1),
        (14, 0) => TimeDelta::minutes(1),
        _ => TimeDelta::zero(),
    };
    until.checked_add_signed(rest).unwrap_or(until)
}

/// The instants at which the clock shows a time, in order: two in the hour that comes twice, none in the gap of spring.
fn instants(local: NaiveDateTime, zone: Tz) -> Vec<DateTime<Utc>> {
    let shown = match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => vec![at],
        LocalResult::Ambiguous(first, second) => vec![first, second],
        LocalResult::None => vec![],
    };
    shown.into_iter().map(|at| at.with_timezone(&Utc)).collect()
}

/// The instants that an end may mean; in the gap of spring, as many minutes after the change.
fn ends(local: NaiveDateTime, zone: Tz) -> Vec<DateTime<Utc>> {
    let shown = instants(local, zone);
    if shown.is_empty() { local_to_utc(local, zone).into_iter().collect() } else { shown }
}
