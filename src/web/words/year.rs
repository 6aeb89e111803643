//! The page of the hours of a year.

use chrono::{Datelike as _, NaiveDate};

use super::Language;
use crate::energy::{Direction, MeterKind};

/// The fixed words of the page, and the short names of months.
pub(in crate::web) struct Year {
    months: [&'static str; 12],
    pub(in crate::web) last_months: &'static str,
    pub(in crate::web) periods: &'static str,
    pub(in crate::web) past_chart: &'static str,
    pub(in crate::web) hint: &'static str,
    pub(in crate::web) highest: &'static str,
    pub(in crate::web) incomplete: &'static str,
    pub(in crate::web) twice: &'static str,
    pub(in crate::web) skipped: &'static str,
    pub(in crate::web) signs: &'static str,
}

const ENGLISH: Year = Year {
    months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    last_months: "The last 12 months",
    periods: "Periods",
    past_chart: "Skip past the chart",
    hint: "Each column is a day and leads to it.",
    highest: "most at",
    incomplete: "hours are missing",
    twice: "twice on this day",
    skipped: "left out on this day, as the clocks go forward",
    signs: "–: missing. ≥: a part of the hour is missing. ×: the hour is left out, as the clocks go forward. When they go back, \
            02:00 holds both of its hours.",
};

const DUTCH: Year = Year {
    months: ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    last_months: "De laatste 12 maanden",
    periods: "Periodes",
    past_chart: "Voorbij de grafiek",
    hint: "Elke kolom is een dag en leidt ernaartoe.",
    highest: "het meest om",
    incomplete: "er ontbreken uren",
    twice: "tweemaal op deze dag",
    skipped: "valt weg op deze dag: de klok gaat vooruit",
    signs: "–: ontbreekt. ≥: een deel van het uur ontbreekt. ×: het uur valt weg, want de klok gaat vooruit. Gaat ze achteruit, \
            dan telt 02:00 beide uren samen.",
};

const FRENCH: Year = Year {
    months: ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    last_months: "Les 12 derniers mois",
    periods: "Périodes",
    past_chart: "Passer le graphique",
    hint: "Chaque colonne représente un jour et y mène.",
    highest: "maximum à",
    incomplete: "des heures manquent",
    twice: "deux fois ce jour-là",
    skipped: "n'existe pas ce jour-là : on avance l'heure",
    signs: "– : donnée manquante. ≥ : une partie de l'heure manque. × : l'heure n'existe pas, car on avance l'heure. Quand on la recule, \
            2 h 00 compte les deux heures.",
};

/// The days of which not every hour is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::web) struct Gaps {
    pub(in crate::web) missing: usize,
    pub(in crate::web) whole: usize,
    pub(in crate::web) incomplete: usize,
}

