//! From the ledger to Home Assistant's statistics.

use super::home::{Bridge, Error, Watched, watched};
use crate::clock::Clock;
use crate::config::Config;
use crate::ledger::{self, Confirmed, Ledger};
use crate::statistics::{HourOf, Import, Kind, Series, costs, plan};

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
    let mut planned = plan(&hours, home_assistant.splits_registers);
    if !config.prices.is_empty() {
        let peaks = ledger.month_peaks(meter.id)?;
        let (cost, compensation) = costs(&hours, &config.prices, &peaks, config.fluvius.timezone);
        let money = [(Kind::Cost, cost), (Kind::Compensation, compensation)];
        planned.extend(money.into_iter().filter(|(_, rows)| !rows.is_empty()));
    }
    // A statistic keeps the name that it was made with, whatever the meter is called later.
    let setting = format!("statistics_name_{}", meter.settings.ean.digits());
    let name = ledger.setting(&setting, || meter.settings.title())?;
    let series = |(kind, rows)| Series { ean: meter.settings.ean.clone(), meter: name.clone(), kind, rows };
    Ok(planned.into_iter().map(series).collect())
}
