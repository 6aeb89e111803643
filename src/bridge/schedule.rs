//! When the next poll is due. Pure.

use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::report::Retry;
use crate::energy::local_to_utc;

/// While a day that should be published isn't complete, and after the first poll of the day, the portal is asked each hour until noon.
const HOURLY_UNTIL: NaiveTime = match NaiveTime::from_hms_opt(12, 0, 0) {
    Some(noon) => noon,
    None => NaiveTime::MIN,
};

/// Up to so much later than configured, so that not all households come at the same second.
pub(super) const JITTER: Duration = Duration::from_secs(180);

/// The wait after a first failure that may be over soon, doubled with each further one, and the longest.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(2);
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(1);

/// What the last poll left behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last {
    pub(super) retry: Retry,
    /// How many polls in a row have failed so that a retry makes sense soon.
    pub(super) failures: u32,
    pub(super) awaits_a_day: bool,
}

/// The instant of the next poll: after `now`, with `jitter` between 0 and 1 of the time by which it may be late.
pub(super) fn next_poll(now: DateTime<Utc>, zone: Tz, at: &[NaiveTime], last: Last, jitter: f64) -> DateTime<Utc> {
    let late = |instant: DateTime<Utc>, most: TimeDelta| {
        let most = most.to_std().unwrap_or_default();
        let late = TimeDelta::from_std(most.mul_f64(jitter.clamp(0.0, 1.0))).unwrap_or_default();
        instant.checked_add_signed(late).unwrap_or(instant)
    };
    let most = TimeDelta::from_std(JITTER).unwrap_or_default();
    let usual = late(next_local_time(now, zone, at), most);
    match last.retry {
        Retry::At(until) => late(until.max(now), most),
        Retry::Soon => {
            let doublings = last.failures.saturating_sub(1).min(10);
            let wait = FIRST_WAIT.checked_mul(1 << doublings).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
            late(now.checked_add_signed(wait / 2).unwrap_or(now), wait / 2).min(usual)
        }
        Retry::AsUsual if last.awaits_a_day => {
            let in_an_hour = late(now.checked_add_signed(TimeDelta::hours(1)).unwrap_or(now), most);
            let today_began = at.first().is_some_and(|first| *first <= now.with_timezone(&zone).time());
            let before_noon = in_an_hour.with_timezone(&zone).time() <= HOURLY_UNTIL;
            if today_began && before_noon { in_an_hour.min(usual) } else { usual }
        }
        Retry::AsUsual => usual,
    }
}

/// The first of the local times that comes after `now`.
fn next_local_time(now: DateTime<Utc>, zone: Tz, at: &[NaiveTime]) -> DateTime<Utc> {
    let today = now.with_timezone(&zone).date_naive();
    let instants = today.iter_days().take(3).flat_map(|date| at.iter().map(move |time| date.and_time(*time)));
    let next = instants.filter_map(|local| local_to_utc(local, zone)).filter(|instant| *instant > now).min();
    next.unwrap_or_else(|| now.checked_add_signed(TimeDelta::days(1)).unwrap_or(now))
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;

    use super::*;

    const FINE: Last = Last { retry: Retry::AsUsual, failures: 0, awaits_a_day: false };

    fn at(texts: &[&str]) -> Vec<NaiveTime> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn next(now: &str, last: Last) -> String {
        let times = at(&["06:20:00", "12:20:00", "18:20:00"]);
        let next = next_poll(now.parse().unwrap(), Brussels, &times, last, 0.0);
        next.with_timezone(&Brussels).format("%d %H:%M").to_string()
    }

    #[test]
    fn polls_come_at_the_local_times_on_both_sides_of_a_change_of_the_clocks() {
        assert_eq!(next("2026-03-28T20:00:00Z", FINE), "29 06:20");
        assert_eq!(next("2026-03-29T04:20:00Z", FINE), "29 12:20");
        assert_eq!(next("2026-10-24T20:00:00Z", FINE), "25 06:20");
        assert_eq!(next("2026-10-25T05:19:59Z", FINE), "25 06:20");
        assert_eq!(next("2026-10-25T05:20:00Z", FINE), "25 12:20");
    }

    #[test]
    fn a_time_that_is_skipped_or_comes_twice_gives_one_poll() {
        let times = at(&["02:30:00"]);
        let next = |now: &str| next_poll(now.parse().unwrap(), Brussels, &times, FINE, 0.0).to_rfc3339();
        assert_eq!(next("2026-03-29T00:00:00Z"), "2026-03-29T01:30:00+00:00");
        assert_eq!(next("2026-10-25T00:00:00Z"), "2026-10-25T00:30:00+00:00");
        assert_eq!(next("2026-10-25T00:30:00Z"), "2026-10-26T01:30:00+00:00");
    }

    #[test]
    fn a_late_yesterday_is_asked_for_hourly_until_noon() {
        let waiting = Last { awaits_a_day: true, ..FINE };
        assert_eq!(next("2026-06-09T04:21:00Z", waiting), "09 07:21");
        assert_eq!(next("2026-06-09T09:00:00Z", waiting), "09 12:00");
        assert_eq!(next("2026-06-09T09:01:00Z", waiting), "09 12:20");
        assert_eq!(next("2026-06-09T12:00:00Z", waiting), "09 18:20");
        assert_eq!(next("2026-06-08T22:30:00Z", waiting), "09 06:20", "not before the first poll of the day");
    }

    #[test]
    fn a_portal_that_is_down_is_tried_again_soon_and_then_less_often() {
        let failed = |failures| Last { retry: Retry::Soon, failures, awaits_a_day: false };
        let wait = |failures| {
            let now: DateTime<Utc> = "2026-06-09T19:00:00Z".parse().unwrap();
            (next_poll(now, Brussels, &at(&["06:20:00"]), failed(failures), 1.0) - now).num_minutes()
        };
        assert_eq!([1, 2, 3, 6, 40].map(wait), [2, 4, 8, 60, 60]);
        assert_eq!(next("2026-06-09T04:19:30Z", failed(9)), "09 06:20", "the usual time comes first");
    }

    #[test]
    fn a_portal_that_asks_for_rest_gets_it() {
        let until: DateTime<Utc> = "2026-06-09T13:00:00Z".parse().unwrap();
        assert_eq!(next("2026-06-09T04:00:00Z", Last { retry: Retry::At(until), ..FINE }), "09 15:00");
    }

    #[test]
    fn jitter_makes_it_later_by_three_minutes_at_most() {
        let now = "2026-06-09T04:00:00Z".parse().unwrap();
        let late = next_poll(now, Brussels, &at(&["06:20:00"]), FINE, 1.0);
        assert_eq!(late.to_rfc3339(), "2026-06-09T04:23:00+00:00");
    }
}
