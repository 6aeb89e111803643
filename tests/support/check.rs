use std::ops::RangeInclusive;

use chrono::{Days, NaiveDate};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::simulator::{Simulator, Sums, Where};
use reqwest::Url;
use serde_json::Value;

use super::{Home, yesterday};

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
