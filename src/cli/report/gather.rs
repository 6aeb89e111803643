//! From the ledger to the model.

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};

use super::By;
use super::day;
use super::model::{Has, MeterReport, Period};
use crate::cli::selection::Chosen;
use crate::config::{Config, Price};
use crate::energy::{MeterDay, MeterKind, Peaks};
use crate::ledger::{self, Ledger, MeterId};
use crate::statistics::{HourOf, costs, gas_costs};

pub(super) struct Gather<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) config: &'a Config,
    pub(super) now: DateTime<Utc>,
    pub(super) by: By,
}

impl Gather<'_> {
    /// All that is known of a meter from one day until another; by default the newest days, as far as anything is known.
    pub(super) fn meter(
        &self,
        meter: &Chosen,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<MeterReport, ledger::Error> {
        let mut report = MeterReport {
            title: meter.title.clone(),
            kind: meter.settings.kind,
            unit: meter.settings.unit,
            zone: self.config.fluvius.timezone,
            days: None,
            has: Has::default(),
            periods: Vec::new(),
        };
        let Some(id) = meter.id else { return Ok(report) };
        let Some((first, last)) = self.days(meter, id, from, to)? else { return Ok(report) };
        let peaks = self.ledger.month_peaks(id)?;
        let injects_since = self.ledger.injects_since(id)?;
        let prices = &self.config.prices;
        let is_gas = meter.settings.kind == MeterKind::Gas;
        report.days = Some((first, last));
        report.has = Has {
            injection: injects_since.is_some(),
            peak: !is_gas && peaks.newest().is_some(),
            cost: prices.iter().any(|price| if is_gas { price.gas.is_some() } else { costs_something(price) }),
            compensation: injects_since.is_some() && prices.iter().any(|price| price.injection.is_some()),
        };
        let mut add = |day: MeterDay, readings: &[_]| {
            let injects = injects_since.is_some_and(|since| since <= day.date());
            let money = |hours: &[HourOf]| {
                if is_gas {
                    (gas_costs(hours, prices, report.zone), Vec::new())
                } else {
                    costs(hours, prices, &peaks, report.zone)
                }
            };
            for part in day::periods(day, readings, injects, self.now, money) {
                self.add(&mut report.periods, day, part);
            }
        };
        let empty = |date| MeterDay::new(meter.settings.kind, date, self.config.fluvius.timezone);
        let mut days = first.iter_days().take_while(|date| *date <= last).peekable();
        self.ledger.counting(id, first, last, |day, readings| {
            while let Some(date) = days.next_if(|date| *date < day.date()) {
                empty(date).into_iter().for_each(|day| add(day, &[]));
            }
            days.next_if(|date| *date == day.date());
            add(day, readings);
            Ok::<_, ledger::Error>(())
        })?;
        days.filter_map(empty).for_each(|day| add(day, &[]));
        self.set_peaks(&mut report.periods, &peaks);
        Ok(report)
    }

    /// The first and the last day; nothing when there is nothing to tell.
    fn days(
        &self,
        meter: &Chosen,
        id: MeterId,
        from: Option<NaiveDate>,
        to: Option<NaiveDate>,
    ) -> Result<Option<(NaiveDate, NaiveDate)>, ledger::Error> {
        let known = self.ledger.extent(id)?;
        let today = MeterDay::containing(meter.settings.kind, self.now, self.config.fluvius.timezone);
        let today = today.map_or_else(|| self.now.date_naive(), MeterDay::date);
        // The portal tells a day on the next one at the earliest.
        let last = to.unwrap_or(today.pred_opt().unwrap_or(today)).min(today);
        let last = last.min(meter.settings.history_until.unwrap_or(last));
        let newest = match self.by {
            By::Hour => last.checked_sub_days(Days::new(1)),
            By::Day => last.checked_sub_days(Days::new(30)),
            By::Month => last.with_day(1).and_then(|first| first.checked_sub_months(Months::new(12))),
            By::Year => Some(NaiveDate::MIN),
        };
        let first = from.or_else(|| {
            let (known, _) = known?;
            Some(newest?.max(known).min(last))
        });
        Ok(first.map(|first| (first, last)))
    }

    /// Adds a part of a day to the period in which it lies.
    fn add(&self, periods: &mut Vec<Period>, day: MeterDay, part: Period) {
        let is_hour = part.end - part.start < day.interval().end() - day.interval().start();
        let name = match self.by {
            By::Hour if is_hour => {
                part.start.with_timezone(&self.config.fluvius.timezone).format("%Y-%m-%d %H:%M %:z").to_string()
            }
            By::Hour | By::Day => day.date().to_string(),
            By::Month => day.date().format("%Y-%m").to_string(),
            By::Year => day.date().format("%Y").to_string(),
        };
        match periods.last_mut().filter(|period| period.name == name) {
            Some(period) => period.add(&part),
            None => periods.push(Period { name, ..part }),
        }
    }

    /// A month has the peak that the capacity tariff knows, and a year the highest of these.
    fn set_peaks(&self, periods: &mut [Period], peaks: &Peaks) {
        for period in periods {
            let start = period.start.with_timezone(&self.config.fluvius.timezone);
            let is_month = match self.by {
                By::Hour | By::Day => continue,
                By::Month => true,
                By::Year => false,
            };
            let of_period = peaks
                .iter()
                .filter(|peak| peak.month.year() == start.year() && (!is_month || peak.month.month() == start.month()));
            period.peak = of_period.map(|peak| peak.power.millionths()).max();
        }
    }
}

const fn costs_something(price: &Price) -> bool {
    price.consumption.is_some() || price.standing_charge.is_some() || price.capacity.is_some()
}
