//! The session as it is kept on disk.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::error::{Error, Step};
use super::fingerprint::Fingerprint;
use crate::config::Fluvius;
use crate::private_file;

const FILE: &str = "tokens.json";

/// How long an access token lasts when the answer doesn't say, in seconds: less than B2C's hour.
const UNSAID_LIFETIME: i64 = 300;

/// Tokens are not used in the last minute of their life, so that they don't end on the way.
const MARGIN: TimeDelta = TimeDelta::seconds(60);

/// What a login or a refresh gives.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Tokens {
    /// Whose they are: a digest of the portal and the e-mail address.
    account: String,
    /// The credentials that they were given for: those of today may be wrong, and nobody would notice before the session
    /// ends.
    credentials: Fingerprint,
    access_token: String,
    access_until: DateTime<Utc>,
    refresh_token: Option<String>,
    refresh_until: Option<DateTime<Utc>>,
}

impl Tokens {
    /// Reads the answer of the token endpoint. An answer without a new refresh token leaves the `old` one in use.
    pub(super) fn read(body: &[u8], account: &Fluvius, now: DateTime<Utc>, old: Option<&Self>) -> Result<Self, Error> {
        let changed = |what: &str| Error::Changed { step: Step::Token, what: what.to_owned() };
        let answer: Value = serde_json::from_slice(body).map_err(|_| changed("the answer is no JSON"))?;
        let text = |key: &str| answer.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let after = |seconds: i64| {
            let most = TimeDelta::days(365).num_seconds();
            now.checked_add_signed(TimeDelta::seconds(seconds.clamp(0, most))).unwrap_or(now)
        };
        // B2C writes numbers as numbers or as text.
        let seconds = |key: &str| match answer.get(key)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let new_refresh = text("refresh_token").map(str::to_owned);
        let refresh_until = match (&new_refresh, old) {
            (Some(_), _) => seconds("refresh_token_expires_in").map(after),
            (None, old) => old.and_then(|old| old.refresh_until),
        };
        Ok(Self {
            account: owner(account),
            credentials: old.map_or_else(|| Fingerprint::of(account), |old| old.credentials.clone()),
            access_token: text("access_token").ok_or_else(|| changed("the answer holds no access_token"))?.to_owned(),
            access_until: after(seconds("expires_in").unwrap_or(UNSAID_LIFETIME)),
            refresh_token: new_refresh.or_else(|| old.and_then(|old| old.refresh_token.clone())),
            refresh_until,
        })
    }

    /// The access token, while it is good.
    pub(super) fn access(&self, now: DateTime<Utc>) -> Option<&str> {
        let last = self.access_until.checked_sub_signed(MARGIN)?;
        (now < last).then_some(self.access_token.as_str())
    }

    /// The refresh token, while it is good.
    pub(super) fn refresh(&self, now: DateTime<Utc>) -> Option<&str> {
        let over = self.refresh_until.is_some_and(|until| until <= now);
        self.refresh_token.as_deref().filter(|_| !over)
    }

    /// Ends the access token's life, since the portal no longer takes it.
    pub(super) fn end_access(&mut self) {
        self.access_until = DateTime::UNIX_EPOCH;
    }
}

/// Where tokens are kept between runs.
pub(super) struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    pub(super) fn new(data_dir: &Path) -> Self {
        Self { path: data_dir.join(FILE) }
    }

    /// The kept tokens, if they are this account's and were given for its password. A damaged file costs a login and nothing else.
    pub(super) fn load(&self, account: &Fluvius) -> Result<Option<Tokens>, Error> {
        match private_file::read::<Tokens>(&self.path) {
            Ok(tokens) => {
                Ok(tokens.filter(|tokens| tokens.account == owner(account) && tokens.credentials.fits(account)))
            }
            Err(error)
                if error.kind() == std::io::ErrorKind::InvalidData
                    || error.kind() == std::io::ErrorKind::UnexpectedEof =>
            {
                Ok(None)
            }
            Err(cause) => Err(Error::File { file: FILE, cause }),
        }
    }

    /// Keeps tokens, before they are used.
    pub(super) fn save(&self, tokens: &Tokens) -> Result<(), Error> {
        private_file::write(&self.path, tokens).map_err(|cause| Error::File { file: FILE, cause })
    }

    pub(super) fn remove(&self) -> Result<(), Error> {
        private_file::remove(&self.path).map_err(|cause| Error::File { file: FILE, cause })
    }
}

fn owner(account: &Fluvius) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{}\0{}", account.url, account.email)))
}
