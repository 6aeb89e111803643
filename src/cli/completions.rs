use std::io::{self, Write as _};

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::{Arguments, DONE};

/// Where the output goes, shell by shell.
pub(super) const NOTES: &str = "\
Bash: in a file that bash-completion reads, as below, or in your ~/.bashrc: source <(fluvius2mqtt completions bash)
Zsh: in a file _fluvius2mqtt, in a folder of $fpath
Fish: in the file ~/.config/fish/completions/fluvius2mqtt.fish

Example:
  fluvius2mqtt completions bash > ~/.local/share/bash-completion/completions/fluvius2mqtt";

/// Write the completions of a shell to standard output.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self) -> anyhow::Result<u8> {
        // The generator panics when it can't write.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), env!("CARGO_PKG_NAME"), &mut script);
        io::stdout().lock().write_all(&script)?;
        Ok(DONE)
    }
}
