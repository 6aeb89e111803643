//! Which meters a CSV file of Mijn Fluvius is about.
//!
//! Such a file has a title line and a line for each interval, with semicolons between the columns. The columns are told by
//! their titles, in Dutch or in English; an EAN is written as `="541448…"`, so that spreadsheets leave its digits alone.

use std::fs::File;
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};

const WHERE: &str = "download one on mijn.fluvius.be, under Verbruik: Rapport downloaden";

/// A meter in an export. The configuration has yet to take its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Meter {
    pub(super) ean: String,
    pub(super) serial: String,
    pub(super) is_gas: bool,
}

/// Why an export can't be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("it can't be read: {0}")]
    Csv(#[from] csv::Error),
    #[error("it can't be read: {0}")]
    Io(#[from] std::io::Error),
    #[error("it is no CSV file of Mijn Fluvius, since it has no column {0}; {WHERE}")]
    Column(&'static str),
    #[error("there is no meter with an EAN and a serial number in it; {WHERE}")]
    Empty,
}

/// The meters of an export, each EAN once, in the order in which they appear. A meter that took the place of another one
/// comes later, so its serial number counts.
pub(super) fn read(path: &Path) -> Result<Vec<Meter>, Error> {
    let mut reader = ReaderBuilder::new().delimiter(b';').flexible(true).from_reader(File::open(path)?);
    let titles: Vec<String> = reader.byte_headers()?.iter().map(plain).collect();
    let column = |names: &[&str]| titles.iter().position(|title| names.contains(&title.as_str()));
    let ean = column(&["eancode", "ean"]).ok_or(Error::Column("EAN-code"))?;
    let serial = column(&["meter", "meternummer", "meternumber"]).ok_or(Error::Column("Meter"))?;
    let kind = column(&["metertype"]);
    let unit = column(&["eenheid", "unit"]);
    let mut meters: Vec<Meter> = Vec::new();
    let mut row = ByteRecord::new();
    while reader.read_byte_record(&mut row)? {
        let text = |column| row.get(column).map(value).unwrap_or_default();
        let (ean, serial) = (text(ean), text(serial));
        if ean.is_empty() || serial.is_empty() {
            continue;
        }
        let says_gas = kind.is_some_and(|kind| text(kind).to_lowercase().contains("gas"));
        let in_volume = unit.is_some_and(|unit| matches!(text(unit).as_str(), "m³" | "m3"));
        // The first character of a meter's number tells the medium (DIN 43863-5): 7 is gas.
        let is_gas = says_gas || in_volume || serial.starts_with('7');
        match meters.iter_mut().find(|meter| meter.ean == ean) {
            Some(meter) => {
                meter.is_gas |= is_gas;
                meter.serial = serial;
            }
            None => meters.push(Meter { ean, serial, is_gas }),
        }
    }
    if meters.is_empty() { Err(Error::Empty) } else { Ok(meters) }
}

/// A title in small letters and without anything else, so that signs and a mark at the start of the file don't matter.
fn plain(title: &[u8]) -> String {
    String::from_utf8_lossy(title).to_lowercase().chars().filter(char::is_ascii_lowercase).collect()
}

/// A value without the `="…"` that keeps spreadsheets from taking it for a number.
fn value(cell: &[u8]) -> String {
    String::from_utf8_lossy(cell).trim().trim_start_matches('=').trim_matches('"').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUTCH: &str = "Van (datum);Van (tijdstip);Tot (datum);Tot (tijdstip);EAN-code;Meter;Metertype;Register;Volume;Eenheid;Validatiestatus;Omschrijving";
    const ENGLISH: &str =
        "From (date);From (time);To (date);To (time);EAN code;Meter;Meter type;Register;Volume;Unit;Validation status";

    fn read(text: &str) -> Result<Vec<Meter>, Error> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.csv");
        std::fs::write(&path, text).unwrap();
        super::read(&path)
    }

    fn row(ean: &str, serial: &str, kind: &str, unit: &str) -> String {
        format!("01-11-2026;00:00:00;01-11-2026;00:15:00;{ean};{serial};{kind};Afname Nacht;0,065;{unit};Uitgelezen;")
    }

    fn meter(ean: &str, serial: &str, is_gas: bool) -> Meter {
        Meter { ean: ean.to_owned(), serial: serial.to_owned(), is_gas }
    }

    #[test]
    fn the_meters_are_told_in_both_languages() {
        let power = row("=\"541448860000000011\"", "1SAG1100000015", "Digitale meter", "kWh");
        let gas = row("=\"541448860000000028\"", "7FLO2100000022", "Digitale meter", "m³");
        let expected =
            [meter("541448860000000011", "1SAG1100000015", false), meter("541448860000000028", "7FLO2100000022", true)];
        for titles in [DUTCH, ENGLISH] {
            for (mark, end) in [("\u{feff}", "\r\n"), ("", "\n")] {
                let text = format!("{mark}{titles}{end}{power}{end}{power}{end}{gas}{end}{power}{end}");
                assert_eq!(read(&text).unwrap(), expected, "{titles}");
            }
        }
    }

    #[test]
    fn gas_is_told_by_whatever_tells_it() {
        for (serial, kind, unit) in [("X1", "Gasmeter", "kWh"), ("X1", "", "m3"), ("7MIT1", "Digitale meter", "kWh")] {
            let text = format!("{DUTCH}\n{}\n", row("541448860000000028", serial, kind, unit));
            assert_eq!(read(&text).unwrap(), [meter("541448860000000028", serial, true)], "{serial} {kind} {unit}");
        }
    }

    #[test]
    fn a_meter_that_took_the_place_of_another_one_counts() {
        let [old, new] =
            ["1SAG1", "1SAG2"].map(|serial| row("\"=\"\"541448860000000011\"\"\"", serial, "Digitale meter", "kWh"));
        let read = read(&format!("{DUTCH}\n{old}\n{new}\n")).unwrap();
        assert_eq!(read, [meter("541448860000000011", "1SAG2", false)]);
    }

    #[test]
    fn what_is_no_export_is_told() {
        for (text, says) in [
            ("", "no column EAN-code"),
            ("a,b,c\n1,2,3\n", "no column EAN-code"),
            ("EAN-code;Volume\n1;2\n", "no column Meter"),
            (&format!("{DUTCH}\n{}\n", row("541448860000000011", "", "AMR-meter", "kWh")), "no meter"),
            (DUTCH, "no meter"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("Rapport downloaden"), "{error}");
        }
        assert!(super::read(Path::new("/nowhere.csv")).unwrap_err().to_string().contains("it can't be read"));
    }
}
