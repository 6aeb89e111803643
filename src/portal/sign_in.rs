//! The login: Azure AD B2C, authorization code with PKCE, as a browser would do it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use reqwest::Url;
use reqwest::header::{ACCEPT, ORIGIN, REFERER};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tracing::debug;

use super::error::{Error, Step};
use super::guard::{Guard, Refusal};
use super::http::Http;
use super::page::LoginPage;
use super::refusal::{Meaning, meaning};
use super::settings::{Settings, TokenFailure, join};
use super::tokens::Tokens;
use super::traffic::Traffic;
use crate::config::Fluvius;

/// How many redirects are followed in a row.
const REDIRECTS: usize = 8;

/// Why a login came to nothing.
enum Failure {
    /// Cookies or state got lost on the way; a fresh start may help, once.
    Lost(Step),
    Failed(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Logs in with the password, starting over once when the portal loses track. A refusal is remembered by the guard.
pub(super) async fn sign_in(
    account: &Fluvius,
    guard: &mut Guard,
    now: DateTime<Utc>,
    traffic: &Traffic,
) -> Result<Tokens, Error> {
    let mut starts_left = 2_u8;
    loop {
        starts_left = starts_left.saturating_sub(1);
        match Login::start(account, traffic).await?.run(guard, now).await {
            Ok(tokens) => return Ok(tokens),
            Err(Failure::Failed(error)) => return Err(error),
            Err(Failure::Lost(step)) if starts_left == 0 => {
                let what = "it lost track of the login, twice in a row".to_owned();
                return Err(Error::Changed { step, what });
            }
            Err(Failure::Lost(step)) => debug!("{step}: the portal lost track of the login, starting over once"),
        }
    }
}

/// One login, with a cookie jar of its own.
struct Login<'a> {
    http: Http,
    account: &'a Fluvius,
    settings: Settings,
    state: String,
    verifier: String,
}

impl<'a> Login<'a> {
    async fn start(account: &'a Fluvius, traffic: &Traffic) -> Result<Self, Error> {
        let http = Http::new(true, traffic)?;
        let settings = Settings::fetch(&http, &account.url).await?;
        Ok(Self { http, account, settings, state: random(), verifier: random() })
    }

