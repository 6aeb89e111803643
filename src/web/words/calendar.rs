//! Days, times and numbers.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Timelike as _, Utc, Weekday};
use chrono_tz::Tz;

use super::Language;
use crate::energy::{Amount, Unit};

struct Names {
    weekdays: [&'static str; 7],
    months: [&'static str; 12],
    today: &'static str,
    tomorrow: &'static str,
    yesterday: &'static str,
}

const ENGLISH: Names = Names {
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    today: "today",
    tomorrow: "tomorrow",
    yesterday: "yesterday",
};

const DUTCH: Names = Names {
    weekdays: ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
    months: [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
    today: "vandaag",
    tomorrow: "morgen",
    yesterday: "gisteren",
};

const FRENCH: Names = Names {
    weekdays: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    today: "aujourd'hui",
    tomorrow: "demain",
    yesterday: "hier",
};

/// Further away than this many days, a date is told with its year.
const NEAR: i64 = 300;

impl Language {
    const fn names(self) -> &'static Names {
        match self {
            Self::English => &ENGLISH,
            Self::Dutch => &DUTCH,
            Self::French => &FRENCH,
        }
    }

    /// The name of a day of the week.
    pub(in crate::web) fn weekday(self, day: Weekday) -> &'static str {
        self.names().weekdays.get(day.num_days_from_monday() as usize).copied().unwrap_or_default()
    }

    /// The name of a date's month.
    pub(in crate::web) fn month_name(self, date: NaiveDate) -> &'static str {
        self.names().months.get(date.month0() as usize).copied().unwrap_or_default()
    }

    /// A month, such as `November 2026`.
    pub(in crate::web) fn month(self, date: NaiveDate) -> String {
        format!("{} {}", self.month_name(date), date.year())
    }

    /// A day of a month, such as `22 November`.
    pub(in crate::web) fn day_of_month(self, date: NaiveDate) -> String {
        let day = match (self, date.day()) {
            (Self::French, 1) => "1er".to_owned(),
            (_, day) => day.to_string(),
        };
        format!("{day} {}", self.month_name(date))
    }

    /// A date with the day of the week, such as `Sunday 22 November 2026`.
    pub(in crate::web) fn full_date(self, date: NaiveDate) -> String {
        format!("{} {} {}", self.weekday(date.weekday()), self.day_of_month(date), date.year())
    }

    /// A date with the day of the week, and with the year only when it is far from `today`.
    pub(in crate::web) fn date(self, date: NaiveDate, today: NaiveDate) -> String {
        if date.signed_duration_since(today).num_days().abs() > NEAR {
            return self.full_date(date);
        }
        format!("{} {}", self.weekday(date.weekday()), self.day_of_month(date))
    }

    /// `today`, `tomorrow` or `yesterday`, if a date is that.
    pub(in crate::web) fn near(self, date: NaiveDate, today: NaiveDate) -> Option<&'static str> {
        match date.signed_duration_since(today).num_days() {
            0 => Some(self.names().today),
            1 => Some(self.names().tomorrow),
            -1 => Some(self.names().yesterday),
            _ => None,
        }
    }

    /// A time of day.
    pub(in crate::web) fn time(self, time: NaiveTime) -> String {
        match self {
            Self::English | Self::Dutch => time.format("%H:%M").to_string(),
            Self::French => format!("{} h {:02}", time.hour(), time.minute()),
        }
    }

    /// An instant by the clock of the house, such as `today at 06:20`.
    pub(in crate::web) fn instant(self, at: DateTime<Utc>, now: DateTime<Utc>, house: Tz) -> String {
        let (local, today) = (at.with_timezone(&house), now.with_timezone(&house).date_naive());
        let date = local.date_naive();
        let day = self.near(date, today).map_or_else(|| self.date(date, today), ToOwned::to_owned);
        let at = match self {
            Self::English => "at",
            Self::Dutch => "om",
            Self::French => "à",
        };
        format!("{day} {at} {}", self.time(local.time()))
    }

    /// A number with `decimals` behind the comma, rounded half away from zero, from integer millionths.
    pub(in crate::web) fn number(self, millionths: i64, decimals: u32) -> String {
        let decimals = decimals.min(6);
        let unit = 10_u64.pow(6_u32.saturating_sub(decimals));
        let rounded = millionths.unsigned_abs().saturating_add(unit / 2) / unit;
        let scale = 10_u64.pow(decimals);
        let sign = if millionths < 0 && rounded > 0 { "−" } else { "" };
        let whole = rounded / scale;
        if decimals == 0 {
            return format!("{sign}{whole}");
        }
        let comma = if self == Self::English { '.' } else { ',' };
        format!("{sign}{whole}{comma}{:0width$}", rounded % scale, width = decimals as usize)
    }

    /// An amount in its unit, with three decimals.
    pub(in crate::web) fn amount(self, amount: Amount) -> String {
        self.number(amount.millionths(), 3)
    }

    /// An amount with its unit.
    pub(in crate::web) fn quantity(self, amount: Amount, unit: Unit) -> String {
        format!("{} {}", self.amount(amount), unit.symbol())
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;

    use super::*;

    const ALL: [Language; 3] = [Language::English, Language::Dutch, Language::French];

    #[test]
    fn days_and_times_are_written_as_each_language_does() {
        let (today, sunday) = ("2026-11-24".parse().unwrap(), "2026-11-22".parse().unwrap());
        assert_eq!(
            ALL.map(|language| language.date(sunday, today)),
            ["Sunday 22 November", "zondag 22 november", "dimanche 22 novembre"]
        );
        let (now, first) = ("2026-11-24T23:30:00Z".parse().unwrap(), "2024-12-01T05:20:00Z".parse().unwrap());
        assert_eq!(
            ALL.map(|language| language.instant(first, now, Brussels)),
            [
                "Sunday 1 December 2024 at 06:20",
                "zondag 1 december 2024 om 06:20",
                "dimanche 1er décembre 2024 à 6 h 20"
            ]
        );
        let soon = "2026-11-25T05:20:00Z".parse().unwrap();
        assert_eq!(Language::English.instant(soon, now, Brussels), "today at 06:20", "by the clock of the house");
    }

    #[test]
    fn numbers_are_rounded_once_and_have_the_comma_of_their_language() {
        assert_eq!(ALL.map(|language| language.number(1_234_567_500, 3)), ["1234.568", "1234,568", "1234,568"]);
        let number = |millionths, decimals| Language::English.number(millionths, decimals);
        assert_eq!(number(-499, 3), "0.000");
        assert_eq!(number(-500, 3), "−0.001");
        assert_eq!(number(1_500_000, 0), "2");
        assert_eq!(number(i64::MIN, 6), "−9223372036854.775808");
        assert_eq!(number(7, 9), "0.000007");
    }
}
