use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::codes::{self, direction_code, unit_code};
use super::settle::{Amounts, choose};
use super::{Error, Ledger, MeterId};
use crate::energy::{Amount, Direction, MeterDay, Reading, Register};

impl Ledger {
    /// Gives each day from `first` until `last` that has readings to `each`, in the order of time, with those of its readings
    /// that count: in the meter's unit, each stretch of time once for a direction, whatever else is known of the day. They
    /// are in the order of their start, direction and register. Only one day at a time is held in memory.
    ///
    /// # Errors
    /// When the store fails, and the first error of `each`.
    pub fn counting<E: From<Error>>(
        &self,
        meter: MeterId,
        first: NaiveDate,
        last: NaiveDate,
        mut each: impl FnMut(MeterDay, &[Reading]) -> Result<(), E>,
    ) -> Result<(), E> {
        let lies_in = |date| MeterDay::new(meter.kind, date, self.zone).map(MeterDay::interval);
        let (Some(first), Some(last)) = (lies_in(first), lies_in(last)) else { return Ok(()) };
        let failed = |error: rusqlite::Error| E::from(error.into());
        let mut select = self
            .db
            .prepare_cached(
                "SELECT direction, register, unit, start, seconds, amount, status FROM reading
                 WHERE meter = ?1 AND start >= ?2 AND start < ?3 AND unit = ?4 ORDER BY start",
            )
            .map_err(failed)?;
        let (from, until) = (first.start().timestamp(), last.end().timestamp());
        let mut rows = select.query((meter.row, from, until, unit_code(meter.unit))).map_err(failed)?;
        let mut of_day: Option<MeterDay> = None;
        let mut readings = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let reading = codes::reading(row)?;
            if let Some(day) = of_day.filter(|day| reading.interval.start() >= day.interval().end()) {
                each(day, &chosen(meter, day, &readings))?;
                readings.clear();
                of_day = None;
            }
            if of_day.is_none() {
                of_day = MeterDay::containing(meter.kind, reading.interval.start(), self.zone);
            }
            readings.push(reading);
        }
        of_day.map_or(Ok(()), |day| each(day, &chosen(meter, day, &readings)))
    }

    /// What counts on each day from `first` until `last` of which anything is known, in the meter's unit, be it a part of the
    /// day. A register without a reading is absent, not zero.
    ///
    /// # Errors
    /// When the store fails.
    pub fn day_amounts(
        &self,
        meter: MeterId,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<BTreeMap<NaiveDate, Amounts>, Error> {
        let mut select = self.db.prepare_cached(
            "SELECT date, direction, register, amount FROM day_amount
             WHERE meter = ?1 AND date BETWEEN ?2 AND ?3 AND unit = ?4",
        )?;
        let mut rows = select.query((meter.row, first.to_string(), last.to_string(), unit_code(meter.unit)))?;
        let mut days: BTreeMap<_, Amounts> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let register = (codes::direction(row.get(1)?)?, codes::register(row.get(2)?)?);
            let day = days.entry(codes::date(&row.get::<_, String>(0)?)?).or_default();
            day.insert(register, Amount::from_millionths(row.get(3)?));
        }
        Ok(days)
    }

    /// The first and the last day of which anything is known in the meter's unit.
    ///
    /// # Errors
    /// When the store fails.
    pub fn extent(&self, meter: MeterId) -> Result<Option<(NaiveDate, NaiveDate)>, Error> {
        let (first, last): (Option<String>, Option<String>) = self.db.query_row(
            "SELECT min(date), max(date) FROM day_amount WHERE meter = ?1 AND unit = ?2",
            (meter.row, unit_code(meter.unit)),
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        first.zip(last).map(|(first, last)| Ok((codes::date(&first)?, codes::date(&last)?))).transpose()
    }

    /// The directions and registers that a meter was ever seen to count, in order.
    ///
    /// # Errors
    /// When the store fails.
    pub fn registers(&self, meter: MeterId) -> Result<Vec<(Direction, Register)>, Error> {
        let mut select = self.db.prepare(
            "SELECT DISTINCT direction, register FROM day_amount WHERE meter = ?1 AND unit = ?2 ORDER BY 1, 2",
        )?;
        let mut rows = select.query((meter.row, unit_code(meter.unit)))?;
        let mut registers = Vec::new();
        while let Some(row) = rows.next()? {
            registers.push((codes::direction(row.get(0)?)?, codes::register(row.get(1)?)?));
        }
        Ok(registers)
    }

    /// The first day on which a meter injected; `None` for one that was never seen to inject more than nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub fn injects_since(&self, meter: MeterId) -> Result<Option<NaiveDate>, Error> {
        let first: Option<String> = self.db.query_row(
            "SELECT min(date) FROM day_amount WHERE meter = ?1 AND direction = ?2 AND amount > 0",
            (meter.row, direction_code(Direction::Injection)),
            |row| row.get(0),
        )?;
        first.map(|date| codes::date(&date)).transpose()
    }
}

/// The readings of a day that count, in order.
fn chosen(meter: MeterId, day: MeterDay, readings: &[Reading]) -> Vec<Reading> {
    let chosen = choose(meter, day, readings).into_values().flat_map(|chosen| chosen.readings);
    let mut chosen: Vec<Reading> = chosen.copied().collect();
    chosen.sort_unstable_by_key(|reading| (reading.interval.start(), reading.direction, reading.register));
    chosen
}
