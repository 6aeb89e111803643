use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::OptionalExtension as _;

use super::codes::{self, direction_code, unit_code};
use super::days::portal_floor;
use super::snapshot::{DayAmounts, RegisterSums, Snapshot, Totals};
use super::{Error, Ledger, MeterId};
use crate::energy::{Amount, AveragePeak, Direction, MeterDay, MeterKind, Register};

/// How far the history since a first day has come.
#[derive(Debug, Default, PartialEq, Eq)]
struct Progress {
    /// The end of the last complete day before the first one that is awaited.
    complete_until: Option<DateTime<Utc>>,
    /// Days before the first amount, for which the portal has answered that it has nothing.
    empty_at_first: Vec<NaiveDate>,
    /// Nothing up to the newest complete day is still awaited.
    is_in: bool,
}

/// The state keys of a direction's sums: all registers, high, low, as far as such a meter can have them.
pub(super) const fn sum_names(kind: MeterKind, direction: Direction) -> &'static [&'static str] {
    match (kind, direction) {
        (MeterKind::Electricity, Direction::Consumption) => {
            &["consumption_total", "consumption_high", "consumption_low"]
        }
        (MeterKind::Electricity, Direction::Injection) => &["injection_total", "injection_high", "injection_low"],
        (MeterKind::Gas, Direction::Consumption) => &["gas_total"],
        (MeterKind::Gas, Direction::Injection) => &[],
    }
}

