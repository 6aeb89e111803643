//! The page on the quality of the data.

use chrono::{Datelike as _, NaiveDate};

use super::Language;
use crate::energy::{Amount, MeterKind};
use crate::web::quality::{Counts, Daily, Rest, Why};

/// The fixed words of the page. What is said of the kinds of days says what they mean and what the user can do.
pub(in crate::web) struct Quality {
    pub(in crate::web) nothing: &'static str,
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
    pub(in crate::web) consumption: &'static str,
    pub(in crate::web) injection: &'static str,
    pub(in crate::web) gas: &'static str,
    pub(in crate::web) seen: &'static str,
    daily_wanted: &'static str,
    daily_granted: [&'static str; 2],
    to_fetch: &'static str,
    before_history: &'static str,
    forgotten: &'static str,
    awaited: &'static str,
    given_up: &'static str,
    quarters: [&'static str; 2],
    hours: [&'static str; 2],
    daily_total: &'static str,
    readings: [&'static str; 2],
    day: [&'static str; 2],
    estimates: [&'static str; 2],
}

const ENGLISH: Quality = Quality {
    nothing: "Nothing has been read yet.",
    spotless: "No day is missing or incomplete, and none was estimated or corrected.",
    years: "Years",
    all_years: "All years",
    missing: "Missing days",
    missing_means: "Nothing is known of these days. There is nothing to do for those that are late or still to be fetched: \
                    they come by themselves.",
    partial: "Incomplete days",
    partial_means: "A part of these days is known. There is nothing to do: the rest is asked for again by itself.",
    daily_only: "Days with a daily total only",
    daily_only_means: [
        "The energy of these days is known, but not when it flowed. The portal has quarter-hours since the day on which they \
         were switched on at mijn.fluvius.be; when recent days stand here, look there whether they still are.",
        "The gas of these days is known, but not when it flowed. The portal has hours since the day on which they were \
         switched on at mijn.fluvius.be; when recent days stand here, look there whether they still are.",
    ],
    absent: "Days that the portal doesn't have",
    absent_means: "The portal has nothing of these days, for instance because they lie before your contract. They count for \
                   nothing and are not asked for any more; if you have them in an export of the portal, import that.",
    estimated: "Days with estimated readings",
    estimated_means: "The portal has not called these readings valid, so they may be estimates. They count all the same. There \
                      is nothing to do: what the portal makes of them later is taken over.",
    corrected: "Corrected days",
    corrected_means: "The portal has published other readings than before. There is nothing to do: totals and statistics \
                      follow.",
    from: "",
    to: " to ",
    consumption: "Consumption",
    injection: "Injection",
    gas: "Gas",
    seen: "seen",
    daily_wanted: "This meter has daily totals, as the configuration asks.",
    daily_granted: [
        "This meter has daily totals. If you want quarter-hours, switch them on at mijn.fluvius.be; they begin on that day.",
        "This meter has daily totals. If you want hours, switch them on at mijn.fluvius.be; they begin on that day.",
    ],
    to_fetch: "still to be fetched, with a poll or in the back-fill after it",
    before_history: "before the start of the history; set an earlier history_from if you want it",
    forgotten: "older than the three years that the portal keeps; it can only come from an export that you have",
    awaited: "the rest is awaited",
    given_up: "the rest was given up; what is known counts",
    quarters: ["quarter-hour", "quarter-hours"],
    hours: ["hour", "hours"],
    daily_total: "daily total",
    readings: ["reading", "readings"],
    day: ["day", "days"],
    estimates: ["estimated reading", "estimated readings"],
};

const DUTCH: Quality = Quality {
    nothing: "Er is nog niets gelezen.",
    spotless: "Er ontbreekt geen dag, en geen enkele is onvolledig, geschat of gecorrigeerd.",
    years: "Jaren",
    all_years: "Alle jaren",
    missing: "Ontbrekende dagen",
    missing_means: "Van deze dagen is niets bekend. Voor dagen die laat zijn of nog opgehaald worden, hoef je niets te doen: ze \
                    komen vanzelf.",
    partial: "Onvolledige dagen",
    partial_means: "Van deze dagen is een deel bekend. Je hoeft niets te doen: de rest wordt vanzelf opnieuw gevraagd.",
    daily_only: "Dagen met enkel een dagtotaal",
    daily_only_means: [
        "De energie van deze dagen is bekend, maar niet het verloop. Het portaal heeft kwartierwaarden vanaf de dag waarop ze op \
         mijn.fluvius.be aangezet zijn; staan hier recente dagen, kijk daar dan of ze nog aanstaan.",
        "Het gas van deze dagen is bekend, maar niet het verloop. Het portaal heeft uurwaarden vanaf de dag waarop ze op \
         mijn.fluvius.be aangezet zijn; staan hier recente dagen, kijk daar dan of ze nog aanstaan.",
    ],
    absent: "Dagen die het portaal niet heeft",
    absent_means: "Het portaal heeft niets van deze dagen, bijvoorbeeld omdat ze voor je contract liggen. Ze tellen niet mee en \
                   worden niet meer gevraagd; heb je ze in een export van het portaal, importeer die dan.",
    estimated: "Dagen met geschatte waarden",
    estimated_means: "Het portaal heeft deze waarden niet gevalideerd, het kunnen dus schattingen zijn. Ze tellen wel mee. Je \
                      hoeft niets te doen: wat het portaal er later van maakt, wordt overgenomen.",
    corrected: "Gecorrigeerde dagen",
    corrected_means: "Het portaal heeft andere waarden gepubliceerd dan eerst. Je hoeft niets te doen: totalen en statistieken \
                      volgen.",
    from: "",
    to: " tot en met ",
    consumption: "Afname",
    injection: "Injectie",
    gas: "Gas",
    seen: "gezien",
    daily_wanted: "Deze meter heeft dagtotalen, zoals de configuratie vraagt.",
    daily_granted: [
        "Deze meter heeft dagtotalen. Wil je kwartierwaarden, zet ze dan aan op mijn.fluvius.be; ze beginnen op die dag.",
        "Deze meter heeft dagtotalen. Wil je uurwaarden, zet ze dan aan op mijn.fluvius.be; ze beginnen op die dag.",
    ],
    to_fetch: "wordt nog opgehaald, bij een bevraging of met de oudere geschiedenis daarna",
    before_history: "voor het begin van de geschiedenis; stel history_from vroeger in als je die wilt",
    forgotten: "ouder dan de drie jaar die het portaal bewaart; enkel een export die je hebt, kan die nog brengen",
    awaited: "de rest wordt verwacht",
    given_up: "de rest is opgegeven; wat bekend is, telt",
    quarters: ["kwartierwaarde", "kwartierwaarden"],
    hours: ["uurwaarde", "uurwaarden"],
    daily_total: "dagtotaal",
    readings: ["waarde", "waarden"],
    day: ["dag", "dagen"],
    estimates: ["geschatte waarde", "geschatte waarden"],
};

const FRENCH: Quality = Quality {
    nothing: "Rien n'a encore été lu.",
    spotless: "Aucun jour n'est manquant ou incomplet, et aucun n'a été estimé ou corrigé.",
    years: "Années",
    all_years: "Toutes les années",
    missing: "Jours manquants",
    missing_means: "Rien n'est connu de ces jours. Il n'y a rien à faire pour ceux qui sont en retard ou encore à récupérer : ils \
                    arrivent d'eux-mêmes.",
    partial: "Jours incomplets",
    partial_means: "Une partie de ces jours est connue. Il n'y a rien à faire : le reste est redemandé automatiquement.",
    daily_only: "Jours avec total journalier seul",
    daily_only_means: [
        "L'énergie de ces jours est connue, mais pas son déroulement. Le portail a des valeurs quart-horaires depuis le jour où \
         elles ont été activées sur mijn.fluvius.be ; si des jours récents sont ici, vérifiez-y qu'elles le sont toujours.",
        "Le gaz de ces jours est connu, mais pas son déroulement. Le portail a des valeurs horaires depuis le jour où elles ont \
         été activées sur mijn.fluvius.be ; si des jours récents sont ici, vérifiez-y qu'elles le sont toujours.",
    ],
    absent: "Jours que le portail n'a pas",
    absent_means: "Le portail n'a rien de ces jours, par exemple parce qu'ils précèdent votre contrat. Ils ne comptent pas et ne \
                   sont plus demandés ; si vous les avez dans un export du portail, importez-le.",
    estimated: "Jours avec valeurs estimées",
    estimated_means: "Le portail n'a pas validé ces valeurs ; ce sont peut-être des estimations. Elles comptent quand même. Il n'y \
                      a rien à faire : ce que le portail en fera plus tard sera repris.",
    corrected: "Jours corrigés",
    corrected_means: "Le portail a publié d'autres valeurs qu'avant. Il n'y a rien à faire : les totaux et les statistiques \
                      suivent.",
    from: "Du ",
    to: " au ",
    consumption: "Prélèvement",
    injection: "Injection",
    gas: "Gaz",
    seen: "vu",
    daily_wanted: "Ce compteur a des totaux journaliers, comme la configuration le demande.",
    daily_granted: [
        "Ce compteur a des totaux journaliers. Si vous voulez des valeurs quart-horaires, activez-les sur mijn.fluvius.be ; elles \
         commencent ce jour-là.",
        "Ce compteur a des totaux journaliers. Si vous voulez des valeurs horaires, activez-les sur mijn.fluvius.be ; elles \
         commencent ce jour-là.",
    ],
    to_fetch: "encore à récupérer, lors d'une interrogation ou avec l'historique ensuite",
    before_history: "avant le début de l'historique ; fixez history_from plus tôt si vous en voulez",
    forgotten: "plus ancien que les trois ans que le portail garde ; seul un export que vous avez peut encore l'apporter",
    awaited: "le reste est attendu",
    given_up: "le reste a été abandonné ; ce qui est connu compte",
    quarters: ["valeur quart-horaire", "valeurs quart-horaires"],
    hours: ["valeur horaire", "valeurs horaires"],
    daily_total: "total journalier",
    readings: ["valeur", "valeurs"],
    day: ["jour", "jours"],
    estimates: ["valeur estimée", "valeurs estimées"],
};

/// Which days a summary is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Period {
    Since(NaiveDate),
    Between(NaiveDate, NaiveDate),
    OfYear(i32),
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

    pub(in crate::web) const fn rest(&self, rest: Rest) -> &'static str {
        match rest {
            Rest::Awaited => self.awaited,
            Rest::GivenUp => self.given_up,
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
                Self::Dutch => format!("Van {day} {when} {shares}."),
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
                (counts.complete, ["is er # volledig", "zijn er # volledig"]),
                (counts.daily_only, ["is er # enkel als dagtotaal bekend", "zijn er # enkel als dagtotaal bekend"]),
                (counts.partial, ["is er # onvolledig", "zijn er # onvolledig"]),
                (counts.missing, ["ontbreekt er #", "ontbreken er #"]),
                (counts.absent, ["bestaat er # niet op het portaal", "bestaan er # niet op het portaal"]),
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

    /// Why nothing is known of a day. `first_poll` is the time of the first poll of a day, `again` when the next one is due.
    pub(in crate::web) fn why(self, why: Why, today: NaiveDate, first_poll: &str, again: Option<&str>) -> String {
        let words = self.quality();
        match (self, why) {
            (_, Why::NotYet { arrives }) => {
                let day = self.near(arrives, today).map_or_else(|| self.on(arrives, today), ToOwned::to_owned);
                match self {
                    Self::English => format!("not published yet; it is usually there {day} at about {first_poll}"),
                    Self::Dutch => format!("nog niet gepubliceerd; doorgaans is die er {day} rond {first_poll}"),
                    Self::French => format!("pas encore publié ; il est d'habitude là {day} vers {first_poll}"),
                }
            }
            (Self::English, Why::Late) => late("late, the portal hasn't published it yet", "; asked for again", again),
            (Self::Dutch, Why::Late) => late("laat, nog niet gepubliceerd", "; opnieuw gevraagd", again),
            (Self::French, Why::Late) => late("en retard, pas encore publié", " ; nouvel essai", again),
            (_, Why::ToFetch) => words.to_fetch.to_owned(),
            (_, Why::BeforeHistory) => words.before_history.to_owned(),
            (_, Why::Forgotten) => words.forgotten.to_owned(),
        }
    }

    /// That a list goes on.
    pub(in crate::web) fn left_out(self, count: usize) -> String {
        match (self, count) {
            (Self::English, 1) => "1 older entry is left out here; it is on the page of its year.".to_owned(),
            (Self::English, count) => {
                format!("{count} older entries are left out here; they are on the pages of their years.")
            }
            (Self::Dutch, 1) => "1 oudere vermelding staat hier niet, maar op de pagina van haar jaar.".to_owned(),
            (Self::Dutch, count) => {
                format!("{count} oudere vermeldingen staan hier niet, maar op de pagina's van hun jaar.")
            }
            (Self::French, 1) => "1 entrée plus ancienne n'est pas ici, mais sur la page de son année.".to_owned(),
            (Self::French, count) => {
                format!("{count} entrées plus anciennes ne sont pas ici, mais sur les pages de leurs années.")
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
