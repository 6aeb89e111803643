//! The command `check`: one run that proves the set-up, from the configuration to Home Assistant.
//!
//! This folder owns the order of the checks, the sentence in which each is told, and the two forms in which they are
//! shown. Each check is done by a room of its own (`portal`, `ledger`, `mqtt`, `statistics`), and `data_dir`, `account`,
//! `meter` and `sinks` make findings of what those say. A finding knows what of it may be shown to others; how it looks is
//! for `text` and `json` alone. Nothing is written but what a poll would write as well: the session and the memory of
//! logins.

mod account;
mod data_dir;
mod finding;
mod json;
mod meter;
mod redact;
mod sinks;
mod text;
mod trouble;

use std::io;

use clap::Args;
use finding::{Finding, Subject};

use super::{Places, WRONG_USE, block_on, has_colours, logs};
use crate::clock::Clock;
use crate::config::{self, Config, Faults, Loaded, LogLevel};
pub(super) use text::Text;

const WHY_NOT: &str = "the configuration can't be used";

/// Try the set-up out, from the login to Home Assistant, and say what to do about each thing that fails.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Print one JSON object in place of text, safe to paste in public
    ///
    /// It is {"version": …, "checks": [{"name": …, "outcome": …, "message": …, "remedy": …}]}. The version is that of
    /// fluvius2mqtt. A name is config, data_dir, login, meters[0], meters[0].intervals and so on, broker, home_assistant or
    /// energy_dashboard, and may come more than once. An outcome is good, attention, bad or not_tried. A remedy is there
    /// when there is something to do. E-mail address, passwords, tokens, EANs, serial numbers, names, paths, and hosts are
    /// left out.
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(&self, places: &Places) -> anyhow::Result<u8> {
        let mut findings = Vec::new();
        let mut text = Text::new(io::stdout(), has_colours(&io::stdout()));
        let mut tell = |finding: Finding| {
            if !self.json {
                text.show(&finding);
            }
            findings.push(finding);
        };
        match config::load(&places.clone().into(), std::env::vars_os()) {
            Ok(loaded) => {
                start_log(&loaded.config);
                block_on(try_out(&loaded, Clock::system(), &mut tell))?;
            }
            Err(faults) => tell_faults(&faults, &mut tell),
        }
        if self.json {
            json::print(&findings)?;
        } else {
            text.verdict(&findings);
        }
        Ok(code(&findings))
    }
}

/// Starts the log with what fails only, since the findings tell the rest.
pub(super) fn start_log(config: &Config) {
    let level = match config.log {
        LogLevel::Error | LogLevel::Warn | LogLevel::Info => LogLevel::Error,
        more => more,
    };
    logs::start(level, config.fluvius.timezone);
}

/// The exit code of a run: that of the worst finding.
pub(super) fn code(findings: &[Finding]) -> u8 {
    findings.iter().map(|finding| finding.exit).max().unwrap_or_default()
}

/// Does all checks of a configuration, in the order in which a household sets things up, and tells each as it ends.
pub(super) async fn try_out(loaded: &Loaded, clock: Clock, tell: &mut impl FnMut(Finding)) {
    let Loaded { config, warnings, file } = loaded;
    let complete = Finding::good(&Subject::config(), "complete");
    tell(match file {
        Some(file) => complete.at(file.display()),
        None => complete.at("from the environment"),
    });
    for warning in warnings {
        tell(Finding::attention(&Subject::config(), warning.clone()));
    }
    let data_dir = data_dir::check(config, tell);
    account::check(config, clock, &data_dir, tell).await;
    // A service may start while the rest is tried.
    drop(data_dir);
    sinks::broker(config, tell).await;
    sinks::home_assistant(config, tell).await;
}

/// Tells all that is wrong with a configuration, and what can't be tried for that.
pub(super) fn tell_faults(faults: &Faults, tell: &mut impl FnMut(Finding)) {
    for fault in faults.all() {
        let message = format!("{}: {}", fault.key, fault.problem);
        tell(Finding::bad(&Subject::config(), message).remedy(&fault.remedy).exits(WRONG_USE));
    }
    for subject in [Subject::data_dir(), Subject::login(), Subject::meters(), Subject::broker()] {
        tell(Finding::not_tried(&subject, WHY_NOT));
    }
}
