use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};

use super::model::{Column, MeterReport};
use crate::cli::output::Exact;

/// Writes a line for each period. With several meters the first column names the meter; a cell is empty where a number
/// isn't known or the meter hasn't it.
pub(super) fn write(meters: &[MeterReport], out: &mut dyn Write) -> io::Result<()> {
    let names_meters = meters.len() > 1;
    let columns = columns(meters);
    let mut csv = csv::Writer::from_writer(out);
    if names_meters {
        csv.write_field("Meter")?;
    }
    for name in ["Period", "Start", "End"] {
        csv.write_field(name)?;
    }
    for column in &columns {
        csv.write_field(column.name())?;
    }
    csv.write_record(["Hours", "Hours known", "Hours daily"])?;
    for meter in meters {
        let own: Vec<String> = meter.columns().iter().map(Column::name).collect();
        let local = |at: DateTime<Utc>| at.with_timezone(&meter.zone).to_rfc3339_opts(SecondsFormat::Secs, false);
        for period in &meter.periods {
            if names_meters {
                csv.write_field(&meter.title)?;
            }
            csv.write_field(&period.name)?;
            csv.write_field(local(period.start))?;
            csv.write_field(local(period.end))?;
            for column in &columns {
                let number = (column.number)(period).filter(|_| own.contains(&column.name()));
                csv.write_field(number.map_or_else(String::new, |number| Exact(number).to_string()))?;
            }
            csv.write_record([period.hours, period.known, period.daily].map(|hours| hours.to_string()))?;
        }
    }
    csv.flush()
}

/// The columns of all meters, each once.
fn columns(meters: &[MeterReport]) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for column in meters.iter().flat_map(MeterReport::columns) {
        if columns.iter().all(|other| other.name() != column.name()) {
            columns.push(column);
        }
    }
    columns
}