impl Language {
    pub(in crate::web) const fn year(self) -> &'static Year {
        match self {
            Self::English => &ENGLISH,
            Self::Dutch => &DUTCH,
            Self::French => &FRENCH,
        }
    }

    /// The short name of a date's month for an axis, with the year in January and where it `begins`.
    pub(in crate::web) fn axis_month(self, date: NaiveDate, begins: bool) -> String {
        let name = self.year().months.get(date.month0() as usize).copied().unwrap_or_default();
        if begins || date.month0() == 0 { format!("{name} {}", date.year()) } else { name.to_owned() }
    }

    /// The caption of the chart of hours.
    pub(in crate::web) fn by_hour(self, kind: MeterKind, direction: Direction, unit: &str) -> String {
        let name = self.chart().direction(kind, direction);
        match self {
            Self::English => format!("{name} in each hour of the day, in {unit}"),
            Self::Dutch => format!("{name} in elk uur van de dag, in {unit}"),
            Self::French => format!("{name} à chaque heure du jour, en {unit}"),
        }
    }

    /// What the days that are known amount to.
    pub(in crate::web) fn year_sum(self, kind: MeterKind, direction: Direction, sum: &str, days: usize) -> String {
        let is_gas = kind == MeterKind::Gas;
        let did = match (self, direction) {
            (Self::English, Direction::Consumption) => "consumed on",
            (Self::English, Direction::Injection) => "injected on",
            (Self::Dutch, Direction::Consumption) if is_gas => "verbruikt op",
            (Self::Dutch, Direction::Consumption) => "afgenomen op",
            (Self::Dutch, Direction::Injection) => "geïnjecteerd op",
            (Self::French, Direction::Consumption) if is_gas => "consommés en",
            (Self::French, Direction::Consumption) => "prélevés en",
            (Self::French, Direction::Injection) => "injectés en",
        };
        let unit = match (self, days) {
            (Self::English, 1) => "day",
            (Self::English, _) => "days",
            (Self::Dutch, 1) => "dag",
            (Self::Dutch, _) => "dagen",
            (Self::French, 1) => "jour",
            (Self::French, _) => "jours",
        };
        format!("{sum} {did} {days} {unit}.")
    }

    /// The hour in which the meter counted most.
    pub(in crate::web) fn highest_hour(self, date: &str, time: &str, amount: &str) -> String {
        match self {
            Self::English => format!("The highest hour was {date} at {time}, with {amount}."),
            Self::Dutch => format!("Het hoogste uur was dat van {date} om {time}, met {amount}."),
            Self::French => format!("L'heure la plus élevée est celle du {date} à {time}, avec {amount}."),
        }
    }

    /// How many days are not there or not fully; empty when all are.
    pub(in crate::web) fn gaps(self, gaps: Gaps) -> String {
        let (missing, whole, incomplete) = match self {
            Self::English => ("Missing days:", "Days with only a total:", "Days with hours missing:"),
            Self::Dutch => ("Ontbrekende dagen:", "Dagen met alleen een totaal:", "Dagen met ontbrekende uren:"),
            Self::French => {
                ("Jours manquants :", "Jours dont seul le total est connu :", "Jours avec des heures manquantes :")
            }
        };
        let all = [(missing, gaps.missing), (whole, gaps.whole), (incomplete, gaps.incomplete)];
        let told: Vec<String> =
            all.into_iter().filter(|(_, days)| *days > 0).map(|(what, days)| format!("{what} {days}.")).collect();
        told.join(" ")
    }

    /// The amounts of a class: above one and up to another, as far as there are such.
    pub(in crate::web) fn class_range(self, above: Option<&str>, until: Option<&str>, unit: &str) -> String {
        match (self, above, until) {
            (_, Some(above), Some(until)) => format!("{above} – {until} {unit}"),
            (Self::English, None, Some(until)) => format!("up to {until} {unit}"),
            (Self::Dutch, None, Some(until)) => format!("tot {until} {unit}"),
            (Self::French, None, Some(until)) => format!("jusqu'à {until} {unit}"),
            (Self::English, Some(above), None) => format!("above {above} {unit}"),
            (Self::Dutch, Some(above), None) => format!("meer dan {above} {unit}"),
            (Self::French, Some(above), None) => format!("plus de {above} {unit}"),
            (_, None, None) => format!("0 {unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Language; 3] = [Language::English, Language::Dutch, Language::French];

    #[test]
    fn only_gaps_that_there_are_get_told() {
        let gaps = Gaps { missing: 1, whole: 20, incomplete: 0 };
        assert_eq!(
            ALL.map(|language| language.gaps(gaps)),
            [
                "Missing days: 1. Days with only a total: 20.",
                "Ontbrekende dagen: 1. Dagen met alleen een totaal: 20.",
                "Jours manquants : 1. Jours dont seul le total est connu : 20."
            ]
        );
        assert_eq!(ALL.map(|language| language.gaps(Gaps::default())), ["", "", ""]);
    }

    #[test]
    fn ranges_of_colours_tell_their_ends() {
        assert_eq!(
            ALL.map(|language| language.class_range(None, Some("0.1"), "kWh")),
            ["up to 0.1 kWh", "tot 0.1 kWh", "jusqu'à 0.1 kWh"]
        );
        assert_eq!(Language::Dutch.class_range(Some("0,1"), Some("0,2"), "m³"), "0,1 – 0,2 m³");
        assert_eq!(Language::French.class_range(Some("2"), None, "kWh"), "plus de 2 kWh");
    }

    #[test]
    fn an_axis_names_the_year_where_it_changes() {
        let date = |text: &str| text.parse().unwrap();
        assert_eq!(Language::Dutch.axis_month(date("2026-03-01"), false), "mrt");
        assert_eq!(Language::French.axis_month(date("2026-01-01"), false), "janv. 2026");
        assert_eq!(Language::English.axis_month(date("2025-11-01"), true), "Nov 2025");
    }
}
