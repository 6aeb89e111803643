//! What a B2C error code means for the login.

/// What a refusal asks of the bridge or the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    BadCredentials,
    LockedForAWhile,
    LockedForGood,
    Interactive,
    Transient,
    /// Cookies or the login's state got lost: start over.
    Lost,
    /// The refresh token is no longer good.
    SessionOver,
    Unknown,
}

/// Sorts a text that holds an error code such as `AADB2C90053`. The codes are those of Microsoft's list of Azure AD B2C
/// error codes; the text around them is localised and decides nothing.
pub(super) fn meaning(text: &str) -> Meaning {
    match code(text) {
        Some(90053 | 90054 | 90052 | 90225) => Meaning::BadCredentials,
        Some(90114 | 90157) => Meaning::LockedForAWhile,
        Some(90111) => Meaning::LockedForGood,
        Some(90151..=90156 | 90118 | 90091) => Meaning::Interactive,
        Some(90244 | 90035) => Meaning::Transient,
        Some(90046 | 90211 | 90212) => Meaning::Lost,
        Some(90080 | 90129 | 90128 | 90085 | 90088) => Meaning::SessionOver,
        _ => Meaning::Unknown,
    }
}

/// The digits after `AADB2C`.
pub(super) fn code(text: &str) -> Option<u32> {
    let (_, after) = text.split_once("AADB2C")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).take(6).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_decides_and_not_the_words_around_it() {
        assert_eq!(meaning("AADB2C90053: Uw account is vergrendeld"), Meaning::BadCredentials);
        assert_eq!(meaning("AADB2C90114"), Meaning::LockedForAWhile);
        assert_eq!(meaning("AADB2C90153 en nog iets"), Meaning::Interactive);
        assert_eq!(meaning("password expired"), Meaning::Unknown);
        assert_eq!(meaning("AADB2C"), Meaning::Unknown);
        assert_eq!(meaning("AADB2C99999999999999"), Meaning::Unknown);
    }
}
