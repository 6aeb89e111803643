use std::io::{self, IsTerminal as _, Write as _};

use anyhow::bail;
use chrono_tz::Tz;
use clap::{Args, Subcommand};

use super::{DONE, FAILED, block_on};
use crate::bridge::Bridge;
use crate::clock::Clock;
use crate::config::{Config, HomeAssistant};
use crate::statistics::{Comparison, Series, clear, compare, send};

/// Look after the statistics in Home Assistant.
#[derive(Debug, Args)]
pub(super) struct Statistics {
    #[command(subcommand)]
    task: Task,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Task {
    /// Compare what Home Assistant holds with the ledger; exit code 1 when they differ.
    #[command(after_help = "Example: fluvius2mqtt statistics status")]
    Status,
    /// Send all hours again, changed or not.
    #[command(after_help = "Example: fluvius2mqtt statistics resync")]
    Resync,
    /// Remove our statistics from Home Assistant. The service, while it is configured, sends them again at its next start.
    #[command(after_help = "Example: fluvius2mqtt statistics clear --yes")]
    Clear {
        /// Don't ask.
        #[arg(long)]
        yes: bool,
    },
}

impl Statistics {
    pub(super) fn run(&self, config: Config) -> anyhow::Result<u8> {
        let Some(home_assistant) = config.home_assistant.clone() else {
            bail!("there are no statistics without Home Assistant; configure the section home_assistant");
        };
        let zone = config.fluvius.timezone;
        let series = Bridge::planned(&config, Clock::system())?;
        if series.is_empty() {
            bail!("the ledger holds no readings yet; start the bridge first");
        }
        match self.task {
            Task::Status => status(&home_assistant, &series, zone),
            Task::Resync => {
                let imports = block_on(send(&home_assistant, &series, true))??;
                let hours: usize = imports.iter().map(|import| import.sent).sum();
                println!("{hours} hours of {} statistics sent and read back", imports.len());
                Ok(DONE)
            }
            Task::Clear { yes } => {
                if !(yes || agreed()?) {
                    println!("nothing was removed");
                    return Ok(FAILED);
                }
                let count = block_on(clear(&home_assistant, &series))??;
                println!("{count} statistics removed");
                Ok(DONE)
            }
        }
    }
}

fn status(home_assistant: &HomeAssistant, series: &[Series], zone: Tz) -> anyhow::Result<u8> {
    let comparisons = block_on(compare(home_assistant, series))??;
    let mut all_equal = true;
    println!("{:<24} {:<24} {:>8} {:>8}  {:>16} {:<4}", "Meter", "Statistic", "Ledger", "Held", "Sum", "");
    for (series, comparison) in series.iter().zip(comparisons) {
        let Comparison { held, wanted, differs_from } = comparison;
        let verdict = differs_from.map_or_else(
            || "equal".to_owned(),
            |hour| format!("differs from {}", hour.with_timezone(&zone).format("%Y-%m-%d %H:%M")),
        );
        all_equal &= differs_from.is_none();
        let sum = crate::energy::Amount::from_millionths(series.rows.last().map_or(0, |row| row.sum));
        let (unit, _) = series.kind.unit();
        let meter = format!("{} ({})", series.meter, series.ean);
        println!("{meter:<24} {:<24} {wanted:>8} {held:>8}  {sum:>16} {unit:<4}  {verdict}", series.kind.key());
    }
    Ok(if all_equal { DONE } else { FAILED })
}

fn agreed() -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("this removes statistics; say so with --yes");
    }
    print!("Remove all statistics of these meters from Home Assistant? [y/N] ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
