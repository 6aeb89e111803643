/// Where amounts are on an axis, from the lowest to the highest line of the grid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    /// In millionths.
    lowest: i64,
    highest: i64,
    step: i64,
}

/// So many lines are wanted, about.
const LINES: i64 = 5;

/// Where nothing but zero has a place, the axis reaches to one.
const EMPTY: i64 = 1_000_000;

impl Scale {
    /// A scale with round numbers on which these amounts (millionths) and zero have a place.
    pub(super) fn new(amounts: impl Iterator<Item = i64>) -> Self {
        let (mut lowest, mut highest) = (0_i64, 0_i64);
        for amount in amounts {
            lowest = lowest.min(amount);
            highest = highest.max(amount);
        }
        if lowest == highest {
            highest = EMPTY;
        }
        let wanted = (highest.saturating_sub(lowest) / LINES).max(1);
        let step = round_step(wanted);
        let below = lowest.div_euclid(step).saturating_mul(step);
        let above =
            highest.saturating_add(step - 1).div_euclid(step).saturating_mul(step).max(below.saturating_add(step));
        Self { lowest: below, highest: above, step }
    }

    /// The grid's lines, from below.
    pub(super) fn lines(self) -> impl Iterator<Item = i64> {
        let next = move |line: &i64| line.checked_add(self.step).filter(|line| *line <= self.highest);
        std::iter::successors(Some(self.lowest), next)
    }

    /// So many decimals tell the lines apart.
    pub(super) fn decimals(self) -> u32 {
        decimals(self.step)
    }

    /// How far an amount is from the top, in parts of the whole.
    pub(super) fn below_top(self, amount: i64) -> f64 {
        let whole = self.highest.saturating_sub(self.lowest).max(1);
        #[expect(clippy::cast_precision_loss, reason = "for a drawing")]
        let part = self.highest.saturating_sub(amount) as f64 / whole as f64;
        part.clamp(0.0, 1.0)
    }
}

/// So many decimals show all of an amount in millionths.
pub(in crate::web) fn decimals(millionths: i64) -> u32 {
    let mut decimals = 0;
    let mut unit = 1_000_000;
    while decimals < 6 && millionths % unit != 0 {
        decimals += 1;
        unit /= 10;
    }
    decimals
}

/// The least of 1, 2 and 5 times a power of ten that is not below a wanted step.
fn round_step(wanted: i64) -> i64 {
    let mut power = 1_i64;
    loop {
        for times in [1, 2, 5] {
            let step = power.saturating_mul(times);
            if step >= wanted {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(amounts: &[i64]) -> Vec<i64> {
        Scale::new(amounts.iter().copied()).lines().collect()
    }

    #[test]
    fn lines_are_round_and_hold_everything() {
        assert_eq!(lines(&[13_503_000, 2_000]), [0, 5_000_000, 10_000_000, 15_000_000]);
        assert_eq!(lines(&[-4_200_000, 6_000_000]), [-5_000_000, 0, 5_000_000, 10_000_000]);
        for nothing in [&[][..], &[0]] {
            assert_eq!(
                lines(nothing),
                [0, 200_000, 400_000, 600_000, 800_000, 1_000_000],
                "it has an axis all the same"
            );
        }
        assert_eq!(Scale::new([400_000].into_iter()).decimals(), 1);
        assert_eq!(Scale::new([40_000_000].into_iter()).decimals(), 0);
        assert_eq!([50_000, 7].map(decimals), [2, 6]);
    }

    #[test]
    fn every_amount_has_a_place() {
        let scale = Scale::new([-1, i64::MAX, i64::MIN].into_iter());
        assert!(scale.lines().count() > 1);
        assert!((0.0..=1.0).contains(&scale.below_top(i64::MIN)));
        let scale = Scale::new([10].into_iter());
        assert!((scale.below_top(10) - 0.0).abs() < 1e-9 && (scale.below_top(0) - 1.0).abs() < 1e-9);
    }
}
