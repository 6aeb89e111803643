//! The addresses and names of the portal's login, and its tokens.

use chrono::{DateTime, Utc};
use reqwest::Url;
use reqwest::header::{ACCEPT, ORIGIN};
use serde_json::Value;

use super::error::{Error, Step};
use super::http::{Answer, Http};
use super::refusal::{Meaning, meaning};
use super::tokens::Tokens;
use crate::config::Fluvius;

/// Where the sign-in policy lives when the settings don't say; observed by public clients.
const AUTHORITY_HOST: &str = "https://login.fluvius.be";
const AUTHORITY_PATH: &str = "/klanten.onmicrosoft.com/B2C_1A_customer_signup_signin";

/// The scopes that the portal's own page asks for; they are always asked for.
const SCOPES: [&str; 3] =
    ["openid", "offline_access", "https://klanten.onmicrosoft.com/MijnFluvius/user_impersonation"];

/// The addresses and names that a login needs. They change over time and are read anew for each login.
pub(super) struct Settings {
    pub(super) authority: String,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
}

impl Settings {
    /// Asks the portal.
    pub(super) async fn fetch(http: &Http, portal: &Url) -> Result<Self, Error> {
        let url = join(portal.as_str(), "/api/global/msal/config", Step::Settings)?;
        let answer = http.send(Step::Settings, http.get(url).header(ACCEPT, "application/json")).await?;
        Self::read(&answer, portal)
    }

    fn read(answer: &Answer, portal: &Url) -> Result<Self, Error> {
        let changed = |what: &str| Error::Changed { step: Step::Settings, what: what.to_owned() };
        if !answer.status.is_success() {
            return Err(changed(&format!("HTTP {}", answer.status.as_u16())));
        }
        let json: Value = serde_json::from_slice(&answer.body).map_err(|_| changed("the answer is no JSON"))?;
        let text = |key: &str| {
            let found = json.get(key).or_else(|| json.get("auth").and_then(|auth| auth.get(key)));
            found.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let real = portal.host_str() == Some("mijn.fluvius.be");
        let origin = portal.origin().ascii_serialization();
        let mut scopes: Vec<String> = SCOPES.map(str::to_owned).to_vec();
        for key in ["/scopes", "/defaultScopes", "/apiScopes", "/authRequest/scopes", "/protectedResourceMap"] {
            for at in [key.to_owned(), format!("/auth{key}")] {
                gather_scopes(json.pointer(&at), &mut scopes);
            }
        }
        Ok(Self {
            authority: text("authority")
                .unwrap_or_else(|| format!("{}{AUTHORITY_PATH}", if real { AUTHORITY_HOST } else { &origin }))
                .trim_end_matches('/')
                .to_owned(),
            client_id: text("clientId").ok_or_else(|| changed("the login settings hold no clientId"))?,
            redirect_uri: text("redirectUri").unwrap_or_else(|| format!("{origin}/")),
            scope: scopes.join(" "),
        })
    }

    /// Exchanges an older refresh token for new tokens. `None` when the portal no longer takes it.
    pub(super) async fn refresh(
        &self,
        http: &Http,
        account: &Fluvius,
        old: &Tokens,
        refresh_token: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Tokens>, Error> {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("scope", &self.scope),
            ("refresh_token", refresh_token),
        ];
        match self.token(http, account, &form, now, Some(old)).await {
            Ok(tokens) => Ok(Some(tokens)),
            Err(TokenFailure::Refused(_)) => Ok(None),
            Err(TokenFailure::Failed(error)) => Err(error),
        }
    }

    /// Asks the token endpoint. An answer without a new refresh token leaves the `old` one in use.
    pub(super) async fn token(
        &self,
        http: &Http,
        account: &Fluvius,
        form: &[(&str, &str)],
        now: DateTime<Utc>,
        old: Option<&Tokens>,
    ) -> Result<Tokens, TokenFailure> {
        let url = join(&self.authority, "/oauth2/v2.0/token", Step::Token)?;
        let request = http
            .post(url)
            .header(ORIGIN, account.url.origin().ascii_serialization())
            .header(ACCEPT, "application/json")
            .form(form);
        let answer = http.send(Step::Token, request).await?;
        let Ok(json) = serde_json::from_slice::<Value>(&answer.body) else {
            let why = format!("HTTP {}, and the answer is no JSON", answer.status.as_u16());
            return Err(Error::Unavailable { step: Step::Token, why, retry_after: None }.into());
        };
        if answer.status.is_success() && json.get("error").is_none() {
            return Ok(Tokens::read(&answer.body, account, now, old)?);
        }
        let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default();
        let meaning = meaning(text("error_description"));
        if meaning == Meaning::Transient || text("error") == "temporarily_unavailable" {
            let why = "the portal says that it is busy".to_owned();
            return Err(Error::Unavailable { step: Step::Token, why, retry_after: None }.into());
        }
        Err(TokenFailure::Refused(meaning))
    }
}

/// Why the token endpoint gave no tokens.
pub(super) enum TokenFailure {
    Refused(Meaning),
    Failed(Error),
}

impl From<Error> for TokenFailure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// A path behind an address that may or may not end with a slash.
pub(super) fn join(base: &str, path: &str, step: Step) -> Result<Url, Error> {
    let url = Url::parse(&format!("{}{path}", base.trim_end_matches('/')));
    url.map_err(|_| Error::Changed { step, what: "an address in the settings can't be read".to_owned() })
}

fn gather_scopes(value: Option<&Value>, scopes: &mut Vec<String>) {
    match value {
        Some(Value::String(text)) => {
            for scope in text.split_whitespace() {
                if !scopes.iter().any(|known| known == scope) {
                    scopes.push(scope.to_owned());
                }
            }
        }
        Some(Value::Array(list)) => list.iter().for_each(|value| gather_scopes(Some(value), scopes)),
        Some(Value::Object(map)) => map.values().for_each(|value| gather_scopes(Some(value), scopes)),
        _ => {}
    }
}
