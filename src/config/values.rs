//! What a single value may be. No message here repeats a value.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use chrono::{Datelike, NaiveDate, NaiveTime};
use chrono_tz::{TZ_VARIANTS, Tz};
use reqwest::Url;
use serde_yaml::Value;

use super::fault::Wrong;
use super::keys::nearest;
use super::reader::expected;
use crate::energy::Ean;

/// The longest rest between two requests; a longer one would keep a poll from ending.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// Digital meters and their history are younger than this.
const FIRST_YEAR: i32 = 2010;

/// Text that is not empty.
pub(super) fn text(value: &Value) -> Result<&str, Wrong> {
    match value {
        Value::String(text) if text.trim().is_empty() => {
            Err(Wrong::new("is empty", "write a value, or remove the key"))
        }
        Value::String(text) => Ok(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => Err(expected("text", value, "put it between quotes")),
        _ => Err(expected("text", value, "write a single value")),
    }
}

/// Text that goes somewhere exactly as it is written.
pub(super) fn secret(value: &Value) -> Result<String, Wrong> {
    match value {
        Value::String(text) if text.is_empty() => Err(Wrong::new("is empty", "write it between the quotes")),
        Value::String(text) => Ok(text.clone()),
        Value::Null => Err(Wrong::new("is empty", "put it between quotes, or remove the key")),
        Value::Bool(_) | Value::Number(_) => Err(Wrong::new(
            "without quotes this is not text, and leading zeros and the like would be lost",
            "put it between quotes",
        )),
        _ => Err(expected("text", value, "put it between quotes")),
    }
}

/// `true` or `false`.
pub(super) fn boolean(value: &Value) -> Result<bool, Wrong> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) if text == "true" => Ok(true),
        Value::String(text) if text == "false" => Ok(false),
        Value::String(_) => Err(Wrong::new("is neither true nor false", "write true or false")),
        _ => Err(expected("true or false", value, "write true or false")),
    }
}

/// One of a few words.
pub(super) fn choice<T: Copy>(value: &Value, words: &[(&str, T)]) -> Result<T, Wrong> {
    let all = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    let remedy = format!("use one of: {all}");
    let Value::String(text) = value else { return Err(expected("a word", value, &remedy)) };
    let found = words.iter().find(|(word, _)| word == text);
    found.map(|(_, meaning)| *meaning).ok_or_else(|| Wrong::new("is none of the words that are known here", remedy))
}

/// The path of a file or folder; a relative one begins at the working directory, not at the configuration file.
pub(super) fn path(value: &Value) -> Result<PathBuf, Wrong> {
    let text = text(value)?;
    if text.contains('\0') {
        return Err(Wrong::new("holds a character that no path has", "write the path again"));
    }
    Ok(PathBuf::from(text))
}

/// An e-mail address, as far as it needs to be understood.
pub(super) fn email(value: &Value) -> Result<String, Wrong> {
    let text = text(value)?;
    if !text.contains('@') || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        let remedy = "write the address of your account on Mijn Fluvius, such as you@example.com";
        return Err(Wrong::new("is not an e-mail address", remedy));
    }
    Ok(text.to_owned())
}

/// Whether an address can't lead to another machine.
pub(super) fn is_on_this_machine(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    })
}

/// The origin of the portal.
pub(super) fn origin(value: &Value) -> Result<Url, Wrong> {
    let remedy = "write only the origin, such as https://mijn.fluvius.be";
    let url = Url::parse(text(value)?).map_err(|_| Wrong::new("is not an address", remedy))?;
    match url.scheme() {
        "https" => {}
        "http" if is_on_this_machine(&url) => {}
        "http" => return Err(Wrong::new("would send your password unencrypted", "use https://")),
        _ => return Err(Wrong::new("begins with something else than https://", remedy)),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::new("holds a user or a password", remedy));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(Wrong::new("holds more than an origin", remedy));
    }
    Ok(url)
}

/// A time zone of the IANA database.
pub(super) fn timezone(value: &Value) -> Result<Tz, Wrong> {
    let text = text(value)?;
    text.parse().map_err(|_| {
        let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
        let city = |name: &&str| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(text));
        let remedy = match nearest(text, names()).or_else(|| names().find(city)) {
            Some(name) => format!("did you mean {name}?"),
            None => "use a name such as Europe/Brussels".to_owned(),
        };
        Wrong::new("is not the name of a time zone", remedy)
    })
}

/// An EAN; as a bare number as well, since all of its digits fit.
pub(super) fn ean(value: &Value) -> Result<Ean, Wrong> {
    let remedy = "copy the 18 digits from Verbruik on mijn.fluvius.be";
    let text = match value {
        Value::Number(number) if number.is_u64() => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return Err(expected("18 digits between quotes", value, remedy)),
    };
    Ean::parse(&text).map_err(|error| Wrong::new(error.to_string(), remedy))
}

