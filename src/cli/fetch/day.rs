//! A day of a meter, as people and as programs read it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::config::Meter;
use crate::energy::{Amount, Direction, MeterDay, MeterKind, Reading, Register, Resolution, Unit};

/// What the portal has of a day.
pub(super) struct Day<'a> {
    meter: &'a Meter,
    day: MeterDay,
    zone: Tz,
    /// The rows with an amount, and how long each is.
    rows: Option<(usize, Resolution)>,
    statuses: BTreeSet<i64>,
    amounts: Vec<Counted>,
}

/// One register, or a sum of several.
struct Counted {
    /// Its name among the data.
    key: &'static str,
    /// Its name for people.
    label: &'static str,
    amount: Amount,
    unit: Unit,
}

impl<'a> Day<'a> {
    /// Sums up the readings of a day. One that came twice counts once; if a day's total came as well as its parts, the
    /// total counts.
    pub(super) fn of(meter: &'a Meter, day: MeterDay, readings: &[Reading], zone: Tz) -> Self {
        let resolution = readings.iter().filter_map(|reading| Resolution::of(reading.interval)).max();
        let counting = readings.iter().filter(|reading| Resolution::of(reading.interval) == resolution);
        let mut amounts = BTreeMap::new();
        let mut intervals = BTreeSet::new();
        let mut statuses = BTreeSet::new();
        for reading in counting {
            let Reading { direction, register, unit, interval, amount, status } = *reading;
            amounts.insert((direction, register, unit, interval), amount);
            intervals.insert(interval);
            statuses.insert(status);
        }
        let is_gas = meter.kind == MeterKind::Gas || amounts.keys().any(|(_, _, unit, _)| *unit == Unit::CubicMetre);
        let sum = |direction: Option<Direction>, register: Option<Register>, unit: Unit| {
            let is_meant = |(of_direction, of_register, of_unit, _): &(Direction, Register, Unit, _)| {
                direction.is_none_or(|direction| direction == *of_direction)
                    && register.is_none_or(|register| register == *of_register)
                    && unit == *of_unit
            };
            let meant: Vec<_> = amounts.iter().filter(|(key, _)| is_meant(key)).map(|(_, amount)| *amount).collect();
            (!meant.is_empty()).then(|| meant.into_iter().sum::<Amount>())
        };
        Self {
            meter,
            day,
            zone,
            rows: resolution.map(|resolution| (intervals.len(), resolution)),
            statuses,
            amounts: if is_gas { gas(sum) } else { electricity(sum) },
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.amounts.is_empty()
    }

    /// A gas meter that is taken for an electricity meter.
    pub(super) fn is_gas_by_surprise(&self) -> bool {
        self.meter.kind == MeterKind::Electricity && self.amounts.iter().any(|counted| counted.unit == Unit::CubicMetre)
    }

    fn local(&self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.zone)
    }
}

fn electricity(sum: impl Fn(Option<Direction>, Option<Register>, Unit) -> Option<Amount>) -> Vec<Counted> {
    use Direction::{Consumption, Injection};
    use Register::{High, Low, Single};
    let table = [
        ("consumption_high", "consumption high", Consumption, Some(High)),
        ("consumption_low", "consumption low", Consumption, Some(Low)),
        ("consumption_single", "consumption single", Consumption, Some(Single)),
        ("consumption", "consumption total", Consumption, None),
        ("injection_high", "injection high", Injection, Some(High)),
        ("injection_low", "injection low", Injection, Some(Low)),
        ("injection_single", "injection single", Injection, Some(Single)),
        ("injection", "injection total", Injection, None),
    ];
    let unit = Unit::KilowattHour;
    let mut amounts: Vec<_> = table
        .into_iter()
        .filter_map(|(key, label, direction, register)| {
            Some(Counted { key, label, amount: sum(Some(direction), register, unit)?, unit })
        })
        .collect();
    if !amounts.is_empty() {
        let of = |direction| sum(Some(direction), None, unit).unwrap_or_default();
        amounts.push(Counted { key: "net", label: "net", amount: of(Consumption).minus(of(Injection)), unit });
    }
    amounts
}

/// The same gas in both units, as the portal gives it.
fn gas(sum: impl Fn(Option<Direction>, Option<Register>, Unit) -> Option<Amount>) -> Vec<Counted> {
    [("gas_kwh", Unit::KilowattHour), ("gas_m3", Unit::CubicMetre)]
        .into_iter()
        .filter_map(|(key, unit)| Some(Counted { key, label: "gas", amount: sum(None, None, unit)?, unit }))
        .collect()
}

