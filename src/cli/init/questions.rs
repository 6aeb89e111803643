//! Asking: on a terminal until an answer is right, on any other input a line for each question.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};

use super::draft::{Draft, Verdict};
use crate::cli::WrongUse;

/// Where the answers come from.
pub(super) struct Questions {
    is_terminal: bool,
}

/// A question.
pub(super) struct Question<'a> {
    /// What it is about.
    pub(super) label: &'a str,
    /// What an empty answer means; `None` when there must be an answer, and an empty text when there may be none.
    pub(super) default: Option<&'a str>,
    /// Whether the answer is not to be seen.
    pub(super) is_secret: bool,
    /// The key that the answer sets.
    pub(super) key: &'a str,
}

impl Questions {
    pub(super) fn of_standard_input() -> Self {
        Self { is_terminal: io::stdin().is_terminal() }
    }

    /// Says something to somebody at a terminal.
    pub(super) fn say(&self, text: &str) {
        if self.is_terminal {
            println!("{text}");
        }
    }

    /// Asks until the configuration takes the answer, and enters it in the draft. Gives the answer.
    pub(super) fn ask(
        &self,
        draft: &mut Draft,
        question: &Question<'_>,
        enter: impl Fn(&mut Draft, &str),
    ) -> anyhow::Result<String> {
        let Question { label, default, key, .. } = question;
        loop {
            let mut answer = self.read(question)?;
            if answer.is_empty() {
                match default {
                    Some("") => return Ok(answer),
                    Some(default) => (*default).clone_into(&mut answer),
                    None => {
                        self.wrong(&format!("{label}: an answer is needed"))?;
                        continue;
                    }
                }
            }
            let mut tried = draft.clone();
            enter(&mut tried, &answer);
            let is_kept = match tried.verdict(key) {
                Verdict::Wrong(why) => {
                    self.wrong(&format!("{label}: {why}"))?;
                    false
                }
                Verdict::Doubtful(why) if self.is_terminal => {
                    println!("  {why}");
                    self.is_yes("  Keep it?")?
                }
                Verdict::Doubtful(_) | Verdict::Right => true,
            };
            if is_kept {
                *draft = tried;
                return Ok(answer);
            }
        }
    }

    /// Enters what is known without asking, if the configuration takes it.
    pub(super) fn enter(
        &self,
        draft: &mut Draft,
        key: &str,
        value: &str,
        enter: impl Fn(&mut Draft, &str),
    ) -> anyhow::Result<()> {
        enter(draft, value);
        match draft.verdict(key) {
            Verdict::Wrong(why) => bail!(WrongUse(format!("{key}: {why}"))),
            Verdict::Doubtful(why) => self.say(&format!("  {why}")),
            Verdict::Right => {}
        }
        Ok(())
    }

    /// Asks for a yes. Nobody says yes by pressing Enter, or where nobody is asked.
    pub(super) fn agrees(&self, question: &str) -> anyhow::Result<bool> {
        if self.is_terminal { self.is_yes(question) } else { Ok(false) }
    }

    /// Asks whether something is wanted; an empty answer is no.
    pub(super) fn is_yes(&self, question: &str) -> anyhow::Result<bool> {
        loop {
            self.prompt(&format!("{question} [y/N]"))?;
            match self.line()?.trim().to_lowercase().as_str() {
                "y" | "yes" => return Ok(true),
                "" | "n" | "no" => return Ok(false),
                _ => self.wrong(&format!("{} Write y or n", question.trim()))?,
            }
        }
    }

    fn read(&self, question: &Question<'_>) -> anyhow::Result<String> {
        let Question { label, default, is_secret, .. } = question;
        let default = match default {
            None => String::new(),
            Some("") => " [none]".to_owned(),
            Some(default) => format!(" [{default}]"),
        };
        if *is_secret && self.is_terminal {
            return rpassword::prompt_password(format!("{label}{default}: ")).context("the terminal can't be read");
        }
        self.prompt(&format!("{label}{default}"))?;
        let line = self.line()?;
        if *is_secret {
            return Ok(line);
        }
        // Somebody who has seen the configuration may write quotes.
        let line = line.trim();
        let bare = line.strip_prefix('"').and_then(|line| line.strip_suffix('"'));
        Ok(bare.unwrap_or(line).trim().to_owned())
    }

    fn prompt(&self, text: &str) -> anyhow::Result<()> {
        if self.is_terminal {
            print!("{text}: ");
            io::stdout().flush()?;
        }
        Ok(())
    }

    /// The next line without its end. Where lines end early, the rest is empty; at a terminal, somebody wants to stop.
    fn line(&self) -> anyhow::Result<String> {
        let mut line = String::new();
        let length = io::stdin().read_line(&mut line).context("the answers can't be read")?;
        if length == 0 && self.is_terminal {
            println!();
            bail!("stopped; nothing was written");
        }
        let line = line.strip_suffix('\n').unwrap_or(&line);
        Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
    }

    /// Says what is wrong with an answer, where it can be given again.
    fn wrong(&self, why: &str) -> anyhow::Result<()> {
        if !self.is_terminal {
            bail!(WrongUse(why.to_owned()));
        }
        println!("  {why}");
        Ok(())
    }
}
