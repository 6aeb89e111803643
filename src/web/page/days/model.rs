//! The days of a period, from what the ledger has of them. Pure.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::energy::Direction;
use crate::ledger::{Amounts, DayState};
use crate::web::page::registers::Registers;
use crate::web::span::Span;
use crate::web::standing::Standing;
use crate::web::sums::sum;

/// One day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) date: NaiveDate,
    pub(super) amounts: Amounts,
    pub(super) standing: Standing,
    /// So many of its readings are not valid.
    pub(super) estimated: u32,
}

/// Days that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) days: Vec<Day>,
    pub(super) registers: Registers,
    /// Over what is known.
    pub(super) sums: Amounts,
}

/// What the ledger has of some days.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) amounts: BTreeMap<NaiveDate, Amounts>,
    pub(super) states: BTreeMap<NaiveDate, DayState>,
    pub(super) estimated: BTreeMap<NaiveDate, u32>,
    /// Whether the meter was ever seen to inject more than nothing.
    pub(super) injects: bool,
}

impl Period {
    /// The days from `first` until `last` that there can be.
    pub(super) fn new(first: NaiveDate, last: NaiveDate, span: &Span, mut found: Found) -> Self {
        let dates = first.max(span.first()).iter_days().take_while(|date| *date <= last.min(span.last()));
        let day = |date: NaiveDate| {
            let mut amounts = found.amounts.remove(&date).unwrap_or_default();
            amounts.retain(|(direction, _), _| found.injects || *direction == Direction::Consumption);
            let state = found.states.get(&date).copied().unwrap_or_default();
            let estimated = found.estimated.get(&date).copied().unwrap_or_default();
            Day { date, amounts, standing: Standing::of(date, state, span), estimated }
        };
        let days: Vec<Day> = dates.map(day).collect();
        let registers = Registers::of(days.iter().map(|day| &day.amounts));
        let sums = sum(days.iter().map(|day| &day.amounts));
        Self { days, registers, sums }
    }

    /// How many days are known.
    pub(super) fn known(&self) -> usize {
        self.days.iter().filter(|day| day.standing.is_known()).count()
    }

    /// Of how many days a part is known.
    pub(super) fn partial(&self) -> usize {
        self.days.iter().filter(|day| matches!(day.standing, Standing::Partial { .. })).count()
    }
}
