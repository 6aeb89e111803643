//! Which days a page of hours shows. Pure.

use std::ops::RangeInclusive;

use chrono::{Datelike as _, Days, Months, NaiveDate};

/// A year of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    /// Twelve months, until the last day that can be known.
    LastMonths,
    /// A year of the calendar.
    Year(i32),
}

impl Period {
    /// The year that an address names, in four digits; `None` for one that hasn't begun, and for what isn't a year.
    pub(super) fn year(text: &str, today: NaiveDate) -> Option<Self> {
        let is_plain = text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit());
        let year: i32 = text.parse().ok().filter(|_| is_plain)?;
        (year <= today.year()).then_some(Self::Year(year))
    }

    /// Its days, where `last` is the last one that can be known.
    pub(super) fn days(self, last: NaiveDate) -> RangeInclusive<NaiveDate> {
        match self {
            Self::LastMonths => {
                let before = last.checked_sub_months(Months::new(12)).unwrap_or(last);
                before.checked_add_days(Days::new(1)).unwrap_or(last)..=last
            }
            Self::Year(year) => {
                let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(last);
                day(1, 1)..=day(12, 31)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn only_years_that_have_begun_are_years() {
        let year = |text| Period::year(text, date("2026-11-25"));
        assert_eq!([year("2026"), year("2024")], [Some(Period::Year(2026)), Some(Period::Year(2024))]);
        for wrong in ["2027", "9999", "", "26", "+202", "-202", "02026", "20 6", "2026-01", "year", "２０２６"] {
            assert_eq!(year(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn twelve_months_have_each_date_once() {
        assert_eq!(Period::LastMonths.days(date("2026-11-24")), date("2025-11-25")..=date("2026-11-24"));
        assert_eq!(Period::LastMonths.days(date("2024-02-29")), date("2023-03-01")..=date("2024-02-29"));
        assert_eq!(Period::Year(2024).days(date("2026-11-24")).into_inner(), (date("2024-01-01"), date("2024-12-31")));
    }
}
