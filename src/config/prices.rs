//! The section `prices`.

use chrono::NaiveDate;
use serde_yaml::Value;

use super::fault::Wrong;
use super::model::{ConsumptionPrice, Euros, Price};
use super::reader::{Reader, Table, expected};
use super::{keys, values};

/// The highest price of a kWh that is no other unit, in millionths of a euro.
const HIGHEST_PRICE: i64 = 10_000_000;

/// The highest charge for a year that is no slip of the decimal point, in millionths of a euro.
const HIGHEST_CHARGE: i64 = 10_000_000_000;

/// As many decimals as a millionth has.
const DECIMALS: usize = 6;

/// What to do about a number that is none.
const FORM: &str = "write EUR with a point and at most 6 decimals, such as 0.31";

/// The periods, in the order of their days.
pub(super) fn prices<'a>(reader: &mut Reader<'a>, top: &Table<'a>) -> Vec<Price> {
    let items = reader.list(top, "prices", "begin each period with a dash, as in `- from: 2026-01-01`");
    let items = items.unwrap_or_default();
    let tables: Vec<Table<'a>> =
        items.into_iter().filter_map(|(path, value)| reader.table(path, Some(value), keys::PERIOD)).collect();
    let mut days = Vec::new();
    let mut prices: Vec<Price> = tables.iter().filter_map(|table| period(reader, table, &mut days)).collect();
    for (key, remedy) in [
        ("consumption", "set it here as well, or the costs would have a gap"),
        ("injection", "set it here as well, as 0 if injection earns nothing"),
        ("gas", "set it here as well, or the costs would have a gap"),
    ] {
        gaps(reader, &tables, key, remedy);
    }
    prices.sort_unstable_by_key(|price| price.from);
    prices
}

/// One period; `days` has the first days of those before it.
fn period<'a>(reader: &mut Reader<'a>, table: &Table<'a>, days: &mut Vec<NaiveDate>) -> Option<Price> {
    if table.get("from").is_none() {
        let wrong = Wrong::new("is missing", "write the first day of these prices, such as 2026-01-01");
        reader.fault(&table.at("from"), wrong);
    }
    let from = reader.optional(table, "from", values::date);
    if let Some(from) = from {
        if days.contains(&from) {
            let wrong = Wrong::new("another period begins on the same day", "give each period a day of its own");
            reader.fault(&table.at("from"), wrong);
        }
        days.push(from);
    }
    if !holds_a_price(table) {
        let wrong = Wrong::new("holds no price", "set consumption, injection or gas, or remove the period");
        reader.fault(&table.path, wrong);
    }
    Some(Price {
        consumption: consumption(reader, table),
        injection: reader.optional(table, "injection", injection_price),
        gas: reader.optional(table, "gas", consumption_price),
        standing_charge: reader.optional(table, "standing_charge", charge),
        capacity: reader.optional(table, "capacity", charge),
        from: from?,
    })
}

fn holds_a_price(period: &Table<'_>) -> bool {
    keys::PERIOD.iter().any(|key| *key != "from" && period.get(key).is_some())
}

/// Tells of the periods without a price that others have.
fn gaps<'a>(reader: &mut Reader<'a>, periods: &[Table<'a>], key: &str, remedy: &str) {
    if periods.iter().all(|period| period.get(key).is_none()) {
        return;
    }
    for period in periods.iter().filter(|period| holds_a_price(period) && period.get(key).is_none()) {
        reader.fault(&period.at(key), Wrong::new("is missing, and other periods have it", remedy));
    }
}

fn consumption<'a>(reader: &mut Reader<'a>, period: &Table<'a>) -> Option<ConsumptionPrice> {
    let Some(Value::Mapping(_)) = period.get("consumption") else {
        return reader.optional(period, "consumption", consumption_price).map(ConsumptionPrice::One);
    };
    let tariffs = reader.section(period, "consumption", keys::TARIFFS)?;
    let mut tariff = |key| {
        if tariffs.get(key).is_none() {
            let wrong = Wrong::new("is missing", "set both high and low, or write one price in the place of both");
            reader.fault(&tariffs.at(key), wrong);
        }
        reader.optional(&tariffs, key, consumption_price)
    };
    let (high, low) = (tariff("high"), tariff("low"));
    Some(ConsumptionPrice::HighLow { high: high?, low: low? })
}

fn consumption_price(value: &Value) -> Result<Euros, Wrong> {
    match euros(value)? {
        price if price.millionths() < 0 => {
            Err(Wrong::new("is negative", "write what a kWh costs; what injection earns has a key of its own"))
        }
        price if price.millionths() > HIGHEST_PRICE => Err(cents()),
        price => Ok(price),
    }
}

fn injection_price(value: &Value) -> Result<Euros, Wrong> {
    let price = euros(value)?;
    if price.millionths().saturating_abs() > HIGHEST_PRICE { Err(cents()) } else { Ok(price) }
}

fn cents() -> Wrong {
    Wrong::new("is more than 10 EUR, and so probably in cents", "write EUR per kWh, not cents, such as 0.31")
}

/// What a year or a kW and year costs.
fn charge(value: &Value) -> Result<Euros, Wrong> {
    let charge = euros(value)?;
    if !(0..=HIGHEST_CHARGE).contains(&charge.millionths()) {
        return Err(Wrong::new("is out of range", "write EUR per year, from 0 to 10000, such as 53.20"));
    }
    Ok(charge)
}

/// Money as a number or as text, to the millionth of a euro. What is larger than any price saturates.
fn euros(value: &Value) -> Result<Euros, Wrong> {
    let text = match value {
        // A double prints as the shortest text that it is nearest to, which is what was written.
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap_or(f64::NAN).to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return Err(expected("a price", value, FORM)),
    };
    let (sign, digits) = text.strip_prefix('-').map_or((1, text.as_str()), |digits| (-1, digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(decimals) {
        return Err(Wrong::new("is not a number", FORM));
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > DECIMALS {
        return Err(Wrong::new("has more than 6 decimals", "round it to a millionth of a euro"));
    }
    // Both are digits, so that only too many of them fail.
    let millionths = format!("{whole}{decimals:0<DECIMALS$}").parse::<i64>().unwrap_or(i64::MAX);
    Ok(Euros::from_millionths(sign * millionths))
}
