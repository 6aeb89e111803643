//! The quarter-hours or hours of a day, from the readings that count. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::energy::{Direction, MeterDay, Reading};
use crate::ledger::Amounts;
use crate::web::sums::counted;

/// The quarter-hour, over which the portal measures power, and the hour, in seconds.
const QUARTER: u32 = 900;
const HOUR: u32 = 3_600;

/// How much is known of a quarter-hour or an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    All,
    Part,
    Nothing,
}

/// One quarter-hour or hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) start: DateTime<Utc>,
    /// A register without a reading is absent, not zero.
    pub(super) amounts: Amounts,
    pub(super) known: Known,
    /// So many of its readings are not valid.
    pub(super) estimated: u32,
}

/// A day in parts of one length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Slots {
    /// Whether these are quarter-hours; else they are hours.
    pub(super) are_quarters: bool,
    pub(super) slots: Vec<Slot>,
    /// The direction that is known as a total of the day alone, and is in none of them.
    pub(super) daily: Option<Direction>,
}

impl Slots {
    /// The parts of a day in which all that is shorter than a day has a place; `None` when nothing is. `injects` says
    /// whether injection is to be expected.
    pub(super) fn new(day: MeterDay, readings: &[Reading], injects: bool) -> Option<Self> {
        let (short, long): (Vec<&Reading>, Vec<&Reading>) =
            readings.iter().partition(|reading| reading.interval.seconds() <= HOUR);
        let longest = short.iter().map(|reading| reading.interval.seconds()).max()?;
        let seconds = if longest <= QUARTER { QUARTER } else { HOUR };
        let daily = long.first().map(|reading| reading.direction);
        let expected = [(Direction::Consumption, true), (Direction::Injection, injects)];
        let expected: Vec<_> = expected
            .into_iter()
            .filter(|(direction, is_expected)| *is_expected && daily != Some(*direction))
            .map(|(direction, _)| direction)
            .collect();
        let start = day.interval().start();
        let starts = (0..day.interval().seconds() / seconds)
            .filter_map(|slot| start.checked_add_signed(TimeDelta::seconds(i64::from(slot) * i64::from(seconds))));
        let mut rest = short.as_slice();
        let slots = starts.map(|start| {
            let end = start + TimeDelta::seconds(seconds.into());
            let (of_slot, later) = rest.split_at(rest.partition_point(|reading| reading.interval.start() < end));
            rest = later;
            slot(start, seconds, of_slot, &expected)
        });
        Some(Self { are_quarters: seconds == QUARTER, slots: slots.collect(), daily })
    }
}

/// What the readings in it, in order, tell of a part of a day.
fn slot(start: DateTime<Utc>, seconds: u32, readings: &[&Reading], expected: &[Direction]) -> Slot {
    let is_covered = |direction: &Direction| {
        let of_direction = readings.iter().filter(|reading| reading.direction == *direction);
        // Registers share an interval.
        let intervals: BTreeSet<_> = of_direction.map(|reading| reading.interval).collect();
        intervals.into_iter().map(|interval| interval.seconds()).sum::<u32>() >= seconds
    };
    let known = match readings {
        [] => Known::Nothing,
        _ if expected.iter().all(is_covered) => Known::All,
        _ => Known::Part,
    };
    let estimated = readings.iter().filter(|reading| !reading.is_valid()).count();
    Slot {
        start,
        amounts: counted(readings.iter().copied()),
        known,
        estimated: u32::try_from(estimated).unwrap_or(u32::MAX),
    }
}
