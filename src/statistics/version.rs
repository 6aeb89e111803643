use std::fmt;

use super::Error;

/// The oldest release whose statistics and energy settings are known, as year and month.
const OLDEST: (u32, u32) = (2024, 11);

/// The version of a Home Assistant, such as 2026.11.0 or 2026.12.0b1. A development version comes before the betas of
/// its release, and those before the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    year: u32,
    month: u32,
    patch: u32,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Development(u64),
    Beta(u64),
    Release,
}

impl Version {
    /// Reads a version as Home Assistant gives it.
    ///
    /// # Errors
    /// [`Error::TooOld`] before 2024.11, and [`Error::Unavailable`] for a text that is no version.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let version = Self::read(text.trim())
            .ok_or_else(|| Error::Unavailable("it doesn't tell which version it has".to_owned()))?;
        if (version.year, version.month) < OLDEST {
            return Err(Error::TooOld { version: version.to_string() });
        }
        Ok(version)
    }

    /// Whether the metadata of a statistic has `mean_type` and `unit_class` and no `has_mean`.
    #[must_use]
    pub(super) fn needs_unit_class(self) -> bool {
        (self.year, self.month) >= (2025, 11)
    }

    /// Whether each grid source of the Energy dashboard is one pair of import and export.
    #[must_use]
    pub(super) fn has_unified_grid(self) -> bool {
        (self.year, self.month) >= (2026, 3)
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let year = number(parts.next()?)?;
        let month = number(parts.next()?)?;
        if !(1..=12).contains(&month) {
            return None;
        }
        let patch = parts.next().unwrap_or("0");
        let digits = patch.find(|c: char| !c.is_ascii_digit()).unwrap_or(patch.len());
        let (patch, suffix) = patch.split_at_checked(digits)?;
        let stage = match (suffix.strip_prefix('b'), parts.next().and_then(|part| part.strip_prefix("dev"))) {
            (_, Some(day)) => Stage::Development(number(day).unwrap_or_default()),
            (Some(beta), None) => Stage::Beta(number(beta).unwrap_or_default()),
            (None, None) => Stage::Release,
        };
        Some(Self { year, month, patch: number(patch)?, stage })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.year, self.month, self.patch)?;
        match self.stage {
            Stage::Development(day) => write!(f, ".dev{day}"),
            Stage::Beta(beta) => write!(f, "b{beta}"),
            Stage::Release => Ok(()),
        }
    }
}

/// A number of digits only: `parse` alone would take a plus sign as well.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.chars().all(|c| c.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn versions_are_in_the_order_of_their_releases() {
        let all = [
            "2024.11.0",
            "2024.12.3",
            "2025.2.0",
            "2025.10.4",
            "2025.11.0",
            "2026.11.0",
            "2026.11.1",
            "2026.11.10",
            "2026.12.0.dev202611230215",
            "2026.12.0.dev202611240215",
            "2026.12.0b1",
            "2026.12.0b12",
            "2026.12.0",
        ];
        for pair in all.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        for text in all {
            assert_eq!(version(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_before_november_2024_is_too_old() {
        for text in ["2024.10.4", "2024.2.0", "2023.12.0", "2024.10.0b9"] {
            let message = Version::parse(text).unwrap_err().to_string();
            assert_eq!(
                message,
                format!("Home Assistant {text} is too old for statistics; update it to 2024.11 or newer")
            );
        }
        version("2024.11.0");
    }

    #[test]
    fn the_formats_change_with_the_release_that_changed_them() {
        assert!(!version("2025.10.4").needs_unit_class());
        assert!(version("2025.11.0b0").needs_unit_class());
        assert!(version("2025.11.0").needs_unit_class());
        assert!(version("2026.1.0").needs_unit_class());
        assert!(!version("2026.2.3").has_unified_grid());
        assert!(version("2026.3.0b2").has_unified_grid());
        assert!(version("2026.3.0").has_unified_grid());
        assert!(version("2027.1.0").has_unified_grid());
    }

    #[test]
    fn an_unusual_ending_is_no_reason_to_stop() {
        assert_eq!(version("2026.11"), version("2026.11.0"));
        assert_eq!(version(" 2026.11.0-mine "), version("2026.11.0"));
    }

    #[test]
    fn what_is_no_version_is_unavailable() {
        for text in ["", "latest", "2026", "0.118.3", "2026.13.0", "2026.0.1", "2026.+1.0", "2026.11.x", "-1.2.3"] {
            assert!(matches!(Version::parse(text), Err(Error::Unavailable(_))), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = Version::parse(&text);
        }

        #[test]
        fn nothing_like_a_version_panics(text in "[0-9]{0,30}\\.[0-9+]{0,3}\\.?[0-9é]{0,30}(b|\\.dev|é)?[0-9é.]{0,30}") {
            if let Ok(version) = Version::parse(&text) {
                prop_assert_eq!(Version::parse(&version.to_string()).unwrap(), version);
            }
        }
    }
}
