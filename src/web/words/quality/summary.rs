use chrono::{Datelike as _, NaiveDate};

use crate::web::quality::Counts;
use crate::web::words::Language;

/// Which days a summary is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Period {
    Since(NaiveDate),
    Between(NaiveDate, NaiveDate),
    OfYear(i32),
}

impl Language {
    /// How many days are known how well.
    pub(in crate::web) fn quality_summary(self, period: Period, counts: &Counts) -> String {
        let when = self.period(period);
        let all = counts.all;
        let mut told = if counts.complete == all && all > 1 {
            match self {
                Self::English => format!("All {all} days {when} are complete."),
                Self::Dutch => format!("Alle {all} dagen {when} zijn volledig."),
                Self::French => format!("Les {all} jours {when} sont tous complets."),
            }
        } else {
            let day = self.quality().days(i64::try_from(all).unwrap_or(i64::MAX));
            let shares = self.enumeration(&self.shares(counts));
            match self {
                Self::English => format!("Of {day} {when}, {shares}."),
                Self::Dutch => format!("{day} {when}: {shares}."),
                Self::French => format!("Sur {day} {when}, {shares}."),
            }
        };
        told.push_str(&match (self, counts.estimated) {
            (_, 0) => String::new(),
            (Self::English, 1) => " 1 day rests on estimated readings.".to_owned(),
            (Self::English, days) => format!(" {days} days rest on estimated readings."),
            (Self::Dutch, 1) => " 1 dag steunt op geschatte waarden.".to_owned(),
            (Self::Dutch, days) => format!(" {days} dagen steunen op geschatte waarden."),
            (Self::French, 1) => " 1 jour repose sur des valeurs estimées.".to_owned(),
            (Self::French, days) => format!(" {days} jours reposent sur des valeurs estimées."),
        });
        told.push_str(&match (self, counts.corrected) {
            (_, 0) => String::new(),
            (Self::English, 1) => " 1 day was corrected by the portal.".to_owned(),
            (Self::English, days) => format!(" {days} days were corrected by the portal."),
            (Self::Dutch, 1) => " 1 dag is door het portaal gecorrigeerd.".to_owned(),
            (Self::Dutch, days) => format!(" {days} dagen zijn door het portaal gecorrigeerd."),
            (Self::French, 1) => " 1 jour a été corrigé par le portail.".to_owned(),
            (Self::French, days) => format!(" {days} jours ont été corrigés par le portail."),
        });
        told
    }

    /// The parts of the summary, without those that are none.
    fn shares(self, counts: &Counts) -> Vec<String> {
        let one_or_more: [(usize, [&str; 2]); 5] = match self {
            Self::English => [
                (counts.complete, ["# is complete", "# are complete"]),
                (counts.daily_only, ["# is known as a daily total", "# are known as daily totals"]),
                (counts.partial, ["# is incomplete", "# are incomplete"]),
                (counts.missing, ["# is missing", "# are missing"]),
                (counts.absent, ["# doesn't exist at the portal", "# don't exist at the portal"]),
            ],
            Self::Dutch => [
                (counts.complete, ["# is volledig", "# zijn volledig"]),
                (counts.daily_only, ["# is alleen als dagtotaal bekend", "# zijn alleen als dagtotaal bekend"]),
                (counts.partial, ["# is onvolledig", "# zijn onvolledig"]),
                (counts.missing, ["# ontbreekt", "# ontbreken"]),
                (counts.absent, ["# bestaat niet op het portaal", "# bestaan niet op het portaal"]),
            ],
            Self::French => [
                (counts.complete, ["# est complet", "# sont complets"]),
                (counts.daily_only, ["# n'a qu'un total journalier", "# n'ont qu'un total journalier"]),
                (counts.partial, ["# est incomplet", "# sont incomplets"]),
                (counts.missing, ["# manque", "# manquent"]),
                (counts.absent, ["# n'existe pas sur le portail", "# n'existent pas sur le portail"]),
            ],
        };
        let told = one_or_more.into_iter().filter(|(count, _)| *count > 0);
        told.map(|(count, [one, more])| (if count == 1 { one } else { more }).replace('#', &count.to_string()))
            .collect()
    }

