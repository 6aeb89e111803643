//! What of a sentence may be shown to others.

/// What stands in the place of something private.
const HIDDEN: &str = "[…]";

/// So many digits in a row can be a part of an EAN.
const LONG_NUMBER: usize = 6;

/// A sentence of this program without the paths in it.
pub(super) fn without_paths(text: &str) -> String {
    let is_path = |word: &str| {
        let word = word.trim_start_matches(is_mark);
        word.len() > 1 && ["/", "./", "../", "~"].iter().any(|start| word.starts_with(start))
    };
    replaced(text, is_path)
}

/// What a library or the system says, without anything that looks like a host, an address, a path or a long number, and
/// without what stands between double quotes.
pub(super) fn foreign(text: &str) -> String {
    let parts = text.split('"').enumerate().map(|(number, part)| if number % 2 == 0 { part } else { HIDDEN });
    let is_private = |word: &str| {
        let word = word.trim_matches(is_mark);
        let longest = word.split(|c: char| !c.is_numeric()).map(str::len).max();
        longest >= Some(LONG_NUMBER) || word.contains(['.', ':', '/', '\\', '@', '~'])
    };
    replaced(&parts.collect::<String>(), is_private)
}

fn replaced(text: &str, is_private: impl Fn(&str) -> bool) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.map(|word| if is_private(word) { HIDDEN } else { word }).collect::<Vec<_>>().join(" ")
}

/// Marks around a word that are no part of it.
fn is_mark(c: char) -> bool {
    matches!(c, '.' | ',' | ';' | ':' | '(' | ')' | '[' | ']' | '\'' | '`' | '…')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn own_sentences_lose_their_paths_and_nothing_else() {
        for (said, shown) in [
            ("run: chmod 600 /home/jan/config.yaml", "run: chmod 600 […]"),
            ("the file ./secrets/x, or ../x, can't be read: (~/x)", "the file […] or […] can't be read: […]"),
            ("write mqtt://HOST:1883, with / between words", "write mqtt://HOST:1883, with / between words"),
            ("meters[0].ean: an EAN has 18 digits", "meters[0].ean: an EAN has 18 digits"),
        ] {
            assert_eq!(without_paths(said), shown);
        }
    }

    #[test]
    fn foreign_words_lose_whatever_may_be_an_address() {
        for (said, shown) in [
            ("Connection refused (os error 111)", "Connection refused (os error 111)"),
            ("HTTP 502, it may be starting", "HTTP 502, it may be starting"),
            (
                "invalid peer certificate: certificate not valid for name \"nas\"; valid for DnsName(\"jan.example.org\")",
                "invalid peer certificate: certificate not valid for name […]; valid for DnsName([…])",
            ),
            ("no route to 192.168.1.5 or [fe80::1]:8123", "no route to […] or […]"),
            (
                "Permission denied at path \"/data/x\", /data/y and C:\\data",
                "Permission denied at path […], […] and […]",
            ),
            ("meter541448860000000011 of jan@example", "[…] of […]"),
            ("an open \"quote", "an open […]"),
            ("two\nlines", "two lines"),
        ] {
            assert_eq!(foreign(said), shown);
        }
    }

    proptest! {
        #[test]
        fn no_text_around_it_lets_an_address_through(
            before in "\\PC*",
            after in "\\PC*",
            private in prop::sample::select(vec!["192.168.1.5", "broker.lan", "541448860000000011", "jan@example.org"]),
        ) {
            let shown = foreign(&format!("{before}{private}{after}"));
            prop_assert!(!shown.contains(private), "{}", shown);
        }
    }
}
