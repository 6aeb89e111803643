//! `GET /verbruik/api/meter-measurement-spikes/{EAN}`: the highest quarter-hour of each month.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::counted::finest;
use super::history::{MEMORY, check, decimal, meter, written, wrong};
use super::meter::SimulatedMeter;
use super::state::State;
use crate::energy::{Direction, MeterDay, MeterKind};

pub(super) fn peaks(portal: &State, call: &Call) -> Reply {
    let span = match check(portal, call) {
        Ok(span) => span,
        Err(refusal) => return refusal,
    };
    if call.query("granularity").is_some() {
        return wrong("granularity");
    }
    if !span.suits(MeterKind::Electricity) {
        return wrong("historyFrom");
    }
    let nothing = Reply::json(200, &json!([]));
    let meter = meter(portal, call).filter(|meter| meter.kind == MeterKind::Electricity);
    let (Some(meter), Some(mut month)) = (meter, span.first.with_day(1)) else { return nothing };
    let now = portal.world.clock.now();
    let Some(oldest) = now.checked_sub_months(MEMORY) else { return nothing };
    let mut months = Vec::new();
    while let Some(next) = month.checked_add_months(Months::new(1)).filter(|_| month <= span.last) {
        if month >= span.first && begins(month).is_some_and(|start| start >= oldest) {
            months.extend(published(meter, month, next, now));
        }
        month = next;
    }
    Reply::json(200, &Value::Array(months))
}

/// The peak of a month as it is published, which is once the month is over.
fn published(meter: &SimulatedMeter, first: NaiveDate, next: NaiveDate, now: DateTime<Utc>) -> Option<Value> {
    let highest = highest(meter, first, next, now);
    let (ten_thousandths, start) = match (meter.peaks.get(&first), highest) {
        (Some(instead), highest) => ((*instead)?, highest.map_or(begins(first)?, |(_, start)| start)),
        (None, Some((amount, start))) if next.pred_opt()? <= meter.last_published(now) => (amount * 4, start),
        (None, _) => return None,
    };
    let value = json!({
        "v": decimal(ten_thousandths), "sst": written(start), "set": written(start + TimeDelta::minutes(15)),
    });
    Some(json!({ "d": written(begins(first)?), "de": written(begins(next)?), "v": [value] }))
}

/// The highest quarter-hour of a month so far, in ten-thousandths of a kWh, and when it began.
fn highest(
    meter: &SimulatedMeter,
    first: NaiveDate,
    next: NaiveDate,
    now: DateTime<Utc>,
) -> Option<(i64, DateTime<Utc>)> {
    let mut highest: Option<(i64, DateTime<Utc>)> = None;
    for date in first.iter_days().take_while(|date| *date < next).filter(|date| meter.shows(*date, now)) {
        for row in finest(meter, MeterDay::new(meter.kind, date, Brussels)?) {
            let consumed = row.values.iter().filter(|value| value.direction == Direction::Consumption);
            let amount: i64 = consumed.filter_map(|value| value.amount).sum();
            if highest.is_none_or(|(most, _)| amount > most) {
                highest = Some((amount, row.start));
            }
        }
    }
    highest
}

fn begins(date: NaiveDate) -> Option<DateTime<Utc>> {
    Some(MeterDay::new(MeterKind::Electricity, date, Brussels)?.interval().start())
}
