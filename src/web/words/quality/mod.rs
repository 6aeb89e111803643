//! The page on the quality of the data.

mod summary;
mod texts;

use chrono::{NaiveDate, NaiveTime};
pub(in crate::web) use summary::Period;
use texts::{DUTCH, ENGLISH, FRENCH};

use super::Language;
use crate::energy::{Amount, MeterKind};
use crate::web::quality::Daily;
use crate::web::standing::Standing;

/// The fixed words of the page. What is said of the kinds of days says what they mean and what the user can do.
pub(in crate::web) struct Quality {
    pub(in crate::web) spotless: &'static str,
    pub(in crate::web) years: &'static str,
    pub(in crate::web) all_years: &'static str,
    pub(in crate::web) missing: &'static str,
    pub(in crate::web) missing_means: &'static str,
    pub(in crate::web) partial: &'static str,
    pub(in crate::web) partial_means: &'static str,
    pub(in crate::web) daily_only: &'static str,
    daily_only_means: [&'static str; 2],
    pub(in crate::web) absent: &'static str,
    pub(in crate::web) absent_means: &'static str,
    pub(in crate::web) estimated: &'static str,
    pub(in crate::web) estimated_means: &'static str,
    pub(in crate::web) corrected: &'static str,
    pub(in crate::web) corrected_means: &'static str,
    /// What stands before and between the first and the last of some days.
    pub(in crate::web) from: &'static str,
    pub(in crate::web) to: &'static str,
    pub(in crate::web) seen: &'static str,
    daily_wanted: &'static str,
    daily_granted: [&'static str; 2],
    unasked: &'static str,
    before: &'static str,
    forgotten: &'static str,
    part_now: &'static str,
    part_finally: &'static str,
    quarters: [&'static str; 2],
    hours: [&'static str; 2],
    daily_total: &'static str,
    readings: [&'static str; 2],
    day: [&'static str; 2],
    estimates: [&'static str; 2],
}

impl Quality {
    pub(in crate::web) const fn daily_only_means(&self, kind: MeterKind) -> &'static str {
        by_kind(self.daily_only_means, kind)
    }

    /// That a meter has daily totals alone.
    pub(in crate::web) const fn daily(&self, daily: Daily, kind: MeterKind) -> &'static str {
        match daily {
            Daily::Wanted => self.daily_wanted,
            Daily::Granted => by_kind(self.daily_granted, kind),
        }
    }

    /// So many days.
    pub(in crate::web) fn days(&self, count: i64) -> String {
        format!("{count} {}", counted(self.day, count))
    }

    /// So many estimated readings.
    pub(in crate::web) fn estimates(&self, count: u32) -> String {
        format!("{count} {}", counted(self.estimates, count.into()))
    }

    /// So many readings of a length in seconds.
    pub(in crate::web) fn readings(&self, count: u32, seconds: u32) -> String {
        let words = match seconds {
            900 => self.quarters,
            3_600 => self.hours,
            3_601.. => return self.daily_total.to_owned(),
            _ => self.readings,
        };
        format!("{count} {}", counted(words, count.into()))
    }
}

impl Language {
    pub(in crate::web) const fn quality(self) -> &'static Quality {
        match self {
            Self::English => &ENGLISH,
            Self::Dutch => &DUTCH,
            Self::French => &FRENCH,
        }
    }

    /// Why a day isn't known as well as it could be, beside the list in which it is; nothing where the list says it all.
    /// `first_poll` is the time of the first poll of a day, `again` when the next one is due.
    pub(in crate::web) fn why(
        self,
        standing: Standing,
        today: NaiveDate,
        first_poll: NaiveTime,
        again: Option<&str>,
    ) -> String {
        let words = self.quality();
        match standing {
            Standing::Awaited { arrives } => {
                let (day, time) = (self.on(arrives, today), self.time(first_poll));
                match self {
                    Self::English => format!("not published yet; it is usually there {day} at about {time}"),
                    Self::Dutch => format!("nog niet gepubliceerd; komt doorgaans {day} rond {time}"),
                    Self::French => format!("pas encore publié ; arrive d'habitude {day} vers {time}"),
                }
            }
            Standing::Late => match self {
                Self::English => late("late, the portal hasn't published it yet", "; asked for again", again),
                Self::Dutch => late("laat, nog niet gepubliceerd", "; volgende poging", again),
                Self::French => late("en retard, pas encore publié", " ; nouvel essai", again),
            },
            Standing::Unasked => words.unasked.to_owned(),
            Standing::Before => words.before.to_owned(),
            Standing::Forgotten => words.forgotten.to_owned(),
            Standing::Partial { is_final: false } => words.part_now.to_owned(),
            Standing::Partial { is_final: true } => words.part_finally.to_owned(),
            Standing::Complete | Standing::DailyOnly | Standing::Absent | Standing::After => String::new(),
        }
    }

    /// That a list goes on.
    pub(in crate::web) fn left_out(self, count: usize) -> String {
        match (self, count) {
            (Self::English, 1) => "1 older entry is left out here; it is on the page of its year.".to_owned(),
            (Self::English, count) => {
                format!("{count} older entries are left out here; they are on the pages of their years.")
            }
            (Self::Dutch, 1) => "1 oudere vermelding staat hier niet, maar op de pagina van dat jaar.".to_owned(),
            (Self::Dutch, count) => {
                format!("{count} oudere vermeldingen staan hier niet, maar op de pagina's van hun jaar.")
            }
            (Self::French, 1) => "1 entrée plus ancienne ne figure pas ici, mais sur la page de son année.".to_owned(),
            (Self::French, count) => {
                format!("{count} entrées plus anciennes ne figurent pas ici, mais sur les pages de leur année.")
            }
        }
    }

    /// A difference with its sign.
    pub(in crate::web) fn difference(self, amount: Amount) -> String {
        let plus = if amount > Amount::ZERO { "+" } else { "" };
        format!("{plus}{}", self.amount(amount))
    }
}

const fn by_kind([electricity, gas]: [&'static str; 2], kind: MeterKind) -> &'static str {
    match kind {
        MeterKind::Electricity => electricity,
        MeterKind::Gas => gas,
    }
}

const fn counted([one, more]: [&'static str; 2], count: i64) -> &'static str {
    if count == 1 { one } else { more }
}

fn late(words: &str, before_again: &str, again: Option<&str>) -> String {
    again.map_or_else(|| words.to_owned(), |again| format!("{words}{before_again} {again}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 3] = [Language::English, Language::Dutch, Language::French];

    #[test]
    fn each_language_says_why_a_day_is_missing() {
        let today = "2026-11-24".parse().unwrap();
        let all = |why, again| {
            ALL.map(|language| language.why(why, today, NaiveTime::from_hms_opt(6, 20, 0).unwrap(), again))
        };
        assert_eq!(
            all(Standing::Awaited { arrives: today }, None),
            [
                "not published yet; it is usually there today at about 06:20",
                "nog niet gepubliceerd; komt doorgaans vandaag rond 06:20",
                "pas encore publié ; arrive d'habitude aujourd'hui vers 6 h 20",
            ]
        );
        assert_eq!(
            all(Standing::Late, Some("18:20")),
            [
                "late, the portal hasn't published it yet; asked for again 18:20",
                "laat, nog niet gepubliceerd; volgende poging 18:20",
                "en retard, pas encore publié ; nouvel essai 18:20",
            ]
        );
        assert_eq!(all(Standing::Late, None)[0], "late, the portal hasn't published it yet");
        for why in [Standing::Unasked, Standing::Before, Standing::Forgotten] {
            let [english, dutch, french] = all(why, None);
            assert!(english != dutch && dutch != french && french != english, "{why:?}");
        }
    }

    #[test]
    fn readings_are_counted_by_their_length_and_differences_have_a_sign() {
        let english = Language::English.quality();
        let told = [(96, 900), (1, 900), (24, 3_600), (1, 86_400), (2, 82_800), (3, 1_800), (1, 60)];
        assert_eq!(
            told.map(|(count, seconds)| english.readings(count, seconds)),
            ["96 quarter-hours", "1 quarter-hour", "24 hours", "daily total", "daily total", "3 readings", "1 reading"]
        );
        let difference = |millionths| Language::Dutch.difference(Amount::from_millionths(millionths));
        assert_eq!([150_000, -2_000_500, 0].map(difference), ["+0,150", "−2,001", "0,000"]);
    }
}
