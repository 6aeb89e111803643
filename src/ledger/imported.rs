//! Readings from another source than the portal's API, which stay behind it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::merge::{key, stored};
use super::settle::{choose, covers};
use super::{Change, Error, Ledger, MeterId};
use crate::energy::{Amount, Direction, MeterDay, Reading, Unit};

/// No fetch is older than this, and no import is noted as younger: 1973, in unix milliseconds.
pub(super) const FIRST_FETCH: i64 = 100_000_000_000;

/// Amounts that differ by less are the same, one of them rounded to the three decimals of the portal's files: in millionths.
const ROUNDING: i64 = 1_000;

/// What an import would do to a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weighed {
    /// The readings that the ledger has not, or has from an earlier import with another amount.
    pub news: Vec<Reading>,
    /// How many of them are new.
    pub added: usize,
    /// What the portal says otherwise, where its amounts stay.
    pub conflicts: Vec<Conflict>,
}

/// Amounts of a day that differ between the portal and an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The direction of the amounts.
    pub direction: Direction,
    /// Their unit.
    pub unit: Unit,
    /// What the portal has told, over the stretches of time that both have.
    pub portal: Amount,
    /// What the import has for the same time.
    pub import: Amount,
    /// In how many intervals they differ.
    pub intervals: usize,
}

impl Ledger {
    /// Weighs the readings of a day against what is known of it. A direction of which the portal has told the whole day is
    /// left alone, and so is each interval that it has told.
    ///
    /// # Errors
    /// When the store fails.
    pub fn weigh(&self, meter: MeterId, day: MeterDay, readings: &[Reading]) -> Result<Weighed, Error> {
        let known = stored(&self.db, meter, day)?;
        let told = known.values().filter(|(_, at)| *at >= FIRST_FETCH);
        let told: Vec<Reading> = told.map(|(reading, _)| *reading).collect();
        let mut by_series: BTreeMap<_, Vec<&Reading>> = BTreeMap::new();
        for reading in readings {
            let series = (reading.direction, reading.unit, reading.interval.seconds());
            by_series.entry(series).or_default().push(reading);
        }
        let mut weighed = Weighed::default();
        for ((direction, unit, seconds), rows) in by_series {
            let portal = Told::of(meter, day, &told, direction, unit, seconds);
            for row in rows.iter().filter(|row| !portal.is_whole && !portal.has(row)) {
                match known.get(&key(row)) {
                    Some((earlier, _)) if earlier.amount == row.amount => continue,
                    Some(_) => {}
                    None => weighed.added = weighed.added.saturating_add(1),
                }
                weighed.news.push(**row);
            }
            weighed.conflicts.extend(portal.conflict(day, &rows));
        }
        Ok(weighed)
    }

    /// Merges what [`Ledger::weigh`] found to be news, in one transaction. The portal's amounts stay, and any that it tells
    /// later take the place of these.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn import(
        &mut self,
        meter: MeterId,
        day: MeterDay,
        news: &[Reading],
        now: DateTime<Utc>,
    ) -> Result<Change, Error> {
        // Noted as a fetch of January 1970, a millisecond for each second since then: before any true fetch, and after
        // each earlier import.
        let noted = DateTime::from_timestamp_millis(now.timestamp().clamp(0, FIRST_FETCH - 1)).unwrap_or_default();
        self.merge(meter, day, news, noted)
    }
}

/// What the portal has told of a day in one direction and unit.
struct Told<'a> {
    direction: Direction,
    unit: Unit,
    /// The readings that count.
    counting: Vec<&'a Reading>,
    /// They leave no gap.
    is_whole: bool,
    /// The sums over all registers of its intervals of one length, by their start.
    intervals: BTreeMap<DateTime<Utc>, Amount>,
}

impl<'a> Told<'a> {
    fn of(meter: MeterId, day: MeterDay, told: &'a [Reading], direction: Direction, unit: Unit, seconds: u32) -> Self {
        let counting = choose(MeterId { unit, ..meter }, day, told)
            .remove(&direction)
            .map(|chosen| chosen.readings)
            .unwrap_or_default();
        let is_whole = counting.first().is_some_and(|first| covers(day, first.interval.seconds(), &counting));
        let is_comparable = |reading: &&Reading| {
            (reading.direction, reading.unit, reading.interval.seconds()) == (direction, unit, seconds)
        };
        let intervals = by_start(told.iter().filter(is_comparable));
        Self { direction, unit, counting, is_whole, intervals }
    }

    fn has(&self, row: &Reading) -> bool {
        self.intervals.contains_key(&row.interval.start())
    }

    /// How the rows of an import, all of one length, contradict it.
    fn conflict(&self, day: MeterDay, rows: &[&Reading]) -> Option<Conflict> {
        let import = by_start(rows.iter().copied());
        let seconds = rows.first()?.interval.seconds();
        let pairs: Vec<(Amount, Amount)> = if self.intervals.is_empty() && self.is_whole && covers(day, seconds, rows) {
            // Of different lengths, so the sums of the day are all that can be compared.
            vec![(sum(&self.counting), sum(rows))]
        } else {
            let both = |(start, portal): (&DateTime<Utc>, &Amount)| Some((*portal, *import.get(start)?));
            self.intervals.iter().filter_map(both).collect()
        };
        // Each amount may be rounded.
        let rounded = if self.intervals.is_empty() { rows.len().max(self.counting.len()) } else { 1 };
        let tolerance = ROUNDING.saturating_mul(i64::try_from(rounded).unwrap_or(i64::MAX));
        let differs = |(portal, import): &&(Amount, Amount)| portal.minus(*import).millionths().abs() >= tolerance;
        let intervals = pairs.iter().filter(differs).count();
        (intervals > 0).then(|| Conflict {
            direction: self.direction,
            unit: self.unit,
            portal: pairs.iter().map(|(portal, _)| *portal).sum(),
            import: pairs.iter().map(|(_, import)| *import).sum(),
            intervals,
        })
    }
}

fn by_start<'a>(readings: impl Iterator<Item = &'a Reading>) -> BTreeMap<DateTime<Utc>, Amount> {
    let mut sums: BTreeMap<DateTime<Utc>, Amount> = BTreeMap::new();
    for reading in readings {
        let sum = sums.entry(reading.interval.start()).or_default();
        *sum = sum.plus(reading.amount);
    }
    sums
}

fn sum(readings: &[&Reading]) -> Amount {
    readings.iter().map(|reading| reading.amount).sum()
}
