//! Which meters and days a command is about.

use chrono::{Datelike as _, NaiveDate};
use clap::Args;

use super::WrongUse;
use crate::config::{Config, Meter};
use crate::ledger::{self, Ledger, MeterId};

#[derive(Debug, Args)]
pub(super) struct Selection {
    /// The first day, such as 2026-01-31
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) from: Option<NaiveDate>,
    /// The last day, which is included
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(super) to: Option<NaiveDate>,
    /// One meter alone: its name, its serial number, its EAN or the last digits of that
    #[arg(long, value_name = "METER")]
    meter: Option<String>,
}

/// A meter that was asked for.
pub(super) struct Chosen {
    pub(super) settings: Meter,
    /// Nothing when the ledger doesn't know it yet.
    pub(super) id: Option<MeterId>,
    /// What to call it: its name, or more where that is not enough.
    pub(super) title: String,
}

impl Selection {
    /// The meters that are meant, in the order of the configuration.
    ///
    /// # Errors
    /// [`WrongUse`] when it isn't one of the configuration's, or not only one; and when the ledger can't be read.
    pub(super) fn meters(&self, config: &Config, ledger: &Ledger) -> anyhow::Result<Vec<Chosen>> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            return Err(WrongUse(format!("--to {to} comes before --from {from}; give the earlier day first")).into());
        }
        let chosen = match &self.meter {
            Some(wanted) => vec![one(&config.meters, wanted)?],
            None => config.meters.iter().collect(),
        };
        Ok(chosen.iter().map(|meter| find(meter, &chosen, ledger)).collect::<Result<_, ledger::Error>>()?)
    }
}

fn find(meter: &Meter, chosen: &[&Meter], ledger: &Ledger) -> Result<Chosen, ledger::Error> {
    let title = meter.title();
    let is_shared = chosen.iter().filter(|other| other.title() == title).count() > 1;
    Ok(Chosen {
        settings: meter.clone(),
        id: ledger.known_meter(&meter.ean, meter.kind, meter.unit)?,
        title: if is_shared { meter.to_string() } else { title },
    })
}

/// The meter that is meant by a name, a serial number, an EAN or its end.
fn one<'a>(meters: &'a [Meter], wanted: &str) -> Result<&'a Meter, WrongUse> {
    let is = |text: &str| text.to_lowercase() == wanted.to_lowercase();
    let is_it = |meter: &&Meter| {
        meter.name.as_deref().is_some_and(is) || is(&meter.serial) || meter.ean.digits() == wanted || is(&meter.title())
    };
    let ends_so = |meter: &&Meter| !wanted.is_empty() && meter.ean.digits().ends_with(wanted);
    let mut found: Vec<&Meter> = meters.iter().filter(is_it).collect();
    if found.is_empty() {
        found = meters.iter().filter(ends_so).collect();
    }
    match found.as_slice() {
        [meter] => Ok(meter),
        found => {
            let problem = if found.is_empty() { "no meter of the configuration is" } else { "more than one meter is" };
            let choices: Vec<_> = if found.is_empty() { meters.iter().collect() } else { found.to_vec() };
            let choices: Vec<_> = choices.iter().map(ToString::to_string).collect();
            let choices = choices.join(", ");
            let choices = format!("choose one of: {choices}, by its name, serial number or the last digits of its EAN");
            Err(WrongUse(format!("{problem} {}; {choices}", shown(wanted))))
        }
    }
}

/// What was typed, without what may be most of an EAN.
fn shown(wanted: &str) -> String {
    let digits = wanted.chars().filter(char::is_ascii_digit).count();
    if digits > 8 { "the one that --meter names".to_owned() } else { format!("{wanted:?}") }
}

fn date(text: &str) -> Result<NaiveDate, &'static str> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    date.filter(|date| (2_000..=9_999).contains(&date.year())).ok_or("write the year first, such as 2026-01-31")
}
