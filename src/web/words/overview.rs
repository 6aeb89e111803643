//! The overview, and what all pages have in common.

use chrono::NaiveDate;

use super::Language;
use crate::web::sentence::Sentence;

/// The fixed words of the overview.
pub(in crate::web) struct Overview {
    pub(in crate::web) title: &'static str,
    pub(in crate::web) skip: &'static str,
    pub(in crate::web) menu: &'static str,
    pub(in crate::web) overview: &'static str,
    pub(in crate::web) meters: &'static str,
    pub(in crate::web) days: &'static str,
    pub(in crate::web) year: &'static str,
    pub(in crate::web) peaks: &'static str,
    pub(in crate::web) quality: &'static str,
    pub(in crate::web) electricity: &'static str,
    pub(in crate::web) gas: &'static str,
    pub(in crate::web) service: &'static str,
    pub(in crate::web) last_poll: &'static str,
    pub(in crate::web) next_poll: &'static str,
    pub(in crate::web) none_yet: &'static str,
    pub(in crate::web) polling: &'static str,
    pub(in crate::web) portal: &'static str,
    pub(in crate::web) broker: &'static str,
    pub(in crate::web) home_assistant: &'static str,
    pub(in crate::web) not_configured: &'static str,
    pub(in crate::web) fine: &'static str,
    pub(in crate::web) unknown: &'static str,
    pub(in crate::web) trouble: &'static str,
    pub(in crate::web) problems: &'static str,
    pub(in crate::web) no_problems: &'static str,
    pub(in crate::web) since: &'static str,
    pub(in crate::web) details: &'static str,
    pub(in crate::web) poll_now: &'static str,
    pub(in crate::web) log_in_again: &'static str,
    pub(in crate::web) reload: &'static str,
    pub(in crate::web) backfill: &'static str,
    pub(in crate::web) poll_done: &'static str,
    pub(in crate::web) poll_running: &'static str,
    pub(in crate::web) poll_too_soon: &'static str,
    pub(in crate::web) poll_refused: &'static str,
    pub(in crate::web) poll_stale: &'static str,
    pub(in crate::web) poll_stopping: &'static str,
    pub(in crate::web) faults: &'static str,
    pub(in crate::web) faults_remedy: &'static str,
}

const ENGLISH: Overview = Overview {
    title: "Fluvius meters",
    skip: "Skip to the content",
    menu: "Pages",
    overview: "Overview",
    meters: "Meters",
    days: "Days",
    year: "Hours of a year",
    peaks: "Monthly peaks",
    quality: "Data quality",
    electricity: "Electricity",
    gas: "Gas",
    service: "The service",
    last_poll: "Last poll of the portal",
    next_poll: "Next poll",
    none_yet: "none since the start",
    polling: "A poll is under way since",
    portal: "Mijn Fluvius",
    broker: "MQTT broker",
    home_assistant: "Home Assistant's statistics",
    not_configured: "not configured",
    fine: "works",
    unknown: "not asked yet",
    trouble: "trouble",
    problems: "What is wrong, and what to do",
    no_problems: "Nothing is wrong.",
    since: "Since",
    details: "Details for a report:",
    poll_now: "Poll now",
    log_in_again: "Try the login again",
    reload: "Reload this page",
    backfill: "History",
    poll_done: "The portal was asked. What it said is below.",
    poll_running: "A poll is under way; it may take a minute. Reload this page to see what came of it.",
    poll_too_soon: "Not again within a minute: the portal publishes once a day, and asking more often brings nothing.",
    poll_refused: "The portal was not asked, for the reason below.",
    poll_stale: "The service has been started anew since that page was opened. Press the button here if you still want to.",
    poll_stopping: "The service is stopping, so the portal was not asked.",
    faults: "The configuration can't be used",
    faults_remedy: "Correct this, and start the app again:",
};

