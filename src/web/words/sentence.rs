//! How far a meter is known, in words.

use chrono::{Datelike as _, NaiveDate, NaiveTime};

use super::Language;
use crate::web::sentence::Sentence;

/// What a sentence needs to be said: how a day and an instant are told, and the time of the first poll of a day.
pub(in crate::web) struct Telling {
    pub(in crate::web) today: NaiveDate,
    pub(in crate::web) first_poll: NaiveTime,
    /// When the portal is asked again, if that is known.
    pub(in crate::web) again: Option<String>,
}

/// So many days before or after today, the name of the weekday tells a day.
const WEEK: i64 = 6;

impl Language {
    /// How far a meter is known.
    pub(in crate::web) fn sentence(self, sentence: &Sentence, telling: &Telling) -> String {
        let date = |day| self.date(day, telling.today);
        let short = |day| self.short(day, telling.today);
        let capital = |day| capitalised(&self.short(day, telling.today));
        let on = |day| self.on(day, telling.today);
        let time = self.time(telling.first_poll);
        match (self, sentence) {
            (_, Sentence::Nothing) => self.chart().nothing_read.to_owned(),
            (Self::English, Sentence::Empty) => "The portal has given nothing for this meter yet.".to_owned(),
            (Self::Dutch, Sentence::Empty) => "Het portaal heeft voor deze meter nog niets geleverd.".to_owned(),
            (Self::French, Sentence::Empty) => "Le portail n'a encore rien fourni pour ce compteur.".to_owned(),
            (Self::English, Sentence::NoDay) => "There is data, and no day is complete yet.".to_owned(),
            (Self::Dutch, Sentence::NoDay) => "Er zijn gegevens, maar nog geen volledige dag.".to_owned(),
            (Self::French, Sentence::NoDay) => "Il y a des données, mais pas encore de jour complet.".to_owned(),
            (Self::English, Sentence::Over { until }) => {
                format!("Complete until {}, the last day that the configuration asks for.", date(*until))
            }
            (Self::Dutch, Sentence::Over { until }) => {
                format!("Volledig tot en met {}, de laatste dag die de configuratie vraagt.", date(*until))
            }
            (Self::French, Sentence::Over { until }) => {
                format!("Complet jusqu'au {}, le dernier jour que la configuration demande.", date(*until))
            }
            (Self::English, Sentence::Complete { until, next, arrives }) => format!(
                "Complete until {}; {} usually arrives {} at about {time}.",
                date(*until),
                short(*next),
                on(*arrives)
            ),
            (Self::Dutch, Sentence::Complete { until, next, arrives }) => format!(
                "Volledig tot en met {}; de gegevens van {} komen doorgaans {} rond {time}.",
                date(*until),
                short(*next),
                on(*arrives)
            ),
            (Self::French, Sentence::Complete { until, next, arrives }) => format!(
                "Complet jusqu'au {} ; les données de {} arrivent d'habitude {} vers {time}.",
                date(*until),
                short(*next),
                on(*arrives)
            ),
            (Self::English, Sentence::Late { until, days: 2.., .. }) => format!(
                "Complete until {}. The days since then are late: the portal hasn't published them yet.{}",
                date(*until),
                after(telling, " They are asked for again ")
            ),
            (Self::English, Sentence::Late { until, next, .. }) => format!(
                "Complete until {}. {} is late: the portal hasn't published it yet.{}",
                date(*until),
                capital(*next),
                after(telling, " It is asked for again ")
            ),
            (Self::Dutch, Sentence::Late { until, days: 2.., .. }) => format!(
                "Volledig tot en met {}. De dagen daarna laten op zich wachten: het portaal heeft ze nog niet \
                 gepubliceerd.{}",
                date(*until),
                after(telling, " Volgende poging: ")
            ),
            (Self::Dutch, Sentence::Late { until, next, .. }) => format!(
                "Volledig tot en met {}. {} laat op zich wachten: het portaal heeft die dag nog niet gepubliceerd.{}",
                date(*until),
                capital(*next),
                after(telling, " Volgende poging: ")
            ),
            (Self::French, Sentence::Late { until, days: 2.., .. }) => format!(
                "Complet jusqu'au {}. Les jours suivants sont en retard : le portail ne les a pas encore publiés.{}",
                date(*until),
                after(telling, " Nouvel essai ")
            ),
            (Self::French, Sentence::Late { until, next, .. }) => format!(
                "Complet jusqu'au {}. {} est en retard : le portail ne l'a pas encore publié.{}",
                date(*until),
                capital(*next),
                after(telling, " Nouvel essai ")
            ),
            (Self::English, Sentence::Unasked { until, days, .. }) => format!(
                "Complete until {}. {} asked for yet.{}",
                date(*until),
                if *days == 1 { "The day after it hasn't been" } else { "The days after it haven't been" },
                after(telling, " That is done ")
            ),
            (Self::Dutch, Sentence::Unasked { until, days, .. }) => format!(
                "Volledig tot en met {}. {} nog niet opgevraagd.{}",
                date(*until),
                if *days == 1 { "De dag erna is" } else { "De dagen erna zijn" },
                after(telling, " Dat gebeurt ")
            ),
            (Self::French, Sentence::Unasked { until, days, .. }) => format!(
                "Complet jusqu'au {}. {} pas encore été {}.{}",
                date(*until),
                if *days == 1 { "Le jour suivant n'a" } else { "Les jours suivants n'ont" },
                if *days == 1 { "demandé" } else { "demandés" },
                after(telling, " Ce sera fait ")
            ),
            (Self::English, Sentence::Unread { until, next }) => format!(
                "Complete until {}. {} could not be read: what is wrong is told above.",
                date(*until),
                capital(*next)
            ),
            (Self::Dutch, Sentence::Unread { until, next }) => format!(
                "Volledig tot en met {}. {} kon niet gelezen worden: hierboven staat wat er mis is.",
                date(*until),
                capital(*next)
            ),
            (Self::French, Sentence::Unread { until, next }) => format!(
                "Complet jusqu'au {}. {} n'a pas pu être lu : voyez ci-dessus ce qui ne va pas.",
                date(*until),
                capital(*next)
            ),
            (Self::English, Sentence::Gaps { until, days: 1, first }) => {
                format!("There is data until {}, and before that one day is missing: {}.", date(*until), date(*first))
            }
            (Self::English, Sentence::Gaps { until, days, first }) => format!(
                "There is data until {}, and before that {days} days are missing, the first of them {}.",
                date(*until),
                date(*first)
            ),
            (Self::Dutch, Sentence::Gaps { until, days: 1, first }) => format!(
                "Er zijn gegevens tot en met {}, en daarvoor ontbreekt één dag: {}.",
                date(*until),
                date(*first)
            ),
            (Self::Dutch, Sentence::Gaps { until, days, first }) => format!(
                "Er zijn gegevens tot en met {}, en daarvoor ontbreken {days} dagen, met {} als eerste.",
                date(*until),
                date(*first)
            ),
            (Self::French, Sentence::Gaps { until, days: 1, first }) => {
                format!("Il y a des données jusqu'au {} ; avant, un jour manque : {}.", date(*until), date(*first))
            }
            (Self::French, Sentence::Gaps { until, days, first }) => format!(
                "Il y a des données jusqu'au {} ; avant, {days} jours manquent, à commencer par {}.",
                date(*until),
                date(*first)
            ),
        }
    }

