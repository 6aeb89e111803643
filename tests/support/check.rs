use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::simulator::{Simulator, Sums, Where};
use reqwest::Url;
use serde_json::Value;

use super::{EAN, Home, yesterday};

/// The days of a first run: 31, until yesterday.
pub(crate) fn first_days() -> RangeInclusive<NaiveDate> {
    yesterday() - Days::new(30)..=yesterday()
}

/// So many days before yesterday.
pub(crate) fn before(days: u64) -> NaiveDate {
    yesterday() - Days::new(days)
}

/// The start of a day, as the state tells it.
pub(crate) fn midnight(date: NaiveDate) -> Value {
    date.and_hms_opt(0, 0, 0).unwrap().and_local_timezone(Brussels).unwrap().to_rfc3339().into()
}

/// The totals of a meter with two registers and panels are these sums, to the last digit.
#[track_caller]
pub(crate) fn assert_totals(state: &Value, sums: Sums) {
    let totals = [
        ("consumption_total", sums.consumption()),
        ("consumption_high", sums.consumption_high),
        ("consumption_low", sums.consumption_low),
        ("injection_total", sums.injection()),
        ("injection_high", sums.injection_high),
        ("injection_low", sums.injection_low),
        ("net_total", sums.consumption() - sums.injection()),
    ];
    assert!(sums.consumption() > 0 && sums.injection() > 0, "there is something to compare");
    for (key, millionths) in totals {
        assert_eq!(state[key], Home::kwh(millionths), "{key} in {state}");
    }
}

/// The highest quarter-hour that is published of these days: its power in millionths of a kW, and when it began.
pub(crate) fn highest(portal: &Simulator, days: RangeInclusive<NaiveDate>) -> Option<(i64, DateTime<Utc>)> {
    let dates = days.start().iter_days().take_while(|date| date <= days.end());
    let slots = dates.filter_map(|date| portal.truth(EAN, date)).flat_map(|day| day.slots);
    // Of two that are equal, the first.
    slots.map(|slot| (4 * slot.sums.consumption(), slot.start)).min_by_key(|(power, start)| (-power, *start))
}

/// The average peak of the months until that of a day, in kW, when the portal has published what it measured.
pub(crate) fn average_peak(portal: &Simulator, last: NaiveDate) -> Value {
    let months = (0..12).map(|back| last.with_day(1).unwrap() - Months::new(back));
    let days = months.map(|first| first..=(first + Months::new(1)).pred_opt().unwrap().min(last));
    let peaks: Vec<i64> = days.filter_map(|days| Some(highest(portal, days)?.0.max(2_500_000))).collect();
    mean(&peaks)
}

/// The mean of powers in millionths of a kW, as the state tells it in kW.
pub(crate) fn mean(powers: &[i64]) -> Value {
    let count = i64::try_from(powers.len()).unwrap();
    Home::kwh((powers.iter().sum::<i64>() * 2 + count) / (2 * count))
}

/// A request for history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) from: String,
    pub(crate) until: String,
    pub(crate) granularity: String,
}

impl Asked {
    /// The first day that it asks for.
    pub(crate) fn day(&self) -> NaiveDate {
        self.from[..10].parse().unwrap()
    }
}

/// The requests for history since the first so many requests of any kind.
pub(crate) fn asked_since(portal: &Simulator, requests: usize) -> Vec<Asked> {
    let asked =
        portal.requests().split_off(requests).into_iter().filter(|request| request.step == Some(Where::History));
    asked
        .map(|request| {
            let url = Url::parse("http://portal").unwrap().join(&request.path).unwrap();
            let parameter = |name: &str| {
                let found = url.query_pairs().find(|(key, _)| key == name);
                found.unwrap_or_else(|| panic!("{name} in {url}")).1.into_owned()
            };
            Asked {
                from: parameter("historyFrom"),
                until: parameter("historyUntil"),
                granularity: parameter("granularity"),
            }
        })
        .collect()
}
