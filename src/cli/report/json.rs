use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::model::{Column, MeterReport, Period};

/// Writes an object with the key `meters`; what is in it stands in the help of the command.
pub(super) fn write(meters: &[MeterReport], out: &mut dyn Write) -> io::Result<()> {
    #[derive(serde::Serialize)]
    struct Whole<'a> {
        meters: Vec<Meter<'a>>,
    }
    serde_json::to_writer_pretty(&mut *out, &Whole { meters: meters.iter().map(Meter).collect() })?;
    out.write_all(b"\n")
}

struct Meter<'a>(&'a MeterReport);

impl Serialize for Meter<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(meter) = self;
        let columns = meter.columns();
        let numbers = |period| Numbers { period, columns: &columns, zone: meter.zone };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("meter", &meter.title)?;
        map.serialize_entry("kind", meter.kind_word())?;
        map.serialize_entry("unit", meter.unit_word())?;
        map.serialize_entry("periods", &meter.periods.iter().map(numbers).collect::<Vec<_>>())?;
        if let Some(total) = &meter.total() {
            map.serialize_entry("total", &numbers(total))?;
        }
        map.end()
    }
}

struct Numbers<'a> {
    period: &'a Period,
    columns: &'a [Column],
    zone: Tz,
}

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { period, columns, zone } = self;
        let local = |at: DateTime<Utc>| at.with_timezone(zone).to_rfc3339_opts(SecondsFormat::Secs, false);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("period", &period.name)?;
        map.serialize_entry("start", &local(period.start))?;
        map.serialize_entry("end", &local(period.end))?;
        for column in *columns {
            #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 millionths, which is nine billion units")]
            let number = (column.number)(period).map(|millionths| millionths as f64 / 1e6);
            map.serialize_entry(column.key, &number)?;
        }
        map.serialize_entry("hours", &period.hours)?;
        map.serialize_entry("hours_known", &period.known)?;
        map.serialize_entry("hours_daily", &period.daily)?;
        map.end()
    }
}
