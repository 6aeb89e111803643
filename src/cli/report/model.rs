use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use crate::energy::{Amount, MeterKind, Unit};

/// What is known of one meter in some days.
pub(super) struct MeterReport {
    /// What the meter is called.
    pub(super) title: String,
    pub(super) kind: MeterKind,
    /// The unit in which it counts.
    pub(super) unit: Unit,
    pub(super) zone: Tz,
    /// The first and the last day; nothing when nothing is known of the meter.
    pub(super) days: Option<(NaiveDate, NaiveDate)>,
    /// What the meter has at all, beside consumption.
    pub(super) has: Has,
    /// In the order of time, without a gap.
    pub(super) periods: Vec<Period>,
}

/// What a meter has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Has {
    pub(super) injection: bool,
    pub(super) peak: bool,
    pub(super) cost: bool,
    pub(super) compensation: bool,
}

/// A stretch of time. What isn't known is nothing, which is not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Period {
    /// Such as `2026-01` for a month.
    pub(super) name: String,
    pub(super) start: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    /// From the grid: energy or gas.
    pub(super) consumption: Option<Amount>,
    /// To the grid.
    pub(super) injection: Option<Amount>,
    /// The highest quarter-hour, as a mean power in millionths of a kW.
    pub(super) peak: Option<i64>,
    /// In millionths of a euro.
    pub(super) cost: Option<i64>,
    /// In millionths of a euro.
    pub(super) compensation: Option<i64>,
    /// How many hours of it have passed.
    pub(super) hours: u32,
    /// How many of these are known in all that the meter counts.
    pub(super) known: u32,
    /// How many of these are known as part of a daily total alone.
    pub(super) daily: u32,
}

impl Period {
    /// A period of which nothing is known.
    pub(super) fn unknown(name: String, start: DateTime<Utc>, end: DateTime<Utc>) -> Self {
        Self {
            name,
            start,
            end,
            consumption: None,
            injection: None,
            peak: None,
            cost: None,
            compensation: None,
            hours: 0,
            known: 0,
            daily: 0,
        }
    }

    /// Makes a period that follows a part of this one.
    pub(super) fn add(&mut self, part: &Self) {
        let sum = |one: Option<Amount>, other| one.into_iter().chain(other).reduce(Amount::plus);
        let money = |one: Option<i64>, other| one.into_iter().chain(other).reduce(i64::saturating_add);
        self.end = part.end;
        self.consumption = sum(self.consumption, part.consumption);
        self.injection = sum(self.injection, part.injection);
        self.peak = self.peak.max(part.peak);
        self.cost = money(self.cost, part.cost);
        self.compensation = money(self.compensation, part.compensation);
        self.hours = self.hours.saturating_add(part.hours);
        self.known = self.known.saturating_add(part.known);
        self.daily = self.daily.saturating_add(part.daily);
    }

    /// How well it is known.
    pub(super) fn knowledge(&self) -> Knowledge {
        if self.consumption.is_none() && self.injection.is_none() {
            Knowledge::Missing
        } else if self.known < self.hours {
            // Never all of it, however little is missing.
            Knowledge::Part(u64::from(self.known).saturating_mul(100).checked_div(self.hours.into()).unwrap_or(0))
        } else {
            Knowledge::Whole
        }
    }

    fn net(&self) -> Option<Amount> {
        Some(self.consumption?.minus(self.injection?))
    }
}

/// How well a period is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knowledge {
    Missing,
    /// So many per cent of its hours.
    Part(u64),
    Whole,
}

/// A column of numbers that a meter has.
#[derive(Clone, Copy)]
pub(super) struct Column {
    /// Its name in JSON.
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    /// Its number in a period, in millionths of the unit.
    pub(super) number: fn(&Period) -> Option<i64>,
}

impl Column {
    const fn new(
        key: &'static str,
        title: &'static str,
        unit: &'static str,
        number: fn(&Period) -> Option<i64>,
    ) -> Self {
        Self { key, title, unit, number }
    }

    /// As a column of CSV is called.
    pub(super) fn name(&self) -> String {
        format!("{} ({})", self.title, self.unit)
    }
}

impl MeterReport {
    /// The columns that it has.
    pub(super) fn columns(&self) -> Vec<Column> {
        let unit = self.unit_word();
        let mut columns = vec![match self.kind {
            MeterKind::Electricity => Column::new("consumption", "Consumption", unit, consumption),
            MeterKind::Gas => Column::new("gas", "Gas", unit, consumption),
        }];
        if self.has.injection {
            columns
                .push(Column::new("injection", "Injection", unit, |period| period.injection.map(Amount::millionths)));
            columns.push(Column::new("net", "Net", unit, |period| period.net().map(Amount::millionths)));
        }
        if self.has.peak {
            columns.push(Column::new("peak", "Peak", "kW", |period| period.peak));
        }
        if self.has.cost {
            columns.push(Column::new("cost", "Cost", "EUR", |period| period.cost));
        }
        if self.has.compensation {
            columns.push(Column::new("compensation", "Compensation", "EUR", |period| period.compensation));
        }
        columns
    }

    pub(super) const fn unit_word(&self) -> &'static str {
        match self.unit {
            Unit::KilowattHour => "kWh",
            Unit::CubicMetre => "m³",
        }
    }

    pub(super) const fn kind_word(&self) -> &'static str {
        match self.kind {
            MeterKind::Electricity => "electricity",
            MeterKind::Gas => "gas",
        }
    }

    /// What the report of it is of, in a line.
    pub(super) fn heading(&self) -> String {
        let what = format!("{}: {}", self.title, self.kind_word());
        match self.days.filter(|_| !self.periods.is_empty()) {
            Some((first, last)) if first == last => format!("{what}, {first}"),
            Some((first, last)) => format!("{what}, {first} to {last}"),
            None => format!("{what}; nothing is known yet"),
        }
    }

    /// All periods together.
    pub(super) fn total(&self) -> Option<Period> {
        let mut total = self.periods.first()?.clone();
        total.name = "Total".to_owned();
        self.periods.iter().skip(1).for_each(|period| total.add(period));
        Some(total)
    }
}

fn consumption(period: &Period) -> Option<i64> {
    period.consumption.map(Amount::millionths)
}
