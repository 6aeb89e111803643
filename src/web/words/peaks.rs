//! The page of the monthly peaks.

use super::Language;
use super::sentence::capitalised;

/// The fixed words of the page.
pub(in crate::web) struct Peaks {
    pub(in crate::web) caption: &'static str,
    pub(in crate::web) peak: &'static str,
    pub(in crate::web) peak_so_far: &'static str,
    pub(in crate::web) mean: &'static str,
    pub(in crate::web) floor: &'static str,
    pub(in crate::web) month: &'static str,
    pub(in crate::web) when: &'static str,
    pub(in crate::web) counts: &'static str,
    pub(in crate::web) months_in_mean: &'static str,
    pub(in crate::web) no_peak: &'static str,
    pub(in crate::web) none: &'static str,
}

const ENGLISH: Peaks = Peaks {
    caption: "The highest quarter-hour of each month, and the mean that is billed",
    peak: "monthly peak",
    peak_so_far: "peak so far of the month that runs",
    mean: "mean that is billed",
    floor: "what counts at least",
    month: "Month",
    when: "When",
    counts: "counts as",
    months_in_mean: "Months in the mean",
    no_peak: "no peak is known",
    none: "No peak is known yet.",
};

const DUTCH: Peaks = Peaks {
    caption: "Het hoogste kwartier van elke maand, en de gemiddelde maandpiek die aangerekend wordt",
    peak: "maandpiek",
    peak_so_far: "piek tot nu toe van de lopende maand",
    mean: "gemiddelde maandpiek",
    floor: "wat minstens telt",
    month: "Maand",
    when: "Wanneer",
    counts: "telt als",
    months_in_mean: "Maanden in het gemiddelde",
    no_peak: "geen piek bekend",
    none: "Er is nog geen piek bekend.",
};

const FRENCH: Peaks = Peaks {
    caption: "Le quart d'heure le plus élevé de chaque mois, et la moyenne facturée",
    peak: "pointe mensuelle",
    peak_so_far: "pointe provisoire du mois en cours",
    mean: "moyenne facturée",
    floor: "minimum pris en compte",
    month: "Mois",
    when: "Quand",
    counts: "compte pour",
    months_in_mean: "Mois dans la moyenne",
    no_peak: "aucune pointe connue",
    none: "Aucune pointe n'est encore connue.",
};

impl Language {
    pub(in crate::web) const fn peaks(self) -> &'static Peaks {
        match self {
            Self::English => &ENGLISH,
            Self::Dutch => &DUTCH,
            Self::French => &FRENCH,
        }
    }

    /// The newest peak, in kW. `month` is named when it is over.
    pub(in crate::web) fn newest_peak(self, month: Option<&str>, power: &str, at: &str) -> String {
        match (self, month) {
            (Self::English, None) => format!("This month's peak so far is {power} kW ({at})."),
            (Self::Dutch, None) => format!("De piek van deze maand is tot nu toe {power} kW ({at})."),
            (Self::French, None) => {
                format!("La pointe de ce mois est pour l'instant de {power} kW ({at}).")
            }
            (Self::English, Some(month)) => format!("The newest peak is that of {month}: {power} kW ({at})."),
            (Self::Dutch, Some(month)) => format!("De nieuwste maandpiek is die van {month}: {power} kW ({at})."),
            (Self::French, Some(month)) => {
                let of = if month.starts_with(['a', 'o']) { "d'" } else { "de " };
                format!("La dernière pointe mensuelle est celle {of}{month} : {power} kW ({at}).")
            }
        }
    }

    /// The mean that is billed with it.
    pub(in crate::web) fn billed_mean(self, power: &str) -> String {
        match self {
            Self::English => format!("The mean that is billed is {power} kW."),
            Self::Dutch => format!("De gemiddelde maandpiek die aangerekend wordt, is {power} kW."),
            Self::French => format!("La moyenne facturée est de {power} kW."),
        }
    }

    /// What that mean is made of. `floor` is what a peak counts at least, in kW.
    pub(in crate::web) fn made_of(self, months: i128, floor: &str) -> String {
        let is_one = months == 1;
        match self {
            Self::English => format!(
                "The capacity tariff bills the mean of the monthly peaks of twelve months, each counted as at least {floor} kW. \
                 The newest mean is made of {months} {}.",
                if is_one { "month" } else { "months" }
            ),
            Self::Dutch => format!(
                "Het capaciteitstarief rekent het gemiddelde van de maandpieken van twaalf maanden aan, en elke piek telt voor \
                 minstens {floor} kW. Het nieuwste gemiddelde is berekend over {months} {}.",
                if is_one { "maand" } else { "maanden" }
            ),
            Self::French => format!(
                "Le tarif capacitaire facture la moyenne des pointes mensuelles de douze mois, chacune comptée pour au moins \
                 {floor} kW. La dernière moyenne porte sur {months} mois."
            ),
        }
    }

    /// A month that isn't over.
    pub(in crate::web) fn still_running(self, month: &str) -> String {
        let month = capitalised(month);
        match self {
            Self::English => format!("{month} is still running, so its peak may rise."),
            Self::Dutch => format!("{month} loopt nog, dus de piek kan nog stijgen."),
            Self::French => format!("{month} est encore en cours : sa pointe peut encore augmenter."),
        }
    }

    /// Months without a peak.
    pub(in crate::web) fn without_peak(self, months: &str) -> String {
        match self {
            Self::English => format!("No peak is known of {months}."),
            Self::Dutch => format!("Er is geen piek bekend voor {months}."),
            Self::French => format!("Aucune pointe n'est connue pour {months}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_french_month_may_begin_with_a_vowel() {
        let told = |month| Language::French.newest_peak(Some(month), "4,00", "lundi 12 octobre à 18 h 15");
        assert!(told("octobre 2026").contains("est celle d'octobre 2026 : 4,00 kW"));
        assert!(told("novembre 2026").contains("est celle de novembre 2026 : 4,00 kW"));
    }
}
