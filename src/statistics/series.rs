use chrono::{DateTime, Utc};

use crate::energy::{Ean, Unit};

/// What a statistic counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Energy from the grid, all registers.
    Consumption,
    /// Energy from the grid in the high register.
    ConsumptionHigh,
    /// Energy from the grid in the low register.
    ConsumptionLow,
    /// Energy to the grid, all registers.
    Injection,
    /// Energy to the grid in the high register.
    InjectionHigh,
    /// Energy to the grid in the low register.
    InjectionLow,
    /// Gas, in the unit in which its meter counts.
    Gas(Unit),
    /// What the consumption, or the gas, costs.
    Cost,
    /// What the injection earns.
    Compensation,
}

impl Kind {
    /// The last part of its id.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Consumption => "consumption",
            Self::ConsumptionHigh => "consumption_high",
            Self::ConsumptionLow => "consumption_low",
            Self::Injection => "injection",
            Self::InjectionHigh => "injection_high",
            Self::InjectionLow => "injection_low",
            Self::Gas(_) => "gas",
            Self::Cost => "cost",
            Self::Compensation => "compensation",
        }
    }

    /// The unit of its rows, and Home Assistant's class of that unit.
    #[must_use]
    pub const fn unit(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Cost | Self::Compensation => ("EUR", None),
            Self::Gas(unit @ Unit::CubicMetre) => (unit.symbol(), Some("volume")),
            _ => (Unit::KilowattHour.symbol(), Some("energy")),
        }
    }

    /// What it is called in Home Assistant, after the meter's name. It never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consumption => "consumption",
            Self::ConsumptionHigh => "consumption high tariff",
            Self::ConsumptionLow => "consumption low tariff",
            Self::Injection => "injection",
            Self::InjectionHigh => "injection high tariff",
            Self::InjectionLow => "injection low tariff",
            Self::Gas(_) => "gas",
            Self::Cost => "cost",
            Self::Compensation => "compensation",
        }
    }
}

/// One statistic of one meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// The meter.
    pub ean: Ean,
    /// What the household calls the meter.
    pub meter: String,
    /// What it counts.
    pub kind: Kind,
    /// The rows that Home Assistant is to hold, in the order of time, each hour at most once.
    pub rows: Vec<Row>,
    /// The end of the meter's history, if it has one, after the last row: what Home Assistant holds from then on is to count
    /// nothing.
    pub ends: Option<DateTime<Utc>>,
}

impl Series {
    /// The external id, such as `fluvius2mqtt:541448860000000011_consumption`. It holds a whole EAN: never for a log.
    #[must_use]
    pub fn id(&self) -> String {
        self.with(self.kind)
    }

    /// The id of another statistic of the same meter.
    #[must_use]
    pub(super) fn with(&self, kind: Kind) -> String {
        format!("{}{}", self.meter_prefix(), kind.key())
    }

    /// What it is called in Home Assistant.
    #[must_use]
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.meter, self.kind.name())
    }

    /// What the ids of all statistics of its meter begin with.
    #[must_use]
    pub(super) fn meter_prefix(&self) -> String {
        format!("fluvius2mqtt:{}_", self.ean.digits())
    }
}

/// An hour of a statistic, in integer millionths of the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The start of the hour.
    pub start: DateTime<Utc>,
    /// What was counted in this hour.
    pub state: i64,
    /// What was counted from the first hour on, this hour included.
    pub sum: i64,
}
