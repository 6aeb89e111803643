use chrono::{DateTime, NaiveDate, Utc};

use crate::energy::{Amount, Peak, Power};

/// What the ledger knows of one meter at one moment, which is all that the sensors are made of. Amounts are in the unit in
/// which the meter counts; gas is all consumption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The newest complete meter day that counts.
    pub day: Option<DayAmounts>,
    /// Sums since the anchor, once the history since then is in; before that, those of a lost ledger if there was one.
    pub totals: Option<Totals>,
    /// The peak of the newest month of which one is known.
    pub peak: Option<Peak>,
    /// The average peak in that month.
    pub average_peak: Option<Power>,
    /// The end of the last day before the first one that is still awaited.
    pub complete_until: Option<DateTime<Utc>>,
    /// Whether the meter is known to inject: a portal that reports injection of nothing alone tells of none.
    pub injects: bool,
    /// Whether the meter is known to have high and low registers.
    pub has_tariffs: bool,
}

/// One complete meter day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayAmounts {
    /// The local date of the day.
    pub date: NaiveDate,
    /// All registers together; `None` when the day has no such reading.
    pub consumption: Option<Amount>,
    /// All registers together; `None` when the day has no such reading, or the meter doesn't inject.
    pub injection: Option<Amount>,
}

/// Sums over the complete days since the anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// The anchor: the start of the first meter day that is counted.
    pub from: DateTime<Utc>,
    /// From the grid.
    pub consumption: RegisterSums,
    /// To the grid; `None` for a meter that doesn't inject.
    pub injection: Option<RegisterSums>,
}

/// Sums of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegisterSums {
    /// All registers together.
    pub total: Amount,
    /// The high register; `None` for a meter without tariffs.
    pub high: Option<Amount>,
    /// The low register; `None` for a meter without tariffs.
    pub low: Option<Amount>,
}
