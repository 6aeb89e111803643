//! The pages of the days and of one day.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::Language;
use crate::config::Meter;
use crate::energy::{Amount, Direction, MeterKind, Register};
use crate::ledger::Amounts;
use crate::web::page::{DIRECTIONS, Standing, total};

/// The fixed words of these pages.
pub(in crate::web) struct Chart {
    consumption: &'static str,
    consumption_high: &'static str,
    consumption_low: &'static str,
    injection: &'static str,
    injection_high: &'static str,
    injection_low: &'static str,
    gas: &'static str,
    /// Both directions, and where each is drawn.
    both: &'static str,
    pub(in crate::web) net: &'static str,
    /// The registers, where the direction is told beside them.
    high: &'static str,
    low: &'static str,
    pub(in crate::web) per_day: &'static str,
    pub(in crate::web) per_hour: &'static str,
    pub(in crate::web) per_quarter: &'static str,
    pub(in crate::web) mean_power: &'static str,
    pub(in crate::web) table: &'static str,
    pub(in crate::web) day: &'static str,
    pub(in crate::web) begins: &'static str,
    pub(in crate::web) state: &'static str,
    pub(in crate::web) total: &'static str,
    pub(in crate::web) totals: &'static str,
    pub(in crate::web) totals_so_far: &'static str,
    pub(in crate::web) last_days: &'static str,
    pub(in crate::web) months: &'static str,
    pub(in crate::web) neighbours: &'static str,
    pub(in crate::web) complete: &'static str,
    pub(in crate::web) daily_only: &'static str,
    pub(in crate::web) partial: &'static str,
    pub(in crate::web) awaited: &'static str,
    pub(in crate::web) missing: &'static str,
    pub(in crate::web) absent: &'static str,
    pub(in crate::web) outside: &'static str,
    pub(in crate::web) estimated: &'static str,
    pub(in crate::web) nothing_read: &'static str,
    pub(in crate::web) nothing_known: &'static str,
    pub(in crate::web) part_now: &'static str,
    pub(in crate::web) part_finally: &'static str,
    pub(in crate::web) gone: &'static str,
    pub(in crate::web) daily_by_configuration: &'static str,
    pub(in crate::web) daily_by_portal: &'static str,
    pub(in crate::web) daily_unasked: &'static str,
    pub(in crate::web) daily_consumption: &'static str,
    pub(in crate::web) daily_injection: &'static str,
    pub(in crate::web) clock_back: &'static str,
    pub(in crate::web) clock_forward: &'static str,
}

const ENGLISH: Chart = Chart {
    consumption: "Consumption",
    consumption_high: "Consumption, high tariff",
    consumption_low: "Consumption, low tariff",
    injection: "Injection",
    injection_high: "Injection, high tariff",
    injection_low: "Injection, low tariff",
    gas: "Consumption",
    both: "Consumption (upwards) and injection (downwards)",
    net: "Net",
    high: "high",
    low: "low",
    per_day: "per day",
    per_hour: "per hour",
    per_quarter: "per quarter-hour",
    mean_power: "Mean power",
    table: "All numbers as a table",
    day: "Day",
    begins: "From",
    state: "State",
    total: "Total",
    totals: "Totals of the day",
    totals_so_far: "What is known of the day so far",
    last_days: "Last 31 days",
    months: "Months",
    neighbours: "Before and after",
    complete: "complete",
    daily_only: "daily total only",
    partial: "partial",
    awaited: "not published yet",
    missing: "missing",
    absent: "not at the portal",
    outside: "not part of the history",
    estimated: "estimated or not validated",
    nothing_read: "Nothing has been read of this meter yet.",
    nothing_known: "Nothing is known of this period.",
    part_now: "Only a part of this day is known so far.",
    part_finally: "Only a part of this day is known, and the portal has no more of it.",
    gone: "The portal has nothing for this day, and isn't asked for it any more.",
    daily_by_configuration: "Only the total of this day is known: the configuration asks for daily totals alone.",
    daily_by_portal: "Only the total of this day is known: the portal has given no hours or quarter-hours of it.",
    daily_unasked: "Only the total of this day is known: nobody has asked the portal for its hours or quarter-hours.",
    daily_consumption: "Consumption is known as a total of the day alone, and is not in the chart.",
    daily_injection: "Injection is known as a total of the day alone, and is not in the chart.",
    clock_back: "The clocks went back an hour on this day: it has 25 hours, and one of them comes twice.",
    clock_forward: "The clocks went forward an hour on this day: it has 23 hours.",
};