impl fmt::Display for Day<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interval = self.day.interval();
        match self.meter.kind {
            MeterKind::Electricity => write!(f, "{}, {}", self.day, self.meter)?,
            MeterKind::Gas => {
                let time = |at| self.local(at).format("%Y-%m-%d %H:%M");
                write!(f, "{} to {}, {}", time(interval.start()), time(interval.end()), self.meter)?;
            }
        }
        let of_all = |count: usize, all: u32| {
            if u32::try_from(count) == Ok(all) { all.to_string() } else { format!("{count} of {all}") }
        };
        match (self.rows, interval.seconds()) {
            (Some((count, Resolution::Quarter)), all) => write!(f, ", {} quarter-hours", of_all(count, all / 900))?,
            (Some((count, Resolution::Hour)), all) => write!(f, ", {} hours", of_all(count, all / 3_600))?,
            (Some((_, Resolution::Day)), 86_400) => f.write_str(", daily total")?,
            (Some((_, Resolution::Day)), all) => write!(f, ", daily total of {} hours", all / 3_600)?,
            (None, _) => {}
        }
        if self.is_empty() {
            return f.write_str("\n  no data\n");
        }
        f.write_str("\n")?;
        for Counted { label, amount, unit, .. } in &self.amounts {
            // Longer than the longest label, and as wide as a large home's month.
            writeln!(f, "  {label:<20}{:>10} {}", amount.to_string(), name(*unit))?;
        }
        let unusual: Vec<_> =
            self.statuses.iter().filter(|status| **status != Reading::VALID).map(ToString::to_string).collect();
        if !unusual.is_empty() {
            writeln!(
                f,
                "  not all of it has status {}, read and valid: there is status {}",
                Reading::VALID,
                unusual.join(", ")
            )?;
        }
        Ok(())
    }
}

fn name(unit: Unit) -> &'static str {
    match unit {
        Unit::KilowattHour => "kWh",
        Unit::CubicMetre => "m³",
    }
}

impl Serialize for Day<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ean", self.meter.ean.digits())?;
        if let Some(name) = &self.meter.name {
            map.serialize_entry("name", name)?;
        }
        map.serialize_entry("kind", if self.meter.kind == MeterKind::Gas { "gas" } else { "electricity" })?;
        map.serialize_entry("date", &self.day.date())?;
        map.serialize_entry("from", &self.local(self.day.interval().start()).to_rfc3339())?;
        map.serialize_entry("until", &self.local(self.day.interval().end()).to_rfc3339())?;
        map.serialize_entry("rows", &self.rows.map_or(0, |(count, _)| count))?;
        if let Some((_, resolution)) = self.rows {
            let resolution = match resolution {
                Resolution::Quarter => "quarter",
                Resolution::Hour => "hour",
                Resolution::Day => "day",
            };
            map.serialize_entry("resolution", resolution)?;
        }
        map.serialize_entry("statuses", &self.statuses)?;
        for Counted { key, amount, .. } in &self.amounts {
            map.serialize_entry(key, &amount.to_units())?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;

    use super::*;
    use crate::config::History;
    use crate::energy::{Ean, Interval};

    fn meter() -> Meter {
        Meter {
            ean: Ean::parse("541448860000000011").unwrap(),
            serial: "A".to_owned(),
            name: None,
            kind: MeterKind::Electricity,
            unit: Unit::KilowattHour,
            resolution: History::Finest,
            history_from: None,
            history_until: None,
        }
    }

    fn reading(start: &str, end: &str, unit: Unit, units: f64) -> Reading {
        Reading {
            direction: Direction::Consumption,
            register: Register::Single,
            unit,
            interval: Interval::new(start.parse().unwrap(), end.parse().unwrap()).unwrap(),
            amount: Amount::from_units(units).unwrap(),
            status: Reading::VALID,
        }
    }

    fn data(readings: &[Reading]) -> serde_json::Value {
        let day = MeterDay::new(MeterKind::Electricity, "2026-06-09".parse().unwrap(), Brussels).unwrap();
        serde_json::to_value(Day::of(&meter(), day, readings, Brussels)).unwrap()
    }

    #[test]
    fn nothing_counts_twice() {
        let hour = reading("2026-06-09T10:00:00Z", "2026-06-09T11:00:00Z", Unit::KilowattHour, 0.5);
        let next = reading("2026-06-09T11:00:00Z", "2026-06-09T12:00:00Z", Unit::KilowattHour, 0.25);
        let total = reading("2026-06-08T22:00:00Z", "2026-06-09T22:00:00Z", Unit::KilowattHour, 7.1);
        let hours = data(&[hour, hour, next]);
        assert_eq!((&hours["consumption"], &hours["rows"]), (&0.75.into(), &2.into()));
        let both = data(&[hour, next, total]);
        assert_eq!((&both["consumption"], &both["rows"], &both["resolution"]), (&7.1.into(), &1.into(), &"day".into()));
    }

    #[test]
    fn the_units_of_gas_are_never_added() {
        let day = |unit, units| reading("2026-06-09T04:00:00Z", "2026-06-10T04:00:00Z", unit, units);
        let gas = data(&[day(Unit::CubicMetre, 5.083), day(Unit::KilowattHour, 57.9398)]);
        assert_eq!((&gas["gas_m3"], &gas["gas_kwh"]), (&5.083.into(), &57.9398.into()));
        assert_eq!(gas.get("consumption").or(gas.get("net")), None);
    }
}
