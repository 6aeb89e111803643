use std::time::{Duration, Instant};

use chrono::NaiveDate;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::stop::told_to_stop;
use super::{DONE, FAILED, LOGIN_REFUSED, WRONG_USE, block_on};
use crate::bridge::{Bridge, Ended, Outcome, Progress, span};
use crate::clock::Clock;
use crate::config::Config;

/// Off a terminal, how often a line tells how far it has come.
const EVERY: Duration = Duration::from_secs(10);

/// Fetch history into the ledger. It can be stopped at any time, and goes on where it stopped.
#[derive(Debug, Args)]
pub(super) struct Backfill {
    /// The first day to fetch; the portal keeps three years
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: NaiveDate,
    /// The last day to fetch [default: yesterday]
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<NaiveDate>,
}

impl Backfill {
    pub(super) fn run(&self, config: Config) -> anyhow::Result<u8> {
        if self.to.is_some_and(|to| to < self.from) {
            eprintln!("fluvius2mqtt: --to is before --from");
            return Ok(WRONG_USE);
        }
        let bridge = Bridge::open(config, Clock::system())?;
        let mut shown = Shown::new();
        let ended = block_on(bridge.backfill(self.from, self.to, told_to_stop(), |meter, progress| {
            shown.tell(meter, progress);
        }))??;
        shown.clear();
        let Ended { days, left, missing, added, .. } = ended;
        let missing = match missing {
            0 => String::new(),
            1 => ". 1 day is not published yet, or a hole that the portal may still fill".to_owned(),
            count => format!(". {count} days are not published yet, or holes that the portal may still fill"),
        };
        match left {
            0 if days == 0 => {
                eprintln!("There is nothing to fetch: the portal has said all that it has of these days{missing}.")
            }
            0 => eprintln!("The history is in: {days} days, {added} new readings{missing}."),
            left => eprintln!(
                "{left} of {days} days are still to be fetched; the same command goes on from here. {added} new readings so far."
            ),
        }
        Ok(match ended {
            Ended { outcome: Outcome::LoginRefused, .. } => LOGIN_REFUSED,
            Ended { outcome: Outcome::Done, left: 0, .. } => DONE,
            Ended { .. } => FAILED,
        })
    }
}

/// How far it has come, on standard error: a bar on a terminal, lines elsewhere.
struct Shown {
    bar: Option<ProgressBar>,
    meter: String,
    told: Option<Instant>,
}

impl Shown {
    fn new() -> Self {
        // It is hidden where nothing can be drawn.
        let bar = Some(ProgressBar::no_length()).filter(|bar| !bar.is_hidden());
        Self { bar, meter: String::new(), told: None }
    }

    fn tell(&mut self, meter: &str, progress: Progress) {
        let Progress { done, left, rest } = progress;
        let is_new = self.meter != meter;
        meter.clone_into(&mut self.meter);
        if let Some(bar) = &self.bar {
            if is_new {
                // The template is a constant, and the default one does as well.
                let style = ProgressStyle::with_template("{prefix} [{wide_bar}] {pos}/{len} days, {msg} left");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
                bar.set_prefix(meter.to_owned());
            }
            bar.set_length(u64::try_from(done.saturating_add(left)).unwrap_or(u64::MAX));
            bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
            bar.set_message(span(rest));
        } else if is_new || left == 0 || self.told.is_none_or(|told| told.elapsed() >= EVERY) {
            self.told = Some(Instant::now());
            match left {
                0 => eprintln!("{meter}: {done} days, all asked for"),
                left => eprintln!("{meter}: {done} of {} days, {} left", done.saturating_add(left), span(rest)),
            }
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
