//! The end of the wire: rows of the portal become readings, and its codes go no further.
//!
//! The shapes and codes are those that public clients have observed: a bare array of rows `{d, de, v: [...]}`, where a
//! value's `t` is the direction (1 consumption, 2 injection) and `dc` the register (0 single, 1 high, 2 low).

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Datelike as _, NaiveDateTime, Timelike as _, Utc, Weekday};
use chrono_tz::Tz;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::{Error, Step};
use crate::config::{Meter, ReadingCodes};
use crate::energy::{Amount, Direction, Interval, MeterKind, Reading, Register, Resolution, Unit};

/// Readings, and what was strange about the rows.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) readings: Vec<Reading>,
    pub(super) oddities: BTreeSet<Oddity>,
}

/// Something in the rows that the user or a maintainer should hear of, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Oddity {
    /// The rows look as if the two codes were the other way round.
    CodesContradict,
    Direction(i64),
    Register(i64),
    Unit(i64),
    Status(i64),
    Length(u32),
    Amount,
    Value,
    /// Gas, of a meter that is configured for electricity.
    Gas,
    /// Gas in this unit alone, of a meter that counts in the other one.
    OtherUnit(Unit),
    Peak,
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CodesContradict => f.write_str(
                "the readings look as if consumption and injection were swapped: at times of the low tariff no reading is \
                 in the low register. Compare a day with mijn.fluvius.be; if they are swapped, set fluvius.reading_codes \
                 to dc_is_direction, which also puts the past right. If they are not, set it to t_is_direction",
            ),
            Self::Direction(code) => write!(f, "readings with the unknown direction {code} are left out"),
            Self::Register(code) => write!(f, "readings with the unknown register {code} are left out"),
            Self::Unit(code) => write!(f, "readings with the unknown unit {code} are left out"),
            Self::Status(code) => write!(f, "readings with the status {code} are kept; what it means is not documented"),
            Self::Length(seconds) => write!(f, "readings over {seconds} s are left out: no meter counts so"),
            Self::Amount => f.write_str("readings with an impossible amount are left out"),
            Self::Value => f.write_str("readings that can't be understood are left out"),
            Self::Gas => f.write_str("its readings are those of gas; set kind: gas for this meter"),
            Self::OtherUnit(unit) => {
                let setting = match unit {
                    Unit::KilowattHour => "kwh",
                    Unit::CubicMetre => "m3",
                };
                write!(
                    f,
                    "the portal gives its gas in {} only, which is kept and not counted; set gas_unit: {setting} for this meter",
                    unit.symbol()
                )
            }
            Self::Peak => f.write_str("monthly peaks that can't be understood are left out"),
        }
    }
}

/// What the units of a meter's readings tell about its settings.
pub(super) fn oddity_of_units(meter: &Meter, readings: &[Reading]) -> Option<Oddity> {
    match meter.kind {
        MeterKind::Electricity => {
            readings.iter().any(|reading| reading.unit == Unit::CubicMetre).then_some(Oddity::Gas)
        }
        MeterKind::Gas if readings.iter().any(|reading| reading.unit == meter.unit) => None,
        MeterKind::Gas => readings.first().map(|reading| Oddity::OtherUnit(reading.unit)),
    }
}