impl Ledger {
    /// What the sensors of a meter are made of. `newest` is the newest day that can be complete: yesterday.
    ///
    /// # Errors
    /// When the store fails.
    pub fn snapshot(&self, meter: MeterId, newest: NaiveDate) -> Result<Snapshot, Error> {
        let (injects, has_tariffs, released) = self.db.query_row(
            "SELECT injects, has_tariffs, released FROM meter WHERE id = ?1",
            [meter.row],
            |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, bool>(2)?)),
        )?;
        let start = self.anchor(meter)?.map_or_else(|| self.history_start(meter, None), Ok)?;
        let (mut day, mut totals) = (self.newest_day(meter, injects)?, None);
        if released {
            totals = Some(self.totals(meter, start, injects, has_tariffs)?);
        } else if let Some((adopted, last_day)) = self.adopted_totals(meter, start)? {
            totals = Some(adopted);
            // Whoever adopts these totals in turn must find a day with them.
            let unknown = DayAmounts { date: last_day, consumption: None, injection: None };
            day = day.filter(|day| day.date >= last_day).or(Some(unknown));
        }
        let complete_until = self.progress(meter, start, newest)?.complete_until;
        let peaks = self.recent_peaks(meter)?;
        let peak = peaks.newest();
        let average_peak = peak.and_then(|peak| peaks.average(peak.month)).map(AveragePeak::power);
        Ok(Snapshot { day, totals, peak, average_peak, complete_until, injects, has_tariffs })
    }

    /// Lets the totals be shown from now on, if the history since the anchor is in. Days before the first amount that
    /// the portal has nothing for are given up then, and stay out of the totals whatever comes later.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn release_totals(&mut self, meter: MeterId, newest: NaiveDate) -> Result<(), Error> {
        let Some(anchor) = self.anchor(meter)? else { return Ok(()) };
        let released: bool =
            self.db.query_row("SELECT released FROM meter WHERE id = ?1", [meter.row], |row| row.get(0))?;
        let progress = self.progress(meter, anchor, newest)?;
        if released || !progress.is_in {
            return Ok(());
        }
        let carried = self.to_carry(meter, anchor)?;
        let transaction = self.db.transaction()?;
        for date in progress.empty_at_first {
            transaction
                .execute("UPDATE day SET absent = 1 WHERE meter = ?1 AND date = ?2", (meter.row, date.to_string()))?;
        }
        for (name, amount) in carried {
            transaction.execute(
                "INSERT INTO carried (meter, name, amount) VALUES (?1, ?2, ?3)",
                (meter.row, name, amount.millionths()),
            )?;
        }
        transaction.execute("UPDATE meter SET released = 1 WHERE id = ?1", [meter.row])?;
        transaction.commit()?;
        Ok(())
    }

    fn progress(&self, meter: MeterId, first: NaiveDate, newest: NaiveDate) -> Result<Progress, Error> {
        let days = self.days(meter, first)?;
        let floor = portal_floor(newest);
        let newest = newest.min(meter.last_day());
        let mut progress = Progress::default();
        let (mut begun, mut unanswered, mut gap) = (false, false, false);
        for date in first.iter_days().take_while(|date| *date <= newest) {
            let row = days.get(&date).copied().unwrap_or_default();
            if row.complete && !row.absent {
                progress.is_in = !gap && !unanswered;
                begun = true;
                if !gap && !unanswered {
                    progress.complete_until =
                        MeterDay::new(meter.kind, date, self.zone).map(|day| day.interval().end());
                }
            } else if row.absent || (row.totals.count == 0 && date < floor) {
                // Doesn't exist, so it holds nothing up.
            } else if begun {
                gap = true;
            } else if row.totals.count == 0 {
                unanswered = true;
            } else {
                progress.empty_at_first.push(date);
            }
        }
        Ok(progress)
    }

    fn newest_day(&self, meter: MeterId, injects: bool) -> Result<Option<DayAmounts>, Error> {
        let sql = "SELECT max(date) FROM day WHERE meter = ?1 AND complete AND date <= ?2";
        let last = meter.last_day().to_string();
        let date: Option<String> = self.db.query_row(sql, (meter.row, last), |row| row.get(0)).optional()?.flatten();
        let Some(date) = date else { return Ok(None) };
        let sum = |direction| -> Result<Option<Amount>, Error> {
            let sum: Option<i64> = self.db.query_row(
                "SELECT sum(amount) FROM day_amount WHERE meter = ?1 AND date = ?2 AND direction = ?3 AND unit = ?4",
                (meter.row, &date, direction_code(direction), unit_code(meter.unit)),
                |row| row.get(0),
            )?;
            Ok(sum.map(Amount::from_millionths))
        };
        Ok(Some(DayAmounts {
            date: codes::date(&date)?,
            consumption: sum(Direction::Consumption)?,
            injection: if injects { sum(Direction::Injection)? } else { None },
        }))
    }

    fn totals(&self, meter: MeterId, anchor: NaiveDate, injects: bool, has_tariffs: bool) -> Result<Totals, Error> {
        let from = self.start_of(meter, anchor)?;
        let sums = |direction| -> Result<RegisterSums, Error> {
            let counted = self.sums_until(meter, direction, anchor, NaiveDate::MAX)?;
            let names = sum_names(meter.kind, direction);
            let with_carried = |place: usize, amount: Amount| -> Result<Amount, Error> {
                Ok(match names.get(place) {
                    Some(name) => amount.plus(self.carried(meter, name)?),
                    None => amount,
                })
            };
            Ok(RegisterSums {
                total: with_carried(0, counted.total)?,
                high: counted.high.filter(|_| has_tariffs).map(|sum| with_carried(1, sum)).transpose()?,
                low: counted.low.filter(|_| has_tariffs).map(|sum| with_carried(2, sum)).transpose()?,
            })
        };
        Ok(Totals {
            from,
            consumption: sums(Direction::Consumption)?,
            injection: if injects { Some(sums(Direction::Injection)?) } else { None },
        })
    }

    /// The instant at which the totals begin to count.
    pub(super) fn start_of(&self, meter: MeterId, anchor: NaiveDate) -> Result<DateTime<Utc>, Error> {
        let day = MeterDay::new(meter.kind, anchor, self.zone).ok_or(Error::Damaged("anchor"))?;
        Ok(day.interval().start())
    }

    /// The sums over the complete days from the anchor until `last`, that day included.
    pub(super) fn sums_until(
        &self,
        meter: MeterId,
        direction: Direction,
        anchor: NaiveDate,
        last: NaiveDate,
    ) -> Result<RegisterSums, Error> {
        let mut select = self.db.prepare_cached(
            "SELECT a.register, sum(a.amount) FROM day_amount AS a JOIN day AS d ON d.meter = a.meter AND d.date = a.date
             WHERE a.meter = ?1 AND a.date BETWEEN ?2 AND ?3 AND a.direction = ?4 AND a.unit = ?5
                AND d.complete AND NOT d.absent
             GROUP BY a.register",
        )?;
        let last = last.min(meter.last_day());
        let mut rows = select.query((
            meter.row,
            anchor.to_string(),
            last.to_string(),
            direction_code(direction),
            unit_code(meter.unit),
        ))?;
        let mut sums = RegisterSums { high: Some(Amount::ZERO), low: Some(Amount::ZERO), ..RegisterSums::default() };
        while let Some(row) = rows.next()? {
            let amount = Amount::from_millionths(row.get(1)?);
            sums.total = sums.total.plus(amount);
            match codes::register(row.get(0)?)? {
                Register::Single => {}
                Register::High => sums.high = sums.high.map(|high| high.plus(amount)),
                Register::Low => sums.low = sums.low.map(|low| low.plus(amount)),
            }
        }
        Ok(sums)
    }

    fn carried(&self, meter: MeterId, name: &str) -> Result<Amount, Error> {
        let amount: Option<i64> = self
            .db
            .query_row("SELECT amount FROM carried WHERE meter = ?1 AND name = ?2", (meter.row, name), |row| row.get(0))
            .optional()?;
        Ok(Amount::from_millionths(amount.unwrap_or(0)))
    }
}
