use chrono::{DateTime, Utc};

use crate::energy::{Amount, Direction, Register};

/// What one register counted in one direction in one hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HourOf {
    /// The start of the hour.
    pub start: DateTime<Utc>,
    /// Which way the energy went.
    pub direction: Direction,
    /// The register that counted it.
    pub register: Register,
    /// How much.
    pub amount: Amount,
}
