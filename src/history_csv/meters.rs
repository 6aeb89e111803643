use csv::StringRecord;

use super::columns::Column;
use super::error::Error;
use super::read::{next, open};
use super::text::text;
use super::words::{Measured, measured};
use super::{cells, words};
use crate::energy::{Ean, MeterKind, Unit};

/// A meter that a file is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    /// The EAN of its connection point.
    pub ean: Ean,
    /// Its serial number, as the file has it.
    pub serial: String,
    /// What it measures.
    pub kind: MeterKind,
}

/// The meters of a file, each EAN once, in the order in which they appear. A meter that took the place of another one comes
/// later, so its serial number counts. Rows that tell no meter are passed over.
///
/// # Errors
/// When it has no names of columns, an EAN is none, or a line can't be read.
pub fn meters(bytes: &[u8]) -> Result<Vec<Meter>, Error> {
    let text = text(bytes).replace("\r\n", "\n");
    let (columns, mut lines) = open(&text)?;
    let mut meters: Vec<Meter> = Vec::new();
    let mut line = StringRecord::new();
    while next(&mut lines, &mut line)? {
        let number = line.position().map_or(0, csv::Position::line);
        let cell = |column| columns.cell(&line, column);
        let serial = cell(Column::Meter).trim_matches(['=', '"']).trim();
        if serial.is_empty() || cell(Column::Ean).is_empty() {
            continue;
        }
        let ean = cells::ean(cell(Column::Ean)).map_err(|wrong| wrong.at(number))?;
        let in_volume = matches!(measured(cell(Column::Unit)), Ok(Measured::Amount(Unit::CubicMetre)));
        // The first character of a meter's number tells the medium (DIN 43863-5): 7 is gas.
        let is_gas = in_volume || serial.starts_with('7') || words::says_gas(cell(Column::MeterType));
        let kind = if is_gas { MeterKind::Gas } else { MeterKind::Electricity };
        match meters.iter_mut().find(|meter| meter.ean == ean) {
            Some(meter) => {
                serial.clone_into(&mut meter.serial);
                if is_gas {
                    meter.kind = kind;
                }
            }
            None => meters.push(Meter { ean, serial: serial.to_owned(), kind }),
        }
    }
    Ok(meters)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUTCH: &str = "Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus;Omschrijving";
    const ENGLISH: &str =
        "From (date);From (time);To (date);To (time);EAN code;Meter;Meter type;Register;Volume;Unit;Validation status";

    fn row(ean: &str, serial: &str, kind: &str, unit: &str) -> String {
        format!("01-11-2026;00:00:00;01-11-2026;00:15:00;{ean};{serial};{kind};Afname Nacht;0,065;{unit};Uitgelezen;")
    }

    fn meter(ean: &str, serial: &str, kind: MeterKind) -> Meter {
        Meter { ean: Ean::parse(ean).unwrap(), serial: serial.to_owned(), kind }
    }

    #[test]
    fn the_meters_are_told_in_both_languages() {
        let power = row("=\"541448860000000011\"", "1SAG1100000015", "Digitale meter", "kWh");
        let gas = row("=\"541448860000000028\"", "7FLO2100000022", "Digitale meter", "m³");
        let expected = [
            meter("541448860000000011", "1SAG1100000015", MeterKind::Electricity),
            meter("541448860000000028", "7FLO2100000022", MeterKind::Gas),
        ];
        for titles in [DUTCH, ENGLISH] {
            for (mark, end) in [("\u{feff}", "\r\n"), ("", "\n")] {
                let text = format!("{mark}{titles}{end}{power}{end}{power}{end}{gas}{end}{power}{end}");
                assert_eq!(meters(text.as_bytes()).unwrap(), expected, "{titles}");
            }
        }
    }

    #[test]
    fn gas_is_told_by_whatever_tells_it() {
        for (serial, kind, unit) in [("X1", "Gasmeter", "kWh"), ("X1", "", "m3"), ("7MIT1", "Digitale meter", "kWh")] {
            let text = format!("{DUTCH}\n{}\n", row("541448860000000028", serial, kind, unit));
            let expected = [meter("541448860000000028", serial, MeterKind::Gas)];
            assert_eq!(meters(text.as_bytes()).unwrap(), expected, "{serial} {kind} {unit}");
        }
    }

    #[test]
    fn a_meter_that_took_the_place_of_another_one_counts() {
        let [old, new] =
            ["1SAG1", "1SAG2"].map(|serial| row("\"=\"\"541448860000000011\"\"\"", serial, "Digitale meter", "kWh"));
        let read = meters(format!("{DUTCH}\n{old}\n{new}\n").as_bytes()).unwrap();
        assert_eq!(read, [meter("541448860000000011", "1SAG2", MeterKind::Electricity)]);
    }

    #[test]
    fn a_file_without_meters_has_none_and_what_is_no_file_of_the_portal_is_told() {
        assert_eq!(meters(DUTCH.as_bytes()).unwrap(), []);
        let without = row("541448860000000011", "", "AMR-meter", "kWh");
        assert_eq!(meters(format!("{DUTCH}\n{without}\n").as_bytes()).unwrap(), []);
        for text in ["", "a,b,c\n1,2,3\n", "EAN-code;Volume\n1;2\n"] {
            let error = meters(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("names of the columns") && error.contains("Rapport downloaden"), "{error}");
        }
        let wrong = meters(format!("{DUTCH}\n{}\n", row("5414", "1SAG1", "", "kWh")).as_bytes()).unwrap_err();
        assert!(wrong.to_string().contains("line 2"), "{wrong}");
    }
}
