//! Monthly peaks and their mean, which is what the capacity tariff bills.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, Offset as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::{Interval, Power};

/// Over so many months, the last one included, the capacity tariff takes the mean.
const MONTHS: u32 = 12;

/// A quarter of an hour.
const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// The highest quarter-hour of a month (*maandpiek*).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peak {
    /// The local date of the month's first day.
    pub month: NaiveDate,
    /// The mean power from the grid in that quarter-hour.
    pub power: Power,
    /// When it was.
    pub quarter: Interval,
}

impl Peak {
    /// What a monthly peak counts at least in the mean that the capacity tariff bills: 2.5 kW, by the tariff methodology of
    /// the Flemish regulator.
    pub const FLOOR: Power = Power::from_millionths(2_500_000);

    /// A peak in the quarter-hour that begins at an instant, of the month in which that lies by local time. `None` only at
    /// the ends of the calendar.
    #[must_use]
    pub fn new(power: Power, start: DateTime<Utc>, zone: Tz) -> Option<Self> {
        let quarter = Interval::new(start, start.checked_add_signed(QUARTER)?).ok()?;
        Some(Self { month: month_of(start, zone)?, power, quarter })
    }

    /// What it counts in that mean.
    #[must_use]
    pub fn counts(&self) -> Power {
        self.power.max(Self::FLOOR)
    }
}

/// The local date of the first day of the month in which an instant lies. `None` only at the ends of the calendar.
#[must_use]
pub fn month_of(instant: DateTime<Utc>, zone: Tz) -> Option<NaiveDate> {
    let utc = instant.naive_utc();
    utc.checked_add_offset(zone.offset_from_utc_datetime(&utc).fix())?.date().with_day(1)
}

/// The peaks of a meter, at most one a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peaks(BTreeMap<NaiveDate, Peak>);

impl Peaks {
    /// Adds a peak, unless a higher one of the same month is there. Of two that are equal, the earlier one stays.
    pub fn add(&mut self, peak: Peak) {
        let highest = self.0.entry(peak.month).or_insert(peak);
        if (peak.power, highest.quarter.start()) > (highest.power, peak.quarter.start()) {
            *highest = peak;
        }
    }

    /// The peaks in the order of their months.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Peak> {
        self.0.values()
    }

    /// That of a month.
    #[must_use]
    pub fn of(&self, month: NaiveDate) -> Option<Peak> {
        self.0.get(&month).copied()
    }

    /// That of the newest month.
    #[must_use]
    pub fn newest(&self) -> Option<Peak> {
        self.iter().next_back().copied()
    }

    /// The mean that the capacity tariff bills in a month: of that month and the eleven before it, as far as their peaks
    /// are known, each at least [`Peak::FLOOR`]. `None` when none of them is known.
    #[must_use]
    pub fn average(&self, month: NaiveDate) -> Option<AveragePeak> {
        let mut average = AveragePeak { sum: 0, months: 0 };
        for (_, peak) in self.0.range(AveragePeak::window(month)) {
            average.sum += i128::from(peak.counts().millionths());
            average.months += 1;
        }
        (average.months > 0).then_some(average)
    }
}

impl FromIterator<Peak> for Peaks {
    fn from_iter<I: IntoIterator<Item = Peak>>(all: I) -> Self {
        let mut peaks = Self::default();
        all.into_iter().for_each(|peak| peaks.add(peak));
        peaks
    }
}

/// A mean of monthly peaks, kept as a fraction so that nothing rounds before the last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AveragePeak {
    sum: i128,
    months: i128,
}

impl AveragePeak {
    /// The months whose peaks count in the mean of a month.
    #[must_use]
    pub fn window(month: NaiveDate) -> RangeInclusive<NaiveDate> {
        month.checked_sub_months(Months::new(MONTHS - 1)).unwrap_or(month)..=month
    }

    /// The sum of the peaks that count, in millionths of a kW.
    #[must_use]
    pub const fn sum(self) -> i128 {
        self.sum
    }