const DUTCH: Overview = Overview {
    title: "Fluvius-meters",
    skip: "Naar de inhoud",
    menu: "Pagina's",
    overview: "Overzicht",
    meters: "Meters",
    days: "Dagen",
    year: "Uren van een jaar",
    peaks: "Maandpieken",
    quality: "Gegevenskwaliteit",
    electricity: "Elektriciteit",
    gas: "Gas",
    service: "De dienst",
    last_poll: "Portaal laatst bevraagd",
    next_poll: "Volgende keer",
    none_yet: "nog niet sinds de start",
    polling: "Het portaal wordt bevraagd sinds",
    portal: "Mijn Fluvius",
    broker: "MQTT-broker",
    home_assistant: "Statistieken van Home Assistant",
    not_configured: "niet ingesteld",
    fine: "werkt",
    unknown: "nog niet bevraagd",
    trouble: "probleem",
    problems: "Wat er mis is, en wat je kunt doen",
    no_problems: "Er is niets mis.",
    since: "Sinds",
    details: "Details voor een melding:",
    poll_now: "Nu bevragen",
    log_in_again: "Aanmelding opnieuw proberen",
    reload: "Deze pagina herladen",
    backfill: "Geschiedenis",
    poll_done: "Het portaal is bevraagd. Wat het antwoordde, staat hieronder.",
    poll_running: "Het portaal wordt bevraagd; dat kan een minuut duren. Herlaad deze pagina om te zien wat eruit kwam.",
    poll_too_soon: "Niet opnieuw binnen een minuut: het portaal publiceert eenmaal per dag, vaker vragen levert niets op.",
    poll_refused: "Het portaal is niet bevraagd; de reden staat hieronder.",
    poll_stale: "De dienst is herstart sinds die pagina geopend werd. Druk hier op de knop als je het nog wilt.",
    poll_stopping: "De dienst wordt gestopt, dus het portaal is niet bevraagd.",
    faults: "De configuratie is niet bruikbaar",
    faults_remedy: "Verbeter dit, en start de app opnieuw:",
};

const FRENCH: Overview = Overview {
    title: "Compteurs Fluvius",
    skip: "Aller au contenu",
    menu: "Pages",
    overview: "Aperçu",
    meters: "Compteurs",
    days: "Jours",
    year: "Heures d'une année",
    peaks: "Pointes mensuelles",
    quality: "Qualité des données",
    electricity: "Électricité",
    gas: "Gaz",
    service: "Le service",
    last_poll: "Dernière interrogation du portail",
    next_poll: "Prochaine interrogation",
    none_yet: "aucune depuis le démarrage",
    polling: "Le portail est interrogé depuis",
    portal: "Mijn Fluvius",
    broker: "Broker MQTT",
    home_assistant: "Statistiques de Home Assistant",
    not_configured: "non configuré",
    fine: "fonctionne",
    unknown: "pas encore interrogé",
    trouble: "problème",
    problems: "Ce qui ne va pas, et que faire",
    no_problems: "Tout va bien.",
    since: "Depuis",
    details: "Détails pour un rapport :",
    poll_now: "Interroger maintenant",
    log_in_again: "Réessayer la connexion",
    reload: "Recharger cette page",
    backfill: "Historique",
    poll_done: "Le portail a été interrogé. Sa réponse est ci-dessous.",
    poll_running: "Le portail est interrogé ; cela peut prendre une minute. Rechargez cette page pour voir le résultat.",
    poll_too_soon: "Pas deux fois en une minute : le portail publie une fois par jour, demander plus souvent n'apporte rien.",
    poll_refused: "Le portail n'a pas été interrogé, pour la raison ci-dessous.",
    poll_stale: "Le service a redémarré depuis l'ouverture de cette page. Appuyez ici si vous le voulez toujours.",
    poll_stopping: "Le service s'arrête ; le portail n'a pas été interrogé.",
    faults: "La configuration ne peut pas être utilisée",
    faults_remedy: "Corrigez ceci, puis redémarrez l'application :",
};

/// What a sentence needs to be said: how a day and an instant are told, and the time of the first poll of a day.
pub(in crate::web) struct Telling<'a> {
    pub(in crate::web) today: NaiveDate,
    pub(in crate::web) first_poll: &'a str,
    /// When the portal is asked again, if that is known.
    pub(in crate::web) again: Option<String>,
}

/// So many days before or after today, the name of the weekday tells a day.
const WEEK: i64 = 6;

