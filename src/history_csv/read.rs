use std::collections::BTreeMap;

use chrono_tz::Tz;
use csv::StringRecord;

use super::columns::Columns;
use super::error::{Error, Wrong};
use super::rows::Rows;
use super::text::text;
use crate::energy::{Ean, MeterKind, Reading};

/// What may stand between the cells; the portal's own sign first.
const DELIMITERS: [u8; 3] = *b";\t,";

/// So many lines may come before the names of the columns.
const LINES_BEFORE: usize = 5;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The readings of each meter that was asked for and is in the file, in the order of time.
    pub meters: BTreeMap<Ean, Vec<Reading>>,
    /// Rows of those meters without an amount: it is missing, not zero.
    pub blank: usize,
    /// Rows of those meters that hold no energy, such as peaks.
    pub others: usize,
    /// Rows of those meters over more than a day.
    pub longer: usize,
    /// Rows of other meters.
    pub strangers: BTreeMap<Ean, usize>,
}

/// Reads a file. Rows of meters that are not among `kinds` are counted and otherwise left alone; `zone` is that of the
/// file's times.
///
/// # Errors
/// When it has no names of columns, or a line that can't be understood; the first one is told.
pub fn read(bytes: &[u8], kinds: &BTreeMap<Ean, MeterKind>, zone: Tz) -> Result<History, Error> {
    // The CSV reader counts lines by their feeds, and a return before one would put it off by a line.
    let text = text(bytes).replace("\r\n", "\n");
    let (columns, mut lines) = open(&text)?;
    let mut rows = Rows::new(&columns, kinds, zone);
    let mut line = StringRecord::new();
    while next(&mut lines, &mut line)? {
        let number = line.position().map_or(0, csv::Position::line);
        if line.iter().any(|cell| !cell.trim().is_empty()) {
            rows.take(&line, number).map_err(|wrong| wrong.at(number))?;
        }
    }
    rows.history()
}

/// The columns and the lines below their names.
pub(super) fn open(text: &str) -> Result<(Columns, csv::Reader<&[u8]>), Error> {
    let mut missing: Option<Vec<&str>> = None;
    for delimiter in DELIMITERS {
        let mut lines = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut line = StringRecord::new();
        for _ in 0..LINES_BEFORE {
            if !next(&mut lines, &mut line)? {
                break;
            }
            match Columns::read(line.iter()) {
                Ok(columns) => return Ok((columns, lines)),
                Err(names) if missing.as_ref().is_none_or(|missing| names.len() < missing.len()) => {
                    missing = Some(names);
                }
                Err(_) => {}
            }
        }
    }
    let missing = missing.map_or_else(|| "all of them".to_owned(), |names| names.join(", "));
    Err(Error::NoHeader { missing })
}

pub(super) fn next(lines: &mut csv::Reader<&[u8]>, line: &mut StringRecord) -> Result<bool, Error> {
    lines.read_record(line).map_err(|error| {
        let number = error.position().map_or(0, csv::Position::line);
        Wrong::new("it can't be read", "use the file as mijn.fluvius.be gives it").at(number)
    })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
