use super::error::Wrong;
use super::text::words;
use crate::energy::{Direction, Register, Unit};

/// What a row measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measured {
    /// An amount of energy or gas.
    Amount(Unit),
    /// Something else, such as peak power.
    Other,
}

/// What the unit of a row tells.
pub(super) fn measured(unit: &str) -> Result<Measured, Wrong> {
    match unit.to_lowercase().as_str() {
        "kwh" => Ok(Measured::Amount(Unit::KilowattHour)),
        "m³" | "m3" => Ok(Measured::Amount(Unit::CubicMetre)),
        "kw" | "kva" | "kvar" | "kvarh" | "kvah" => Ok(Measured::Other),
        _ => Err(Wrong::cell("unit that is known", unit)),
    }
}

/// The direction and the tariff register in the name of a register.
pub(super) fn register(name: &str) -> Result<(Direction, Register), Wrong> {
    let words = words(name);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let direction = if has(&["afname", "offtake", "consumption", "prelevement", "entnahme"]) {
        Direction::Consumption
    } else if has(&["injectie", "injection", "einspeisung"]) {
        Direction::Injection
    } else {
        return Err(Wrong::cell("register that is known", name));
    };
    let register = if has(&["dag", "day", "jour", "tag"]) {
        Register::High
    } else if has(&["nacht", "night", "nuit"]) {
        Register::Low
    } else {
        Register::Single
    };
    Ok((direction, register))
}

/// Whether the type of a meter, in words, is one of gas.
pub(super) fn says_gas(meter_type: &str) -> bool {
    meter_type.to_lowercase().contains("gas")
}

/// The portal's code for a status in words: 2 for an amount that was read and is valid. What the codes of the others are
/// isn't known, so that they share one that the portal was never seen to use.
pub(super) fn status(words: &str) -> i64 {
    match words.to_lowercase().as_str() {
        "" | "uitgelezen" | "gevalideerd" | "definitief" | "read" | "validated" | "final" => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{Consumption, Injection};
    use Register::{High, Low, Single};

    #[test]
    fn registers_are_known_by_their_words() {
        for (names, expected) in [
            (["Afname Dag", "Offtake Day", "Prélèvement Jour", "Entnahme Tag"], (Consumption, High)),
            (["Afname Nacht", "Offtake Night", "Prélèvement Nuit", "Entnahme Nacht"], (Consumption, Low)),
            (["Injectie Dag", "Injection Day", "Injection Jour", "Einspeisung Tag"], (Injection, High)),
            (["Injectie Nacht", "Injection Night", "Injection Nuit", "Einspeisung Nacht"], (Injection, Low)),
            (["Afname", "Offtake", "Afname Enkelvoudig", "Afname Actief"], (Consumption, Single)),
        ] {
            for name in names {
                assert_eq!(register(name), Ok(expected), "{name}");
            }
        }
        for name in ["Piekvermogen", "", "Dag"] {
            assert!(register(name).is_err(), "{name}");
        }
    }

    #[test]
    fn units_that_are_no_amounts_are_told_apart_from_nonsense() {
        assert_eq!(measured("kWh"), Ok(Measured::Amount(Unit::KilowattHour)));
        assert_eq!(measured("m³"), Ok(Measured::Amount(Unit::CubicMetre)));
        assert_eq!(measured("kW"), Ok(Measured::Other));
        assert_eq!(
            measured("065").unwrap_err().to_string(),
            "\"065\" is no unit that is known; use the file as mijn.fluvius.be gives it"
        );
    }

    #[test]
    fn only_amounts_that_were_read_are_valid() {
        for words in ["Uitgelezen", "Gevalideerd", "Read", ""] {
            assert_eq!(status(words), 2);
        }
        for words in ["Geschat", "Estimated", "Voorlopig", "Geen verbruik"] {
            assert_eq!(status(words), 0);
        }
    }
}
