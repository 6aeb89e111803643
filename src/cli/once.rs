use std::io::{self, Write as _};

use clap::Args;

use super::{DONE, FAILED, LOGIN_REFUSED, block_on};
use crate::bridge::{Bridge, Outcome};
use crate::clock::Clock;
use crate::config::Config;

/// Poll the portal once, publish, and exit.
#[derive(Debug, Args)]
pub(super) struct Once {
    /// Print what would be published, a topic and its payload a line, and leave the broker alone. Readings are kept
    #[arg(long)]
    dry_run: bool,
}

impl Once {
    pub(super) fn run(&self, config: Config) -> anyhow::Result<u8> {
        let bridge = Bridge::open(config, Clock::system())?;
        let outcome = if self.dry_run {
            let (outcome, messages) = block_on(bridge.dry_run())??;
            let mut out = io::stdout().lock();
            for (topic, payload) in messages {
                writeln!(out, "{topic} {payload}")?;
            }
            outcome
        } else {
            block_on(bridge.once())??
        };
        Ok(match outcome {
            Outcome::Done => DONE,
            Outcome::Failed => FAILED,
            Outcome::LoginRefused => LOGIN_REFUSED,
        })
    }
}
