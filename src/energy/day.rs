use std::fmt;

use chrono::offset::LocalResult;
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::Interval;

/// What a meter measures, which decides when its day begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MeterKind {
    /// Days from local midnight to local midnight.
    Electricity,
    /// Days from 06:00 to 06:00 local time.
    Gas,
}

impl MeterKind {
    /// The local time at which its days begin.
    #[must_use]
    pub fn day_begins(self) -> NaiveTime {
        match self {
            Self::Electricity => NaiveTime::MIN,
            Self::Gas => NaiveTime::from_hms_opt(6, 0, 0).unwrap_or(NaiveTime::MIN),
        }
    }
}

/// One day as a meter counts it: named by its local date, 23 to 25 hours long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeterDay {
    date: NaiveDate,
    interval: Interval,
}

impl MeterDay {
    /// The meter day that begins on a local date; `None` only at the end of the calendar.
    #[must_use]
    pub fn new(kind: MeterKind, date: NaiveDate, zone: Tz) -> Option<Self> {
        let begins = kind.day_begins();
        let start = local_to_utc(date.and_time(begins), zone)?;
        let end = local_to_utc(date.checked_add_days(Days::new(1))?.and_time(begins), zone)?;
        Some(Self { date, interval: Interval::new(start, end).ok()? })
    }

    /// The meter day in which an instant lies.
    #[must_use]
    pub fn containing(kind: MeterKind, instant: DateTime<Utc>, zone: Tz) -> Option<Self> {
        let local = instant.with_timezone(&zone).naive_local();
        let date = if local.time() < kind.day_begins() { local.date().pred_opt()? } else { local.date() };
        Self::new(kind, date, zone)
    }

    /// The local date on which it begins.
    #[must_use]
    pub const fn date(self) -> NaiveDate {
        self.date
    }

    /// The date of the meter day that runs: that of the calendar in UTC at the calendar's end, where there is none.
    #[must_use]
    pub fn today(kind: MeterKind, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
        Self::containing(kind, now, zone).map_or_else(|| now.date_naive(), Self::date)
    }

    /// From its start until its end, in UTC.
    #[must_use]
    pub const fn interval(self) -> Interval {
        self.interval
    }
}

impl fmt::Display for MeterDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date.fmt(f)
    }
}

/// The instant of a local wall-clock time: the first of the two when the clocks go back, and as many minutes after the
/// change as it lies in the gap when they go forward. `None` only at the end of the calendar.
#[must_use]
pub fn local_to_utc(local: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.with_timezone(&Utc)),
        LocalResult::None => {
            let before = local.checked_sub_signed(TimeDelta::hours(3))?;
            let before = zone.from_local_datetime(&before).earliest()?;
            Some(before.with_timezone(&Utc).checked_add_signed(TimeDelta::hours(3))?)
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;

    use super::*;

    fn day(kind: MeterKind, date: &str) -> MeterDay {
        MeterDay::new(kind, date.parse().unwrap(), Brussels).unwrap()
    }

    #[test]
    fn days_last_as_long_as_the_clocks_say() {
        let hours = |date| day(MeterKind::Electricity, date).interval().seconds() / 3_600;
        assert_eq!(hours("2026-03-28"), 24);
        assert_eq!(hours("2026-03-29"), 23);
        assert_eq!(hours("2026-10-25"), 25);
        assert_eq!(day(MeterKind::Gas, "2026-03-28").interval().seconds() / 3_600, 23);
        assert_eq!(day(MeterKind::Gas, "2026-03-29").interval().seconds() / 3_600, 24);
    }

    #[test]
    fn a_day_begins_at_local_midnight_not_at_utc_midnight() {
        assert_eq!(
            day(MeterKind::Electricity, "2026-06-09").interval().start().to_rfc3339(),
            "2026-06-08T22:00:00+00:00"
        );
        assert_eq!(
            day(MeterKind::Electricity, "2026-01-09").interval().start().to_rfc3339(),
            "2026-01-08T23:00:00+00:00"
        );
        assert_eq!(day(MeterKind::Gas, "2026-01-13").interval().start().to_rfc3339(), "2026-01-13T05:00:00+00:00");
    }

    #[test]
    fn every_instant_lies_in_the_day_that_contains_it() {
        let mut instant: DateTime<Utc> = "2026-03-27T00:00:00Z".parse().unwrap();
        while instant < "2026-03-31T00:00:00Z".parse::<DateTime<Utc>>().unwrap() {
            for kind in [MeterKind::Electricity, MeterKind::Gas] {
                let found = MeterDay::containing(kind, instant, Brussels).unwrap().interval();
                assert!(found.start() <= instant && instant < found.end(), "{kind:?} {instant}");
            }
            instant += TimeDelta::minutes(15);
        }
    }

    #[test]
    fn a_local_time_in_the_gap_comes_after_the_change() {
        let local = "2026-03-29T02:30:00".parse().unwrap();
        assert_eq!(local_to_utc(local, Brussels).unwrap().to_rfc3339(), "2026-03-29T01:30:00+00:00");
        let twice = "2026-10-25T02:30:00".parse().unwrap();
        assert_eq!(local_to_utc(twice, Brussels).unwrap().to_rfc3339(), "2026-10-25T00:30:00+00:00");
    }
}