    /// How many they are: 1 to 12.
    #[must_use]
    pub const fn months(self) -> i128 {
        self.months
    }

    /// The mean, to the nearest millionth of a kW.
    #[must_use]
    pub fn power(self) -> Power {
        let nearest = (self.sum + self.months / 2).checked_div(self.months).unwrap_or_default();
        Power::from_millionths(i64::try_from(nearest).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn peak(start: &str, millionths: i64) -> Peak {
        Peak::new(Power::from_millionths(millionths), start.parse().unwrap(), Brussels).unwrap()
    }

    #[test]
    fn a_month_begins_at_local_midnight() {
        for (start, month) in [
            ("2026-01-31T22:45:00Z", "2026-01-01"),
            ("2026-01-31T23:00:00Z", "2026-02-01"),
            ("2026-03-31T21:45:00Z", "2026-03-01"),
            ("2026-03-31T22:00:00Z", "2026-04-01"),
            ("2026-10-31T22:45:00Z", "2026-10-01"),
        ] {
            assert_eq!(peak(start, 1).month, date(month), "{start}");
        }
        assert_eq!(month_of(DateTime::<Utc>::MAX_UTC, Brussels), None);
        assert_eq!(Peak::new(Power::default(), DateTime::<Utc>::MAX_UTC, Brussels), None);
    }

    #[test]
    fn the_highest_quarter_hour_of_a_month_stays_and_the_first_of_equal_ones() {
        let first = peak("2026-01-14T11:00:00Z", 5_432_000);
        let all = [
            first,
            peak("2026-01-14T10:00:00Z", 5_431_999),
            peak("2026-01-20T11:00:00Z", 5_432_000),
            peak("2026-02-01T11:00:00Z", 1),
        ];
        let peaks: Peaks = all.into_iter().collect();
        assert_eq!(peaks, all.into_iter().rev().collect(), "in whatever order they come");
        assert_eq!(peaks.iter().copied().collect::<Vec<_>>(), [first, all[3]]);
        assert_eq!(peaks.newest(), Some(all[3]));
    }

    #[test]
    fn the_mean_is_of_twelve_months_each_at_least_two_and_a_half_kilowatts() {
        // December 2024 is the thirteenth month before December 2025.
        let mut peaks: Peaks = [peak("2024-12-10T11:00:00Z", 99_000_000)].into_iter().collect();
        let average = |peaks: &Peaks| peaks.average(date("2025-12-01")).map(AveragePeak::power);
        assert_eq!(average(&peaks), None);
        peaks.add(peak("2025-12-10T11:00:00Z", 0));
        assert_eq!(average(&peaks), Some(Power::from_millionths(2_500_000)));
        peaks.add(peak("2025-01-10T11:00:00Z", 5_000_001));
        assert_eq!(average(&peaks), Some(Power::from_millionths(3_750_001)), "halves go up");
        peaks.add(peak("2026-01-10T11:00:00Z", 99_000_000));
        assert_eq!(peaks.average(date("2025-12-01")).unwrap().months(), 2, "what comes later is none of its business");
        assert_eq!(Peaks::default().newest(), None);
    }

    proptest! {
        #[test]
        fn the_mean_is_exact(powers in proptest::collection::vec(prop::option::of(0_i64..30_000_000), 12)) {
            let months = (1..).zip(&powers).filter_map(|(month, power)| {
                Some(peak(&format!("2025-{month:02}-15T12:00:00Z"), (*power)?))
            });
            let peaks: Peaks = months.collect();
            let counted: Vec<i64> = powers.iter().flatten().map(|power| (*power).max(2_500_000)).collect();
            let average = peaks.average(date("2025-12-01"));
            prop_assert_eq!(average.is_some(), !counted.is_empty());
            if let Some(average) = average {
                prop_assert_eq!(average.sum(), i128::from(counted.iter().sum::<i64>()));
                let off = i128::from(average.power().millionths()) * average.months() - average.sum();
                prop_assert!(2 * off.abs() <= average.months());
            }
        }
    }
}
