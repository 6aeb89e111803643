//! The rows of a file, on their way to readings.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{Days, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;
use csv::StringRecord;

use super::cells;
use super::clock::{Meant, meant};
use super::columns::{Column, Columns};
use super::error::{Error, Wrong};
use super::read::History;
use super::words::{Measured, measured, register, status};
use crate::energy::{Amount, Direction, Ean, Interval, MeterKind, Reading, Register, Unit};

/// What is counted by which meter. After a change of meters, a connection point has two on one day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Series {
    direction: Direction,
    register: Register,
    unit: Unit,
    serial: String,
}

#[derive(Clone, Copy, Debug)]
struct Found {
    amount: Amount,
    status: i64,
    line: u64,
}

/// A row whose start the clock shows twice.
struct Twice {
    both: [Interval; 2],
    likely: Interval,
    found: Option<Found>,
}

/// Whether time runs forward or back from row to row, and how often.
#[derive(Default)]
struct Order {
    last: Option<NaiveDateTime>,
    forward: usize,
    back: usize,
}

impl Order {
    fn pass(&mut self, from: NaiveDateTime) {
        match self.last.map(|last| last.cmp(&from)) {
            Some(Ordering::Less) => self.forward = self.forward.saturating_add(1),
            Some(Ordering::Greater) => self.back = self.back.saturating_add(1),
            Some(Ordering::Equal) | None => {}
        }
        self.last = Some(from);
    }
}

/// The rows so far.
pub(super) struct Rows<'a> {
    columns: &'a Columns,
    kinds: &'a BTreeMap<Ean, MeterKind>,
    zone: Tz,
    found: BTreeMap<Ean, BTreeMap<(Interval, Series), Found>>,
    /// Rows with the same start, in the order of the file.
    twice: BTreeMap<(Ean, Series, NaiveDateTime), Vec<Twice>>,
    order: BTreeMap<Ean, Order>,
    history: History,
}

impl<'a> Rows<'a> {
    pub(super) fn new(columns: &'a Columns, kinds: &'a BTreeMap<Ean, MeterKind>, zone: Tz) -> Self {
        Self {
            columns,
            kinds,
            zone,
            found: BTreeMap::new(),
            twice: BTreeMap::new(),
            order: BTreeMap::new(),
            history: History::default(),
        }
    }

    /// Takes a line that isn't blank.
    pub(super) fn take(&mut self, line: &StringRecord, number: u64) -> Result<(), Wrong> {
        if line.iter().skip(self.columns.count()).any(|cell| !cell.trim().is_empty()) {
            let problem = format!("it has {} cells, and the names are {}", line.len(), self.columns.count());
            return Err(Wrong::new(problem, "use the file as mijn.fluvius.be gives it, with semicolons"));
        }
        let cell = |column| self.columns.cell(line, column);
        let ean = cells::ean(cell(Column::Ean))?;
        let Some(kind) = self.kinds.get(&ean).copied() else {
            let rows = self.history.strangers.entry(ean).or_default();
            *rows = rows.saturating_add(1);
            return Ok(());
        };
        let Measured::Amount(unit) = measured(cell(Column::Unit))? else {
            self.history.others = self.history.others.saturating_add(1);
            return Ok(());
        };
        let (direction, register) = register(cell(Column::Register))?;
        fits(kind, direction, unit)?;
        let (from, until) = self.times(line)?;
        let amount = cells::volume(cell(Column::Volume))?;
        let found = amount.map(|amount| Found { amount, status: status(cell(Column::Status)), line: number });
        if found.is_none() {
            self.history.blank = self.history.blank.saturating_add(1);
        }
        self.order.entry(ean.clone()).or_default().pass(from);
        let series = Series { direction, register, unit, serial: cell(Column::Meter).to_owned() };
        match meant(from, until, kind, self.zone) {
            Ok(Meant::Once(interval)) => found.map_or(Ok(()), |found| self.put(ean, interval, series, found)),
            Ok(Meant::Twice { both, likely }) => {
                self.twice.entry((ean, series, from)).or_default().push(Twice { both, likely, found });
                Ok(())
            }
            Ok(Meant::Longer) => {
                self.history.longer = self.history.longer.saturating_add(1);
                Ok(())
            }
            // What has no amount does no harm, whenever it is.
            Err(_) if found.is_none() => Ok(()),
            Err(wrong) => Err(wrong),
        }
    }

