//! `export`: every reading that counts, an interval at a time.

mod csv;
mod json;
mod wide;

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::anyhow;
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use clap::Args;

use super::DONE;
use super::output::to_stdout;
use super::selection::{Chosen, Selection};
use crate::config::Config;
use crate::energy::{Direction, MeterKind, Reading, Register, Unit};
use crate::ledger::Ledger;
use crate::private_file;

pub(super) const HELP: &str = "\
What counts is written once: no daily total beside quarter-hours, and gas in the unit of its meter. Times are local, with \
their offset. With several meters the first column names the meter; --meter chooses one.

With --json, a line has `start`, `end`, `meter`, `direction` (consumption, injection or gas), `register` (high, low or \
single), `amount`, `unit` and `status`, which is the portal's code: 2 is read and valid, 0 is an estimate of an import.

Examples: fluvius2mqtt export --from 2026-01-01 --output readings.csv
          fluvius2mqtt export --wide --meter Home";

/// Write every reading that counts.
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    selection: Selection,
    /// One line for each interval, with a column for each register
    #[arg(long, conflicts_with = "json")]
    wide: bool,
    /// JSON, an object a line, with the amounts' status
    #[arg(long)]
    json: bool,
    /// Write to a file that only its owner may read, in one step at the end
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A way of writing readings.
trait Format {
    /// What comes before the readings.
    fn begin(&mut self) -> io::Result<()>;

    /// The readings of a meter on one of its days, in the order of time.
    fn day(&mut self, meter: &Chosen, readings: &[Reading]) -> io::Result<()>;

    /// What comes after them.
    fn end(&mut self) -> io::Result<()>;
}

impl Export {
    pub(super) fn run(&self, config: &Config) -> anyhow::Result<u8> {
        let ledger = Ledger::open_to_read(&config.data_dir, config.fluvius.timezone)?;
        let meters = self.selection.meters(config, &ledger)?;
        match &self.output {
            Some(path) => {
                let written =
                    private_file::replace(path, |out| self.write(&ledger, &meters, config.fluvius.timezone, out));
                written.map_err(|error: anyhow::Error| match error.downcast::<io::Error>() {
                    Ok(error) => anyhow!(
                        "{} can't be written: {error}; name a file in a folder that this user can write",
                        path.display()
                    ),
                    Err(error) => error,
                })?;
            }
            None => to_stdout(|out| self.write(&ledger, &meters, config.fluvius.timezone, out))?,
        }
        Ok(DONE)
    }

    fn write(&self, ledger: &Ledger, meters: &[Chosen], zone: Tz, out: &mut dyn Write) -> anyhow::Result<()> {
        let mut format: Box<dyn Format + '_> = if self.json {
            Box::new(json::Json::new(out, zone))
        } else if self.wide {
            Box::new(wide::Wide::new(out, zone, meters, ledger)?)
        } else {
            Box::new(csv::Csv::new(out, zone, meters))
        };
        format.begin()?;
        for meter in meters {
            let Some(id) = meter.id else { continue };
            let Some((first, last)) = ledger.extent(id)? else { continue };
            let first = self.selection.from.unwrap_or(first);
            let last = self.selection.to.unwrap_or(last).min(meter.settings.history_until.unwrap_or(last));
            ledger.counting(id, first, last, |_, readings| anyhow::Ok(format.day(meter, readings)?))?;
        }
        Ok(format.end()?)
    }
}

/// An instant as the household's clock shows it, with its offset, so that the hour that comes twice is two.
fn local(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// What a reading is of.
const fn type_word(kind: MeterKind, direction: Direction) -> &'static str {
    match (kind, direction) {
        (MeterKind::Gas, _) => "gas",
        (MeterKind::Electricity, Direction::Consumption) => "consumption",
        (MeterKind::Electricity, Direction::Injection) => "injection",
    }
}

const fn tariff_word(register: Register) -> &'static str {
    match register {
        Register::Single => "single",
        Register::High => "high",
        Register::Low => "low",
    }
}

const fn unit_word(unit: Unit) -> &'static str {
    match unit {
        Unit::KilowattHour => "kWh",
        Unit::CubicMetre => "m³",
    }
}
