use std::fmt;

/// Digits in the EAN of a connection point.
const LENGTH: usize = 18;

/// The EAN of a connection point: 18 digits, which tell where somebody lives.
///
/// `Display` and `Debug` show the last four digits only; [`Ean::digits`] gives all of them, for topics and requests.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ean(String);

/// Why a text is not an EAN. It holds nothing of the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EanError {
    /// Something else than digits is in it.
    #[error("an EAN has digits only")]
    NotDigits,
    /// It is too short or too long.
    #[error("an EAN has 18 digits, this one has {0}")]
    Length(usize),
}

impl Ean {
    /// Parses 18 digits; spaces between them, as bills print them, are dropped.
    ///
    /// # Errors
    /// [`EanError`] when other characters are in it or the length is wrong.
    pub fn parse(text: &str) -> Result<Self, EanError> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(EanError::NotDigits);
        }
        if digits.len() != LENGTH {
            return Err(EanError::Length(digits.len()));
        }
        Ok(Self(digits))
    }

    /// All 18 digits. Never for a log, a page or an error.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The last four digits, enough for a household to tell its meters apart.
    #[must_use]
    pub fn last_four(&self) -> &str {
        self.0.get(LENGTH - 4..).unwrap_or_default()
    }

    /// Whether the last digit is the GS1 check digit of the others. A wrong one is probably a typo.
    #[must_use]
    pub fn check_digit_is_right(&self) -> bool {
        // GS1 General Specifications: weights 3 and 1 in turn, counted from the digit before the check digit.
        let sum: u32 = self
            .0
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, digit)| u32::from(digit.wrapping_sub(b'0')) * if place % 2 == 1 { 3 } else { 1 })
            .sum();
        sum.is_multiple_of(10)
    }
}

impl fmt::Display for Ean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", self.last_four())
    }
}

impl fmt::Debug for Ean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ean(…{})", self.last_four())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_eighteen_digits_are_an_ean() {
        assert_eq!(Ean::parse("5414488600000000").unwrap_err(), EanError::Length(16));
        assert_eq!(Ean::parse("54144886000000001x").unwrap_err(), EanError::NotDigits);
        assert_eq!(Ean::parse("5414 4886 0000 0000 11").unwrap().digits(), "541448860000000011");
        assert!(Ean::parse("").is_err());
    }

    #[test]
    fn knows_the_check_digit() {
        // 5·3+4+1·3+4+4·3+8+8·3+6 = 76, then zeros and 1·3 = 79: the check digit is 1.
        assert!(Ean::parse("541448860000000011").unwrap().check_digit_is_right());
        assert!(!Ean::parse("541448860000000012").unwrap().check_digit_is_right());
    }

    #[test]
    fn shows_four_digits_only() {
        let ean = Ean::parse("541448860000001234").unwrap();
        assert_eq!(format!("{ean} {ean:?}"), "…1234 Ean(…1234)");
    }
}
