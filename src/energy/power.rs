use super::Amount;

/// Quarter-hours in an hour: what a quarter-hour counts, times this, is its mean power.
const QUARTERS: i64 = 4;

/// A power in integer millionths of a kW, so that sums and means are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Power(i64);

impl Power {
    /// A power from integer millionths of a kW.
    #[must_use]
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    /// The power in integer millionths of a kW.
    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
    }

    /// The mean power of a quarter-hour in which so much was counted.
    #[must_use]
    pub const fn of_quarter(counted: Amount) -> Self {
        Self(counted.millionths().saturating_mul(QUARTERS))
    }

    /// Reads a power in kW, as JSON carries it, rounded to the nearest millionth; `None` when no home can draw it: less
    /// than nothing, not finite or beyond a million kW.
    #[must_use]
    pub fn from_kilowatts(kilowatts: f64) -> Option<Self> {
        let millionths = Amount::from_units(kilowatts).ok()?.millionths();
        (millionths >= 0).then_some(Self(millionths))
    }

    /// The power in kW, for printing and sending only.
    #[must_use]
    pub fn to_kilowatts(self) -> f64 {
        Amount::from_millionths(self.0).to_units()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_hour_has_four_times_its_energy_as_power() {
        assert_eq!(Power::of_quarter(Amount::from_millionths(1_358_000)).to_kilowatts().to_string(), "5.432");
        assert_eq!(Power::of_quarter(Amount::from_millionths(i64::MAX)).millionths(), i64::MAX);
    }

    #[test]
    fn kilowatts_come_back_unchanged_and_absurd_ones_not_at_all() {
        assert_eq!(Power::from_kilowatts(5.432), Some(Power::from_millionths(5_432_000)));
        assert_eq!(Power::from_kilowatts(0.0), Some(Power::from_millionths(0)), "an empty home draws nothing");
        for kilowatts in [-0.1, 1e7, f64::NAN, f64::INFINITY] {
            assert_eq!(Power::from_kilowatts(kilowatts), None, "{kilowatts}");
        }
    }
}