    /// The progress of a back-fill.
    pub(in crate::web) fn backfill(self, done: usize, left: usize, ready: Option<&str>) -> String {
        let counted = |count: usize, [one, more]: [&'static str; 2]| match (self, count) {
            (_, 1) | (Self::French, 0) => one,
            _ => more,
        };
        let told = match self {
            Self::English => format!(
                "{done} {} in, {left} {} still to be fetched",
                counted(done, ["day of older history is", "days of older history are"]),
                counted(left, ["is", "are"])
            ),
            Self::Dutch => format!(
                "{done} {} er al, {left} {} nog opgehaald worden",
                counted(done, ["oudere dag is", "oudere dagen zijn"]),
                counted(left, ["moet", "moeten"])
            ),
            Self::French => format!(
                "{done} {} déjà là, {left} {} à récupérer",
                counted(done, ["jour plus ancien est", "jours plus anciens sont"]),
                counted(left, ["reste", "restent"])
            ),
        };
        match (self, ready) {
            (_, None) => format!("{told}."),
            (Self::English, Some(ready)) => format!("{told}; expected to be done {ready}."),
            (Self::Dutch, Some(ready)) => format!("{told}; vermoedelijk klaar {ready}."),
            (Self::French, Some(ready)) => format!("{told} ; fin prévue {ready} environ."),
        }
    }

    /// A day near today by its weekday, another one by its date.
    fn short(self, day: NaiveDate, today: NaiveDate) -> String {
        if day.signed_duration_since(today).num_days().abs() <= WEEK {
            self.weekday(day.weekday()).to_owned()
        } else {
            self.date(day, today)
        }
    }

    /// On which day something comes.
    pub(super) fn on(self, day: NaiveDate, today: NaiveDate) -> String {
        if let Some(near) = self.near(day, today) {
            return near.to_owned();
        }
        let day = self.short(day, today);
        match self {
            Self::English => format!("on {day}"),
            Self::Dutch | Self::French => day,
        }
    }
}

fn after(telling: &Telling, words: &str) -> String {
    telling.again.as_ref().map_or_else(String::new, |again| format!("{words}{again}."))
}

/// With a capital, as at the beginning of a sentence.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 3] = [Language::English, Language::Dutch, Language::French];

    #[test]
    fn the_progress_of_a_back_fill_is_told_of_one_day_and_of_more() {
        assert_eq!(
            ALL.map(|language| language.backfill(1, 1, None)),
            [
                "1 day of older history is in, 1 is still to be fetched.",
                "1 oudere dag is er al, 1 moet nog opgehaald worden.",
                "1 jour plus ancien est déjà là, 1 reste à récupérer.",
            ]
        );
        let (now, ready) = ("2026-11-24T01:00:00Z".parse().unwrap(), "2026-11-24T03:39:00Z".parse().unwrap());
        let backfill = |language: Language| {
            language.backfill(120, 30, Some(&language.instant(ready, now, chrono_tz::Europe::Brussels)))
        };
        assert_eq!(
            ALL.map(backfill),
            [
                "120 days of older history are in, 30 are still to be fetched; expected to be done today at 04:39.",
                "120 oudere dagen zijn er al, 30 moeten nog opgehaald worden; vermoedelijk klaar vandaag om 04:39.",
                "120 jours plus anciens sont déjà là, 30 restent à récupérer ; fin prévue aujourd'hui à 4 h 39 \
                 environ.",
            ]
        );
        assert!(Language::French.backfill(0, 3, None).starts_with("0 jour plus ancien est"));
    }
}
