//! `GET /verbruik/api/meter-measurement-history/{EAN}`

use chrono::{DateTime, Days, FixedOffset, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::counted::{self, Counted, published};
use super::log::ean_of;
use super::meter::{Rows, SimulatedMeter};
use super::state::State;
use crate::energy::{Direction, MeterDay, MeterKind, Register, Unit};

/// How far the portal remembers.
pub(super) const MEMORY: Months = Months::new(36);

/// The most days of daily totals in one request.
const MOST_DAYS: i64 = 31;

/// The one way in which the portal takes an instant.
const FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.3f%:z";

/// When a day begins that a request may start with.
const MIDNIGHT: NaiveTime = NaiveTime::MIN;
const SIX: NaiveTime = match NaiveTime::from_hms_opt(6, 0, 0) {
    Some(six) => six,
    None => NaiveTime::MIN,
};

/// What a request asks for, on local dates, both ends included.
#[derive(Clone, Copy)]
pub(super) struct Span {
    from: DateTime<Utc>,
    /// The first instant that is no longer asked for.
    until: DateTime<Utc>,
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    begins: NaiveTime,
}

impl Span {
    /// Reads both ends; the error names the one that is wrong.
    pub(super) fn read(call: &Call) -> Result<Self, &'static str> {
        let from = instant(call.query("historyFrom")).ok_or("historyFrom")?;
        let until = instant(call.query("historyUntil")).ok_or("historyUntil")?;
        let after = until + TimeDelta::milliseconds(1);
        let begins = from.time();
        let after_local = after.with_timezone(&Brussels);
        if begins != MIDNIGHT && begins != SIX {
            return Err("historyFrom");
        }
        if after_local.time() != begins || after <= from {
            return Err("historyUntil");
        }
        let last = after_local.date_naive().checked_sub_days(Days::new(1)).ok_or("historyUntil")?;
        Ok(Self {
            from: from.with_timezone(&Utc),
            until: after.with_timezone(&Utc),
            first: from.date_naive(),
            last,
            begins,
        })
    }

    pub(super) fn days(&self) -> i64 {
        self.last.signed_duration_since(self.first).num_days() + 1
    }

    pub(super) fn includes(&self, start: DateTime<Utc>) -> bool {
        self.from <= start && start < self.until
    }

    /// Whether a meter's day can begin then.
    pub(super) fn suits(&self, kind: MeterKind) -> bool {
        self.begins == MIDNIGHT || kind == MeterKind::Gas
    }
}

/// A local time with the offset that Brussels has at that instant.
fn instant(text: Option<&str>) -> Option<DateTime<FixedOffset>> {
    let text = text?;
    let at = DateTime::parse_from_str(text, FORMAT).ok()?;
    let in_brussels = at.with_timezone(&Brussels).naive_local() == at.naive_local();
    (in_brussels && at.format(FORMAT).to_string() == text).then_some(at)
}

/// The first and last day that a request asks for, if it asks for days.
pub(super) fn days_asked(call: &Call) -> Option<(NaiveDate, NaiveDate)> {
    Span::read(call).ok().map(|span| (span.first, span.last))
}

/// What both services of a meter want of a request.
pub(super) fn check(portal: &State, call: &Call) -> Result<Span, Reply> {
    if call.method != "GET" {
        return Err(Reply::bare(405));
    }
    if !portal.tokens.allow(call, portal.world.clock.now()) {
        return Err(Reply::bare(401).with("www-authenticate", "Bearer"));
    }
    if call.header("user-agent").is_none_or(str::is_empty) {
        return Err(Reply::bare(403));
    }
    if call.header("accept") != Some("application/json") {
        return Err(Reply::bare(406));
    }
    let span = Span::read(call).map_err(wrong)?;
    if call.query("asServiceProvider") != Some("false") {
        return Err(wrong("asServiceProvider"));
    }
    if call.query("meterSerialNumber").is_none_or(str::is_empty) {
        return Err(wrong("meterSerialNumber"));
    }
    Ok(span)
}

pub(super) fn wrong(parameter: &str) -> Reply {
    Reply::json(
        400,
        &json!({ "title": "One or more validation errors occurred.", "status": 400, "errors": { parameter: ["invalid"] } }),
    )
}

/// The meter that a request names rightly.
pub(super) fn meter<'a>(portal: &'a State, call: &Call) -> Option<&'a SimulatedMeter> {
    let meter = portal.world.meter(ean_of(&call.path))?;
    (call.query("meterSerialNumber") == Some(&meter.serial)).then_some(meter)
}

pub(super) fn history(portal: &State, call: &Call) -> Reply {
    let span = match check(portal, call) {
        Ok(span) => span,
        Err(refusal) => return refusal,
    };
    let Some(code) = call.query("granularity").and_then(|code| code.parse::<u8>().ok()) else {
        return wrong("granularity");
    };
    let nothing = Reply::json(200, &json!([]));
    let Some(meter) = meter(portal, call) else { return nothing };
    if !span.suits(meter.kind) {
        return wrong("historyFrom");
    }
    let Some(length) = meter.codes.get(&code).copied() else { return nothing };
    if length == Rows::Days && span.days() > MOST_DAYS {
        return wrong("historyUntil");
    }
    if length != Rows::Days && span.days() > 1 {
        return nothing;
    }
    let now = portal.world.clock.now();
    let Some(oldest) = now.checked_sub_months(MEMORY) else { return nothing };
    // A gas day of the day before reaches into this one.
    let first = span.first.checked_sub_days(Days::new(1)).unwrap_or(span.first);
    let mut rows = Vec::new();
    for date in first.iter_days().take_while(|date| *date <= span.last) {
        let status = meter.statuses.get(&date).copied().unwrap_or(2);
        let known = MeterDay::new(meter.kind, date, Brussels).is_some_and(|day| day.interval().start() >= oldest);
        let published = if known { published(meter, date, length, now) } else { Vec::new() };
        rows.extend(published.iter().filter(|row| span.includes(row.start)).map(|row| write(row, meter, status)));
    }
    Reply::json(200, &Value::Array(rows))
}

fn write(row: &Counted, meter: &SimulatedMeter, status: i64) -> Value {
    let values: Vec<Value> = row.values.iter().map(|value| write_value(value, meter, status)).collect();
    json!({ "d": written(row.start), "de": written(row.end), "v": values })
}

fn write_value(value: &counted::Value, meter: &SimulatedMeter, status: i64) -> Value {
    let direction = match value.direction {
        Direction::Consumption => 1,
        Direction::Injection => 2,
    };
    let register = match value.register {
        Register::Single => 0,
        Register::High => 1,
        Register::Low => 2,
    };
    let unit = match value.unit {
        Unit::KilowattHour => 3,
        Unit::CubicMetre => 5,
    };
    let (dc, t) = if meter.swapped_codes { (direction, register) } else { (register, direction) };
    json!({ "dc": dc, "t": t, "st": 0, "v": value.amount.map(decimal), "vs": status, "u": unit, "gcuv": null })
}

/// An instant as the portal's answers write it.
pub(super) fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The number nearest to so many ten-thousandths, which prints with at most four decimals.
pub(super) fn decimal(ten_thousandths: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "amounts of a home are far below 2^53")]
    let whole = ten_thousandths as f64;
    whole / 10_000.0
}
