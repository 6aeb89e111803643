use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Timelike as _, Utc};
use chrono_tz::Europe::Brussels;

use super::household::{Household, Tariffs};
use crate::energy::{MeterKind, Unit};

/// A meter, what the portal holds of it, and what the portal does wrong with it.
#[derive(Clone, Debug)]
pub struct SimulatedMeter {
    /// The 18 digits of its connection point.
    pub ean: String,
    /// The serial number that is printed on it.
    pub serial: String,
    /// What it measures.
    pub kind: MeterKind,
    /// The home in which it hangs.
    pub household: Household,
    /// The first day of the user's contract.
    pub history_from: NaiveDate,
    /// The first day that is stored finer than daily totals.
    pub fine_since: NaiveDate,
    /// The first day with two registers, where the household has them; earlier days have one.
    pub tariffs_since: Option<NaiveDate>,
    /// The first day with solar panels, where the household has them.
    pub solar_since: Option<NaiveDate>,
    /// Whether days without solar panels carry an injection of zero, as if a meter always counted both ways.
    pub idle_injection: bool,
    /// The only unit in which gas is published, in place of both.
    pub only_unit: Option<Unit>,
    /// The last published day, in place of the portal's normal delay.
    pub published_until: Option<NaiveDate>,
    /// Days of which nothing is published.
    pub withheld: BTreeSet<NaiveDate>,
    /// Days of which only the first so many quarter-hours (hours of gas) are published.
    pub partial: BTreeMap<NaiveDate, usize>,
    /// Quarter-hours (hours of gas) that are missing, by their start.
    pub gaps: BTreeMap<DateTime<Utc>, Gap>,
    /// Ten-thousandths of a unit by which each quarter-hour's consumption (each hour's m³) of a day differs from what
    /// the household used; nothing goes below zero.
    pub corrections: BTreeMap<NaiveDate, i64>,
    /// Days with another validation status than 2.
    pub statuses: BTreeMap<NaiveDate, i64>,
    /// What is published as the peak of a month, by its first day, in place of the highest quarter-hour once the month is
    /// over: ten-thousandths of a kW, or nothing at all.
    pub peaks: BTreeMap<NaiveDate, Option<i64>>,
    /// Whether `t` and `dc` have changed places.
    pub swapped_codes: bool,
    /// What each granularity code gives; other codes give nothing.
    pub codes: BTreeMap<u8, Rows>,
}

/// In what way an amount is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// A row with values that have no amount.
    NullAmounts,
    /// A row without values.
    NoValues,
    /// No row at all.
    NoRow,
}

/// The length of the rows of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// A quarter of an hour, which a gas meter doesn't have.
    Quarters,
    /// An hour.
    Hours,
    /// A day of the meter.
    Days,
}

impl SimulatedMeter {
    /// An electricity meter with two registers and solar panels, whose whole history is there.
    #[must_use]
    pub fn electricity(ean: &str, serial: &str, history_from: NaiveDate) -> Self {
        let codes = [(1, Rows::Quarters), (2, Rows::Hours), (3, Rows::Days), (4, Rows::Days)];
        Self::new(MeterKind::Electricity, ean, serial, history_from, codes.into())
    }

    /// A gas meter whose whole history is there.
    #[must_use]
    pub fn gas(ean: &str, serial: &str, history_from: NaiveDate) -> Self {
        let codes = [(2, Rows::Hours), (3, Rows::Days), (4, Rows::Days)];
        Self::new(MeterKind::Gas, ean, serial, history_from, codes.into())
    }

    fn new(kind: MeterKind, ean: &str, serial: &str, history_from: NaiveDate, codes: BTreeMap<u8, Rows>) -> Self {
        Self {
            ean: ean.to_owned(),
            serial: serial.to_owned(),
            kind,
            household: Household { tariffs: Tariffs::HighLow, solar: true, seed: 1 },
            history_from,
            fine_since: history_from,
            tariffs_since: None,
            solar_since: None,
            idle_injection: false,
            only_unit: None,
            published_until: None,
            withheld: BTreeSet::new(),
            partial: BTreeMap::new(),
            gaps: BTreeMap::new(),
            corrections: BTreeMap::new(),
            statuses: BTreeMap::new(),
            peaks: BTreeMap::new(),
            swapped_codes: false,
            codes,
        }
    }

    /// The last day that is published at an instant: electricity the morning after, gas two days later.
    #[must_use]
    pub fn last_published(&self, now: DateTime<Utc>) -> NaiveDate {
        if let Some(fixed) = self.published_until {
            return fixed;
        }
        let local = now.with_timezone(&Brussels);
        let six = NaiveTime::from_hms_opt(6, 0, 0).unwrap_or_default();
        let early = u64::from(local.time().with_nanosecond(0).unwrap_or_default() < six);
        let delay = match self.kind {
            MeterKind::Electricity => 1,
            MeterKind::Gas => 3,
        };
        local.date_naive().checked_sub_days(Days::new(delay + early)).unwrap_or_default()
    }

    /// Whether the portal shows anything of a day.
    pub(super) fn shows(&self, date: NaiveDate, now: DateTime<Utc>) -> bool {
        date >= self.history_from && date <= self.last_published(now) && !self.withheld.contains(&date)
    }

    pub(super) fn has_tariffs(&self, date: NaiveDate) -> bool {
        self.household.tariffs == Tariffs::HighLow && self.tariffs_since.is_none_or(|since| date >= since)
    }

    pub(super) fn has_solar(&self, date: NaiveDate) -> bool {
        self.household.solar && self.solar_since.is_none_or(|since| date >= since)
    }
}
