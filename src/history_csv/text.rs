use std::borrow::Cow;

/// The text of a file: UTF-8 or UTF-16, as its byte-order mark says; without one, and when it is no UTF-8, the Western
/// European code page in which spreadsheets save (Latin-1).
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    let utf_16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.as_chunks();
        let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => match std::str::from_utf8(rest) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(rest.iter().map(|byte| char::from(*byte)).collect()),
        },
    }
}

/// The words of a name in lower case, without accents and signs.
pub(super) fn words(name: &str) -> Vec<String> {
    let plain = name.chars().flat_map(char::to_lowercase).map(|letter| match letter {
        'à' | 'â' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'ö' | 'ô' => 'o',
        'ü' | 'û' => 'u',
        letter => letter,
    });
    let plain: String = plain.collect();
    plain.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_each_code_that_spreadsheets_save() {
        let expected = "Eenheid;m³";
        let utf_16 = |mark: &[u8], unit: fn(u16) -> [u8; 2]| {
            mark.iter().copied().chain(expected.encode_utf16().flat_map(unit)).collect::<Vec<u8>>()
        };
        for bytes in [
            expected.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", expected.as_bytes()].concat(),
            b"Eenheid;m\xb3".to_vec(),
            utf_16(b"\xff\xfe", u16::to_le_bytes),
            utf_16(b"\xfe\xff", u16::to_be_bytes),
        ] {
            assert_eq!(text(&bytes), expected);
        }
    }

    #[test]
    fn words_are_plain() {
        assert_eq!(words("Unité (à l'heure)"), ["unite", "a", "l", "heure"]);
        assert_eq!(words("Van (datum)"), ["van", "datum"]);
    }
}
