//! `import`: history from the portal's own CSV files, into the ledger.
//!
//! It writes beside a running service, a day at a time. One file takes the readings in, one tells what became of them.

mod take;
mod tell;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use chrono_tz::Tz;
use clap::Args;

use super::DONE;
use super::output::to_stdout;
use crate::clock::Clock;
use crate::config::Config;
use crate::energy::{Ean, MeterKind};
use crate::history_csv::{History, read};
use crate::ledger::Ledger;

pub(super) const HELP: &str = "\
Download the files at mijn.fluvius.be: at Verbruik, under \"Rapport downloaden\", as quarter-hour, hourly or daily totals. What \
the portal has told the bridge itself stays as it is; where a file differs from it, that is told. The totals on MQTT don't \
change by days before they began; the statistics in Home Assistant take them in.

Example: fluvius2mqtt import --dry-run Verbruikshistoriek_elektriciteit.csv";

/// No file of the portal is larger, in bytes: three years of quarter-hours are some 25 million.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Digits in an EAN, which the portal puts in the names of its files.
const EAN_DIGITS: usize = 18;

/// Take in history from CSV files.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// CSV files as mijn.fluvius.be gives them; of files that differ, the last one counts
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only say what would be taken in
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub(super) fn run(&self, config: &Config) -> anyhow::Result<u8> {
        let (folder, zone) = (&config.data_dir, config.fluvius.timezone);
        let mut ledger =
            if self.dry_run { Ledger::open_to_read(folder, zone)? } else { Ledger::open_existing(folder, zone)? };
        let kinds = config.meters.iter().map(|meter| (meter.ean.clone(), meter.kind)).collect();
        let histories = self.files.iter().map(|path| history(path, &kinds, zone)).collect::<Result<Vec<_>, _>>()?;
        let mut meters = Vec::new();
        for meter in &config.meters {
            let histories = histories.iter().filter_map(|history| history.meters.get(&meter.ean));
            let readings = take::together(histories);
            if readings.is_empty() {
                continue;
            }
            let Some(id) = ledger.known_meter(&meter.ean, meter.kind, meter.unit)? else {
                bail!(
                    "{meter} is not in the ledger yet; start the bridge, or poll once with `fluvius2mqtt once`, and import then"
                );
            };
            meters.push((meter, id, readings));
        }
        let now = Clock::system().now();
        let mut taken = Vec::new();
        for (meter, id, readings) in meters {
            taken.push((
                meter.to_string(),
                take::take(&mut ledger, meter, id, zone, readings, (!self.dry_run).then_some(now))?,
            ));
        }
        to_stdout(|out| Ok(tell::tell(&taken, &histories, self.dry_run, config.home_assistant.is_some(), out)?))?;
        Ok(DONE)
    }
}

fn history(path: &Path, kinds: &BTreeMap<Ean, MeterKind>, zone: Tz) -> anyhow::Result<History> {
    let name = without_ean(&path.display().to_string());
    let size = fs::metadata(path).with_context(|| format!("{name} can't be read; check the path"))?.len();
    if size > LARGEST {
        bail!("{name} is far too large for a file of the portal; check the path");
    }
    let bytes = fs::read(path).with_context(|| format!("{name} can't be read; check the path"))?;
    read(&bytes, kinds, zone).with_context(|| format!("nothing was imported: {name} can't be understood"))
}

/// A path without the EAN that the portal's file names hold.
fn without_ean(path: &str) -> String {
    let mut shown = String::new();
    for part in path.split_inclusive(|sign: char| !sign.is_ascii_digit()) {
        let digits = part.trim_end_matches(|sign: char| !sign.is_ascii_digit());
        match digits.len().checked_sub(4) {
            Some(hidden) if digits.len() >= EAN_DIGITS => {
                shown.push('…');
                shown.push_str(part.get(hidden..).unwrap_or_default());
            }
            _ => shown.push_str(part),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_shown_without_the_ean() {
        let path = "/tmp/Verbruikshistoriek_elektriciteit_541448860000000011_20211012_20240929_kwartiertotalen.csv";
        let shown = "/tmp/Verbruikshistoriek_elektriciteit_…0011_20211012_20240929_kwartiertotalen.csv";
        assert_eq!(without_ean(path), shown);
        assert_eq!(without_ean("2024/é.csv"), "2024/é.csv");
    }
}
