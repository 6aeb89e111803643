use std::io::{self, Write};

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{Cell, CellAlignment, Table};

use super::model::{Column, Knowledge, MeterReport, Period};
use crate::energy::Amount;

/// What a number is that isn't known.
const UNKNOWN: &str = "–";

/// Writes a table for each meter.
pub(super) fn write(meters: &[MeterReport], out: &mut dyn Write) -> io::Result<()> {
    for (index, meter) in meters.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", meter.heading())?;
        if meter.periods.is_empty() {
            continue;
        }
        writeln!(out, "{}", table(meter).trim_fmt())?;
        notes(meter, out)?;
    }
    Ok(())
}

fn table(meter: &MeterReport) -> Table {
    let columns = meter.columns();
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.style_mut().row_separator = Default::default();
    let names = columns.iter().map(|column| format!("{}\n{}", column.title, column.unit));
    table.set_header([String::new()].into_iter().chain(names).chain(["Known".to_owned()]));
    for period in &meter.periods {
        table.add_row(row(period, &columns));
    }
    if let Some(total) = meter.total().filter(|_| meter.periods.len() > 1) {
        let total = row(&total, &columns);
        let widths = table.column_max_content_widths();
        let widths =
            widths.into_iter().zip(&total).map(|(width, cell)| cell.content().chars().count().max(width.into()));
        table.add_row(widths.map(|width| "─".repeat(width)).collect::<Vec<_>>());
        table.add_row(total);
    }
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_padding((u16::from(index > 0), 0));
        column.set_cell_alignment(if index > 0 { CellAlignment::Right } else { CellAlignment::Left });
    }
    table
}

fn row(period: &Period, columns: &[Column]) -> Vec<Cell> {
    let numbers = columns.iter().map(|column| {
        let number = (column.number)(period);
        number.map_or_else(|| UNKNOWN.to_owned(), |number| shown(number, column.unit))
    });
    let cells = [period.name.clone()].into_iter().chain(numbers).chain([known(period)]);
    cells.map(Cell::new).collect()
}

/// A number as a bill prints it: euros with two decimals, all else with three.
fn shown(millionths: i64, unit: &str) -> String {
    if unit != "EUR" {
        return Amount::from_millionths(millionths).to_string();
    }
    let cents = millionths.unsigned_abs().saturating_add(5_000) / 10_000;
    let sign = if millionths < 0 && cents > 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// How well a period is known, with the mark of a note below the table.
fn known(period: &Period) -> String {
    let share = match period.knowledge() {
        Knowledge::Missing => return "missing".to_owned(),
        Knowledge::Part(0) => "part *".to_owned(),
        Knowledge::Part(share) => format!("{share} % *"),
        Knowledge::Whole => "100 %".to_owned(),
    };
    if period.daily > 0 { format!("{share} d") } else { share }
}

fn notes(meter: &MeterReport, out: &mut dyn Write) -> io::Result<()> {
    if meter.periods.iter().any(|period| matches!(period.knowledge(), Knowledge::Part(_))) {
        writeln!(out, "* A part of the hours is missing; the sums are of those that are known.")?;
    }
    if meter.periods.iter().any(|period| period.daily > 0) {
        writeln!(out, "d Known as a daily total, or a part of it is; such days have no peak.")?;
    }
    Ok(())
}
