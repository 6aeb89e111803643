//! The man pages, from the definition of the command line.

use std::io;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use fluvius2mqtt::cli::Arguments;

/// All pages with their file names: one for the program and one for each command.
pub(crate) fn all() -> io::Result<Vec<(String, Vec<u8>)>> {
    // `help` would have a page for each command all over again.
    let mut program = Arguments::command().disable_help_subcommand(true);
    program.build();
    let mut pages = Vec::new();
    gather(&program, &mut pages)?;
    Ok(pages)
}

/// What the help of a command says below its options: the notes, and the examples after them.
pub(crate) fn notes_and_examples(command: &Command) -> (String, Vec<String>) {
    let help = command.get_after_long_help().or_else(|| command.get_after_help());
    let help = help.map(ToString::to_string).unwrap_or_default();
    let mut lines = help.lines();
    let mut notes = String::new();
    let mut examples = Vec::new();
    for line in lines.by_ref() {
        if let Some(rest) = line.strip_prefix("Examples:").or_else(|| line.strip_prefix("Example:")) {
            examples.push(rest);
            break;
        }
        notes.push_str(line);
        notes.push('\n');
    }
    examples.extend(lines);
    let examples = examples.into_iter().map(str::trim).filter(|example| !example.is_empty());
    (notes.trim().to_owned(), examples.map(str::to_owned).collect())
}

fn gather(command: &Command, into: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for command in command.get_subcommands() {
        gather(command, into)?;
    }
    let man = Man::new(command.clone());
    into.push((man.get_filename(), page(&man, command)?));
    Ok(())
}

fn page(man: &Man, command: &Command) -> io::Result<Vec<u8>> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let version = env!("CARGO_PKG_VERSION");
    // Without a date, so that the same version always has the same pages. The library would leave out its place.
    let title = format!(".TH \"{}\" 1 \"\" \"fluvius2mqtt {version}\" \"User Commands\"\n", name.to_uppercase());
    let mut page = title.into_bytes();
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let (notes, examples) = notes_and_examples(command);
    let mut end = Roff::new();
    if !notes.is_empty() {
        end.control("SH", ["NOTES"]);
    }
    let mut is_within = false;
    for line in notes.lines().map(str::trim) {
        match (line, is_within) {
            ("", _) => end.control("PP", []),
            (_, true) => end.control("br", []).text([roman(line)]),
            (_, false) => end.text([roman(line)]),
        };
        is_within = !line.is_empty();
    }
    if !examples.is_empty() {
        end.control("SH", ["EXAMPLES"]).control("nf", []);
        end.text([roman(examples.join("\n"))]);
        end.control("fi", []);
    }
    end.to_writer(&mut page)?;
    Ok(page)
}
