//! The command `init`: from a few answers to a configuration that works.
//!
//! This folder owns the questions and the text of the file. What an answer may be is decided by `config` alone, which
//! reads the file as it would be with that answer; whether it all works is tried by `check`.

mod draft;
mod interview;
mod questions;
mod template;

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, bail};
use clap::Args;

use super::{DONE, Places, WrongUse, block_on, check, has_colours, wrong_use};
use crate::clock::Clock;
use crate::config::{self, CommandLine, Loaded};
use crate::{history_csv, private_file};
use draft::Draft;
use interview::interview;
use questions::Questions;

pub(super) const NOTES: &str = "\
Input that is no terminal is read as lines, one for each question and in the same order; an empty one takes the default:
  e-mail address, password,
  for each meter: EAN, serial number, electricity or gas, for gas kwh or m3, name, and whether there is another one,
  the broker's address, user, and with a user the password,
  whether statistics are wanted, and then Home Assistant's address and token.

Example: fluvius2mqtt init --from-csv Verbruikshistoriek.csv";

/// Ask for the few things that are needed, try them out, and write the configuration.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Take the EAN, the serial number and the kind of each meter from a CSV file of Mijn Fluvius
    ///
    /// On mijn.fluvius.be, under Verbruik: Rapport downloaden. Any report will do.
    #[arg(long, value_name = "FILE")]
    from_csv: Option<PathBuf>,
}

impl Init {
    pub(super) fn run(&self, places: &Places) -> anyhow::Result<u8> {
        let command_line = CommandLine::from(places.clone());
        let file = config::file_to_read(&command_line, std::env::vars_os());
        is_free(&file)?;
        // The example is complete, so that only the environment can be wrong.
        if let Err(faults) = load(&Draft::default(), &file, &command_line) {
            return Ok(wrong_use(&faults));
        }
        let questions = Questions::of_standard_input();
        let mut draft = Draft::default();
        interview(&questions, &mut draft, self.meters()?)?;
        let loaded = match load(&draft, &file, &command_line) {
            Ok(loaded) => loaded,
            Err(faults) => return Ok(wrong_use(&faults)),
        };
        questions.say("\nTrying it out:\n");
        let code = try_out(&loaded)?;
        let shown = file.display();
        if code != DONE && !questions.agrees(&format!("\nWrite {shown} all the same, to correct it there?"))? {
            println!("\nNothing was written.");
            return Ok(code);
        }
        private_file::write_new(&file, &draft.text()).with_context(|| format!("{shown} can't be written"))?;
        let next = if code == DONE { next(places, "run") } else { next(places, "check") };
        println!("\n{shown} is written; only you can read it. Next:\n\n  {next}");
        Ok(DONE)
    }

    /// The meters of the export, if there is one.
    fn meters(&self) -> anyhow::Result<Vec<history_csv::Meter>> {
        let Some(path) = &self.from_csv else { return Ok(Vec::new()) };
        let wrong = |why: String| WrongUse(format!("{}: {why}", path.display()));
        let bytes = fs::read(path).map_err(|why| wrong(format!("it can't be read: {why}")))?;
        let meters = history_csv::meters(&bytes).map_err(|why| wrong(why.to_string()))?;
        if meters.is_empty() {
            let why = "there is no meter with an EAN and a serial number in it; download one on mijn.fluvius.be, at Verbruik, \
                       under \"Rapport downloaden\"";
            bail!(wrong(why.to_owned()));
        }
        Ok(meters)
    }
}

/// Makes sure that a file can be made and none is lost.
fn is_free(file: &Path) -> anyhow::Result<()> {
    let shown = file.display();
    // A link that leads nowhere is in the way as well.
    if file.symlink_metadata().is_ok() {
        bail!(WrongUse(format!(
            "{shown} is there already and stays as it is. Try it with `fluvius2mqtt check`, or move it away, or name another \
             file with --config"
        )));
    }
    let folder = private_file::folder_of(file);
    tempfile::tempfile_in(folder).map(drop).with_context(|| {
        format!("the folder {} can't be written; make it, or name another file with --config", folder.display())
    })
}

fn load(draft: &Draft, file: &Path, command_line: &CommandLine) -> Result<Loaded, config::Faults> {
    config::check_text(&draft.text(), file, command_line, std::env::vars_os())
}

/// Tries the configuration out, and gives the exit code.
fn try_out(loaded: &Loaded) -> anyhow::Result<u8> {
    check::start_log(&loaded.config);
    let mut text = check::Text::new(io::stdout(), has_colours(&io::stdout()));
    let mut findings = Vec::new();
    block_on(check::try_out(loaded, Clock::system(), &mut |finding| {
        text.show(&finding);
        findings.push(finding);
    }))?;
    text.verdict(&findings);
    Ok(check::code(&findings))
}

/// A command with the places that were named for this one.
fn next(places: &Places, command: &str) -> String {
    let option = |name, path: &Option<PathBuf>| {
        path.as_ref().map_or_else(String::new, |path| format!(" {name} {}", quoted(&path.display().to_string())))
    };
    format!("fluvius2mqtt {command}{}{}", option("--config", &places.config), option("--data-dir", &places.data_dir))
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-~".contains(c);
    if word.chars().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}
