//! `GET /verbruik/api/meter-measurement-spikes/{EAN}`: the highest quarter-hour of each month.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::counted::finest;
use super::history::{check, decimal, meter, written};
use super::meter::SimulatedMeter;
use super::state::State;
use crate::energy::{Direction, MeterDay, MeterKind};

pub(super) fn peaks(portal: &State, call: &Call) -> Reply {
    let span = match check(portal, call) {
        Ok(span) => span,
        Err(refusal) => return refusal,
    };
    let now = portal.world.clock.now();
    let mut months = Vec::new();
    if let Some(meter) = meter(portal, call).filter(|meter| meter.kind == MeterKind::Electricity) {
        let mut month = span.first.with_day(1);
        while let Some(first) = month.filter(|first| *first <= span.last) {
            let next = first.checked_add_months(Months::new(1));
            if first >= span.first {
                months.extend(next.filter(|next| *next > first).and_then(|next| peak(meter, first, next, now)));
            }
            month = next;
        }
    }
    Reply::json(200, &Value::Array(months))
}

/// The peak of a month that is published to its end.
fn peak(meter: &SimulatedMeter, first: NaiveDate, next: NaiveDate, now: DateTime<Utc>) -> Option<Value> {
    if next.pred_opt()? > meter.last_published(now) {
        return None;
    }
    let day = |date| MeterDay::new(meter.kind, date, Brussels);
    let mut highest: Option<(i64, DateTime<Utc>)> = None;
    for date in first.iter_days().take_while(|date| *date < next).filter(|date| meter.shows(*date, now)) {
        for row in finest(meter, day(date)?) {
            let consumed = row.values.iter().filter(|value| value.direction == Direction::Consumption);
            let amount: i64 = consumed.filter_map(|value| value.amount).sum();
            if highest.is_none_or(|(most, _)| amount > most) {
                highest = Some((amount, row.start));
            }
        }
    }
    let (amount, start) = highest?;
    let value = json!({
        "v": decimal(amount * 4), "sst": written(start), "set": written(start + TimeDelta::minutes(15)),
    });
    let (start, end) = (day(first)?.interval().start(), day(next)?.interval().start());
    Some(json!({ "d": written(start), "de": written(end), "v": [value] }))
}
