//! All that the pages say, in three languages. Numbers, days and times are written as each language does it.

mod calendar;
mod chart;
mod days;
mod overview;
mod peaks;
mod problem;
mod quality;
mod sentence;
mod year;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
pub(super) use quality::Period;
pub(super) use sentence::Telling;
pub(super) use year::Gaps;

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    #[default]
    English,
    Dutch,
    French,
}

impl Language {
    /// The one that a browser likes best, of those that there are (RFC 9110, section 12.5.4).
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        let likes = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (0.0, Self::default());
        for like in likes.split(',') {
            let mut parts = like.split(';').map(str::trim);
            let tag = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f64>().ok()).unwrap_or(1.0);
            if let Some(language) = Self::of(tag).filter(|_| weight > best.0) {
                best = (weight, language);
            }
        }
        best.1
    }

    /// The language of a tag such as `nl-BE`.
    fn of(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "nl" => Some(Self::Dutch),
            "fr" => Some(Self::French),
            _ => None,
        }
    }

    /// Its tag, for the page's markup.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
            Self::French => "fr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_chooses_the_language() {
        let wanted = |likes: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, likes.parse().unwrap());
            Language::wanted(&headers).tag()
        };
        assert_eq!(wanted("nl-BE,nl;q=0.9,en-US;q=0.8,en;q=0.7"), "nl");
        assert_eq!(wanted("de-DE, fr;q=0.5, en;q=0.3"), "fr");
        assert_eq!(wanted("en;q=0.3, FR;q=0.5"), "fr");
        assert_eq!(wanted("nl;q=0"), "en", "a weight of nothing refuses it");
        for strange in ["", "*", "de", "nl;q=x;q=", ",,;;,", "nlx"] {
            assert_eq!(wanted(strange), if strange.starts_with("nl;") { "nl" } else { "en" }, "{strange}");
        }
        assert_eq!(Language::wanted(&HeaderMap::new()), Language::English);
    }
}