    /// All that the file holds.
    pub(super) fn history(mut self) -> Result<History, Error> {
        for ((ean, series, _), mut rows) in std::mem::take(&mut self.twice) {
            if self.order.get(&ean).is_some_and(|order| order.forward < order.back) {
                rows.reverse();
            }
            let is_alone = rows.len() == 1;
            for (row, turn) in rows.into_iter().zip([0_usize, 1].into_iter().cycle()) {
                let in_turn = row.both.get(turn).copied().filter(|_| !is_alone).unwrap_or(row.likely);
                if let Some(found) = row.found {
                    let put = self.put(ean.clone(), in_turn, series.clone(), found);
                    put.map_err(|wrong| wrong.at(found.line))?;
                }
            }
        }
        for (ean, found) in self.found {
            self.history.meters.insert(ean, readings(found));
        }
        Ok(self.history)
    }

    fn put(&mut self, ean: Ean, interval: Interval, series: Series, found: Found) -> Result<(), Wrong> {
        match self.found.entry(ean).or_default().entry((interval, series)) {
            Entry::Vacant(place) => {
                place.insert(found);
                Ok(())
            }
            Entry::Occupied(place) if place.get().amount == found.amount => Ok(()),
            Entry::Occupied(place) => {
                let problem = format!("it has another amount for the same time than line {}", place.get().line);
                Err(Wrong::new(problem, "remove one of the two lines"))
            }
        }
    }

    /// The local times from and until which a row counts. Without times of day, it is that of a day or of days.
    fn times(&self, line: &StringRecord) -> Result<(NaiveDateTime, NaiveDateTime), Wrong> {
        let at = |date, time| {
            let (day, with_time) = cells::date(self.columns.cell(line, date))?;
            let time = self.columns.cell(line, time);
            let at = if time.is_empty() { with_time } else { Some(cells::time(day, time)?) };
            Ok((day.and_time(NaiveTime::MIN), at))
        };
        let (from_day, from) = at(Column::FromDate, Column::FromTime)?;
        let (until_day, until) = at(Column::UntilDate, Column::UntilTime)?;
        let from = from.unwrap_or(from_day);
        let next = || from_day.checked_add_days(Days::new(1)).unwrap_or(from_day);
        Ok((from, until.unwrap_or_else(|| until_day.max(next()))))
    }
}

/// What a meter can't count is an EAN or a kind that is wrong.
fn fits(kind: MeterKind, direction: Direction, unit: Unit) -> Result<(), Wrong> {
    let problem = match (kind, direction, unit) {
        (MeterKind::Electricity, _, Unit::CubicMetre) => "it is in m³, and this meter is configured for electricity",
        (MeterKind::Gas, Direction::Injection, _) => "it is of injection, and this meter is configured for gas",
        _ => return Ok(()),
    };
    Err(Wrong::new(problem, "correct `kind` of this meter in the configuration"))
}

/// The amounts of all meters of a connection point together, in the order of time.
fn readings(found: BTreeMap<(Interval, Series), Found>) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::with_capacity(found.len());
    for ((interval, series), Found { amount, status, .. }) in found {
        let Series { direction, register, unit, .. } = series;
        let is_same = |last: &&mut Reading| {
            (last.interval, last.direction, last.register, last.unit) == (interval, direction, register, unit)
        };
        match readings.last_mut().filter(is_same) {
            Some(last) => last.amount = last.amount.plus(amount),
            None => readings.push(Reading { direction, register, unit, interval, amount, status }),
        }
    }
    readings
}
