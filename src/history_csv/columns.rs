use super::text::words;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    FromDate,
    FromTime,
    UntilDate,
    UntilTime,
    Ean,
    Meter,
    MeterType,
    Register,
    Volume,
    Unit,
    Status,
}

/// The columns without which nothing can be understood, by their Dutch names.
const NEEDED: [(Column, &str); 6] = [
    (Column::FromDate, "Van (datum)"),
    (Column::UntilDate, "Tot (datum)"),
    (Column::Ean, "EAN-code"),
    (Column::Register, "Register"),
    (Column::Volume, "Volume"),
    (Column::Unit, "Eenheid"),
];

/// Where each column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    places: Vec<Option<Column>>,
}

impl Columns {
    /// Reads the line of names, or says which of the needed ones are missing.
    pub(super) fn read<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, Vec<&'static str>> {
        let mut places: Vec<Option<Column>> = Vec::new();
        for name in names {
            let column = column(name).filter(|column| !places.contains(&Some(*column)));
            places.push(column);
        }
        let missing = NEEDED.iter().filter(|(column, _)| !places.contains(&Some(*column)));
        let missing: Vec<_> = missing.map(|(_, name)| *name).collect();
        if missing.is_empty() { Ok(Self { places }) } else { Err(missing) }
    }

    /// How many there are, known or not.
    pub(super) const fn count(&self) -> usize {
        self.places.len()
    }

    /// The cell of a column in a line; nothing when the line is shorter or the file has no such column.
    pub(super) fn cell<'a>(&self, line: &'a csv::StringRecord, column: Column) -> &'a str {
        let place = self.places.iter().position(|found| *found == Some(column));
        place.and_then(|place| line.get(place)).unwrap_or_default().trim()
    }
}

/// What a column of this name holds.
fn column(name: &str) -> Option<Column> {
    let words = words(name);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    if has(&["ean"]) {
        Some(Column::Ean)
    } else if words.iter().any(|word| word.starts_with("valid")) {
        Some(Column::Status)
    } else if has(&["eenheid", "unit", "unite", "einheit"]) {
        Some(Column::Unit)
    } else if has(&["volume", "volumen"]) {
        Some(Column::Volume)
    } else if has(&["register", "registre"]) {
        Some(Column::Register)
    } else if has(&["metertype", "type", "zahlertyp"]) {
        Some(Column::MeterType)
    } else if has(&["meter", "meternummer", "compteur", "zahler"]) {
        Some(Column::Meter)
    } else {
        let is_time = has(&["tijdstip", "tijd", "uur", "time", "heure", "uhrzeit", "zeit"]);
        if has(&["van", "from", "de", "du", "von"]) {
            Some(if is_time { Column::FromTime } else { Column::FromDate })
        } else if has(&["tot", "until", "to", "a", "au", "jusqu", "bis"]) {
            Some(if is_time { Column::UntilTime } else { Column::UntilDate })
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Column; 11] = [
        Column::FromDate,
        Column::FromTime,
        Column::UntilDate,
        Column::UntilTime,
        Column::Ean,
        Column::Meter,
        Column::MeterType,
        Column::Register,
        Column::Volume,
        Column::Unit,
        Column::Status,
    ];

    #[test]
    fn the_names_of_all_languages_and_times_are_known() {
        for names in [
            "Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Meter;Metertype;Register;Volume;Eenheid;\
             Validatiestatus;Omschrijving",
            "Van datum;Van tijdstip;Tot datum;Tot tijdstip;EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus",
            "Van Datum;Van Tijdstip;Tot Datum;Tot Tijdstip;EAN;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus;\
             Calorische Bovenwaarde",
            "From (date);From (time);Until (date);Until (time);EAN code;Meter;Meter type;Register;Volume;Unit;\
             Validation status;Caloric upper value;Description",
            "De (date);De (heure);À (date);À (heure);Code EAN;Compteur;Type de compteur;Registre;Volume;Unité;\
             Statut de validation;Description",
            "Von (Datum);Von (Uhrzeit);Bis (Datum);Bis (Uhrzeit);EAN-Code;Zähler;Zählertyp;Register;Volumen;Einheit;\
             Validierungsstatus;Beschreibung",
        ] {
            let columns = Columns::read(names.split(';')).unwrap();
            let known: Vec<_> = columns.places.iter().flatten().copied().collect();
            assert_eq!(known, ALL, "{names}");
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        assert_eq!(Columns::read("Datum;Afname (kWh)".split(';')).unwrap_err().len(), 6);
        let without_times = "Van;Tot;EAN;Register;Volume;Eenheid";
        assert_eq!(Columns::read(without_times.split(';')).unwrap().count(), 6);
        assert_eq!(Columns::read("Van;Tot;EAN;Volume;Eenheid".split(';')).unwrap_err(), ["Register"]);
    }
}