const DUTCH: Chart = Chart {
    consumption: "Afname",
    consumption_high: "Afname dag",
    consumption_low: "Afname nacht",
    injection: "Injectie",
    injection_high: "Injectie dag",
    injection_low: "Injectie nacht",
    gas: "Verbruik",
    both: "Afname (omhoog) en injectie (omlaag)",
    net: "Netto",
    high: "dag",
    low: "nacht",
    per_day: "per dag",
    per_hour: "per uur",
    per_quarter: "per kwartier",
    mean_power: "Gemiddeld vermogen",
    table: "Alle cijfers in een tabel",
    day: "Dag",
    begins: "Vanaf",
    state: "Toestand",
    total: "Totaal",
    totals: "Totalen van de dag",
    totals_so_far: "Wat tot nu toe van de dag bekend is",
    last_days: "Laatste 31 dagen",
    months: "Maanden",
    neighbours: "Ervoor en erna",
    complete: "volledig",
    daily_only: "alleen dagtotaal",
    partial: "gedeeltelijk",
    awaited: "nog niet gepubliceerd",
    missing: "ontbreekt",
    absent: "niet op het portaal",
    outside: "geen deel van de geschiedenis",
    estimated: "geschat of niet gevalideerd",
    nothing_read: "Van deze meter is nog niets gelezen.",
    nothing_known: "Van deze periode is niets bekend.",
    part_now: "Van deze dag is nog maar een deel bekend.",
    part_finally: "Van deze dag is maar een deel bekend, en meer heeft het portaal er niet van.",
    gone: "Het portaal heeft niets voor deze dag, en er wordt niet meer naar gevraagd.",
    daily_by_configuration: "Van deze dag is alleen het totaal bekend: de configuratie vraagt enkel dagtotalen.",
    daily_by_portal: "Van deze dag is alleen het totaal bekend: het portaal gaf er geen uren of kwartieren van.",
    daily_unasked: "Van deze dag is alleen het totaal bekend: de uren of kwartieren zijn nog niet opgevraagd.",
    daily_consumption: "De afname is alleen als dagtotaal bekend, en staat niet in de grafiek.",
    daily_injection: "De injectie is alleen als dagtotaal bekend, en staat niet in de grafiek.",
    clock_back: "Op deze dag ging de klok een uur terug: hij telt 25 uren, waarvan er één tweemaal komt.",
    clock_forward: "Op deze dag ging de klok een uur vooruit: hij telt 23 uren.",
};

const FRENCH: Chart = Chart {
    consumption: "Prélèvement",
    consumption_high: "Prélèvement, heures pleines (HP)",
    consumption_low: "Prélèvement, heures creuses (HC)",
    injection: "Injection",
    injection_high: "Injection, heures pleines (HP)",
    injection_low: "Injection, heures creuses (HC)",
    gas: "Consommation",
    both: "Prélèvement (vers le haut) et injection (vers le bas)",
    net: "Net",
    high: "HP",
    low: "HC",
    per_day: "par jour",
    per_hour: "par heure",
    per_quarter: "par quart d'heure",
    mean_power: "Puissance moyenne",
    table: "Tous les chiffres en tableau",
    day: "Jour",
    begins: "Dès",
    state: "État",
    total: "Total",
    totals: "Totaux du jour",
    totals_so_far: "Ce qui est connu du jour jusqu'ici",
    last_days: "31 derniers jours",
    months: "Mois",
    neighbours: "Avant et après",
    complete: "complet",
    daily_only: "total du jour seulement",
    partial: "partiel",
    awaited: "pas encore publié",
    missing: "manquant",
    absent: "absent du portail",
    outside: "hors de l'historique",
    estimated: "estimé ou non validé",
    nothing_read: "Rien n'a encore été lu de ce compteur.",
    nothing_known: "Rien n'est connu de cette période.",
    part_now: "Seule une partie de ce jour est connue jusqu'ici.",
    part_finally: "Seule une partie de ce jour est connue, et le portail n'en a pas plus.",
    gone: "Le portail n'a rien pour ce jour, et n'est plus interrogé à ce sujet.",
    daily_by_configuration: "Seul le total de ce jour est connu : la configuration ne demande que des totaux par jour.",
    daily_by_portal: "Seul le total de ce jour est connu : le portail n'en a donné ni heures ni quarts d'heure.",
    daily_unasked: "Seul le total de ce jour est connu : ses heures ou quarts d'heure n'ont pas été demandés.",
    daily_consumption: "Le prélèvement n'est connu que comme total du jour, et n'est pas dans le graphique.",
    daily_injection: "L'injection n'est connue que comme total du jour, et n'est pas dans le graphique.",
    clock_back: "Ce jour-là, l'heure a reculé : il compte 25 heures, dont une revient deux fois.",
    clock_forward: "Ce jour-là, l'heure a avancé : il compte 23 heures.",
};

