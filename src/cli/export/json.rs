use std::io::{self, Write};

use chrono_tz::Tz;
use serde::Serialize;

use super::{Chosen, Format, local, tariff_word, type_word, unit_word};
use crate::energy::Reading;

/// An object a line.
pub(super) struct Json<'a> {
    out: &'a mut dyn Write,
    zone: Tz,
}

#[derive(Serialize)]
struct Line<'a> {
    start: String,
    end: String,
    meter: &'a str,
    direction: &'static str,
    register: &'static str,
    amount: f64,
    unit: &'static str,
    status: i64,
}

impl<'a> Json<'a> {
    pub(super) fn new(out: &'a mut dyn Write, zone: Tz) -> Self {
        Self { out, zone }
    }
}

impl Format for Json<'_> {
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn day(&mut self, meter: &Chosen, readings: &[Reading]) -> io::Result<()> {
        for reading in readings {
            let line = Line {
                start: local(reading.interval.start(), self.zone),
                end: local(reading.interval.end(), self.zone),
                meter: &meter.title,
                direction: type_word(meter.settings.kind, reading.direction),
                register: tariff_word(reading.register),
                amount: reading.amount.to_units(),
                unit: unit_word(reading.unit),
                status: reading.status,
            };
            serde_json::to_writer(&mut self.out, &line)?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        Ok(())
    }
}
