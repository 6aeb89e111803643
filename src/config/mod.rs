//! What the user sets: the model of a checked configuration, the sources it comes from (file, options of the Home
//! Assistant app, environment, command line), and the check that finds all faults at once.
//!
//! This room owns the names of the keys and every sentence about them. It knows the words of `energy`, and it must not
//! know what the other rooms do with a setting. A value that is or may be secret never enters a message.

mod app;
mod broker;
mod check;
mod environment;
mod fault;
mod file;
mod flags;
mod home_assistant;
mod keys;
mod meters;
mod model;
mod options;
mod prices;
mod question;
mod reader;
mod secrets;
#[cfg(test)]
mod tests;
mod tree;
mod values;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use environment::Environment;
pub use fault::{Fault, Faults};
use file::Found;
pub use flags::Flags;
pub use model::{
    App, Config, ConsumptionPrice, Euros, Fluvius, History, HomeAssistant, LogLevel, Meter, Mqtt, Poll, Price,
    ReadingCodes,
};
pub use question::Question;
use tree::Tree;

/// The file that is read from the working directory when no other is named.
const DEFAULT_FILE: &str = "config.yaml";

/// Where data lives when nothing says so.
pub const DEFAULT_DATA_DIR: &str = "./data";

/// What the command line says; it wins over all other sources.
#[derive(Clone, Debug, Default)]
pub struct CommandLine {
    /// The configuration file; it must exist.
    pub config: Option<PathBuf>,
    /// Where the ledger and the tokens live.
    pub data_dir: Option<PathBuf>,
}

/// A configuration that can be used, and what the user should know about it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// One sentence each, without anything secret.
    pub warnings: Vec<String>,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
}

/// Loads the configuration from the command line, the environment, the options of the app and the file, in this order of
/// weight.
///
/// # Errors
/// [`Faults`] with all that is wrong: in the file, in the options, in the environment and in the files they name.
pub fn load(
    command_line: &CommandLine,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Loaded, Faults> {
    load_with(command_line, environment, Path::new(DEFAULT_FILE))
}

/// Loads what a question to the portal itself needs from the flags, the environment, the options of the app and the file,
/// in this order of weight. Without `needs_login`, there may be no e-mail address and no password.
///
/// # Errors
/// [`Faults`] with all that is wrong in what the question needs.
pub fn load_question(
    command_line: &CommandLine,
    flags: Flags,
    needs_login: bool,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Question, Faults> {
    load_question_with(command_line, flags, needs_login, environment, Path::new(DEFAULT_FILE))
}

/// Checks the text of a configuration file that isn't there yet, as [`load`] will once it is at `path`.
///
/// # Errors
/// [`Faults`] with all that is wrong, in the text and in the environment.
pub fn check_text(
    text: &str,
    path: &Path,
    command_line: &CommandLine,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Loaded, Faults> {
    let (environment, mut faults) = Environment::new(environment);
    let value = match file::parse(text) {
        Ok(value) => value,
        Err(wrong) => {
            faults.push(wrong.at(path.display().to_string()));
            return Err(Faults::new(faults));
        }
    };
    let mut tree = Tree::new(value, Some(path.to_owned()));
    environment.overlay(&mut tree, &mut faults);
    check::check(&tree, command_line, None, faults, Vec::new())
}

/// The file that [`load`] reads, whether it is there or not.
#[must_use]
pub fn file_to_read(
    command_line: &CommandLine,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> PathBuf {
    let (environment, _) = Environment::new(environment);
    let named = command_line.config.clone().or_else(|| environment.file().map(|(path, _)| path));
    named.unwrap_or_else(|| DEFAULT_FILE.into())
}

/// The Supervisor, if this program runs as its app: whatever the configuration may be worth.
#[must_use]
pub fn app(command_line: &CommandLine, environment: impl IntoIterator<Item = (OsString, OsString)>) -> Option<App> {
    app::found(command_line, &Environment::new(environment).0)
}

/// Loads where the service answers over HTTP, if it does; other keys may be wrong or missing.
///
/// # Errors
/// [`Faults`] with all that is wrong in `web`, and in the file and the environment as a whole.
pub fn load_listen(
    command_line: &CommandLine,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Option<SocketAddr>, Faults> {
    let Sources { tree, faults, .. } = Sources::read(command_line, environment, Path::new(DEFAULT_FILE))?;
    check::listen_alone(&tree, faults)
}

fn load_with(
    command_line: &CommandLine,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    default_file: &Path,
) -> Result<Loaded, Faults> {
    let Sources { tree, app, faults, warnings, .. } = Sources::read(command_line, environment, default_file)?;
    check::check(&tree, command_line, app, faults, warnings)
}

fn load_question_with(
    command_line: &CommandLine,
    flags: Flags,
    needs_login: bool,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    default_file: &Path,
) -> Result<Question, Faults> {
    let mut sources = Sources::read(command_line, environment, default_file)?;
    let meant = flags.overlay(&mut sources.tree, &mut sources.faults);
    let Sources { tree, app, granularity, faults, warnings } = sources;
    let question = question::check(&tree, command_line, &meant, needs_login, faults, warnings)?;
    Ok(Question { granularity, app, ..question })
}

/// Reads a date that is given on its own, by the rule for dates in the configuration.
///
/// # Errors
/// What is wrong with it, and what to write.
pub fn date(text: &str) -> Result<NaiveDate, String> {
    values::date(&text.into()).map_err(|wrong| format!("{}; {}", wrong.problem, wrong.remedy))
}

/// The file, above it the options of the app, above them the environment, and what is to be told of them.
struct Sources {
    tree: Tree,
    app: Option<App>,
    granularity: Option<u8>,
    faults: Vec<Fault>,
    warnings: Vec<String>,
}

impl Sources {
    fn read(
        command_line: &CommandLine,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        default_file: &Path,
    ) -> Result<Self, Faults> {
        let (environment, mut faults) = Environment::new(environment);
        let found = match Found::read(command_line, &environment, default_file) {
            Ok(found) => found,
            Err(fault) => {
                // Without the file, every key that it sets would seem to be missing.
                faults.push(fault);
                return Err(Faults::new(faults));
            }
        };
        let mut tree = Tree::new(found.value, found.path);
        let granularity = environment.granularity();
        let app = app::found(command_line, &environment);
        if let Some(app) = &app
            && let Err(fault) = options::overlay(app, &mut tree, &mut faults)
        {
            faults.push(fault);
            return Err(Faults::new(faults));
        }
        environment.overlay(&mut tree, &mut faults);
        Ok(Self { tree, app, granularity, faults, warnings: found.warnings })
    }
}
