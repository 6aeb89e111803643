use std::iter::Sum;
use std::ops::{Add, AddAssign};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Europe::Brussels;

use super::counted::{Counted, Value, finest};
use super::meter::SimulatedMeter;
use crate::energy::{Direction, MeterDay, MeterKind, Register, Unit};

/// Millionths in a ten-thousandth.
const MILLIONTHS: i64 = 100;

/// Exact sums in millionths of a kWh or m³.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Consumption in the high register.
    pub consumption_high: i64,
    /// Consumption in the low register.
    pub consumption_low: i64,
    /// Consumption in the only register.
    pub consumption_single: i64,
    /// Injection in the high register.
    pub injection_high: i64,
    /// Injection in the low register.
    pub injection_low: i64,
    /// Injection in the only register.
    pub injection_single: i64,
    /// Gas in m³.
    pub gas_volume: i64,
    /// The same gas in kWh.
    pub gas_energy: i64,
}

/// What is published of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayTruth {
    /// The local date on which the meter's day begins.
    pub date: NaiveDate,
    /// Quarter-hours, or hours of gas, without those that are missing.
    pub slots: Vec<SlotTruth>,
    /// Their sums.
    pub sums: Sums,
}

/// What is published of a quarter-hour, or of an hour of gas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotTruth {
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// What was counted.
    pub sums: Sums,
}

impl Sums {
    /// Consumption of electricity in all registers.
    #[must_use]
    pub const fn consumption(&self) -> i64 {
        self.consumption_high + self.consumption_low + self.consumption_single
    }

    /// Injection in all registers.
    #[must_use]
    pub const fn injection(&self) -> i64 {
        self.injection_high + self.injection_low + self.injection_single
    }

    fn of(row: &Counted, kind: MeterKind) -> Self {
        let mut sums = Self::default();
        for value in &row.values {
            *sums.place(kind, value) += value.amount.unwrap_or_default() * MILLIONTHS;
        }
        sums
    }

    fn place(&mut self, kind: MeterKind, value: &Value) -> &mut i64 {
        match (kind, value.unit, value.direction, value.register) {
            (MeterKind::Gas, Unit::CubicMetre, ..) => &mut self.gas_volume,
            (MeterKind::Gas, Unit::KilowattHour, ..) => &mut self.gas_energy,
            (MeterKind::Electricity, _, Direction::Consumption, Register::High) => &mut self.consumption_high,
            (MeterKind::Electricity, _, Direction::Consumption, Register::Low) => &mut self.consumption_low,
            (MeterKind::Electricity, _, Direction::Consumption, Register::Single) => &mut self.consumption_single,
            (MeterKind::Electricity, _, Direction::Injection, Register::High) => &mut self.injection_high,
            (MeterKind::Electricity, _, Direction::Injection, Register::Low) => &mut self.injection_low,
            (MeterKind::Electricity, _, Direction::Injection, Register::Single) => &mut self.injection_single,
        }
    }
}

impl DayTruth {
    pub(super) fn of(meter: &SimulatedMeter, date: NaiveDate, now: DateTime<Utc>) -> Option<Self> {
        if !meter.shows(date, now) {
            return None;
        }
        let day = MeterDay::new(meter.kind, date, Brussels)?;
        let rows = finest(meter, day);
        let slots: Vec<_> = rows
            .iter()
            .filter(|row| row.values.iter().any(|value| value.amount.is_some()))
            .map(|row| SlotTruth { start: row.start, sums: Sums::of(row, meter.kind) })
            .collect();
        let sums = slots.iter().map(|slot| slot.sums).sum();
        Some(Self { date, slots, sums })
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.consumption_high += other.consumption_high;
        self.consumption_low += other.consumption_low;
        self.consumption_single += other.consumption_single;
        self.injection_high += other.injection_high;
        self.injection_low += other.injection_low;
        self.injection_single += other.injection_single;
        self.gas_volume += other.gas_volume;
        self.gas_energy += other.gas_energy;
    }
}

impl Add for Sums {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}
