//! The fixed words of the pages with charts, and how all pages call a direction, a register and how a day stands.

use super::Language;
use crate::energy::{Direction, MeterKind, Register};
use crate::web::standing::Standing;

/// These words.
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
    pub(super) high: &'static str,
    pub(super) low: &'static str,
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
    pub(in crate::web) unasked: &'static str,
    pub(in crate::web) missing: &'static str,
    pub(in crate::web) absent: &'static str,
    pub(in crate::web) outside: &'static str,
    pub(in crate::web) estimated: &'static str,
    pub(in crate::web) nothing_read: &'static str,
    pub(in crate::web) nothing_known: &'static str,
    pub(in crate::web) part_now: &'static str,
    pub(in crate::web) part_finally: &'static str,
    pub(in crate::web) not_asked: &'static str,
    pub(in crate::web) gone: &'static str,
    pub(in crate::web) forgotten: &'static str,
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
    partial: "incomplete",
    awaited: "not published yet",
    unasked: "not asked for yet",
    missing: "missing",
    absent: "not at the portal",
    outside: "not part of the history",
    estimated: "estimated or not validated",
    nothing_read: "Nothing has been read of this meter yet.",
    nothing_known: "Nothing is known of this period.",
    part_now: "Only a part of this day is known so far.",
    part_finally: "Only a part of this day is known, and the portal has no more of it.",
    not_asked: "Nothing is known of this day yet: the portal hasn't been asked for it.",
    gone: "The portal has nothing for this day, and isn't asked for it any more.",
    forgotten: "Nothing is known of this day, and the portal keeps no more than three years: it can only come from an export \
                that you have.",
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
    partial: "onvolledig",
    awaited: "nog niet gepubliceerd",
    unasked: "nog niet opgevraagd",
    missing: "ontbreekt",
    absent: "niet op het portaal",
    outside: "geen deel van de historiek",
    estimated: "geschat of niet gevalideerd",
    nothing_read: "Van deze meter is nog niets gelezen.",
    nothing_known: "Van deze periode is niets bekend.",
    part_now: "Van deze dag is nog maar een deel bekend.",
    part_finally: "Van deze dag is maar een deel bekend, en meer heeft het portaal er niet van.",
    not_asked: "Van deze dag is nog niets bekend: hij is nog niet opgevraagd bij het portaal.",
    gone: "Het portaal heeft niets voor deze dag, en er wordt niet meer naar gevraagd.",
    forgotten: "Van deze dag is niets bekend, en het portaal bewaart maar drie jaar: alleen een export die je zelf nog \
                hebt, kan dat aanvullen.",
    daily_by_configuration: "Van deze dag is alleen het totaal bekend: de configuratie vraagt enkel dagtotalen.",
    daily_by_portal: "Van deze dag is alleen het totaal bekend: het portaal gaf er geen uren of kwartieren van.",
    daily_unasked: "Van deze dag is alleen het totaal bekend: de uren of kwartieren zijn nog niet opgevraagd.",
    daily_consumption: "De afname is alleen als dagtotaal bekend, en staat niet in de grafiek.",
    daily_injection: "De injectie is alleen als dagtotaal bekend, en staat niet in de grafiek.",
    clock_back: "Op deze dag ging de klok een uur terug: die dag telt 25 uur, en één uur komt twee keer voor.",
    clock_forward: "Op deze dag ging de klok een uur vooruit: die dag telt 23 uur.",
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
    begins: "À partir de",
    state: "État",
    total: "Total",
    totals: "Totaux du jour",
    totals_so_far: "Ce qui est connu du jour jusqu'ici",
    last_days: "31 derniers jours",
    months: "Mois",
    neighbours: "Avant et après",
    complete: "complet",
    daily_only: "total journalier seul",
    partial: "incomplet",
    awaited: "pas encore publié",
    unasked: "pas encore demandé",
    missing: "données manquantes",
    absent: "absent du portail",
    outside: "hors de l'historique",
    estimated: "estimé ou non validé",
    nothing_read: "Rien n'a encore été lu pour ce compteur.",
    nothing_known: "Aucune donnée n'est connue pour cette période.",
    part_now: "Seule une partie de ce jour est connue jusqu'ici.",
    part_finally: "Seule une partie de ce jour est connue, et le portail n'en a pas davantage.",
    not_asked: "Il n'y a pas encore de données pour ce jour : elles n'ont pas encore été demandées au portail.",
    gone: "Le portail n'a rien pour ce jour, et il n'est plus interrogé à ce sujet.",
    forgotten: "Aucune donnée pour ce jour, et le portail ne conserve que trois ans : seul un export que vous possédez \
                encore peut combler ce manque.",
    daily_by_configuration: "Seul le total de ce jour est connu : la configuration ne demande que des totaux \
                             journaliers.",
    daily_by_portal: "Seul le total de ce jour est connu : le portail n'en a donné ni heures ni quarts d'heure.",
    daily_unasked: "Seul le total de ce jour est connu : ses heures ou quarts d'heure n'ont pas été demandés.",
    daily_consumption: "Le prélèvement n'est connu que comme total journalier, et ne figure pas dans le graphique.",
    daily_injection: "L'injection n'est connue que comme total journalier, et ne figure pas dans le graphique.",
    clock_back: "Ce jour-là, on a reculé l'heure : la journée compte 25 heures, dont une se répète.",
    clock_forward: "Ce jour-là, on a avancé l'heure : la journée compte 23 heures.",
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
            Standing::Unasked => self.unasked,
            Standing::Late => self.missing,
            Standing::Absent | Standing::Forgotten => self.absent,
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
}
