//! Codes and tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::call::{Call, Reply};
use super::fault::How;
use super::sign_in::check_scope;
use super::state::State;

/// How long a code can be exchanged.
const CODE_LIFETIME: TimeDelta = TimeDelta::seconds(60);

/// What was given out.
#[derive(Default)]
pub(super) struct Sessions {
    codes: Vec<Code>,
    access: Vec<(String, DateTime<Utc>)>,
    /// The refresh tokens that work; each works once.
    refresh: Vec<(String, DateTime<Utc>)>,
    /// Refresh tokens of sessions that were ended.
    revoked: Vec<String>,
}

/// An authorization code.
pub(super) struct Code {
    code: String,
    client_id: String,
    redirect_uri: String,
    challenge: String,
    until: DateTime<Utc>,
}

impl Code {
    pub(super) fn new(
        code: String,
        client_id: String,
        redirect_uri: String,
        challenge: String,
        now: DateTime<Utc>,
    ) -> Self {
        Self { code, client_id, redirect_uri, challenge, until: now + CODE_LIFETIME }
    }
}

impl Sessions {
    pub(super) fn add_code(&mut self, code: Code) {
        self.codes.push(code);
    }

    pub(super) fn expire_access(&mut self) {
        self.access.clear();
    }

    pub(super) fn forget(&mut self) {
        self.access.clear();
        self.revoked.extend(self.refresh.drain(..).map(|(token, _)| token));
    }

    pub(super) fn newest_access(&self) -> Option<String> {
        self.access.last().map(|(token, _)| token.clone())
    }

    /// Whether a request carries a token that is good.
    pub(super) fn allow(&self, call: &Call, now: DateTime<Utc>) -> bool {
        let token = call.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        token.is_some_and(|token| self.access.iter().any(|(known, until)| known == token && now < *until))
    }
}

/// `POST …/oauth2/v2.0/token`
pub(super) fn token(portal: &mut State, call: &Call, fault: Option<&How>) -> Reply {
    if call.method != "POST" {
        return Reply::bare(405);
    }
    if call.header("origin") != Some(&portal.origin) {
        return refused("invalid_request", "AADB2C90289: Cross-origin token redemption needs the portal's origin");
    }
    if call.form("client_id") != Some(&portal.world.client_id) {
        return refused("invalid_client", "AADB2C90007: The client_id is not registered");
    }
    if check_scope(call.form("scope")).is_err() {
        return refused("invalid_request", "AADB2C90055: The scope is not supported");
    }
    if let Some(How::ErrorCode(code)) = fault {
        return refused("invalid_grant", &format!("{code}: The grant was refused"));
    }
    let granted = match call.form("grant_type") {
        Some("authorization_code") => exchange_code(portal, call),
        Some("refresh_token") => exchange_refresh_token(portal, call),
        _ => Err("AADB2C90086: The grant_type is not supported"),
    };
    match granted {
        Ok(()) => give(portal),
        Err(description) => refused("invalid_grant", description),
    }
}

fn exchange_code(portal: &mut State, call: &Call) -> Result<(), &'static str> {
    let now = portal.world.clock.now();
    let codes = &mut portal.tokens.codes;
    let found = codes.iter().position(|known| call.form("code") == Some(&known.code));
    // Gone with the first try, whatever comes of it.
    let code = found.map(|at| codes.swap_remove(at)).ok_or("AADB2C90088: The code was not issued, or used before")?;
    if now > code.until {
        return Err("AADB2C90080: The code has expired");
    }
    if call.form("redirect_uri") != Some(&code.redirect_uri) || call.form("client_id") != Some(&code.client_id) {
        return Err("AADB2C90088: The code was issued for another client or address");
    }
    let verifier = call.form("code_verifier").filter(|verifier| (43..=128).contains(&verifier.len()));
    match verifier {
        Some(verifier) if URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == code.challenge => Ok(()),
        _ => Err("AADB2C90183: The code_verifier is wrong"),
    }
}

fn exchange_refresh_token(portal: &mut State, call: &Call) -> Result<(), &'static str> {
    let now = portal.world.clock.now();
    let token = call.form("refresh_token").unwrap_or_default();
    if portal.tokens.revoked.iter().any(|revoked| revoked == token) {
        return Err("AADB2C90129: The grant was revoked");
    }
    let tokens = &mut portal.tokens.refresh;
    let found = tokens.iter().position(|(known, _)| known == token);
    let (_, until) = found.map(|at| tokens.swap_remove(at)).ok_or("AADB2C90080: The refresh token was used before")?;
    if now < until { Ok(()) } else { Err("AADB2C90080: The refresh token has expired") }
}

fn give(portal: &mut State) -> Reply {
    let now = portal.world.clock.now();
    let random = || format!("{:032x}", rand::random::<u128>());
    let access = format!("access-{}", random());
    let id = format!("id-{}", random());
    portal.secrets.extend([access.clone(), id.clone()]);
    let lifetime = portal.world.access_lifetime;
    let mut answer = json!({
        "access_token": access,
        "id_token": id,
        "token_type": "Bearer",
        "not_before": now.timestamp(),
        "expires_in": lifetime,
        "expires_on": now.timestamp() + lifetime,
        "scope": "https://klanten.onmicrosoft.com/MijnFluvius/user_impersonation",
    });
    portal.tokens.access.push((access, now + TimeDelta::seconds(lifetime)));
    if let (Some(lifetime), Some(answer)) = (portal.world.refresh_lifetime, answer.as_object_mut()) {
        let refresh = format!("refresh-{}", random());
        portal.secrets.push(refresh.clone());
        answer.insert("refresh_token".to_owned(), refresh.clone().into());
        answer.insert("refresh_token_expires_in".to_owned(), lifetime.into());
        portal.tokens.refresh.push((refresh, now + TimeDelta::seconds(lifetime)));
    }
    Reply::json(200, &answer).with("cache-control", "no-store, must-revalidate")
}

fn refused(error: &str, description: &str) -> Reply {
    Reply::json(400, &json!({ "error": error, "error_description": format!("{description}\r\nCorrelation ID: 0\r\n") }))
}
