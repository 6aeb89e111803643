//! The peaks of the last months, and the mean that the capacity tariff bills in each. Pure.

use chrono::{Datelike as _, Months, NaiveDate};

use crate::energy::{AveragePeak, Peak, Peaks};

/// So many months are shown: those of a mean, and the same month a year before.
const MONTHS: u32 = 13;

/// A month with what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Month {
    /// Its first day.
    pub(super) date: NaiveDate,
    /// `None` when none is known.
    pub(super) peak: Option<Peak>,
    /// The mean that is billed in it; `None` when no month that counts in it has a peak.
    pub(super) average: Option<AveragePeak>,
    /// It isn't over, so that its peak may still rise.
    pub(super) is_running: bool,
}

/// The last months, oldest first: until that of `today`, or of the last day that counts if there is one before.
pub(super) fn months(peaks: &Peaks, today: NaiveDate, until: Option<NaiveDate>) -> Vec<Month> {
    let first_day = |date: NaiveDate| date.with_day(1).unwrap_or(date);
    let (running, last) = (first_day(today), first_day(until.map_or(today, |until| until.min(today))));
    let dates = (0..MONTHS).rev().filter_map(|back| last.checked_sub_months(Months::new(back)));
    let month = |date| Month { date, peak: peaks.of(date), average: peaks.average(date), is_running: date == running };
    dates.map(month).collect()
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;

    use super::*;
    use crate::energy::Power;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn peaks(all: &[(&str, i64)]) -> Peaks {
        let peak = |(start, millionths): &(&str, i64)| {
            Peak::new(Power::from_millionths(*millionths), start.parse().unwrap(), Brussels).unwrap()
        };
        all.iter().map(peak).collect()
    }

    #[test]
    fn thirteen_months_until_this_one_are_shown_with_holes_where_no_peak_is_known() {
        let peaks = peaks(&[
            ("2025-10-10T17:15:00Z", 9_000_000),
            ("2025-11-10T17:15:00Z", 6_000_000),
            ("2026-10-10T17:15:00Z", 4_000_000),
            ("2026-11-10T17:15:00Z", 1_000_000),
        ]);
        let months = months(&peaks, date("2026-11-24"), None);
        assert_eq!(months.len(), 13);
        assert_eq!((months[0].date, months[12].date), (date("2025-11-01"), date("2026-11-01")));
        let known: Vec<usize> = (0..13).filter(|place| months[*place].peak.is_some()).collect();
        assert_eq!(known, [0, 11, 12]);
        assert!(months[12].is_running && months[..12].iter().all(|month| !month.is_running));

        let mean = |place: usize| months[place].average.map(|average| (average.power().millionths(), average.months()));
        assert_eq!(mean(0), Some((7_500_000, 2)), "of this month and an older one that isn't shown");
        assert_eq!(mean(5), Some((7_500_000, 2)), "a month without a peak is billed by the others");
        assert_eq!(mean(11), Some((5_000_000, 2)), "October 2025 is too old by then");
        assert_eq!(mean(12), Some((3_250_000, 2)), "1 kW counts as 2.5 kW");
        assert_eq!(months[12].peak.unwrap().counts(), Peak::FLOOR);
    }

    #[test]
    fn what_comes_after_the_last_day_that_counts_is_not_shown() {
        let peaks = peaks(&[("2026-06-10T17:15:00Z", 3_000_000), ("2026-07-10T17:15:00Z", 9_000_000)]);
        let months = months(&peaks, date("2026-11-24"), Some(date("2026-06-30")));
        assert_eq!(months[12].date, date("2026-06-01"));
        assert!(!months[12].is_running);
        assert_eq!(months[12].average.unwrap().power(), Power::from_millionths(3_000_000));
    }

    #[test]
    fn nothing_known_is_thirteen_holes() {
        let months = months(&Peaks::default(), date("2026-01-31"), None);
        assert_eq!(months[0].date, date("2025-01-01"));
        assert!(months.iter().all(|month| month.peak.is_none() && month.average.is_none()));
    }
}
