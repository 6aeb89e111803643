use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;

use super::{kind, local};
use crate::config::Meter;
use crate::energy::{Direction, MeterKind};
use crate::ledger::{DayState, Quality, portal_floor};
use crate::web::page::Context;
use crate::web::routes::{Failed, answer};
use crate::web::site::Site;
use crate::web::sums::total;

/// Which days of which meters are asked for; all of them, unless something else is said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    meter: Option<String>,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
}

#[derive(Serialize)]
struct Answer {
    meters: Vec<MeterDays>,
}

/// A meter and its days.
#[derive(Serialize)]
struct MeterDays {
    id: String,
    name: String,
    kind: &'static str,
    unit: &'static str,
    /// In the order of time, those included of which nothing is known.
    days: Vec<Day>,
}

/// A day. What is counted of a partial one is that part.
#[derive(Serialize)]
struct Day {
    date: NaiveDate,
    quality: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consumption: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    injection: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gas: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_readings: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    corrections: Vec<Correction>,
}

/// What the portal has said otherwise than before.
#[derive(Serialize)]
struct Correction {
    at: String,
    direction: &'static str,
    interval_seconds: u32,
    readings: u32,
    before: f64,
    after: f64,
}

/// How well each day is known, and what was counted on it.
pub(in crate::web) async fn days(
    State(site): State<Arc<Site>>,
    Query(parameters): Query<Vec<(String, String)>>,
    headers: HeaderMap,
) -> Response {
    let wanted = match Wanted::read(&parameters) {
        Ok(wanted) => wanted,
        Err(wrong) => return refusal(StatusCode::BAD_REQUEST, &wrong),
    };
    answer(site, &headers, move |context| tell(context, &wanted)).await
}

impl Wanted {
    /// Reads the parameters; the error says what to write.
    fn read(parameters: &[(String, String)]) -> Result<Self, String> {
        let date = |name: &str, text: &str| {
            let wrong = |_| format!("`{name}` is `{text}`, which is no date; write one as in {name}=2026-11-24.");
            text.parse::<NaiveDate>().map_err(wrong)
        };
        let mut wanted = Self::default();
        for (name, text) in parameters {
            match name.as_str() {
                "meter" => wanted.meter = Some(text.clone()),
                "from" => wanted.from = Some(date(name, text)?),
                "to" => wanted.to = Some(date(name, text)?),
                _ => {
                    return Err(format!(
                        "`{name}` isn't known; there are meter=0011, from=2026-11-01 and to=2026-11-24."
                    ));
                }
            }
        }
        match (wanted.from, wanted.to) {
            (Some(from), Some(to)) if from > to => Err(format!("`from` is after `to`; write from={to}&to={from}.")),
            _ => Ok(wanted),
        }
    }
}

fn refusal(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({"error": error}))).into_response()
}

fn tell(context: &Context<'_>, wanted: &Wanted) -> Result<Response, Failed> {
    let is_wanted = |name: &str| wanted.meter.as_deref().is_none_or(|wanted| wanted == name);
    let mut meters = Vec::new();
    for (id, meter) in context.meters().filter(|(name, _)| is_wanted(name)) {
        meters.push(MeterDays {
            id,
            name: meter.title(),
            kind: kind(meter.kind),
            unit: meter.unit.symbol(),
            days: days_of(context, meter, wanted)?,
        });
    }
    if let Some(unknown) = wanted.meter.as_ref().filter(|_| meters.is_empty()) {
        let names: Vec<String> = context.meters().map(|(name, _)| name).collect();
        let error = format!("There is no meter `{unknown}`; there are {}.", names.join(", "));
        return Ok(refusal(StatusCode::NOT_FOUND, &error));
    }
    Ok(Json(Answer { meters }).into_response())
}

