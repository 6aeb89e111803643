//! How the words of `energy` are written in the ledger. These numbers are the ledger's own and never change, whatever
//! the portal does to its codes.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::Error;
use crate::energy::{Amount, Direction, Interval, MeterKind, Reading, Register, Unit};

pub(super) const fn direction_code(direction: Direction) -> i64 {
    match direction {
        Direction::Consumption => 1,
        Direction::Injection => 2,
    }
}

pub(super) const fn register_code(register: Register) -> i64 {
    match register {
        Register::Single => 0,
        Register::High => 1,
        Register::Low => 2,
    }
}

pub(super) const fn unit_code(unit: Unit) -> i64 {
    match unit {
        Unit::KilowattHour => 3,
        Unit::CubicMetre => 5,
    }
}

pub(super) const fn kind_name(kind: MeterKind) -> &'static str {
    match kind {
        MeterKind::Electricity => "electricity",
        MeterKind::Gas => "gas",
    }
}

pub(super) fn kind(name: &str) -> Result<MeterKind, Error> {
    match name {
        "electricity" => Ok(MeterKind::Electricity),
        "gas" => Ok(MeterKind::Gas),
        _ => Err(Error::Damaged("kind")),
    }
}

pub(super) const fn direction(code: i64) -> Result<Direction, Error> {
    match code {
        1 => Ok(Direction::Consumption),
        2 => Ok(Direction::Injection),
        _ => Err(Error::Damaged("direction")),
    }
}

pub(super) const fn register(code: i64) -> Result<Register, Error> {
    match code {
        0 => Ok(Register::Single),
        1 => Ok(Register::High),
        2 => Ok(Register::Low),
        _ => Err(Error::Damaged("register")),
    }
}

pub(super) const fn unit(code: i64) -> Result<Unit, Error> {
    match code {
        3 => Ok(Unit::KilowattHour),
        5 => Ok(Unit::CubicMetre),
        _ => Err(Error::Damaged("unit")),
    }
}

pub(super) fn instant(unix_seconds: i64) -> Result<DateTime<Utc>, Error> {
    DateTime::from_timestamp(unix_seconds, 0).ok_or(Error::Damaged("instant"))
}

pub(super) fn date(text: &str) -> Result<NaiveDate, Error> {
    text.parse().map_err(|_| Error::Damaged("date"))
}

/// A row of `reading` in the order direction, register, unit, start, seconds, amount, status.
pub(super) fn reading(row: &rusqlite::Row<'_>) -> Result<Reading, Error> {
    let start = instant(row.get(3)?)?;
    let end = start.checked_add_signed(TimeDelta::seconds(row.get::<_, u32>(4)?.into()));
    let interval = end.and_then(|end| Interval::new(start, end).ok()).ok_or(Error::Damaged("interval"))?;
    Ok(Reading {
        direction: direction(row.get(0)?)?,
        register: register(row.get(1)?)?,
        unit: unit(row.get(2)?)?,
        interval,
        amount: Amount::from_millionths(row.get(5)?),
        status: row.get(6)?,
    })
}
