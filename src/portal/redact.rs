//! What of a request and its answer may be told: addresses without their EAN and without any value that isn't known to
//! be harmless, and the names of headers and cookies.

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue, SET_COOKIE};

use super::refusal;
use crate::energy::Ean;

/// In place of what isn't told.
const HIDDEN: &str = "…";

/// Parameters whose values say nothing about a person or a session.
const HARMLESS: [&str; 10] = [
    "historyFrom",
    "historyUntil",
    "granularity",
    "asServiceProvider",
    "response_type",
    "response_mode",
    "code_challenge_method",
    "prompt",
    "rememberMe",
    "error",
];

/// The longest name, and the longest part of a path, that is told: that of the sign-in policy has 29 characters.
const LONGEST: usize = 32;

/// The longest harmless value: an instant with its offset has 29 characters.
const LONGEST_VALUE: usize = 40;

/// More digits in a part of a path, or in a row, may be somebody's number or a part of a token.
const MOST_DIGITS: usize = 4;

/// An address that can be told.
pub(super) fn address(url: &Url) -> String {
    let mut told = format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if let Some(port) = url.port() {
        told.push_str(&format!(":{port}"));
    }
    for part in url.path_segments().into_iter().flatten() {
        told.push('/');
        told.push_str(&path_part(part));
    }
    for (number, (name, value)) in url.query_pairs().enumerate() {
        told.push(if number == 0 { '?' } else { '&' });
        let name = if is_plain(&name, LONGEST, "_") { name.as_ref() } else { HIDDEN };
        told.push_str(&format!("{name}={}", parameter(name, &value)));
    }
    if url.fragment().is_some() {
        told.push('#');
        told.push_str(HIDDEN);
    }
    told
}

fn path_part(part: &str) -> String {
    if let Ok(ean) = Ean::parse(part) {
        return ean.to_string();
    }
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let is_word = is_plain(part, LONGEST, "_-.") && digits <= MOST_DIGITS;
    if is_word { part.to_owned() } else { HIDDEN.to_owned() }
}

fn parameter(name: &str, value: &str) -> String {
    if HARMLESS.contains(&name) && is_plain(value, LONGEST_VALUE, "_-.:+") {
        return value.to_owned();
    }
    // The code of a refusal tells all, and the words around it may name a person.
    match refusal::code(value).filter(|_| name == "error_description") {
        Some(code) => format!("AADB2C{code}"),
        None => HIDDEN.to_owned(),
    }
}

fn is_plain(text: &str, longest: usize, signs: &str) -> bool {
    text.len() <= longest
        && text.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
        && text.split(|c: char| !c.is_ascii_digit()).all(|digits| digits.len() <= MOST_DIGITS)
}

/// The names of headers, or that there are none.
pub(super) fn header_names(headers: &HeaderMap) -> String {
    listed(headers.keys().map(ToString::to_string))
}

/// The names of the cookies that a request sends.
pub(super) fn sent_cookies(cookies: Option<&HeaderValue>) -> String {
    let line = cookies.map(HeaderValue::as_bytes).unwrap_or_default();
    listed(line.split(|byte| *byte == b';').filter_map(cookie_name))
}

/// The names of the cookies that an answer sets.
pub(super) fn set_cookies(headers: &HeaderMap) -> String {
    listed(headers.get_all(SET_COOKIE).iter().filter_map(|line| cookie_name(line.as_bytes())))
}

/// What stands before the first `=`; without one, all of it may be the value.
fn cookie_name(cookie: &[u8]) -> Option<String> {
    let end = cookie.iter().position(|byte| *byte == b'=')?;
    Some(String::from_utf8_lossy(cookie.get(..end)?).trim().to_owned())
}

fn listed(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<_> = names.collect();
    names.sort();
    names.dedup();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(text: &str) -> String {
        address(&Url::parse(text).unwrap())
    }

    #[test]
    fn an_address_keeps_what_helps_and_loses_what_is_private() {
        for (text, expected) in [
            (
                "https://mijn.fluvius.be/verbruik/api/meter-measurement-history/541448860000000011\
                 ?historyFrom=2026-06-30T00%3A00%3A00.000%2B02%3A00&granularity=4&meterSerialNumber=1SAG1100000015",
                "https://mijn.fluvius.be/verbruik/api/meter-measurement-history/…0011\
                 ?historyFrom=2026-06-30T00:00:00.000+02:00&granularity=4&meterSerialNumber=…",
            ),
            (
                "https://login.fluvius.be/klanten.onmicrosoft.com/B2C_1A_customer_signup_signin/oauth2/v2.0/authorize\
                 ?client_id=11111111-aaaa&response_type=code&state=abc&login_hint=jan%40example.com",
                "https://login.fluvius.be/klanten.onmicrosoft.com/B2C_1A_customer_signup_signin/oauth2/v2.0/authorize\
                 ?client_id=…&response_type=code&state=…&login_hint=…",
            ),
            (
                "http://127.0.0.1:8000/?error=access_denied&error_description=AADB2C90118%3A+Jan+vergat+het",
                "http://127.0.0.1:8000/?error=access_denied&error_description=AADB2C90118",
            ),
            ("https://a.example/#code=abc", "https://a.example/#…"),
            ("https://jan:geheim@a.example/b", "https://a.example/b"),
            ("https://a.example/?eyJhbGciOiJSUzI1NiJ9.e30.x", "https://a.example/?…=…"),
            (
                "https://a.example/?prompt=eyJhbGciOiJSUzI1NiIsImtpZCI6IlgifQ.eyJzdWIiOiIxIn0",
                "https://a.example/?prompt=…",
            ),
            ("https://a.example/klant/12345678/eyJhbGciOiJSUzI1NiIsImtpZCI6IlgifQ", "https://a.example/klant/…/…"),
        ] {
            assert_eq!(told(text), expected);
        }
    }

    #[test]
    fn cookies_have_names_only() {
        let line = HeaderValue::from_static("x-ms-cpim-cache|id_0=a=b/c; x-ms-cpim-sso:tenant_0=\"d\"; nameless");
        assert_eq!(sent_cookies(Some(&line)), "x-ms-cpim-cache|id_0 x-ms-cpim-sso:tenant_0");
        assert_eq!(sent_cookies(None), "none");
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, HeaderValue::from_static("x-ms-cpim-trans=abc; path=/; HttpOnly"));
        assert_eq!(set_cookies(&headers), "x-ms-cpim-trans");
        assert_eq!(header_names(&headers), "set-cookie");
    }

    proptest! {
        #[test]
        fn no_unknown_value_is_told(value in "[a-zA-Z0-9+/=._~-]{12,60}", name in "[a-zA-Z_]{1,20}") {
            prop_assume!(!HARMLESS.contains(&name.as_str()));
            let url = Url::parse_with_params("https://a.example/b", [(name.as_str(), value.as_str())]).unwrap();
            prop_assert!(!address(&url).contains(&value));
        }

        #[test]
        fn no_ean_is_told(digits in "[0-9]{18}", before in "[a-z]{0,8}") {
            let told = told(&format!("https://a.example/{before}/{digits}/{before}{digits}?error={digits}x"));
            prop_assert!(!told.contains(&digits), "{}", told);
        }
    }
}
