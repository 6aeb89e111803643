use super::{Amount, Interval};

/// Which way the energy went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From the grid to the home (*offtake*, *afname*).
    Consumption,
    /// From the home to the grid (*injectie*).
    Injection,
}

/// The tariff register of the meter that counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Register {
    /// The only register of a meter without tariffs (*enkelvoudig*).
    Single,
    /// The day register (*dag*).
    High,
    /// The night and weekend register (*nacht*).
    Low,
}

/// The unit of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// kWh, of electricity or of the heat in gas.
    KilowattHour,
    /// m³ of gas.
    CubicMetre,
}

impl Unit {
    /// How it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::KilowattHour => "kWh",
            Self::CubicMetre => "m³",
        }
    }
}

/// The length of a meter's intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// 15 minutes.
    Quarter,
    /// 60 minutes.
    Hour,
    /// A whole meter day, 23 to 25 hours.
    Day,
}

impl Resolution {
    /// The resolution that an interval's length shows; `None` for a length that no meter uses.
    #[must_use]
    pub const fn of(interval: Interval) -> Option<Self> {
        match interval.seconds() {
            900 => Some(Self::Quarter),
            3_600 => Some(Self::Hour),
            82_800 | 86_400 | 90_000 => Some(Self::Day),
            _ => None,
        }
    }
}

/// What one register counted in one direction during one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reading {
    /// Which way the energy went.
    pub direction: Direction,
    /// The register that counted it.
    pub register: Register,
    /// The unit of `amount`.
    pub unit: Unit,
    /// When it was counted.
    pub interval: Interval,
    /// How much.
    pub amount: Amount,
    /// The portal's validation status of the amount, kept as it came: [`Self::VALID`], or others that are not documented.
    pub status: i64,
}

impl Reading {
    /// The portal's validation status of an amount that was read and is valid.
    pub const VALID: i64 = 2;

    /// Whether the amount was read and is valid; others may be estimated.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.status == Self::VALID
    }
}
