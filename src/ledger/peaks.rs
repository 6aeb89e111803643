//! Monthly peaks: what the portal has published, and where it hasn't, what the quarter-hours show.

use chrono::{Datelike as _, Months, NaiveDate};

use super::{Error, Ledger, MeterId, codes};
use crate::energy::{Amount, AveragePeak, Direction, MeterDay, MeterKind, Peak, Peaks, Power, Unit};

impl Ledger {
    /// Keeps the peaks that the portal gave when it was asked on a local date, in place of what it said before of the same
    /// months.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn keep_peaks(&mut self, meter: MeterId, published: &Peaks, asked: NaiveDate) -> Result<(), Error> {
        let transaction = self.db.transaction()?;
        for peak in published.iter() {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO peak (meter, month, power, start) VALUES (?1, ?2, ?3, ?4)")?
                .execute((
                    meter.row,
                    peak.month.to_string(),
                    peak.power.millionths(),
                    peak.quarter.start().timestamp(),
                ))?;
        }
        transaction.execute("UPDATE meter SET peaks_asked = ?2 WHERE id = ?1", (meter.row, asked.to_string()))?;
        transaction.commit()?;
        Ok(())
    }

    /// The local date on which the portal last said which peaks it has.
    ///
    /// # Errors
    /// When the store fails.
    pub fn peaks_asked(&self, meter: MeterId) -> Result<Option<NaiveDate>, Error> {
        let asked: Option<String> =
            self.db.query_row("SELECT peaks_asked FROM meter WHERE id = ?1", [meter.row], |row| row.get(0))?;
        asked.map(|date| codes::date(&date)).transpose()
    }

    /// The newest month whose peak the portal has published.
    ///
    /// # Errors
    /// When the store fails.
    pub fn peaks_published_until(&self, meter: MeterId) -> Result<Option<NaiveDate>, Error> {
        let month: Option<String> =
            self.db.query_row("SELECT max(month) FROM peak WHERE meter = ?1", [meter.row], |row| row.get(0))?;
        month.map(|date| codes::date(&date)).transpose()
    }

    /// The peak of each month: the one that the portal has published, or else the highest quarter-hour that is here.
    ///
    /// # Errors
    /// When the store fails.
    pub fn month_peaks(&self, meter: MeterId) -> Result<Peaks, Error> {
        self.peaks_while(meter, |_, _| true)
    }

    /// The same for the newest month with a peak and for those that count in the average peak of that month.
    pub(super) fn recent_peaks(&self, meter: MeterId) -> Result<Peaks, Error> {
        self.peaks_while(meter, |peaks, month| {
            peaks.newest().is_none_or(|newest| month >= *AveragePeak::window(newest.month).start())
        })
    }

    /// The published peaks, and month by month into the past, as long as `more` are wanted, those of the quarter-hours.
    /// There may be a hundred thousand of these, so that only months that the portal leaves open are looked through.
    fn peaks_while(&self, meter: MeterId, more: impl Fn(&Peaks, NaiveDate) -> bool) -> Result<Peaks, Error> {
        let mut peaks = Peaks::default();
        if meter.kind == MeterKind::Gas {
            return Ok(peaks);
        }
        let mut select = self.db.prepare_cached("SELECT start, power FROM peak WHERE meter = ?1")?;
        let mut rows = select.query([meter.row])?;
        while let Some(row) = rows.next()? {
            peaks.add(self.peak(row.get(0)?, Power::from_millionths(row.get(1)?))?);
        }
        for month in self.months_with_days(meter)? {
            if !more(&peaks, month) {
                break;
            }
            if peaks.of(month).is_none()
                && let Some(peak) = self.highest_quarter(meter, month)?
            {
                peaks.add(peak);
            }
        }
        Ok(peaks)
    }

    /// The months from that of the newest day back to that of the oldest one.
    fn months_with_days(&self, meter: MeterId) -> Result<impl Iterator<Item = NaiveDate>, Error> {
        let ends: (Option<String>, Option<String>) =
            self.db.query_row("SELECT min(date), max(date) FROM day WHERE meter = ?1", [meter.row], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        let first_day = |date: Option<String>| -> Result<Option<NaiveDate>, Error> {
            Ok(date.map(|date| codes::date(&date)).transpose()?.and_then(|date| date.with_day(1)))
        };
        let (oldest, newest) = (first_day(ends.0)?, first_day(ends.1)?);
        let before = |month: &NaiveDate| month.checked_sub_months(Months::new(1));
        Ok(std::iter::successors(newest, before).take_while(move |month| oldest.is_some_and(|oldest| *month >= oldest)))
    }

    /// The quarter-hour of a month in which most was consumed, all registers together; of two that are equal, the first.
    fn highest_quarter(&self, meter: MeterId, month: NaiveDate) -> Result<Option<Peak>, Error> {
        let midnight = |date| Some(MeterDay::new(meter.kind, date, self.zone)?.interval().start().timestamp());
        let next = month.checked_add_months(Months::new(1));
        let (Some(start), Some(end)) = (midnight(month), next.and_then(midnight)) else { return Ok(None) };
        let mut select = self.db.prepare_cached(
            "SELECT start, sum(amount) AS counted FROM reading
             WHERE meter = ?1 AND start >= ?2 AND start < ?3 AND direction = ?4 AND unit = ?5 AND seconds = 900
             GROUP BY start ORDER BY counted DESC, start LIMIT 1",
        )?;
        let consumption = codes::direction_code(Direction::Consumption);
        let mut rows = select.query((meter.row, start, end, consumption, codes::unit_code(Unit::KilowattHour)))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        self.peak(row.get(0)?, Power::of_quarter(Amount::from_millionths(row.get(1)?))).map(Some)
    }

    fn peak(&self, start: i64, power: Power) -> Result<Peak, Error> {
        Peak::new(power, codes::instant(start)?, self.zone).ok_or(Error::Damaged("peak"))
    }
}
