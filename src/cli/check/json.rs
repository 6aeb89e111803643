use std::io::{self, Write as _};

use serde::Serialize;

use super::finding::{Finding, Outcome};
use super::redact::{foreign, without_paths};

/// The object that is printed. Its keys and words are public, and it may be shown to anybody.
#[derive(Serialize)]
struct Document {
    version: &'static str,
    checks: Vec<Check>,
}

#[derive(Serialize)]
struct Check {
    name: String,
    outcome: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl From<&Finding> for Check {
    fn from(finding: &Finding) -> Self {
        let message = without_paths(&finding.message);
        Self {
            name: finding.subject.name.clone(),
            outcome: match finding.outcome {
                Outcome::Good => "good",
                Outcome::Attention => "attention",
                Outcome::Bad => "bad",
                Outcome::NotTried => "not_tried",
            },
            message: match &finding.cause {
                Some(cause) => format!("{message}: {}", foreign(cause)),
                None => message,
            },
            remedy: finding.remedy.as_deref().map(without_paths),
        }
    }
}

/// Prints all findings as one object.
pub(super) fn print(findings: &[Finding]) -> anyhow::Result<()> {
    let checks = findings.iter().map(Check::from).collect();
    let document = Document { version: env!("CARGO_PKG_VERSION"), checks };
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &document)?;
    writeln!(out)?;
    Ok(())
}
