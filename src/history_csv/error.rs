/// Why a file can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It has no line that names the columns.
    #[error(
        "it doesn't begin with the names of the columns ({missing} can't be found). Use the CSV file as mijn.fluvius.be gives \
         it: at Verbruik, under \"Rapport downloaden\""
    )]
    NoHeader {
        /// The columns that are missing, in Dutch.
        missing: String,
    },
    /// A line can't be understood.
    #[error("line {line}: {wrong}")]
    Line {
        /// Its number, from 1.
        line: u64,
        /// What is wrong with it.
        wrong: Wrong,
    },
}

/// What is wrong with a line, and what to do. It never holds a whole EAN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {remedy}")]
pub struct Wrong {
    problem: String,
    remedy: &'static str,
}

impl Wrong {
    pub(super) fn new(problem: impl Into<String>, remedy: &'static str) -> Self {
        Self { problem: problem.into(), remedy }
    }

    /// A cell that a spreadsheet or an editor has changed, or that this program doesn't know.
    pub(super) fn cell(what: &str, cell: &str) -> Self {
        let mut shown: String = cell.chars().take(LONGEST).collect();
        let digits = shown.split(|sign: char| !sign.is_ascii_digit()).map(str::len).max();
        if digits > Some(DIGITS) {
            // A column too far, it may be the EAN.
            shown = "…".to_owned();
        }
        Self::new(format!("{shown:?} is no {what}"), "use the file as mijn.fluvius.be gives it")
    }

    pub(super) const fn at(self, line: u64) -> Error {
        Error::Line { line, wrong: self }
    }
}

/// So much of a cell is shown, in characters.
const LONGEST: usize = 24;

/// So many digits in a row are still no part of an EAN.
const DIGITS: usize = 8;
