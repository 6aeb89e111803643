use std::fmt;

/// Millionths in one kWh or m³.
const SCALE: i64 = 1_000_000;

/// The largest amount that one interval may hold, in whole units: far above any connection's capacity, and small
/// enough that millions of them add up without overflow.
const LARGEST: f64 = 1_000_000.0;

/// An amount of energy or gas in integer millionths of a unit (kWh or m³), so that sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

/// Why a number is not a usable [`Amount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Infinite, not a number, or beyond a million units in one interval.
    #[error("the amount is outside the range of a household meter")]
    OutOfRange,
}

impl Amount {
    /// No energy at all, which is something else than a missing amount.
    pub const ZERO: Self = Self(0);

    /// An amount from integer millionths of a unit.
    #[must_use]
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// The amount in integer millionths of a unit.
    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// Reads an amount in whole units, as JSON carries it, rounded to the nearest millionth.
    ///
    /// The portal sends up to four decimals, which a double holds exactly enough to come back unchanged.
    ///
    /// # Errors
    /// [`AmountError::OutOfRange`] when the number is not finite or beyond a million units.
    pub fn from_units(units: f64) -> Result<Self, AmountError> {
        if !units.is_finite() || units.abs() > LARGEST {
            return Err(AmountError::OutOfRange);
        }
        #[expect(clippy::cast_possible_truncation, reason = "checked: at most 10^12 millionths")]
        let millionths = (units * SCALE as f64).round() as i64;
        Ok(Self(millionths))
    }

    /// The amount in whole units, for printing and sending only.
    #[must_use]
    pub fn to_units(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53 millionths, which is nine billion kWh")]
        let millionths = self.0 as f64;
        millionths / SCALE as f64
    }

    /// The sum of two amounts, held at the ends of the range rather than overflowing.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// This amount less another, which is negative when more was injected than consumed.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Amount {
    /// Whole units with three decimals, as a bill prints them; the last is rounded half away from zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousandths = (self.0.unsigned_abs().saturating_add(500)) / 1_000;
        let sign = if self.0 < 0 && thousandths > 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:03}", thousandths / 1_000, thousandths % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_decimals_come_back_unchanged() {
        for ten_thousandths in [0_i64, 1, 3, 7, 1_234, 34_120, 579_398, 9_999_999_999] {
            let text = format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000);
            let amount = Amount::from_units(text.parse().unwrap()).unwrap();
            assert_eq!(amount.millionths(), ten_thousandths * 100, "{text}");
        }
    }

    #[test]
    fn absurd_numbers_are_refused() {
        for units in [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e12, -1e7] {
            assert_eq!(Amount::from_units(units), Err(AmountError::OutOfRange), "{units}");
        }
    }

    #[test]
    fn prints_three_decimals() {
        let print = |millionths| Amount::from_millionths(millionths).to_string();
        assert_eq!(print(3_412_000), "3.412");
        assert_eq!(print(-500), "-0.001");
        assert_eq!(print(-499), "0.000");
        assert_eq!(print(999_999_500), "1000.000");
    }
}