    async fn run(self, guard: &mut Guard, now: DateTime<Utc>) -> Result<Tokens, Failure> {
        let (page_url, page) = self.open_page(guard, now).await?;
        let tenant = if page.tenant.contains("://") {
            page.tenant.clone()
        } else {
            format!("{}{}", page_url.origin().ascii_serialization(), page.tenant)
        };
        self.send_credentials(guard, now, &tenant, &page_url, &page).await?;
        let code = self.confirm(guard, now, &tenant, &page_url, &page).await?;
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.settings.client_id),
            ("scope", &self.settings.scope),
            ("code", &code),
            ("redirect_uri", &self.settings.redirect_uri),
            ("code_verifier", &self.verifier),
        ];
        match self.settings.token(&self.http, self.account, &form, now, None).await {
            Ok(tokens) => Ok(tokens),
            Err(TokenFailure::Failed(error)) => Err(error.into()),
            Err(TokenFailure::Refused(meaning)) => Err(self.refused(guard, now, Step::Token, meaning)),
        }
    }

    async fn open_page(&self, guard: &mut Guard, now: DateTime<Utc>) -> Result<(Url, LoginPage), Failure> {
        let mut url = join(&self.settings.authority, "/oauth2/v2.0/authorize", Step::LoginPage)?;
        url.query_pairs_mut().extend_pairs([
            ("client_id", self.settings.client_id.as_str()),
            ("redirect_uri", &self.settings.redirect_uri),
            ("response_type", "code"),
            ("response_mode", "query"),
            ("scope", &self.settings.scope),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))),
            ("code_challenge_method", "S256"),
            ("state", &self.state),
            ("nonce", &random()),
            ("prompt", "login"),
            ("client_info", "1"),
            ("login_hint", &self.account.email),
        ]);
        for _ in 0..=REDIRECTS {
            let request = self.http.get(url).header(ACCEPT, "text/html,application/xhtml+xml");
            let answer = self.http.send(Step::LoginPage, request).await?;
            if let Some(next) = answer.location() {
                if let Some(meaning) = refusal_in(&next) {
                    return Err(self.refused(guard, now, Step::LoginPage, meaning));
                }
                url = next;
                continue;
            }
            if answer.status.as_u16() == 400 {
                return Err(Failure::Lost(Step::LoginPage));
            }
            let page = LoginPage::read(&answer.text())?;
            return Ok((answer.url, page));
        }
        Err(changed(Step::LoginPage, "it redirects without end").into())
    }

    async fn send_credentials(
        &self,
        guard: &mut Guard,
        now: DateTime<Utc>,
        tenant: &str,
        page_url: &Url,
        page: &LoginPage,
    ) -> Result<(), Failure> {
        let url = join(tenant, "/SelfAsserted", Step::Credentials)?;
        let request = self
            .http
            .post(url)
            .query(&[("tx", &page.transaction), ("p", &page.policy)])
            .header("X-CSRF-TOKEN", &page.csrf)
            .header("X-Requested-With", "XMLHttpRequest")
            .header(ACCEPT, "application/json")
            .header(ORIGIN, page_url.origin().ascii_serialization())
            .header(REFERER, page_url.as_str())
            .form(&[
                ("request_type", "RESPONSE"),
                (&page.login_field, &self.account.email),
                (&page.password_field, self.account.password.expose()),
            ]);
        guard.spend(now)?;
        let answer = self.http.send(Step::Credentials, request).await?;
        if answer.status.as_u16() == 400 {
            return Err(Failure::Lost(Step::Credentials));
        }
        if !answer.status.is_success() {
            let why = format!("HTTP {}", answer.status.as_u16());
            return Err(Error::Unavailable { step: Step::Credentials, why, retry_after: None }.into());
        }
        // Success and refusal both come with HTTP 200, whatever the type says: the body decides.
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
            return Err(changed(Step::Credentials, "the answer is no JSON").into());
        };
        let status = match body.get("status") {
            Some(Value::String(text)) => text.parse().unwrap_or_default(),
            Some(Value::Number(number)) => number.as_u64().unwrap_or_default(),
            _ => 0,
        };
        if status == 200 {
            return Ok(());
        }
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
        let meaning = match meaning(text("errorCode")) {
            Meaning::Unknown => meaning(text("message")),
            known => known,
        };
        Err(match (meaning, status) {
            // A refusal that nobody knows may still count as a wrong password, so it is treated as one.
            (Meaning::Unknown | Meaning::SessionOver, 400..=499) => {
                self.refused(guard, now, Step::Credentials, Meaning::BadCredentials)
            }
            (Meaning::Unknown, 0) => changed(Step::Credentials, "the answer has no status").into(),
            (Meaning::Unknown, _) => self.refused(guard, now, Step::Credentials, Meaning::Transient),
            (meaning, _) => self.refused(guard, now, Step::Credentials, meaning),
        })
    }

    async fn confirm(
        &self,
        guard: &mut Guard,
        now: DateTime<Utc>,
        tenant: &str,
        page_url: &Url,
        page: &LoginPage,
    ) -> Result<String, Failure> {
        let mut url = join(tenant, &format!("/api/{}/confirmed", page.api), Step::Confirmation)?;
        url.query_pairs_mut().extend_pairs([
            ("rememberMe", if self.account.remember_me { "true" } else { "false" }),
            ("csrf_token", &page.csrf),
            ("tx", &page.transaction),
            ("p", &page.policy),
        ]);
        for _ in 0..=REDIRECTS {
            let request = self.http.get(url).header(REFERER, page_url.as_str()).header(ACCEPT, "text/html");
            let answer = self.http.send(Step::Confirmation, request).await?;
            let Some(next) = answer.location() else {
                return Err(match answer.status.as_u16() {
                    400 => Failure::Lost(Step::Confirmation),
                    // A page where a redirect should be is one more step that wants a person.
                    200 => self.refused(guard, now, Step::Confirmation, Meaning::Interactive),
                    status => changed(Step::Confirmation, &format!("HTTP {status}")).into(),
                });
            };
            if let Some(meaning) = refusal_in(&next) {
                return Err(self.refused(guard, now, Step::Confirmation, meaning));
            }
            if let Some(code) = parameter(&next, "code") {
                if parameter(&next, "state").as_deref() != Some(self.state.as_str()) {
                    return Err(Failure::Lost(Step::Confirmation));
                }
                return Ok(code);
            }
            url = next;
        }
        Err(changed(Step::Confirmation, "it redirects without end").into())
    }

    /// Makes a failure of a meaning, and remembers it if no login may be tried again by itself.
    fn refused(&self, guard: &mut Guard, now: DateTime<Utc>, step: Step, meaning: Meaning) -> Failure {
        let refusal = match meaning {
            Meaning::BadCredentials => Refusal::BadCredentials,
            Meaning::LockedForAWhile => Guard::lock(now),
            Meaning::LockedForGood => Refusal::LockedForGood,
            Meaning::Interactive => Refusal::Interactive,
            Meaning::Lost => return Failure::Lost(step),
            Meaning::Transient => {
                let why = "the portal says that it is busy".to_owned();
                return Error::Unavailable { step, why, retry_after: None }.into();
            }
            Meaning::SessionOver | Meaning::Unknown => {
                return changed(step, "the portal refuses for a reason that isn't known").into();
            }
        };
        guard.latch(refusal, self.account, now).into()
    }
}

fn changed(step: Step, what: &str) -> Error {
    Error::Changed { step, what: what.to_owned() }
}

/// What an `error` in a redirect means, if it carries one.
fn refusal_in(url: &Url) -> Option<Meaning> {
    let error = parameter(url, "error")?;
    Some(match meaning(&parameter(url, "error_description").unwrap_or_default()) {
        Meaning::Unknown if error == "temporarily_unavailable" || error == "server_error" => Meaning::Transient,
        Meaning::Unknown if error == "interaction_required" || error == "consent_required" => Meaning::Interactive,
        known => known,
    })
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// 64 random bytes as text without padding: a PKCE verifier, a state or a nonce.
fn random() -> String {
    let bytes: [[u8; 32]; 2] = rand::random();
    URL_SAFE_NO_PAD.encode(bytes.as_flattened())
}
