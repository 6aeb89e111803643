//! The shells complete commands and flags, with a script that needs no configuration to be made.

use std::fs;
use std::process::Command;

use crate::support::{Finished, Running};

async fn script(shell: &str) -> Finished {
    // In a folder whose configuration can't be used.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.yaml"), "nonsense: [").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
    Running::start(command.args(["completions", shell]).env_clear().current_dir(folder.path())).finished().await
}

/// What Bash offers for the last of some words.
fn offered(script: &str, words: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("completions");
    fs::write(&file, script).unwrap();
    // What Bash does when one presses Tab.
    let press_tab = r#"
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        found=$(complete -p fluvius2mqtt)
        [[ "$found" =~ -F\ ([^ ]+) ]]
        "${BASH_REMATCH[1]}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let mut bash = Command::new("bash");
    bash.args(["--norc", "--noprofile", "-euc", press_tab, "bash"]).arg(&file).args(words);
    let done = bash.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bash_completes_commands_and_flags() {
    let script = script("bash").await;
    assert_eq!((script.code, script.log.as_str()), (Some(0), ""));
    let offered = |words: &[&str]| offered(&script.out, words);
    assert!(offered(&["fluvius2mqtt", "f"]).contains(&"fetch".to_owned()));
    assert!(offered(&["fluvius2mqtt", "f"]).iter().all(|word| word.starts_with('f')));
    assert_eq!(offered(&["fluvius2mqtt", "fetch", "--gran"]), ["--granularity"]);
    assert!(offered(&["fluvius2mqtt", "statistics", "s"]).contains(&"status".to_owned()));
    assert!(offered(&["fluvius2mqtt", "completions", "z"]).contains(&"zsh".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shell_has_a_script_of_its_own() {
    for (shell, mark) in [
        ("zsh", "#compdef fluvius2mqtt"),
        ("fish", "complete -c fluvius2mqtt"),
        ("elvish", "edit:completion:arg-completer[fluvius2mqtt]"),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName 'fluvius2mqtt'"),
    ] {
        let script = script(shell).await;
        assert_eq!((script.code, script.log.as_str()), (Some(0), ""), "{shell}");
        assert!(script.out.contains(mark) && script.out.contains("granularity"), "{shell}: {}", script.out);
    }
    let unknown = script("cmd").await;
    assert_eq!(unknown.code, Some(2), "{}", unknown.log);
    assert!(unknown.log.contains("[possible values: bash, elvish, fish, powershell, zsh]"), "{}", unknown.log);
}
