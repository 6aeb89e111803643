//! Each command explains itself with an example, and colours are there only for eyes that can see them.

use std::process::Command as Process;

use clap::{Command, CommandFactory as _, Parser as _};
use fluvius2mqtt::cli::Arguments;

use crate::man::pages::notes_and_examples;

/// All commands, the program itself included, each with its full name.
pub(crate) fn commands() -> Vec<(String, Command)> {
    fn gather(command: &Command, before: &str, into: &mut Vec<(String, Command)>) {
        let name = format!("{before}{}", command.get_name());
        for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
            gather(command, &format!("{name} "), into);
        }
        into.push((name, command.clone()));
    }
    let mut commands = Vec::new();
    gather(&Arguments::command(), "", &mut commands);
    commands
}

#[test]
fn every_command_has_an_example_that_works() {
    let commands = commands();
    assert!(commands.len() > 8 && commands.iter().any(|(name, _)| name == "fluvius2mqtt statistics status"));
    for (name, command) in commands {
        let (_, examples) = notes_and_examples(&command);
        assert!(!examples.is_empty(), "{name} --help shows no example");
        assert!(examples.iter().any(|example| example.starts_with(&name)), "{name}: none of {examples:?} is of it");
        for example in examples {
            // What a shell does with the output is not for the program.
            let words = example.split_whitespace().take_while(|word| !matches!(*word, ">" | "|" | "&&"));
            let parsed = Arguments::try_parse_from(words);
            assert!(parsed.is_ok(), "{name}: {example}: {}", parsed.unwrap_err());
        }
    }
}

#[test]
fn colours_are_for_terminals_and_not_for_those_who_want_none() {
    let binary = env!("CARGO_BIN_EXE_fluvius2mqtt");
    let shown = |command: &mut Process| {
        let done = command.output().unwrap();
        let text = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
        assert!(text.contains("Usage:"), "{text}");
        text.contains('\u{1b}')
    };
    let in_terminal = |arguments: &str| {
        let mut command = Process::new("script");
        command.args(["--quiet", "--return", "--command", &format!("{binary} {arguments}"), "/dev/null"]);
        command.env("TERM", "xterm-256color").env_remove("NO_COLOR").env_remove("CLICOLOR").env_remove("CI");
        command
    };
    for arguments in ["--help", "fetch --help", "fetch --nonsense"] {
        assert!(shown(&mut in_terminal(arguments)), "{arguments} has colours in a terminal");
        assert!(!shown(in_terminal(arguments).env("NO_COLOR", "1")), "{arguments} has none with NO_COLOR");
        let mut piped = Process::new(binary);
        assert!(!shown(piped.args(arguments.split(' ')).env_remove("NO_COLOR")), "{arguments} has none in a pipe");
    }
}