#[derive(Deserialize)]
struct Row {
    d: String,
    de: String,
    v: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Measured {
    v: Option<f64>,
    u: Option<i64>,
    t: Option<i64>,
    dc: Option<i64>,
    vs: Option<i64>,
}

/// Decodes an answer. A missing amount gives no reading; a value that can't be understood gives an oddity and doesn't
/// hold up the others.
pub(super) fn decode(body: &[u8], codes: ReadingCodes, zone: Tz) -> Result<Decoded, Error> {
    let rows: Vec<Row> = list(body, Step::History, "readings")?;
    let mut decoded = Decoded::default();
    let mut evidence = Evidence::default();
    for row in rows {
        let Some(interval) = interval(&row) else {
            let what = "a row has no start and end that can be read".to_owned();
            return Err(Error::Changed { step: Step::History, what });
        };
        if Resolution::of(interval).is_none() {
            decoded.oddities.insert(Oddity::Length(interval.seconds()));
            continue;
        }
        for value in row.v.into_iter().flatten() {
            let Ok(measured) = serde_json::from_value::<Measured>(value) else {
                decoded.oddities.insert(Oddity::Value);
                continue;
            };
            evidence.weigh(&measured, interval, zone);
            match reading(&measured, interval, codes) {
                Ok(Some(reading)) => {
                    if !reading.is_valid() {
                        decoded.oddities.insert(Oddity::Status(reading.status));
                    }
                    decoded.readings.push(reading);
                }
                Ok(None) => {}
                Err(oddity) => {
                    decoded.oddities.insert(oddity);
                }
            }
        }
    }
    if codes == ReadingCodes::Auto && evidence.contradicts() {
        decoded.oddities.insert(Oddity::CodesContradict);
    }
    Ok(decoded)
}

/// The rows of an answer, which is a list of something.
pub(super) fn list<T: DeserializeOwned>(body: &[u8], step: Step, of: &str) -> Result<Vec<T>, Error> {
    serde_json::from_slice(body).map_err(|error| Error::Changed {
        step,
        what: match error.classify() {
            serde_json::error::Category::Eof => "the answer is cut off".to_owned(),
            serde_json::error::Category::Data => format!("the answer is no list of {of}"),
            _ => "the answer is no JSON".to_owned(),
        },
    })
}

fn interval(row: &Row) -> Option<Interval> {
    Interval::new(instant(&row.d)?, instant(&row.de)?).ok()
}

/// An instant as the portal writes it; without an offset it is UTC.
pub(super) fn instant(text: &str) -> Option<DateTime<Utc>> {
    let with_offset = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc));
    with_offset.ok().or_else(|| Some(text.parse::<NaiveDateTime>().ok()?.and_utc()))
}

fn reading(measured: &Measured, interval: Interval, codes: ReadingCodes) -> Result<Option<Reading>, Oddity> {
    let Some(amount) = measured.v else { return Ok(None) };
    let (Some(t), Some(dc)) = (measured.t, measured.dc) else { return Err(Oddity::Value) };
    let (direction, register) = match codes {
        ReadingCodes::Auto | ReadingCodes::TIsDirection => (t, dc),
        ReadingCodes::DcIsDirection => (dc, t),
    };
    Ok(Some(Reading {
        direction: match direction {
            1 => Direction::Consumption,
            2 => Direction::Injection,
            other => return Err(Oddity::Direction(other)),
        },
        register: match register {
            0 => Register::Single,
            1 => Register::High,
            2 => Register::Low,
            other => return Err(Oddity::Register(other)),
        },
        unit: match measured.u {
            Some(3) => Unit::KilowattHour,
            Some(5) => Unit::CubicMetre,
            Some(other) => return Err(Oddity::Unit(other)),
            None => return Err(Oddity::Value),
        },
        interval,
        amount: Amount::from_units(amount).map_err(|_| Oddity::Amount)?,
        status: measured.vs.unwrap_or(Reading::VALID),
    }))
}

/// What the readings at times of the low tariff tell about the two codes.
///
/// At night and in the weekend only the low register counts, and every home consumes. Read rightly, all those values
/// have `dc` 2 (or 0), and some have `t` 1. Read the wrong way round, all have `t` 2, and some have `dc` 1.
#[derive(Default)]
struct Evidence {
    with_t_other_than_2: bool,
    with_dc_1: bool,
}

impl Evidence {
    fn weigh(&mut self, measured: &Measured, interval: Interval, zone: Tz) {
        let start = interval.start().with_timezone(&zone);
        let end = interval.end().with_timezone(&zone);
        let weekend = |day| matches!(day, Weekday::Sat | Weekday::Sun);
        let is_short = interval.seconds() <= 3_600;
        // Grid areas differ by an hour or so in when the low tariff begins; these hours are low in all of them.
        let at_night = is_short && (start.hour() == 23 || start.hour() < 5);
        let in_weekend = weekend(start.weekday()) && (is_short || weekend(start.weekday()) && end.hour() == 0);
        if measured.v.is_some_and(|amount| amount > 0.0) && (at_night || in_weekend) {
            self.with_t_other_than_2 |= measured.t != Some(2);
            self.with_dc_1 |= measured.dc == Some(1);
        }
    }

    fn contradicts(&self) -> bool {
        self.with_dc_1 && !self.with_t_other_than_2
    }
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
