use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use chrono_tz::Tz;

use super::{Chosen, Format, local, tariff_word, type_word, unit_word};
use crate::cli::output::Exact;
use crate::energy::{Amount, Direction, MeterKind, Reading, Register, Unit};
use crate::ledger::{self, Ledger};

/// What a column holds.
type Column = (MeterKind, Direction, Register, Unit);

/// A line for each interval, with a column for each register that any of the meters was ever seen to count.
pub(super) struct Wide<'a> {
    out: csv::Writer<&'a mut dyn Write>,
    zone: Tz,
    names_meters: bool,
    columns: BTreeSet<Column>,
}

impl<'a> Wide<'a> {
    pub(super) fn new(
        out: &'a mut dyn Write,
        zone: Tz,
        meters: &[Chosen],
        ledger: &Ledger,
    ) -> Result<Self, ledger::Error> {
        let mut columns = BTreeSet::new();
        for meter in meters {
            let registers = meter.id.map(|id| ledger.registers(id)).transpose()?.unwrap_or_default();
            let column = |(direction, register)| (meter.settings.kind, direction, register, meter.settings.unit);
            columns.extend(registers.into_iter().map(column));
        }
        Ok(Self { out: csv::Writer::from_writer(out), zone, names_meters: meters.len() > 1, columns })
    }
}

impl Format for Wide<'_> {
    fn begin(&mut self) -> io::Result<()> {
        if self.names_meters {
            self.out.write_field("Meter")?;
        }
        self.out.write_field("Date")?;
        self.out.write_field("Until")?;
        for column in &self.columns {
            self.out.write_field(name(*column))?;
        }
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    fn day(&mut self, meter: &Chosen, readings: &[Reading]) -> io::Result<()> {
        let mut intervals: BTreeMap<_, BTreeMap<Column, Amount>> = BTreeMap::new();
        for reading in readings {
            let column = (meter.settings.kind, reading.direction, reading.register, reading.unit);
            intervals.entry(reading.interval).or_default().insert(column, reading.amount);
        }
        for (interval, amounts) in intervals {
            if self.names_meters {
                self.out.write_field(&meter.title)?;
            }
            self.out.write_field(local(interval.start(), self.zone))?;
            self.out.write_field(local(interval.end(), self.zone))?;
            for column in &self.columns {
                let amount = amounts.get(column).map(|amount| Exact(amount.millionths()).to_string());
                self.out.write_field(amount.unwrap_or_default())?;
            }
            self.out.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Such as `Consumption high (kWh)`; gas has no tariffs.
fn name((kind, direction, register, unit): Column) -> String {
    let (word, unit) = (type_word(kind, direction), unit_word(unit));
    let initial: String = word.chars().take(1).flat_map(char::to_uppercase).collect();
    let word = format!("{initial}{}", word.get(1..).unwrap_or_default());
    match (kind, register) {
        (MeterKind::Gas, Register::Single) => format!("{word} ({unit})"),
        _ => format!("{word} {} ({unit})", tariff_word(register)),
    }
}
