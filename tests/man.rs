//! Each command has a man page that a real `mandoc` shows, and finds nothing wrong with.

#[path = "../examples/man/pages.rs"]
pub(crate) mod pages;

use std::fs;
use std::process::Command;

use crate::help::commands;

#[test]
fn every_command_has_a_page_with_examples() {
    let folder = tempfile::tempdir().unwrap();
    let pages = pages::all().unwrap();
    let mut names: Vec<_> = pages.iter().map(|(name, _)| name.clone()).collect();
    let mut expected: Vec<_> = commands().iter().map(|(name, _)| format!("{}.1", name.replace(' ', "-"))).collect();
    names.sort();
    expected.sort();
    assert_eq!(names, expected);
    for (name, page) in pages {
        let file = folder.path().join(&name);
        fs::write(&file, page).unwrap();
        let mandoc = |arguments: &[&str]| {
            let mut command = Command::new("mandoc");
            let done = command.args(arguments).arg(&file).output();
            let done = done.unwrap_or_else(|error| panic!("{error}; install mandoc: apt-get install mandoc"));
            String::from_utf8(done.stdout).unwrap()
        };
        let faults = mandoc(&["-T", "lint", "-W", "warning"]);
        // No page has a date, and where values are listed the library breaks a line more often than need be.
        let harmless = ["missing date", "skipping paragraph macro: br"];
        let is_fault = |told: &&str| !harmless.iter().any(|harmless| told.contains(harmless));
        let faults: Vec<_> = faults.lines().filter(is_fault).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        let shown = mandoc(&["-T", "utf8", "-O", "width=100"]);
        let shown: String = plain(&shown);
        for part in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXAMPLES"] {
            assert!(shown.lines().any(|line| line == part), "{part} in {name}:\n{shown}");
        }
        let (_, examples) = shown.split_once("\nEXAMPLES\n").unwrap();
        let command = name.trim_end_matches(".1").replace('-', " ");
        assert!(examples.lines().any(|line| line.trim().starts_with(&command)), "{command} in {name}:\n{shown}");
    }
}

/// Without the overstriking that makes letters bold.
fn plain(shown: &str) -> String {
    let mut plain = String::new();
    for letter in shown.chars() {
        if letter == '\u{8}' {
            plain.pop();
        } else {
            plain.push(letter);
        }
    }
    plain
}
