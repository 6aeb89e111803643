//! The `fluvius2mqtt` command.

use std::process::ExitCode;

use clap::Parser as _;
use fluvius2mqtt::cli::Arguments;

fn main() -> ExitCode {
    Arguments::parse().run()
}
