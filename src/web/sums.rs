//! Sums of what registers have counted. Pure.

use crate::energy::{Amount, Direction, Reading};
use crate::ledger::Amounts;

/// In which order both directions come.
pub(super) const DIRECTIONS: [Direction; 2] = [Direction::Consumption, Direction::Injection];

/// What all registers of a direction have counted; `None` when there is no such amount.
pub(super) fn total(amounts: &Amounts, direction: Direction) -> Option<Amount> {
    let of_direction = amounts.iter().filter(|((of, _), _)| *of == direction);
    of_direction.map(|(_, amount)| *amount).reduce(Amount::plus)
}

/// Consumption less injection, where both are known.
pub(super) fn net(amounts: &Amounts) -> Option<Amount> {
    Some(total(amounts, Direction::Consumption)?.minus(total(amounts, Direction::Injection)?))
}

/// The sums over some periods, as far as they are known.
pub(super) fn sum<'a>(periods: impl IntoIterator<Item = &'a Amounts>) -> Amounts {
    let mut sums = Amounts::new();
    for (register, amount) in periods.into_iter().flatten() {
        let sum = sums.entry(*register).or_default();
        *sum = sum.plus(*amount);
    }
    sums
}

/// What readings have counted.
pub(super) fn counted<'a>(readings: impl IntoIterator<Item = &'a Reading>) -> Amounts {
    let mut sums = Amounts::new();
    for reading in readings {
        let sum = sums.entry((reading.direction, reading.register)).or_default();
        *sum = sum.plus(reading.amount);
    }
    sums
}
