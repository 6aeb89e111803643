//! What a meter has counted and the portal has published, before it is written down for the wire.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;

use super::household::register_at;
use super::meter::{Gap, Rows, SimulatedMeter};
use crate::energy::{Direction, MeterDay, MeterKind, Register, Unit};

/// What was counted from one instant until another.
#[derive(Clone, Debug)]
pub(super) struct Counted {
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    pub(super) values: Vec<Value>,
}

/// One register's count in one direction.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) direction: Direction,
    pub(super) register: Register,
    pub(super) unit: Unit,
    /// In ten-thousandths of the unit.
    pub(super) amount: Option<i64>,
}

/// A day of a meter as the portal shows it, in rows of a given length. Longer rows are the sums of what is published of
/// the shortest ones.
pub(super) fn published(meter: &SimulatedMeter, date: NaiveDate, rows: Rows, now: DateTime<Utc>) -> Vec<Counted> {
    if !meter.shows(date, now) || (rows != Rows::Days && date < meter.fine_since) {
        return Vec::new();
    }
    let Some(day) = MeterDay::new(meter.kind, date, Brussels) else { return Vec::new() };
    let finest = finest(meter, day);
    match (rows, meter.kind) {
        (Rows::Quarters, MeterKind::Gas) => Vec::new(),
        (Rows::Quarters, MeterKind::Electricity) | (Rows::Hours, MeterKind::Gas) => finest,
        (Rows::Hours, MeterKind::Electricity) => {
            let mut hours: Vec<Vec<Counted>> = Vec::new();
            for quarter in finest {
                match hours.last_mut() {
                    Some(hour) if hour.first().is_some_and(|first| same_hour(first, &quarter)) => hour.push(quarter),
                    _ => hours.push(vec![quarter]),
                }
            }
            let hour = TimeDelta::hours(1);
            hours
                .iter()
                .filter_map(|quarters| Some((quarters.first()?.start, quarters)))
                .map(|(first, quarters)| {
                    let start = first - TimeDelta::seconds(first.timestamp().rem_euclid(3_600));
                    sum(start, start + hour, quarters)
                })
                .collect()
        }
        (Rows::Days, _) if finest.is_empty() => Vec::new(),
        (Rows::Days, _) => vec![sum(day.interval().start(), day.interval().end(), &finest)],
    }
}

fn same_hour(one: &Counted, other: &Counted) -> bool {
    one.start.timestamp().div_euclid(3_600) == other.start.timestamp().div_euclid(3_600)
}

/// Everything that is published of a day, in the shortest rows that the meter has.
pub(super) fn finest(meter: &SimulatedMeter, day: MeterDay) -> Vec<Counted> {
    let length = TimeDelta::minutes(match meter.kind {
        MeterKind::Electricity => 15,
        MeterKind::Gas => 60,
    });
    let mut rows = Vec::new();
    let mut start = day.interval().start();
    let most = meter.partial.get(&day.date()).copied().unwrap_or(usize::MAX);
    while start < day.interval().end() && rows.len() < most {
        let mut values = values(meter, day.date(), start);
        let gap = meter.gaps.get(&start);
        match gap {
            Some(Gap::NullAmounts) => values.iter_mut().for_each(|value| value.amount = None),
            Some(Gap::NoValues) => values.clear(),
            Some(Gap::NoRow) | None => {}
        }
        rows.push((gap, Counted { start, end: start + length, values }));
        start += length;
    }
    rows.into_iter().filter(|(gap, _)| *gap != Some(&Gap::NoRow)).map(|(_, row)| row).collect()
}

fn values(meter: &SimulatedMeter, date: NaiveDate, start: DateTime<Utc>) -> Vec<Value> {
    let correction = meter.corrections.get(&date).copied().unwrap_or_default();
    let corrected = |amount: i64| (amount + correction).max(0);
    let value = |direction, register, unit, amount: i64| Value { direction, register, unit, amount: Some(amount) };
    match meter.kind {
        MeterKind::Electricity => {
            let with_solar = meter.has_solar(date);
            let (consumed, injected) = meter.household.quarter(start, with_solar);
            let register = if meter.has_tariffs(date) { register_at(start) } else { Register::Single };
            let mut values = vec![value(Direction::Consumption, register, Unit::KilowattHour, corrected(consumed))];
            if with_solar || meter.idle_injection {
                values.push(value(Direction::Injection, register, Unit::KilowattHour, injected));
            }
            values
        }
        MeterKind::Gas => {
            let (volume, heat) = meter.household.gas_hour(start, date);
            let corrected_heat = heat + correction * 1_134 / 100;
            let mut values = vec![
                value(Direction::Consumption, Register::Single, Unit::CubicMetre, corrected(volume)),
                value(Direction::Consumption, Register::Single, Unit::KilowattHour, corrected_heat.max(0)),
            ];
            values.retain(|value| meter.only_unit.is_none_or(|only| value.unit == only));
            values
        }
    }
}

fn sum(start: DateTime<Utc>, end: DateTime<Utc>, parts: &[Counted]) -> Counted {
    let mut sums: BTreeMap<_, i64> = BTreeMap::new();
    for value in parts.iter().flat_map(|part| &part.values) {
        if let Some(amount) = value.amount {
            *sums.entry((value.register, value.direction, value.unit)).or_default() += amount;
        }
    }
    let values = sums.into_iter().map(|((register, direction, unit), amount)| Value {
        direction,
        register,
        unit,
        amount: Some(amount),
    });
    Counted { start, end, values: values.collect() }
}