fn days_of(context: &Context<'_>, meter: &Meter, wanted: &Wanted) -> Result<Vec<Day>, Failed> {
    let ledger = &context.ledger;
    let Some((id, span)) = context.span(meter)? else { return Ok(Vec::new()) };
    let Some(told) = span.told() else { return Ok(Vec::new()) };
    // Days that are older than all that is known, and than what the portal keeps, are none that could be missing.
    let oldest = portal_floor(span.expected()).min(*told.start());
    let first = wanted.from.map_or(*told.start(), |from| from.max(oldest));
    let last = wanted.to.map_or(*told.end(), |to| to.min(*told.end()));
    let states = ledger.days(id, first)?;
    let amounts = ledger.day_amounts(id, first, last)?;
    let estimated = ledger.estimated(id, first, last)?;
    let injects = ledger.injects_since(id)?.is_some();
    let mut corrections = ledger.corrections(id, first, last)?.into_iter().peekable();
    let mut days = Vec::new();
    for date in first.iter_days().take_while(|date| *date <= last) {
        let state = states.get(&date).copied().unwrap_or_default();
        let sum = |direction| Some(total(amounts.get(&date)?, direction)?.to_units());
        let of_electricity = |direction| sum(direction).filter(|_| meter.kind == MeterKind::Electricity);
        let mut of_day = Vec::new();
        while let Some(correction) = corrections.next_if(|correction| correction.date <= date) {
            of_day.push(Correction {
                at: local(context, correction.at),
                direction: match (meter.kind, correction.direction) {
                    (MeterKind::Gas, _) => "gas",
                    (MeterKind::Electricity, Direction::Consumption) => "consumption",
                    (MeterKind::Electricity, Direction::Injection) => "injection",
                },
                interval_seconds: correction.seconds,
                readings: correction.readings,
                before: correction.before.to_units(),
                after: correction.after.to_units(),
            });
        }
        days.push(Day {
            date,
            quality: word(state.quality()),
            resolution: resolution(state),
            consumption: of_electricity(Direction::Consumption),
            // A portal that reports injection of nothing alone tells of none.
            injection: of_electricity(Direction::Injection).filter(|_| injects),
            gas: sum(Direction::Consumption).filter(|_| meter.kind == MeterKind::Gas),
            estimated_readings: estimated.get(&date).copied(),
            corrections: of_day,
        });
    }
    Ok(days)
}

const fn word(quality: Quality) -> &'static str {
    match quality {
        Quality::Missing => "missing",
        Quality::Partial => "partial",
        Quality::DailyOnly => "daily_only",
        Quality::Complete => "complete",
        Quality::Absent => "absent",
    }
}

fn resolution(state: DayState) -> Option<&'static str> {
    state.finest.map(|seconds| match seconds {
        ..=900 => "quarter",
        901..=3_600 => "hour",
        _ => "day",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameters: &[(&str, &str)]) -> Result<Wanted, String> {
        let owned: Vec<_> = parameters.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Wanted::read(&owned)
    }

    #[test]
    fn every_parameter_may_be_left_out() {
        assert_eq!(read(&[]), Ok(Wanted::default()));
        let all = read(&[("to", "2026-11-24"), ("meter", "0011"), ("from", "2026-11-24")]).unwrap();
        let day = "2026-11-24".parse().ok();
        assert_eq!(all, Wanted { meter: Some("0011".to_owned()), from: day, to: day });
    }

    #[test]
    fn a_wrong_parameter_is_told_with_what_to_write() {
        let date = "`from` is `yesterday`, which is no date; write one as in from=2026-11-24.";
        assert_eq!(read(&[("from", "yesterday")]), Err(date.to_owned()));
        assert_eq!(read(&[("to", "")]).unwrap_err().split(';').next(), Some("`to` is ``, which is no date"));
        let unknown = "`form` isn't known; there are meter=0011, from=2026-11-01 and to=2026-11-24.";
        assert_eq!(read(&[("form", "2026-11-01")]), Err(unknown.to_owned()));
        let turned = "`from` is after `to`; write from=2026-11-01&to=2026-11-24.";
        assert_eq!(read(&[("from", "2026-11-24"), ("to", "2026-11-01")]), Err(turned.to_owned()));
    }

    #[test]
    fn the_length_of_intervals_is_told_in_a_word_and_nothing_where_it_is_not_known() {
        let word = |finest| resolution(DayState { finest, ..DayState::default() });
        let days = [82_800, 86_400, 90_000].map(|seconds| word(Some(seconds)));
        assert_eq!((word(Some(900)), word(Some(3_600)), days), (Some("quarter"), Some("hour"), [Some("day"); 3]));
        assert_eq!(word(None), None);
    }
}