impl Language {
    pub(in crate::web) const fn overview(self) -> &'static Overview {
        match self {
            Self::English => &ENGLISH,
            Self::Dutch => &DUTCH,
            Self::French => &FRENCH,
        }
    }

    /// How far a meter is known.
    pub(in crate::web) fn sentence(self, sentence: &Sentence, telling: &Telling<'_>) -> String {
        let date = |day| self.date(day, telling.today);
        let short = |day| self.short(day, telling.today);
        let capital = |day| capitalised(&self.short(day, telling.today));
        let near = |day| self.near(day, telling.today).map_or_else(|| self.on(day, telling.today), ToOwned::to_owned);
        let time = telling.first_poll;
        match (self, sentence) {
            (Self::English, Sentence::Nothing) => "Nothing has been read yet.".to_owned(),
            (Self::Dutch, Sentence::Nothing) => "Er is nog niets gelezen.".to_owned(),
            (Self::French, Sentence::Nothing) => "Rien n'a encore été lu.".to_owned(),
            (Self::English, Sentence::Empty) => "The portal has given nothing for this meter yet.".to_owned(),
            (Self::Dutch, Sentence::Empty) => "Het portaal heeft voor deze meter nog niets gegeven.".to_owned(),
            (Self::French, Sentence::Empty) => "Le portail n'a encore rien donné pour ce compteur.".to_owned(),
            (Self::English, Sentence::NoDay) => "There is data, and no day is complete yet.".to_owned(),
            (Self::Dutch, Sentence::NoDay) => "Er zijn gegevens, maar nog geen volledige dag.".to_owned(),
            (Self::French, Sentence::NoDay) => "Il y a des données, mais aucun jour complet.".to_owned(),
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
                near(*arrives)
            ),
            (Self::Dutch, Sentence::Complete { until, next, arrives }) => format!(
                "Volledig tot en met {}; {} komt doorgaans {} rond {time}.",
                date(*until),
                short(*next),
                near(*arrives)
            ),
            (Self::French, Sentence::Complete { until, next, arrives }) => format!(
                "Complet jusqu'au {} ; {} arrive d'habitude {} vers {time}.",
                date(*until),
                short(*next),
                near(*arrives)
            ),
            (Self::English, Sentence::Late { until, next, .. }) => format!(
                "Complete until {}. {} is late: the portal hasn't published it yet.{}",
                date(*until),
                capital(*next),
                after(telling, " It is asked for again ")
            ),
            (Self::Dutch, Sentence::Late { until, next, .. }) => format!(
                "Volledig tot en met {}. {} is laat: het portaal heeft die dag nog niet gepubliceerd.{}",
                date(*until),
                capital(*next),
                after(telling, " Er wordt opnieuw gevraagd ")
            ),
            (Self::French, Sentence::Late { until, next, .. }) => format!(
                "Complet jusqu'au {}. {} est en retard : le portail ne l'a pas encore publié.{}",
                date(*until),
                capital(*next),
                after(telling, " Nouvel essai ")
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
                "Il y a des données jusqu'au {} ; avant, {days} jours manquent, dont le premier est {}.",
                date(*until),
                date(*first)
            ),
        }
    }

    /// The progress of a back-fill.
    pub(in crate::web) fn backfill(self, done: usize, left: usize, ready: Option<&str>) -> String {
        let told = match self {
            Self::English => format!("{done} days of older history are in, {left} are still to be fetched"),
            Self::Dutch => {
                format!("{done} dagen van de oudere geschiedenis zijn er, {left} moeten nog opgehaald worden")
            }
            Self::French => format!("{done} jours d'historique sont là, {left} restent à chercher"),
        };
        match (self, ready) {
            (_, None) => format!("{told}."),
            (Self::English, Some(ready)) => format!("{told}, until about {ready}."),
            (Self::Dutch, Some(ready)) => format!("{told}, tot ongeveer {ready}."),
            (Self::French, Some(ready)) => format!("{told}, jusque vers {ready}."),
        }
    }

    /// A day near today by its weekday, another one by its date.
    fn short(self, day: NaiveDate, today: NaiveDate) -> String {
        use chrono::Datelike as _;
        if day.signed_duration_since(today).num_days().abs() <= WEEK {
            self.weekday(day.weekday()).to_owned()
        } else {
            self.date(day, today)
        }
    }

    /// When something comes that doesn't come today or tomorrow.
    fn on(self, day: NaiveDate, today: NaiveDate) -> String {
        let day = self.short(day, today);
        match self {
            Self::English => format!("on {day}"),
            Self::Dutch => day,
            Self::French => day,
        }
    }
}

fn after(telling: &Telling<'_>, words: &str) -> String {
    telling.again.as_ref().map_or_else(String::new, |again| format!("{words}{again}."))
}

/// With a capital, as at the beginning of a sentence.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
