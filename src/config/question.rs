//! What a question to the portal itself needs: the account, the meters and the pace, and nothing of what the bridge does
//! with the answers.

use std::path::PathBuf;
use std::time::Duration;

use super::check;
use super::fault::{Fault, Faults};
use super::model::{App, Fluvius, LogLevel, Meter};
use super::reader::Reader;
use super::tree::Tree;
use super::{CommandLine, keys, meters};

/// A checked question.
#[derive(Clone, Debug)]
pub struct Question {
    /// The portal and the account on it; without e-mail address and password when a token takes their place.
    pub fluvius: Fluvius,
    /// The meters that are meant: at least one, each EAN once.
    pub meters: Vec<Meter>,
    /// The rest between two requests to the portal.
    pub pause: Duration,
    /// The portal's granularity code that the environment names.
    pub granularity: Option<u8>,
    /// Where the session lives, if something says so.
    pub data_dir: Option<PathBuf>,
    /// How much the log tells.
    pub log: LogLevel,
    /// The Supervisor, when this is its app.
    pub app: Option<App>,
    /// What the user should know, one sentence each, without anything secret.
    pub warnings: Vec<String>,
}

/// Checks what a question needs of the tree. The faults and warnings of the sources come first.
pub(super) fn check(
    tree: &Tree,
    command_line: &CommandLine,
    meant: &[usize],
    needs_login: bool,
    faults: Vec<Fault>,
    warnings: Vec<String>,
) -> Result<Question, Faults> {
    let mut reader = Reader::new(tree, faults, warnings);
    let question = question(&mut reader, command_line, meant, needs_login);
    match question.filter(|_| reader.faults.is_empty()) {
        Some(question) => Ok(Question { warnings: reader.warnings, ..question }),
        None => Err(Faults::new(reader.faults)),
    }
}

fn question(
    reader: &mut Reader<'_>,
    command_line: &CommandLine,
    meant: &[usize],
    needs_login: bool,
) -> Option<Question> {
    let top = reader.top(keys::TOP)?;
    let fluvius = check::fluvius(reader, &top, needs_login);
    let all = meters::meters(reader, &top);
    let poll = check::poll(reader, &top);
    let data_dir = check::data_dir(reader, &top, command_line);
    let log = check::log(reader, &top);
    let all = all?;
    Some(Question {
        fluvius: fluvius?,
        meters: meant.iter().filter_map(|meter| all.get(*meter).cloned()).collect(),
        pause: poll?.pause,
        granularity: None,
        data_dir,
        log,
        app: None,
        warnings: Vec::new(),
    })
}
