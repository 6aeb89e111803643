//! The names of all keys, and which of them was probably meant.

/// The keys at the top of the file.
pub(super) const TOP: &[&str] =
    &["fluvius", "meters", "prices", "mqtt", "home_assistant", "poll", "web", "data_dir", "log"];

/// The keys of one meter.
pub(super) const METER: &[&str] =
    &["ean", "serial", "name", "kind", "gas_unit", "resolution", "history_from", "history_until"];

/// The keys of one period of prices.
pub(super) const PERIOD: &[&str] = &["from", "consumption", "injection", "gas", "standing_charge", "capacity"];

/// The keys of a price that differs by tariff.
pub(super) const TARIFFS: &[&str] = &["high", "low"];

/// The keys of `fluvius`.
pub(super) const FLUVIUS: &[&str] =
    &["email", "password", "password_file", "url", "timezone", "remember_me", "reading_codes"];

/// The keys of `mqtt`.
pub(super) const MQTT: &[&str] = &[
    "url",
    "username",
    "password",
    "password_file",
    "ca_file",
    "client_id",
    "discovery_prefix",
    "birth_topic",
    "base_topic",
];

/// The keys of `home_assistant`.
pub(super) const HOME_ASSISTANT: &[&str] = &["url", "token", "token_file", "registers", "energy_dashboard"];

/// The keys of `poll`.
pub(super) const POLL: &[&str] = &["at", "pause"];

/// The keys of `web`.
pub(super) const WEB: &[&str] = &["listen"];

/// The sections that hold keys and no list.
pub(super) const SECTIONS: &[(&str, &[&str])] =
    &[("fluvius", FLUVIUS), ("mqtt", MQTT), ("home_assistant", HOME_ASSISTANT), ("poll", POLL), ("web", WEB)];

/// Keys of which a section takes one or the other: the secret itself, or the file that holds it.
pub(super) const SECRETS: &[(&str, &str, &str)] = &[
    ("fluvius", "password", "password_file"),
    ("mqtt", "password", "password_file"),
    ("home_assistant", "token", "token_file"),
];

/// A longer word is no slip of the finger, and comparing it takes long.
const LONGEST: usize = 64;

/// The known word that was probably meant, if one is near enough.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.chars().count() > LONGEST {
        return None;
    }
    let word = plain(word);
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn plain(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

/// Whether an unknown key may be shown: it looks like a name. One with digits, signs or mixed letters may as well be a
/// password that slipped into the wrong place.
pub(super) fn looks_like_a_key(word: &str) -> bool {
    let is_sign = |c| matches!(c, '_' | '-');
    word.chars().count() <= LONGEST
        && (word.chars().all(|c| c.is_ascii_lowercase() || is_sign(c)) || word.chars().all(|c| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_near() {
        for (typed, meant) in
            [("pasword", Some("password")), ("Password-File", Some("password_file")), ("uri", Some("url"))]
        {
            assert_eq!(nearest(typed, FLUVIUS.iter().copied()), meant, "{typed}");
        }
        assert_eq!(nearest("colour", FLUVIUS.iter().copied()), None);
        assert_eq!(nearest(&"password".repeat(100_000), FLUVIUS.iter().copied()), None);
    }

    #[test]
    fn a_key_that_may_be_a_password_is_not_shown() {
        for word in ["pasword", "EAN", "birth-topic", "rememberMe"] {
            assert!(looks_like_a_key(word), "{word}");
        }
        for word in ["hunter2", "Correct-Horse", "{{ password }}", "p@ss"] {
            assert!(!looks_like_a_key(word), "{word}");
        }
    }
}