    fn enumeration(self, parts: &[String]) -> String {
        let and = match self {
            Self::English => "and",
            Self::Dutch => "en",
            Self::French => "et",
        };
        match parts.split_last() {
            Some((last, [])) => last.clone(),
            Some((last, others)) => format!("{} {and} {last}", others.join(", ")),
            None => String::new(),
        }
    }

    fn period(self, period: Period) -> String {
        let date = |date: NaiveDate| format!("{} {}", self.day_of_month(date), date.year());
        match (self, period) {
            (Self::English, Period::Since(first)) => format!("since {}", date(first)),
            (Self::English, Period::Between(first, last)) => format!("from {} to {}", date(first), date(last)),
            (Self::English, Period::OfYear(year)) => format!("in {year}"),
            (Self::Dutch, Period::Since(first)) => format!("sinds {}", date(first)),
            (Self::Dutch, Period::Between(first, last)) => format!("van {} tot en met {}", date(first), date(last)),
            (Self::Dutch, Period::OfYear(year)) => format!("in {year}"),
            (Self::French, Period::Since(first)) => format!("depuis le {}", date(first)),
            (Self::French, Period::Between(first, last)) => format!("du {} au {}", date(first), date(last)),
            (Self::French, Period::OfYear(year)) => format!("en {year}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 3] = [Language::English, Language::Dutch, Language::French];

    fn summaries(period: Period, counts: &Counts) -> [String; 3] {
        ALL.map(|language| language.quality_summary(period, counts))
    }

    #[test]
    fn the_summary_tells_what_there_is_and_nothing_of_what_there_is_not() {
        let since = Period::Since("2026-09-24".parse().unwrap());
        let counts = Counts { all: 62, complete: 60, daily_only: 1, missing: 1, corrected: 3, ..Counts::default() };
        assert_eq!(
            summaries(since, &counts),
            [
                "Of 62 days since 24 September 2026, 60 are complete, 1 is known as a daily total and 1 is missing. 3 days \
                 were corrected by the portal.",
                "62 dagen sinds 24 september 2026: 60 zijn volledig, 1 is alleen als dagtotaal bekend en 1 ontbreekt. 3 dagen \
                 zijn door het portaal gecorrigeerd.",
                "Sur 62 jours depuis le 24 septembre 2026, 60 sont complets, 1 n'a qu'un total journalier et 1 manque. 3 jours \
                 ont été corrigés par le portail.",
            ]
        );
        let counts = Counts { all: 365, partial: 5, missing: 350, absent: 10, estimated: 1, ..Counts::default() };
        assert_eq!(
            summaries(Period::OfYear(2025), &counts),
            [
                "Of 365 days in 2025, 5 are incomplete, 350 are missing and 10 don't exist at the portal. 1 day rests on \
                 estimated readings.",
                "365 dagen in 2025: 5 zijn onvolledig, 350 ontbreken en 10 bestaan niet op het portaal. 1 dag steunt op \
                 geschatte waarden.",
                "Sur 365 jours en 2025, 5 sont incomplets, 350 manquent et 10 n'existent pas sur le portail. 1 jour repose sur \
                 des valeurs estimées.",
            ]
        );
    }

    #[test]
    fn a_history_without_a_flaw_is_told_in_few_words() {
        let period = Period::Between("2026-01-01".parse().unwrap(), "2026-06-30".parse().unwrap());
        assert_eq!(
            summaries(period, &Counts { all: 181, complete: 181, ..Counts::default() }),
            [
                "All 181 days from 1 January 2026 to 30 June 2026 are complete.",
                "Alle 181 dagen van 1 januari 2026 tot en met 30 juni 2026 zijn volledig.",
                "Les 181 jours du 1er janvier 2026 au 30 juin 2026 sont tous complets.",
            ]
        );
        let [one, ..] = summaries(Period::OfYear(2026), &Counts { all: 1, complete: 1, ..Counts::default() });
        assert_eq!(one, "Of 1 day in 2026, 1 is complete.");
    }
}
