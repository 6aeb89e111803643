//! How amounts are drawn and listed, by direction and register. Pure.

use std::collections::BTreeSet;

use maud::{Markup, html};

use crate::config::Meter;
use crate::energy::{Amount, Direction, Register};
use crate::ledger::Amounts;
use crate::web::chart::Segment;
use crate::web::sums::{DIRECTIONS, net, total};
use crate::web::words::Language;

/// The directions and registers of which there are amounts, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Registers(BTreeSet<(Direction, Register)>);

impl Registers {
    pub(super) fn of<'a>(amounts: impl IntoIterator<Item = &'a Amounts>) -> Self {
        Self(amounts.into_iter().flat_map(|amounts| amounts.keys().copied()).collect())
    }

    pub(super) fn inject(&self) -> bool {
        self.0.iter().any(|(direction, _)| *direction == Direction::Injection)
    }

    /// The directions, each with its registers.
    fn directions(&self) -> impl Iterator<Item = (Direction, Vec<Register>)> {
        let registers = |direction| self.0.iter().filter(move |of| of.0 == direction).map(|of| of.1).collect();
        let all = DIRECTIONS.into_iter().map(move |direction| (direction, registers(direction)));
        all.filter(|(_, registers): &(_, Vec<_>)| !registers.is_empty())
    }

    /// The classes and the names of what is drawn.
    pub(super) fn legend(&self, language: Language, meter: &Meter) -> Vec<(&'static str, &'static str)> {
        let words = language.chart();
        let entry = |(direction, register): &(Direction, Register)| {
            (class(*direction, *register), words.register(meter.kind, *direction, *register))
        };
        self.0.iter().map(entry).collect()
    }

    /// The heads of a table's columns.
    pub(super) fn heads(&self, language: Language, meter: &Meter) -> Markup {
        let (words, unit) = (language.chart(), meter.unit.symbol());
        html! {
            @for (direction, registers) in self.directions() {
                @for register in &registers {
                    th scope="col" { (words.register(meter.kind, direction, *register)) " (" (unit) ")" }
                }
                @if registers.len() > 1 { th scope="col" { (words.direction(meter.kind, direction)) " (" (unit) ")" } }
            }
            @if self.has_net() { th scope="col" { (words.net) " (" (unit) ")" } }
        }
    }

    /// The cells of a table's row. What isn't known is a dash.
    pub(super) fn cells(&self, language: Language, amounts: &Amounts) -> Markup {
        html! {
            @for (direction, registers) in self.directions() {
                @for register in &registers { td { (cell(language, amounts.get(&(direction, *register)).copied())) } }
                @if registers.len() > 1 { td { (cell(language, total(amounts, direction))) } }
            }
            @if self.has_net() { td { (cell(language, net(amounts))) } }
        }
    }

    fn has_net(&self) -> bool {
        self.directions().count() == DIRECTIONS.len()
    }
}

/// What stands for a number that isn't known.
pub(super) const UNKNOWN: &str = "–";

/// A number of a table.
pub(super) fn cell(language: Language, amount: Option<Amount>) -> String {
    amount.map_or_else(|| UNKNOWN.to_owned(), |amount| language.amount(amount))
}

/// Sums as a list: each direction, what its registers have in it, and what is left of both.
pub(super) fn totals(language: Language, meter: &Meter, sums: &Amounts) -> Markup {
    let words = language.chart();
    let told = |amount| language.quantity(amount, meter.unit);
    html! {
        dl.totals {
            @for direction in DIRECTIONS {
                @if let Some(total) = total(sums, direction) {
                    div {
                        dt { (words.direction(meter.kind, direction)) }
                        dd.sum { (told(total)) }
                        @if let Some(parts) = language.registers(direction, sums) { dd.small { (parts) } }
                    }
                }
            }
            @if let Some(net) = net(sums) { div { dt { (words.net) } dd.sum { (told(net)) } } }
        }
    }
}

/// The parts of a column: consumption upwards, injection downwards.
pub(super) fn segments(amounts: &Amounts) -> Vec<Segment> {
    let (mut above, mut below) = (0_i64, 0_i64);
    let segment = |((direction, register), amount): (&(Direction, Register), &Amount)| {
        let (from, to) = match direction {
            Direction::Consumption => {
                let from = above;
                above = above.saturating_add(amount.millionths());
                (from, above)
            }
            Direction::Injection => {
                let from = below;
                below = below.saturating_sub(amount.millionths());
                (from, below)
            }
        };
        Segment { class: class(*direction, *register), from, to }
    };
    amounts.iter().map(segment).collect()
}

const fn class(direction: Direction, register: Register) -> &'static str {
    match (direction, register) {
        (Direction::Consumption, Register::Single) => "single",
        (Direction::Consumption, Register::High) => "high",
        (Direction::Consumption, Register::Low) => "low",
        (Direction::Injection, Register::Single) => "injected-single",
        (Direction::Injection, Register::High) => "injected-high",
        (Direction::Injection, Register::Low) => "injected-low",
    }
}

#[cfg(test)]
mod tests {
    use Direction::{Consumption, Injection};
    use Register::{High, Low, Single};

    use super::*;
    use crate::web::sums::sum;
    use crate::web::tests::{electricity, gas};

    fn amounts(all: &[((Direction, Register), i64)]) -> Amounts {
        all.iter().map(|(register, amount)| (*register, Amount::from_millionths(*amount))).collect()
    }

    #[test]
    fn registers_are_stacked_away_from_zero() {
        let day = amounts(&[((Consumption, High), 5), ((Consumption, Low), 3), ((Injection, High), 2)]);
        let drawn: Vec<_> = segments(&day).into_iter().map(|part| (part.class, part.from, part.to)).collect();
        assert_eq!(drawn, [("high", 0, 5), ("low", 5, 8), ("injected-high", 0, -2)]);
        let ends = amounts(&[((Consumption, High), i64::MAX), ((Consumption, Low), 1), ((Injection, High), i64::MAX)]);
        assert_eq!(segments(&ends).len(), 3, "nothing overflows");
    }

    #[test]
    fn what_is_not_known_is_a_dash_and_never_zero() {
        let (known, unknown) = (amounts(&[((Consumption, Low), 1_000)]), Amounts::new());
        let both = amounts(&[((Consumption, High), 2_000), ((Injection, Low), 0)]);
        let registers = Registers::of([&known, &both]);
        let row = |amounts| registers.cells(Language::English, amounts).into_string();
        assert_eq!(row(&unknown), "<td>–</td>".repeat(5));
        assert_eq!(row(&known), "<td>–</td><td>0.001</td><td>0.001</td><td>–</td><td>–</td>");
        assert_eq!(row(&both), "<td>0.002</td><td>–</td><td>0.002</td><td>0.000</td><td>0.002</td>");
        assert_eq!(sum([&known, &both]).len(), 3);
        assert_eq!(net(&sum([&known, &both])), Some(Amount::from_millionths(3_000)));
    }

    #[test]
    fn a_single_register_has_one_colour_and_one_column() {
        let day = amounts(&[((Consumption, Single), 1)]);
        let registers = Registers::of([&day]);
        assert_eq!(registers.legend(Language::Dutch, &electricity()), [("single", "Afname")]);
        assert_eq!(registers.legend(Language::Dutch, &gas()), [("single", "Verbruik")]);
        assert_eq!(registers.heads(Language::English, &gas()).into_string(), "<th scope=\"col\">Consumption (m³)</th>");
        assert!(!registers.inject());
    }
}
