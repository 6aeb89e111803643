use std::io::{self, Write};

use chrono_tz::Tz;

use super::{Chosen, Format, local, tariff_word, type_word, unit_word};
use crate::cli::output::Exact;
use crate::energy::{Reading, Unit};

/// A line for each reading. With several meters the first column names the meter; amounts in kWh and in m³ have columns
/// of their own.
pub(super) struct Csv<'a> {
    out: csv::Writer<&'a mut dyn Write>,
    zone: Tz,
    names_meters: bool,
    units: Vec<Unit>,
}

impl<'a> Csv<'a> {
    pub(super) fn new(out: &'a mut dyn Write, zone: Tz, meters: &[Chosen]) -> Self {
        let mut units: Vec<Unit> = meters.iter().map(|meter| meter.settings.unit).collect();
        units.sort_unstable();
        units.dedup();
        Self { out: csv::Writer::from_writer(out), zone, names_meters: meters.len() > 1, units }
    }
}

impl Format for Csv<'_> {
    fn begin(&mut self) -> io::Result<()> {
        if self.names_meters {
            self.out.write_field("Meter")?;
        }
        for name in ["Date", "Type", "Tariff"] {
            self.out.write_field(name)?;
        }
        for unit in &self.units {
            self.out.write_field(format!("Value ({})", unit_word(*unit)))?;
        }
        Ok(self.out.write_record(None::<&[u8]>)?)
    }

    fn day(&mut self, meter: &Chosen, readings: &[Reading]) -> io::Result<()> {
        for reading in readings {
            if self.names_meters {
                self.out.write_field(&meter.title)?;
            }
            self.out.write_field(local(reading.interval.start(), self.zone))?;
            self.out.write_field(type_word(meter.settings.kind, reading.direction))?;
            self.out.write_field(tariff_word(reading.register))?;
            for unit in &self.units {
                if *unit == reading.unit {
                    self.out.write_field(Exact(reading.amount.millionths()).to_string())?;
                } else {
                    self.out.write_field("")?;
                }
            }
            self.out.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
