//! The units of statistics, and what is made of them when rows are read.

/// Class, unit, and how many of them are one kWh or one m³.
const UNITS: [(&str, &str, f64); 9] = [
    ("energy", "Wh", 1e3),
    ("energy", "kWh", 1.0),
    ("energy", "MWh", 1e-3),
    ("energy", "GWh", 1e-6),
    ("energy", "MJ", 3.6),
    ("energy", "GJ", 3.6e-3),
    ("volume", "m³", 1.0),
    ("volume", "L", 1e3),
    ("power", "kW", 1.0),
];

/// The classes whose unit a reader may choose.
pub(super) const CLASSES: [&str; 3] = ["energy", "volume", "power"];

/// Whether a class is known.
pub(super) fn is_class(class: &str) -> bool {
    CLASSES.contains(&class)
}

/// Whether a unit is one of a class.
pub(super) fn is_of(unit: &str, class: &str) -> bool {
    UNITS.iter().any(|(of, known, _)| *of == class && *known == unit)
}

/// The class to which a unit belongs.
pub(super) fn class_of(unit: &str) -> Option<&'static str> {
    UNITS.iter().find(|(_, known, _)| *known == unit).map(|(class, ..)| *class)
}

/// What an amount in one unit is in another one; of another class, or of a unit without one, it is taken as it stands.
pub(super) fn convert(amount: f64, from: &str, to: &str) -> f64 {
    let factor = |unit| UNITS.iter().find(|(_, known, _)| *known == unit).map(|(class, _, factor)| (*class, *factor));
    match (factor(from), factor(to)) {
        (Some((class, from)), Some((other, to))) if class == other && from != to => amount / from * to,
        _ => amount,
    }
}
