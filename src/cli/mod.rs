//! The command line: what can be asked for, and the exit code that answers.
//!
//! One file a command. This room owns the arguments, what goes to standard output, and the exit codes; everything else it
//! leaves to the rooms that it calls.

mod backfill;
mod check;
mod completions;
#[cfg(feature = "demo")]
mod demo;
mod export;
mod fetch;
mod health;
mod import;
mod init;
mod logs;
mod once;
mod output;
mod privileges;
mod report;
mod run;
mod selection;
mod statistics;
mod stop;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing::warn;

use crate::config::{self, CommandLine, Config, Faults};

/// Everything went as asked.
pub const DONE: u8 = 0;
/// Something failed, and the log says what to do.
pub const FAILED: u8 = 1;
/// The arguments or the configuration are wrong.
pub const WRONG_USE: u8 = 2;
/// The portal refuses the login.
pub const LOGIN_REFUSED: u8 = 3;

/// Brings the readings of your digital meters from Mijn Fluvius to Home Assistant, over MQTT.
#[derive(Debug, Parser)]
#[command(version, after_help = "Without a command, `run`.\n\nExample: fluvius2mqtt --config /etc/fluvius2mqtt.yaml")]
pub struct Arguments {
    #[command(flatten)]
    places: Places,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Behind the options that a command has for itself.
const LAST: usize = 900;

#[derive(Clone, Debug, Args)]
struct Places {
    /// The configuration file [default: config.yaml in this folder, if there is one]
    #[arg(long, global = true, value_name = "FILE", display_order = LAST)]
    config: Option<PathBuf>,
    /// Where the ledger and the tokens live [default: data_dir of the configuration]
    #[arg(long, global = true, value_name = "DIR", display_order = LAST)]
    data_dir: Option<PathBuf>,
}

impl From<Places> for CommandLine {
    fn from(Places { config, data_dir }: Places) -> Self {
        Self { config, data_dir }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the bridge until it is stopped.
    #[command(after_help = "Example: fluvius2mqtt run --data-dir /var/lib/fluvius2mqtt")]
    Run,
    /// Poll the portal once, publish, and exit.
    #[command(after_help = "Example: fluvius2mqtt once --dry-run")]
    Once(once::Once),
    /// Fetch history into the ledger, as far back as the portal has it.
    #[command(after_help = "Example: fluvius2mqtt backfill --from 2024-01-01")]
    Backfill(backfill::Backfill),
    /// Ask for the few things that are needed, try them out, and write the configuration.
    #[command(after_help = init::NOTES)]
    Init(init::Init),
    /// Try the set-up out, from the login to Home Assistant, and say what to do about each thing that fails.
    #[command(after_help = "Example: fluvius2mqtt check --json")]
    Check(check::Check),
    /// Compare, send again or remove the statistics in Home Assistant.
    #[command(after_help = "Example: fluvius2mqtt statistics status")]
    Statistics(statistics::Statistics),
    /// Tell whether the service that runs on this machine is well: exit code 0, or 1 when it is not.
    #[command(after_help = "Example: fluvius2mqtt health")]
    Health,
    /// Ask the portal itself, without a broker and without a ledger.
    #[command(after_help = fetch::NOTES)]
    Fetch(Box<fetch::Fetch>),
    /// Write the completions of a shell to standard output.
    #[command(after_help = completions::NOTES)]
    Completions(completions::Completions),
    /// Show what was used per hour, day, month or year, and what it cost.
    #[command(after_help = report::HELP)]
    Report(report::Report),
    /// Write every reading that counts, as CSV or JSON.
    #[command(after_help = export::HELP)]
    Export(export::Export),
    /// Take in history from CSV files of mijn.fluvius.be.
    #[command(after_help = import::HELP)]
    Import(import::Import),
    /// Show the bridge at work on a simulated portal, without an account, a broker or Home Assistant.
    #[cfg(feature = "demo")]
    #[command(after_help = "Example: fluvius2mqtt demo --broker mqtt://user:password@homeassistant.local")]
    Demo(demo::Demo),
}

/// The arguments fit each other or the configuration badly: a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct WrongUse(String);

impl Arguments {
    /// Does what was asked for.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let code = match self.command.unwrap_or(Command::Run) {
            Command::Run => with_config_or(self.places, run::run, run::wait),
            Command::Once(once) => with_config(self.places, |config| once.run(config)),
            Command::Backfill(backfill) => with_config(self.places, |config| backfill.run(config)),
            Command::Init(init) => init.run(&self.places),
            Command::Check(check) => check.run(&self.places),
            Command::Statistics(statistics) => with_config(self.places, |config| statistics.run(config)),
            Command::Health => health::run(self.places),
            Command::Fetch(fetch) => fetch.run(self.places),
            Command::Completions(completions) => completions.run(),
            Command::Report(report) => with_config(self.places, |config| report.run(&config)),
            Command::Export(export) => with_config(self.places, |config| export.run(&config)),
            Command::Import(import) => with_config(self.places, |config| import.run(&config)),
            #[cfg(feature = "demo")]
            Command::Demo(demo) => demo.run(&self.places),
        };
        code.unwrap_or_else(|error| {
            eprintln!("fluvius2mqtt: {error:#}");
            if error.is::<WrongUse>() { WRONG_USE } else { FAILED }
        })
        .into()
    }
}

/// Loads the configuration and starts the log; faults in the configuration are shown together.
fn with_config(places: Places, command: impl FnOnce(Config) -> anyhow::Result<u8>) -> anyhow::Result<u8> {
    with_config_or(places, command, |_, _| Ok(WRONG_USE))
}

/// The same, with something else to do after faults were shown.
fn with_config_or(
    places: Places,
    command: impl FnOnce(Config) -> anyhow::Result<u8>,
    wrong: impl FnOnce(&CommandLine, &Faults) -> anyhow::Result<u8>,
) -> anyhow::Result<u8> {
    let command_line = places.into();
    match config::load(&command_line, std::env::vars_os()) {
        Ok(loaded) => {
            privileges::give_up(loaded.config.app.as_ref())?;
            logs::start(loaded.config.log, loaded.config.clock());
            for warning in loaded.warnings {
                warn!("{warning}");
            }
            command(loaded.config)
        }
        Err(faults) => {
            wrong_use(&faults);
            wrong(&command_line, &faults)
        }
    }
}

/// Tells all faults.
fn wrong_use(faults: &Faults) -> u8 {
    eprintln!("fluvius2mqtt: the configuration can't be used:");
    for fault in faults.all() {
        eprintln!("  {fault}");
    }
    WRONG_USE
}

/// Whether what is written there may have colours.
fn has_colours(out: &impl IsTerminal) -> bool {
    out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Runs a future to its end on this thread; the bridge does one thing at a time.
fn block_on<F: Future>(future: F) -> anyhow::Result<F::Output> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future))
}