/// The serial number of a meter.
pub(super) fn serial(value: &Value) -> Result<String, Wrong> {
    let remedy = "copy it from the meter, such as 1SAG1100000015, and put it between quotes";
    let text = match value {
        Value::Number(number) if number.is_u64() => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return Err(expected("text", value, remedy)),
    };
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.is_empty() || text.len() > 32 || !text.chars().all(known) {
        return Err(Wrong::new("is not a serial number: 1 to 32 letters and digits", remedy));
    }
    Ok(text)
}

/// What a household calls a meter.
pub(super) fn name(value: &Value) -> Result<String, Wrong> {
    let text = text(value)?.trim();
    if text.chars().count() > 60 || text.chars().any(char::is_control) {
        return Err(Wrong::new("is too long or holds characters that can't be shown", "use at most 60 characters"));
    }
    Ok(text.to_owned())
}

/// A date.
pub(super) fn date(value: &Value) -> Result<NaiveDate, Wrong> {
    let remedy = "write it as YYYY-MM-DD, such as 2026-01-31";
    let Value::String(text) = value else { return Err(expected("a date", value, remedy)) };
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
    let date = date.ok_or_else(|| Wrong::new("is not a date", remedy))?;
    if !(FIRST_YEAR..2100).contains(&date.year()) {
        return Err(Wrong::new("is a date for which there are no readings", "use a year from 2010 on"));
    }
    Ok(date)
}

/// A time of day.
pub(super) fn time(value: &Value) -> Result<NaiveTime, Wrong> {
    let remedy = "write it as \"HH:MM\" between quotes, such as \"06:20\"";
    let Value::String(text) = value else { return Err(expected("a time of day", value, remedy)) };
    let time = text.split_once(':').and_then(|(hours, minutes)| {
        let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(hours) || !digits(minutes) {
            return None;
        }
        NaiveTime::from_hms_opt(hours.parse().ok()?, minutes.parse().ok()?, 0)
    });
    time.ok_or_else(|| Wrong::new("is not a time of day", remedy))
}

/// A pause: a number with `ms`, `s` or `m`, or a number of seconds.
pub(super) fn pause(value: &Value) -> Result<Duration, Wrong> {
    let remedy = "write it as 500ms, 1s or 2m, at most 5m";
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let unit = match text.get(digits.len()..) {
                Some("" | "s") => Some(1.0),
                Some("ms") => Some(0.001),
                Some("m") => Some(60.0),
                _ => None,
            };
            let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
            let amount = if plain { digits.parse::<f64>().ok() } else { None };
            amount.zip(unit).map(|(amount, unit)| amount * unit)
        }
        _ => return Err(expected("a duration", value, remedy)),
    };
    let pause = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let pause = pause.ok_or_else(|| Wrong::new("is not a duration", remedy))?;
    if pause > LONGEST_PAUSE {
        return Err(Wrong::new("is too long", remedy));
    }
    Ok(pause)
}

/// A part of a topic.
pub(super) fn topic(value: &Value) -> Result<String, Wrong> {
    let text = text(value)?;
    let remedy = "use words with / between them, without + and #, such as home/energy";
    let problem = if text.chars().any(|c| matches!(c, '+' | '#') || c.is_control()) {
        "holds a character that no topic may have"
    } else if text.starts_with('/') || text.ends_with('/') {
        "begins or ends with /"
    } else if text.starts_with('$') {
        "begins with $, which brokers keep for themselves"
    } else if text.trim() != text {
        "begins or ends with a space"
    } else if text.len() > 200 {
        "is longer than 200 characters"
    } else {
        return Ok(text.to_owned());
    };
    Err(Wrong::new(problem, remedy))
}

/// A client id at the broker.
pub(super) fn client_id(value: &Value) -> Result<String, Wrong> {
    let text = text(value)?;
    let refused = |c: char| matches!(c, '/' | '+' | '#') || c.is_whitespace() || c.is_control();
    if text.chars().count() > 64 || text.chars().any(refused) {
        let remedy = "use 1 to 64 characters without spaces, /, + and #, or remove the key";
        return Err(Wrong::new("is no client id that every broker takes", remedy));
    }
    Ok(text.to_owned())
}

/// Where the bridge answers over HTTP; `None` is off.
pub(super) fn listen(value: &Value) -> Result<Option<SocketAddr>, Wrong> {
    let remedy = "write an address with a port, such as 127.0.0.1:8099, or off";
    match value {
        Value::Bool(false) => Ok(None),
        Value::String(text) if text == "off" => Ok(None),
        Value::String(text) => match text.parse::<SocketAddr>() {
            Ok(address) if address.port() == 0 => Err(Wrong::new("has port 0", remedy)),
            Ok(address) => Ok(Some(address)),
            Err(_) => Err(Wrong::new("is not an address with a port", remedy)),
        },
        _ => Err(expected("an address with a port, or off", value, remedy)),
    }
}
