use std::io::Write;

use super::finding::{Finding, Outcome};

/// Shows findings to people, a line each, and below it what to do.
pub(in crate::cli) struct Text<W> {
    out: W,
    has_colours: bool,
}

impl<W: Write> Text<W> {
    pub(in crate::cli) const fn new(out: W, has_colours: bool) -> Self {
        Self { out, has_colours }
    }

    pub(in crate::cli) fn show(&mut self, finding: &Finding) {
        let Finding { subject, message, cause, place, remedy, .. } = finding;
        let cause = cause.as_ref().map_or_else(String::new, |cause| format!(": {cause}"));
        let place = place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
        self.line(&format!("{} {}: {message}{cause}{place}", self.mark(finding.outcome), subject.title));
        if let Some(remedy) = remedy {
            self.line(&format!("       {remedy}"));
        }
    }

    /// What all of it comes to.
    pub(in crate::cli) fn verdict(&mut self, findings: &[Finding]) {
        let any = |outcome| findings.iter().any(|finding| finding.outcome == outcome);
        let verdict = if any(Outcome::Bad) {
            "Not all is well: see what is marked with [fail]."
        } else if any(Outcome::Attention) {
            "It works; mind what is marked with [note]."
        } else {
            "All is well."
        };
        self.line("");
        self.line(verdict);
    }

    /// All are of one width.
    fn mark(&self, outcome: Outcome) -> String {
        let (mark, colour) = match outcome {
            Outcome::Good => ("[ ok ]", "32"),
            Outcome::Attention => ("[note]", "33"),
            Outcome::Bad => ("[fail]", "31"),
            Outcome::NotTried => ("[ -- ]", "2"),
        };
        if self.has_colours { format!("\u{1b}[{colour}m{mark}\u{1b}[0m") } else { mark.to_owned() }
    }

    fn line(&mut self, text: &str) {
        // Nobody may be reading any more, and the exit code still tells.
        let _ = writeln!(self.out, "{text}").and_then(|()| self.out.flush());
    }
}