impl Chart {
    /// The name of what a register counts.
    pub(in crate::web) const fn register(
        &self,
        kind: MeterKind,
        direction: Direction,
        register: Register,
    ) -> &'static str {
        match (direction, register) {
            (_, Register::Single) => self.direction(kind, direction),
            (Direction::Consumption, Register::High) => self.consumption_high,
            (Direction::Consumption, Register::Low) => self.consumption_low,
            (Direction::Injection, Register::High) => self.injection_high,
            (Direction::Injection, Register::Low) => self.injection_low,
        }
    }

    /// The name of what a meter counts in a direction.
    pub(in crate::web) const fn direction(&self, kind: MeterKind, direction: Direction) -> &'static str {
        match (kind, direction) {
            (MeterKind::Gas, _) => self.gas,
            (MeterKind::Electricity, Direction::Consumption) => self.consumption,
            (MeterKind::Electricity, Direction::Injection) => self.injection,
        }
    }

    /// How a day stands, in a few words.
    pub(in crate::web) const fn standing(&self, standing: Standing) -> &'static str {
        match standing {
            Standing::Complete => self.complete,
            Standing::DailyOnly => self.daily_only,
            Standing::Partial { .. } => self.partial,
            Standing::Awaited { .. } => self.awaited,
            Standing::Late => self.missing,
            Standing::Absent => self.absent,
            Standing::Before | Standing::After => self.outside,
        }
    }

    /// What a chart shows.
    pub(in crate::web) const fn shown(&self, kind: MeterKind, has_injection: bool) -> &'static str {
        if has_injection { self.both } else { self.direction(kind, Direction::Consumption) }
    }
}

