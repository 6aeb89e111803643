//! From the ledger to Home Assistant's statistics.

use super::home::{Bridge, Error, Watched, watched};
use crate::clock::Clock;
use crate::config::Config;
use crate::energy::{MeterDay, MeterKind};
use crate::ledger::{self, Confirmed, Ledger};
use crate::statistics::{HourOf, Import, Kind, Row, Series, costs, gas_costs, plan, plan_gas, without_idle_injection};

impl Bridge {
    /// All that Home Assistant is to hold, if it is configured.
    pub(super) fn series(&self) -> Result<Vec<Series>, ledger::Error> {
        let mut all = Vec::new();
        for meter in &self.meters {
            all.extend(series(&self.ledger, meter, &self.config, self.clock.now())?);
        }
        Ok(all)
    }

    /// All that Home Assistant is to hold, from a ledger that a service may be using.
    ///
    /// # Errors
    /// When the ledger can't be used.
    pub fn planned(config: &Config, clock: Clock) -> Result<Vec<Series>, Error> {
        let ledger = Ledger::open(&config.data_dir, config.fluvius.timezone)?;
        let mut all = Vec::new();
        for meter in watched(&ledger, config, clock)? {
            all.extend(series(&ledger, &meter, config, clock.now())?);
        }
        Ok(all)
    }

    /// Notes what Home Assistant has confirmed.
    pub(super) fn note(&self, import: &Import) -> Result<(), ledger::Error> {
        let Some(meter) = self.meters.iter().find(|meter| meter.settings.ean == import.ean) else { return Ok(()) };
        let seen = Confirmed {
            statistic: import.kind.key().to_owned(),
            last_hour: import.last_hour,
            hours: u64::try_from(import.rows).unwrap_or(u64::MAX),
            sum: import.sum,
            at: self.clock.now(),
        };
        self.ledger.confirm(meter.id, &seen)
    }
}

/// The statistics of one meter; none without Home Assistant.
fn series(
    ledger: &Ledger,
    meter: &Watched,
    config: &Config,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<Series>, ledger::Error> {
    let Some(home_assistant) = &config.home_assistant else { return Ok(Vec::new()) };
    let mut hours = Vec::new();
    ledger.hours(meter.id, now, |hour| {
        hours.push(HourOf {
            start: hour.interval.start(),
            direction: hour.direction,
            register: hour.register,
            amount: hour.amount,
        });
    })?;
    let (prices, zone) = (&config.prices, config.fluvius.timezone);
    let mut planned = match meter.settings.kind {
        MeterKind::Electricity => {
            let hours = without_idle_injection(hours);
            let mut planned = plan(&hours, home_assistant.splits_registers);
            if !prices.is_empty() {
                let (cost, compensation) = costs(&hours, prices, &ledger.month_peaks(meter.id)?, zone);
                planned.extend([(Kind::Cost, cost), (Kind::Compensation, compensation)].into_iter().filter(has_rows));
            }
            planned
        }
        MeterKind::Gas => {
            let mut planned = plan_gas(&hours, meter.settings.unit);
            planned.extend(Some((Kind::Cost, gas_costs(&hours, prices, zone))).filter(has_rows));
            planned
        }
    };
    // Sums run from the first hour, so that those before the end don't depend on what comes after it.
    let last_day = meter.settings.history_until.and_then(|date| MeterDay::new(meter.settings.kind, date, zone));
    let ends = last_day.map(|day| day.interval().end());
    for (_, rows) in &mut planned {
        rows.retain(|row| ends.is_none_or(|ends| row.start < ends));
    }
    // A statistic keeps the name that it was made with, whatever the meter is called later.
    let setting = format!("statistics_name_{}", meter.settings.ean.digits());
    let name = ledger.setting(&setting, || meter.settings.title())?;
    let series = |(kind, rows)| Series { ean: meter.settings.ean.clone(), meter: name.clone(), kind, rows, ends };
    Ok(planned.into_iter().map(series).collect())
}

fn has_rows((_, rows): &(Kind, Vec<Row>)) -> bool {
    !rows.is_empty()
}
