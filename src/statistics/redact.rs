/// The start of every id of ours; what follows holds an EAN.
pub(super) const PREFIX: &str = "fluvius2mqtt:";

/// As many digits in a row can be a part of an EAN.
const LONGEST_NUMBER: usize = 5;

/// Enough for a reason, and not for a whole command that is quoted in it.
const LONGEST_TEXT: usize = 300;

/// What Home Assistant says, without ids of ours, long numbers and line breaks.
pub(super) fn redact(text: &str) -> String {
    let mut clean = String::new();
    let mut rest = text;
    while !rest.is_empty() && clean.len() < LONGEST_TEXT {
        let word = rest.find(|c| !is_of_a_word(c)).unwrap_or(rest.len());
        let (found, after) = rest.split_at_checked(word).unwrap_or((rest, ""));
        push_word(&mut clean, found);
        let mut others = after.chars();
        if let Some(other) = others.next() {
            clean.push(if other.is_control() { ' ' } else { other });
        }
        rest = others.as_str();
    }
    clean.trim().to_owned()
}

fn is_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '-')
}

fn push_word(clean: &mut String, word: &str) {
    if word.to_ascii_lowercase().contains(PREFIX) {
        clean.push_str("[id]");
        return;
    }
    let mut digits = String::new();
    for c in word.chars().map(Some).chain([None]) {
        match c {
            Some(c) if c.is_numeric() => digits.push(c),
            _ => {
                if digits.chars().count() > LONGEST_NUMBER {
                    clean.push_str("[number]");
                } else {
                    clean.push_str(&digits);
                }
                digits.clear();
                clean.extend(c);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const EAN: &str = "541448860000000011";

    #[test]
    fn what_is_ours_is_left_out_and_the_rest_is_kept() {
        for (said, shown) in [
            ("Invalid unit 'EUR' (code 12345).", "Invalid unit 'EUR' (code 12345)."),
            ("Invalid statistic_id: fluvius2mqtt:541448860000000011_cost!", "Invalid statistic_id: [id]!"),
            ("got ['fluvius2mqtt:541448860000000011_cost', 'x']", "got ['[id]', 'x']"),
            ("FLUVIUS2MQTT:short", "[id]"),
            ("meter 541448860000000011", "meter [number]"),
            ("meter-541448860000000011-x", "meter-[number]-x"),
            ("sum 1234.567891", "sum 1234.[number]"),
            ("two\nlines\t", "two lines"),
        ] {
            assert_eq!(redact(said), shown);
        }
    }

    #[test]
    fn a_reason_is_not_endless() {
        assert!(redact(&"word ".repeat(10_000)).len() < 310);
        assert!(redact(&"ééé! ".repeat(10_000)).len() < 310);
    }

    proptest! {
        #[test]
        fn no_text_panics_or_shows_an_ean(
            text in "(\\PC|[0-9_:' ,\n])*",
            place in any::<prop::sample::Index>(),
            id in any::<bool>(),
        ) {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let mut with_ean = text.clone();
            let secret = if id { format!("fluvius2mqtt:{EAN}_cost") } else { EAN.to_owned() };
            with_ean.insert_str(*place.get(&places), &secret);
            let shown = redact(&with_ean);
            prop_assert!(!shown.contains("541448") && !shown.contains("000011"), "{}", shown);
            prop_assert!(!shown.contains(PREFIX), "{}", shown);
        }
    }
}
