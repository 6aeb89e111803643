use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::error::Wrong;
use crate::energy::{Amount, Ean};

/// As many decimals as a millionth has.
const DECIMALS: usize = 6;

/// The EAN in a cell such as `="541448860000000011"`, which is how the portal keeps spreadsheets from rounding it.
pub(super) fn ean(cell: &str) -> Result<Ean, Wrong> {
    let digits: String = cell.chars().filter(|sign| !matches!(sign, '=' | '"' | '\'')).collect();
    Ean::parse(&digits).map_err(|error| {
        if digits.to_lowercase().contains("e+") {
            let remedy = "a spreadsheet has rounded it: use the file as mijn.fluvius.be gives it";
            return Wrong::new("the EAN is no longer complete", remedy);
        }
        Wrong::new(format!("the EAN can't be read: {error}"), "use the file as mijn.fluvius.be gives it")
    })
}

/// The amount in a cell, with a comma or a point before the decimals; nothing when the cell is blank, which is a missing
/// amount and not zero.
pub(super) fn volume(cell: &str) -> Result<Option<Amount>, Wrong> {
    let plain: String = cell.chars().filter(|sign| !sign.is_whitespace()).collect();
    if plain.is_empty() {
        return Ok(None);
    }
    amount(&plain).map(Some).ok_or_else(|| Wrong::cell("amount", cell))
}

/// Exact to the millionth; a sign that comes earlier than the one before the decimals parts the thousands.
fn amount(text: &str) -> Option<Amount> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, decimals) = digits.rsplit_once([',', '.']).unwrap_or((digits, ""));
    let other = if digits.get(whole.len()..)?.starts_with(',') { '.' } else { ',' };
    let whole = whole.replace(other, "");
    let is_number = |text: &str| text.chars().all(|sign| sign.is_ascii_digit());
    if !is_number(&whole) || !is_number(decimals) || whole.len() + decimals.len() == 0 || decimals.len() > DECIMALS {
        return None;
    }
    let millionths: i64 = format!("{whole}{decimals:0<DECIMALS$}").parse().ok()?;
    let amount = Amount::from_millionths(sign * millionths);
    // What no household's meter counts is no number of this file.
    Amount::from_units(amount.to_units()).ok()
}

/// The date in a cell, day first or year first, and the time behind it if there is one.
pub(super) fn date(cell: &str) -> Result<(NaiveDate, Option<NaiveDateTime>), Wrong> {
    let wrong = || Wrong::cell("date", cell);
    let (date, rest) = cell.split_once([' ', 'T']).unwrap_or((cell, ""));
    let mut parts = date.split(['-', '/', '.']).map(|part| (part.len(), part.parse::<u32>().ok()));
    let mut part = || parts.next().and_then(|(length, number)| Some((length, number?)));
    let (Some(first), Some((_, month)), Some(last)) = (part(), part(), part()) else { return Err(wrong()) };
    let (year, day) = match (first, last) {
        ((4, year), (1..=2, day)) | ((1..=2, day), (4, year)) => (year, day),
        _ => return Err(wrong()),
    };
    let year = i32::try_from(year).map_err(|_| wrong())?;
    let date = NaiveDate::from_ymd_opt(year, month, day).filter(|_| part().is_none()).ok_or_else(wrong)?;
    let at = if rest.is_empty() { None } else { Some(at(date, rest).ok_or_else(wrong)?) };
    Ok((date, at))
}

/// A date with the time in another cell; 24:00 is the next midnight.
pub(super) fn time(date: NaiveDate, cell: &str) -> Result<NaiveDateTime, Wrong> {
    at(date, cell).ok_or_else(|| Wrong::cell("time of day", cell))
}

fn at(date: NaiveDate, time: &str) -> Option<NaiveDateTime> {
    let mut parts = time.splitn(3, ':').map(|part| part.parse::<u32>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().map_or(Some(0), |second| second)?;
    if (hour, minute, second) == (24, 0, 0) {
        return date.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::days(1));
    }
    date.and_hms_opt(hour, minute, second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_in_each_way_of_writing() {
        for (cell, millionths) in [
            ("0,065", 65_000),
            ("0.0652", 65_200),
            (" 12 ", 12_000_000),
            ("1.234,567", 1_234_567_000),
            ("1,234.5", 1_234_500_000),
            ("-0,5", -500_000),
            (",5", 500_000),
        ] {
            assert_eq!(volume(cell), Ok(Some(Amount::from_millionths(millionths))), "{cell}");
        }
        assert_eq!(volume("  "), Ok(None));
        for cell in ["x", "1,2,3.4.5", "--1", "-", ",", "1e3", "0,0000001", "9999999", "٣"] {
            assert!(volume(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn dates_have_the_day_or_the_year_first() {
        let expected = NaiveDate::from_ymd_opt(2025, 9, 2).unwrap();
        for cell in ["02-09-2025", "2/9/2025", "02.09.2025", "2025-09-02", "2025/9/2"] {
            assert_eq!(date(cell), Ok((expected, None)), "{cell}");
        }
        let with_time = expected.and_hms_opt(0, 15, 0);
        assert_eq!(date("2025-09-02T00:15:00"), Ok((expected, with_time)));
        assert_eq!(date("02/09/2025 00:15"), Ok((expected, with_time)));
        for cell in ["", "02-09-25", "31-02-2025", "12/31/2025", "2025-09-02-01", "02-09-2025 x", "a-b-c", "20250-1-1"]
        {
            assert!(date(cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn midnight_has_two_names() {
        let day = NaiveDate::from_ymd_opt(2025, 9, 2).unwrap();
        assert_eq!(time(day, "24:00:00"), time(day.succ_opt().unwrap(), "0:00"));
        for cell in ["", "24:15", "12", "1:2:3:4", "25:00", "12:60"] {
            assert!(time(day, cell).is_err(), "{cell}");
        }
    }

    #[test]
    fn an_ean_is_read_as_the_portal_writes_it_and_never_shown() {
        for cell in ["=\"541448860000000011\"", "541448860000000011", "'541448860000000011"] {
            assert_eq!(ean(cell).unwrap().digits(), "541448860000000011", "{cell}");
        }
        for cell in ["5,41449E+17", "5414488600000000112", "", "ean"] {
            let told = ean(cell).unwrap_err().to_string();
            assert!(!told.contains("5414488600"), "{told}");
        }
    }
}
