//! `report`: what was used per hour, day, month or year, and what it cost.
//!
//! One file holds the model, one fills it from the ledger, and each format has a file that knows the model alone.

mod csv;
mod day;
mod gather;
mod json;
mod model;
mod plot;
mod table;

use std::io::{self, IsTerminal as _};

use clap::{Args, ValueEnum};

use super::DONE;
use super::output::to_stdout;
use super::selection::Selection;
use crate::clock::Clock;
use crate::config::Config;
use crate::ledger::Ledger;

pub(super) const HELP: &str = "\
Days are the meter's: a gas day runs from 06:00 to 06:00. An hour is known when the ledger has all of it; one that is \
missing is never counted as zero.

With --json, a meter has `meter`, `kind`, `unit`, `periods` and `total`. A period has `period`, `start`, `end`, \
`consumption`, `injection`, `net` (kWh), `gas` (in `unit`), `peak` (kW), `cost`, `compensation` (EUR), `hours` that have \
passed, `hours_known` of them, and `hours_daily`, which are known as daily totals alone. A key that the meter doesn't have \
is absent; null is what isn't known.

Examples: fluvius2mqtt report --by month
          fluvius2mqtt report --from 2026-01-01 --to 2026-01-31 --plot";

/// Show what was used.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// How long each period is
    #[arg(long, value_enum, default_value_t = By::Day)]
    by: By,
    #[command(flatten)]
    selection: Selection,
    /// Print JSON; its keys are told below
    #[arg(long, group = "format")]
    json: bool,
    /// Print CSV, a line for each period
    #[arg(long, group = "format")]
    csv: bool,
    /// Draw bars, as wide as the terminal
    #[arg(long, group = "format")]
    plot: bool,
}

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// By default those of the last two days
    Hour,
    /// By default the last 31
    Day,
    /// By default the present one and the twelve before
    Month,
    /// By default all
    Year,
}

impl Report {
    pub(super) fn run(&self, config: &Config) -> anyhow::Result<u8> {
        let ledger = Ledger::open_to_read(&config.data_dir, config.fluvius.timezone)?;
        let meters = self.selection.meters(config, &ledger)?;
        let gather = gather::Gather { ledger: &ledger, config, now: Clock::system().now(), by: self.by };
        let meters = meters.iter().map(|meter| gather.meter(meter, self.selection.from, self.selection.to));
        let meters = meters.collect::<Result<Vec<_>, _>>()?;
        to_stdout(|out| {
            if self.json {
                json::write(&meters, out)?;
            } else if self.csv {
                csv::write(&meters, out)?;
            } else if self.plot {
                let has_colours = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
                let screen = plot::Screen { width: width(), has_colours: has_colours && io::stdout().is_terminal() };
                plot::write(&meters, screen, out)?;
            } else {
                table::write(&meters, out)?;
            }
            Ok(())
        })?;
        Ok(DONE)
    }
}

/// The columns of the terminal, or 80 where there is none.
fn width() -> usize {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or(80, |(terminal_size::Width(width), _)| width.into())
}