impl Language {
    pub(in crate::web) const fn chart(self) -> &'static Chart {
        match self {
            Self::English => &ENGLISH,
            Self::Dutch => &DUTCH,
            Self::French => &FRENCH,
        }
    }

    /// A name before what is told of it, such as `Home: `.
    pub(in crate::web) const fn colon(self) -> &'static str {
        match self {
            Self::English | Self::Dutch => ": ",
            Self::French => " : ",
        }
    }

    /// Days that follow each other, such as `25 October – 24 November 2026`.
    pub(in crate::web) fn range(self, first: NaiveDate, last: NaiveDate) -> String {
        let year = if first.year() == last.year() { String::new() } else { format!(" {}", first.year()) };
        format!("{}{year} – {} {}", self.day_of_month(first), self.day_of_month(last), last.year())
    }

    /// The time at which a stretch of a day begins, with its offset when that time comes twice.
    pub(in crate::web) fn begins(self, start: DateTime<Utc>, zone: Tz) -> String {
        let local = start.with_timezone(&zone);
        let time = self.time(local.time());
        if zone.from_local_datetime(&local.naive_local()).single().is_some() {
            return time;
        }
        format!("{time} (UTC{})", local.format("%:z"))
    }

    /// What each direction and its registers have counted, in words.
    pub(in crate::web) fn amounts(self, meter: &Meter, amounts: &Amounts) -> String {
        let told = |direction| {
            let sum = total(amounts, direction)?;
            let name = self.chart().direction(meter.kind, direction);
            let parts = self.registers(direction, amounts).map_or_else(String::new, |parts| format!(" ({parts})"));
            Some(format!("{name} {} {}{parts}", self.amount(sum), meter.unit.symbol()))
        };
        let told: Vec<_> = DIRECTIONS.into_iter().filter_map(told).collect();
        told.join(" · ")
    }

    /// What the registers of a direction have counted, if it has tariffs.
    pub(in crate::web) fn registers(self, of: Direction, amounts: &Amounts) -> Option<String> {
        let told = |((direction, register), amount): (&(Direction, Register), &Amount)| {
            let name = match register {
                Register::Single => return None,
                Register::High => self.chart().high,
                Register::Low => self.chart().low,
            };
            (*direction == of).then(|| format!("{name} {}", self.amount(*amount)))
        };
        let told: Vec<_> = amounts.iter().filter_map(told).collect();
        (!told.is_empty()).then(|| told.join(" + "))
    }

    /// How many days of a period are known.
    pub(in crate::web) fn known_days(self, known: usize, partial: usize, all: usize) -> String {
        let part = match (self, partial) {
            (_, 0) => String::new(),
            (Self::English, partial) => format!(", and {partial} in part"),
            (Self::Dutch, partial) => format!(", en {partial} gedeeltelijk"),
            (Self::French, partial) => format!(", et {partial} en partie"),
        };
        let alone = match self {
            _ if known == all => "",
            Self::English => " The sums are of what is known alone.",
            Self::Dutch => " De sommen tellen alleen wat bekend is.",
            Self::French => " Les sommes ne comptent que ce qui est connu.",
        };
        match self {
            Self::English => format!("Days known: {known} of {all}{part}.{alone}"),
            Self::Dutch => format!("Bekende dagen: {known} van {all}{part}.{alone}"),
            Self::French => format!("Jours connus : {known} sur {all}{part}.{alone}"),
        }
    }

    /// How many readings are not valid.
    pub(in crate::web) fn estimated(self, readings: u32) -> String {
        match (self, readings) {
            (Self::English, 1) => "1 reading estimated or not validated".to_owned(),
            (Self::English, _) => format!("{readings} readings estimated or not validated"),
            (Self::Dutch, 1) => "1 meetwaarde geschat of niet gevalideerd".to_owned(),
            (Self::Dutch, _) => format!("{readings} meetwaarden geschat of niet gevalideerd"),
            (Self::French, 1) => "1 mesure estimée ou non validée".to_owned(),
            (Self::French, _) => format!("{readings} mesures estimées ou non validées"),
        }
    }

    /// That nothing is known of a day yet, and when it comes: `day` by the clock of the house.
    pub(in crate::web) fn arrives(self, day: NaiveDate, today: NaiveDate, time: NaiveTime) -> String {
        let near = self.near(day, today).map(ToOwned::to_owned);
        let (date, time) = (self.date(day, today), self.time(time));
        match self {
            Self::English => {
                let day = near.unwrap_or_else(|| format!("on {date}"));
                format!("Nothing is known of this day yet. It usually arrives {day} at about {time}.")
            }
            Self::Dutch => {
                let day = near.unwrap_or(date);
                format!("Van deze dag is nog niets bekend. Hij komt doorgaans {day} rond {time}.")
            }
            Self::French => {
                let day = near.unwrap_or_else(|| format!("le {date}"));
                format!("Rien n'est encore connu de ce jour. Il arrive d'habitude {day} vers {time}.")
            }
        }
    }

    /// That a day should be there and isn't; `days` after its date such a day usually comes.
    pub(in crate::web) fn late(self, days: u64, time: NaiveTime) -> String {
        let time = self.time(time);
        match (self, days) {
            (Self::English, 1) => format!(
                "This day is missing: the portal has given nothing for it so far. A day usually arrives the morning after, at \
                 about {time}."
            ),
            (Self::English, _) => format!(
                "This day is missing: the portal has given nothing for it so far. A day usually arrives {days} days later, at \
                 about {time}."
            ),
            (Self::Dutch, 1) => format!(
                "Deze dag ontbreekt: het portaal gaf er nog niets voor. Een dag komt doorgaans de ochtend erna, rond {time}."
            ),
            (Self::Dutch, _) => format!(
                "Deze dag ontbreekt: het portaal gaf er nog niets voor. Een dag komt doorgaans {days} dagen later, rond {time}."
            ),
            (Self::French, 1) => format!(
                "Ce jour manque : le portail n'en a encore rien donné. Un jour arrive d'habitude le lendemain matin, vers {time}."
            ),
            (Self::French, _) => format!(
                "Ce jour manque : le portail n'en a encore rien donné. Un jour arrive d'habitude {days} jours plus tard, vers \
                 {time}."
            ),
        }
    }

    /// When the portal is asked again.
    pub(in crate::web) fn again(self, at: &str) -> String {
        match self {
            Self::English => format!("The portal is asked again {at}."),
            Self::Dutch => format!("Het portaal wordt opnieuw bevraagd: {at}."),
            Self::French => format!("Le portail est interrogé de nouveau {at}."),
        }
    }

    /// That nothing is known of a day before the first one of the history.
    pub(in crate::web) fn before(self, first: NaiveDate) -> String {
        let first = self.full_date(first);
        match self {
            Self::English => format!("Nothing is known of this day: the history begins on {first}."),
            Self::Dutch => format!("Van deze dag is niets bekend: de geschiedenis begint op {first}."),
            Self::French => format!("Rien n'est connu de ce jour : l'historique commence le {first}."),
        }
    }

    /// That nothing is known of a day after the last one that is wanted.
    pub(in crate::web) fn after(self, last: NaiveDate) -> String {
        let last = self.full_date(last);
        match self {
            Self::English => {
                format!("Nothing is known of this day: the configuration asks for days until {last} alone.")
            }
            Self::Dutch => {
                format!("Van deze dag is niets bekend: de configuratie vraagt alleen dagen tot en met {last}.")
            }
            Self::French => {
                format!("Rien n'est connu de ce jour : la configuration ne demande que les jours jusqu'au {last}.")
            }
        }
    }
}
