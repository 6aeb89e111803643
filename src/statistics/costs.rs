//! What energy and gas cost and earn, hour by hour.
//!
//! All is computed in 10^-12 EUR, the product of a millionth of a unit and a millionth of a euro, so that no price rounds
//! anything; only a row does, and its error never reaches the next one.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;

use super::{HourOf, Row};
use crate::config::{ConsumptionPrice, Euros, Price};
use crate::energy::{AveragePeak, Direction, Peaks, Register, local_to_utc};

/// How many 10^-12 EUR are a millionth of a euro.
const MILLIONTH: i128 = 1_000_000;

/// Months in a year.
const MONTHS: i128 = 12;

/// The rows of the costs and those of the compensation, in millionths of a euro.
///
/// `hours` are in the order of time, `prices` in that of their days. The price of an hour is that of the period in which
/// its local date lies; before the first period there are no rows. An hour has a cost when it has consumption and its
/// period prices that, and likewise a compensation. The standing charge of a year lies evenly on the hours of that year,
/// and a twelfth of the capacity tariff, on the average peak in that month, on those of each month. An hour without
/// consumption has no row to carry its part, and no other hour does that in its place. What the single register counted
/// costs the high price where there are two: such a meter has no low one, and a bill that surprises is then lower, not
/// higher.
#[must_use]
pub fn costs(hours: &[HourOf], prices: &[Price], peaks: &Peaks, zone: Tz) -> (Vec<Row>, Vec<Row>) {
    let mut cost = Sums::default();
    let mut compensation = Sums::default();
    let mut month: Option<Month> = None;
    for same in hours.chunk_by(|one, next| one.start == next.start) {
        let Some(start) = same.first().map(|hour| hour.start) else { continue };
        let date = start.with_timezone(&zone).date_naive();
        let Some(price) = price_on(date, prices) else { continue };
        let of = |direction| same.iter().filter(move |hour| hour.direction == direction).peekable();
        let mut consumed = of(Direction::Consumption);
        if consumed.peek().is_some() && prices_consumption(price) {
            if month.as_ref().is_none_or(|month| !month.holds(date)) {
                month = Month::new(date, peaks, zone);
            }
            let used: i128 = consumed.map(|hour| product(hour, unit_price(price, hour.register))).sum();
            cost.add(start, used + month.as_ref().map_or(0, |month| month.charges(start, price)));
        }
        let mut injected = of(Direction::Injection);
        if let (Some(price), Some(_)) = (price.injection, injected.peek()) {
            compensation.add(start, injected.map(|hour| product(hour, price.millionths())).sum());
        }
    }
    (cost.rows, compensation.rows)
}

/// The rows of what gas costs, in millionths of a euro, by the same rules as [`costs`]. A price is that of a unit in which
/// the hours are; the prices and charges of electricity are not for gas.
#[must_use]
pub fn gas_costs(hours: &[HourOf], prices: &[Price], zone: Tz) -> Vec<Row> {
    let mut cost = Sums::default();
    for same in hours.chunk_by(|one, next| one.start == next.start) {
        let Some(start) = same.first().map(|hour| hour.start) else { continue };
        let price = price_on(start.with_timezone(&zone).date_naive(), prices).and_then(|price| price.gas);
        if let Some(price) = price.map(Euros::millionths) {
            cost.add(start, same.iter().map(|hour| product(hour, price)).sum());
        }
    }
    cost.rows
}

/// The period in which a date lies.
fn price_on(date: NaiveDate, prices: &[Price]) -> Option<&Price> {
    prices.iter().rev().find(|price| price.from <= date)
}

/// Rows with their exact sum so far.
#[derive(Default)]
struct Sums {
    exact: i128,
    rows: Vec<Row>,
}

impl Sums {
    fn add(&mut self, start: DateTime<Utc>, amount: i128) {
        self.exact += amount;
        let sum = rounded(self.exact);
        let before = self.rows.last().map_or(0, |row| row.sum);
        self.rows.push(Row { start, state: sum.saturating_sub(before), sum });
    }
}

/// To the nearest millionth of a euro, halves away from zero.
fn rounded(exact: i128) -> i64 {
    let nearest = (exact.abs() + MILLIONTH / 2) / MILLIONTH;
    i64::try_from(nearest * exact.signum()).unwrap_or(if exact < 0 { i64::MIN } else { i64::MAX })
}

const fn prices_consumption(price: &Price) -> bool {
    price.consumption.is_some() || price.standing_charge.is_some() || price.capacity.is_some()
}

const fn unit_price(price: &Price, register: Register) -> i64 {
    match (price.consumption, register) {
        (None, _) => 0,
        (Some(ConsumptionPrice::One(price)), _) => price.millionths(),
        (Some(ConsumptionPrice::HighLow { low, .. }), Register::Low) => low.millionths(),
        (Some(ConsumptionPrice::HighLow { high, .. }), Register::High | Register::Single) => high.millionths(),
    }
}

fn product(hour: &HourOf, price: i64) -> i128 {
    i128::from(hour.amount.millionths()) * i128::from(price)
}

/// A local month, with what the fixed charges of its hours depend on.
struct Month {
    first: NaiveDate,
    hours: Span,
    hours_of_year: Span,
    average: Option<AveragePeak>,
}

impl Month {
    /// The month of a date; `None` only at the end of the calendar.
    fn new(date: NaiveDate, peaks: &Peaks, zone: Tz) -> Option<Self> {
        let first = date.with_day(1)?;
        let year = first.with_month(1)?;
        Some(Self {
            first,
            hours: Span::new(first, first.checked_add_months(Months::new(1))?, zone)?,
            hours_of_year: Span::new(year, year.with_year(year.year().checked_add(1)?)?, zone)?,
            average: peaks.average(first),
        })
    }

    fn holds(&self, date: NaiveDate) -> bool {
        date.with_day(1) == Some(self.first)
    }

    /// The part of an hour in the fixed charges.
    fn charges(&self, hour: DateTime<Utc>, price: &Price) -> i128 {
        let year = price
            .standing_charge
            .map_or(0, |charge| self.hours_of_year.part(hour, i128::from(charge.millionths()) * MILLIONTH, 1));
        let month = price.capacity.zip(self.average).map_or(0, |(charge, average)| {
            self.hours.part(hour, i128::from(charge.millionths()) * average.sum(), MONTHS * average.months())
        });
        year + month
    }
}

/// From one local midnight to another.
struct Span {
    start: DateTime<Utc>,
    hours: i128,
}

impl Span {
    fn new(first: NaiveDate, next: NaiveDate, zone: Tz) -> Option<Self> {
        let midnight = |date: NaiveDate| local_to_utc(date.and_time(NaiveTime::MIN), zone);
        let start = midnight(first)?;
        Some(Self { start, hours: midnight(next)?.signed_duration_since(start).num_hours().into() })
    }

    /// The part of an hour in `dividend / divisor`. The parts of all hours add up to the whole: each is what is due
    /// at its end less what was due at its start.
    fn part(&self, hour: DateTime<Utc>, dividend: i128, divisor: i128) -> i128 {
        let number = i128::from((hour - self.start).num_hours());
        let due = |hours: i128| (dividend * hours).checked_div(divisor * self.hours).unwrap_or_default();
        due(number + 1) - due(number)
    }
}

#[cfg(test)]
#[path = "costs_model.rs"]
mod model;
#[cfg(test)]
#[path = "costs_tests.rs"]
mod tests;
