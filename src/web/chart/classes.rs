/// Classes of amounts with round bounds that grow as the amounts themselves do, by about twice from one to the next.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::web) struct Classes {
    /// The highest amount (millionths) of each class but the last, from below.
    bounds: Vec<i64>,
}

/// So many classes can be told apart by their colour.
const COUNT: usize = 6;

/// The highest class has at least one of so many of the amounts that are more than nothing: what stands out in a year.
const RARE: usize = 200;

impl Classes {
    /// Classes for these amounts, in millionths.
    pub(in crate::web) fn new(amounts: impl Iterator<Item = i64>) -> Self {
        let mut amounts: Vec<i64> = amounts.filter(|amount| *amount > 0).collect();
        amounts.sort_unstable();
        let high = amounts.iter().rev().nth(amounts.len() / RARE).copied().unwrap_or_default();
        let mut bounds: Vec<i64> = round_numbers().take_while(|bound| *bound <= high).collect();
        bounds.drain(..bounds.len().saturating_sub(COUNT - 1));
        Self { bounds }
    }

    /// The class of an amount, the lowest being 0.
    pub(in crate::web) fn class(&self, amount: i64) -> usize {
        self.bounds.partition_point(|bound| *bound < amount)
    }

    /// The amount above which each class begins and the one with which it ends, as far as it has such, from below.
    pub(in crate::web) fn ranges(&self) -> impl Iterator<Item = (Option<i64>, Option<i64>)> {
        let ends = self.bounds.iter().copied().map(Some);
        std::iter::once(None).chain(ends.clone()).zip(ends.chain(std::iter::once(None)))
    }
}

/// 1, 2 and 5 times the powers of ten.
fn round_numbers() -> impl Iterator<Item = i64> {
    let powers = std::iter::successors(Some(1_i64), |power| power.checked_mul(10));
    powers.flat_map(|power| [1, 2, 5].into_iter().filter_map(move |times| power.checked_mul(times)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_round_and_the_last_class_has_the_highest_hours() {
        // A thousand hours of up to 4 kWh, most of them of little.
        let amounts = (0..1_000_i64).map(|hour| hour * hour * 4);
        let classes = Classes::new(amounts.clone());
        assert_eq!(classes.bounds, [100_000, 200_000, 500_000, 1_000_000, 2_000_000]);
        let of: Vec<usize> =
            [0, 100_000, 100_001, 2_000_000, 2_000_001, i64::MAX].map(|amount| classes.class(amount)).into();
        assert_eq!(of, [0, 0, 1, 4, 5, 5]);
        let high = amounts.filter(|amount| classes.class(*amount) == COUNT - 1).count();
        assert!((20..400).contains(&high), "{high}");
    }

    #[test]
    fn a_few_outliers_do_not_hide_the_rest() {
        let classes = Classes::new((0..1_000).map(|hour| if hour < 5 { 90_000_000 } else { 300_000 }));
        assert_eq!(classes.bounds.last(), Some(&200_000));
    }

    #[test]
    fn ranges_leave_no_amount_out() {
        let classes = Classes::new([3].into_iter());
        assert_eq!(classes.ranges().collect::<Vec<_>>(), [(None, Some(1)), (Some(1), Some(2)), (Some(2), None)]);
        for nothing in [vec![], vec![0, 0]] {
            let classes = Classes::new(nothing.into_iter());
            assert_eq!((classes.ranges().collect::<Vec<_>>(), classes.class(7)), (vec![(None, None)], 0));
        }
        assert_eq!(Classes::new([i64::MAX, -5].into_iter()).bounds.len(), COUNT - 1);
    }
}
