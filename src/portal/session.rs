//! Keeping a session: the tokens in use, renewed by the gentlest means that works.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::{debug, info};

use super::error::{Error, Step};
use super::guard::Guard;
use super::http::Http;
use super::settings::Settings;
use super::sign_in::sign_in;
use super::tokens::{TokenFile, Tokens};
use super::traffic::Traffic;
use crate::clock::Clock;
use crate::config::Fluvius;
use crate::secret::Secret;

/// The longest wait that a request may sit out; a portal that asks for more is left alone until then.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session with the portal, over restarts.
pub(super) struct Session {
    account: Fluvius,
    clock: Clock,
    guard: Guard,
    /// Where tokens outlive this run; none beside a service, whose session must not be taken away.
    file: Option<TokenFile>,
    tokens: Option<Tokens>,
    pub(super) traffic: Traffic,
    /// Whether this run has sent the password.
    pub(super) has_logged_in: bool,
}

impl Session {
    /// The session that the data directory holds; one that `keeps` nothing begins anew and leaves that one alone.
    pub(super) fn open(account: &Fluvius, data_dir: &Path, clock: Clock, keeps: bool) -> Result<Self, Error> {
        let file = keeps.then(|| TokenFile::new(data_dir));
        let tokens = match &file {
            Some(file) => file.load(account)?,
            None => None,
        };
        let guard = Guard::load(data_dir)?;
        let (account, traffic) = (account.clone(), Traffic::default());
        Ok(Self { account, clock, guard, file, tokens, traffic, has_logged_in: false })
    }

    /// An access token that should be good: the one in use, or a refreshed one, or that of a new login.
    pub(super) async fn access(&mut self) -> Result<Secret, Error> {
        match self.found_or_new().await {
            Ok(access) => Ok(access),
            Err(error) => Err(self.heed(error)),
        }
    }

    /// The access token in use, if it should still be good and the portal hasn't asked for rest. Nothing is done to get one.
    pub(super) fn access_in_hand(&mut self) -> Option<Secret> {
        let now = self.clock.now();
        self.guard.check_rest(now).ok()?;
        self.tokens.as_ref()?.access(now).map(|access| Secret::new(access.to_owned()))
    }

    /// Forgets a refused login that ends with something that the user does at the portal.
    pub(super) fn forget_refusal(&mut self) -> Result<(), Error> {
        self.guard.forget_refusal()
    }

    async fn found_or_new(&mut self) -> Result<Secret, Error> {
        let now = self.clock.now();
        self.guard.check_rest(now)?;
        if let Some(access) = self.tokens.as_ref().and_then(|tokens| tokens.access(now)) {
            return Ok(Secret::new(access.to_owned()));
        }
        self.guard.check_latch(&self.account, now)?;
        let tokens = match self.refreshed(now).await? {
            Some(tokens) => tokens,
            None => {
                info!("logging in at the portal");
                let tokens = sign_in(&self.account, &mut self.guard, now, &self.traffic).await?;
                self.has_logged_in = true;
                tokens
            }
        };
        // On the disk before its first use: the refresh token that it replaces is gone.
        self.save(&tokens)?;
        let access = tokens.access(now).map(|access| Secret::new(access.to_owned()));
        self.tokens = Some(tokens);
        access.ok_or_else(|| Error::Changed {
            step: Step::Token,
            what: "the access token ends before it can be used".to_owned(),
        })
    }

    async fn refreshed(&mut self, now: DateTime<Utc>) -> Result<Option<Tokens>, Error> {
        let Some(old) = self.tokens.clone() else { return Ok(None) };
        let Some(refresh_token) = old.refresh(now) else { return Ok(None) };
        let http = Http::new(false, &self.traffic)?;
        let settings = Settings::fetch(&http, &self.account.url).await?;
        let tokens = settings.refresh(&http, &self.account, &old, refresh_token, now).await?;
        if tokens.is_some() {
            debug!("the session was renewed without a password");
        } else {
            debug!("the portal no longer renews the session");
            self.tokens = None;
            if let Some(file) = &self.file {
                file.remove()?;
            }
        }
        Ok(tokens)
    }

    fn save(&self, tokens: &Tokens) -> Result<(), Error> {
        self.file.as_ref().map_or(Ok(()), |file| file.save(tokens))
    }

    /// Stops using the access token, which the portal has just refused.
    pub(super) fn access_was_refused(&mut self) -> Result<(), Error> {
        let Some(mut tokens) = self.tokens.take() else { return Ok(()) };
        tokens.end_access();
        let saved = self.save(&tokens);
        self.tokens = Some(tokens);
        saved
    }

    /// Heeds an error that asks for a long wait: nothing is sent until it is over, also after a restart.
    pub(super) fn heed(&mut self, error: Error) -> Error {
        match long_wait(&error) {
            Some((step, wait)) => match self.rest(wait) {
                Ok(until) => Error::Throttled { step, until },
                Err(error) => error,
            },
            None => error,
        }
    }

    fn rest(&mut self, wait: TimeDelta) -> Result<DateTime<Utc>, Error> {
        let now = self.clock.now();
        let until = now.checked_add_signed(wait).unwrap_or(now);
        self.guard.rest(until)?;
        Ok(until)
    }
}

/// How long an error asks to wait, at most a day, when that is too long to sit out.
pub(super) fn long_wait(error: &Error) -> Option<(Step, TimeDelta)> {
    let day = TimeDelta::days(1);
    match error {
        Error::Unavailable { step, retry_after: Some(wait), .. } if *wait > PATIENCE => {
            Some((*step, TimeDelta::from_std(*wait).unwrap_or(day).min(day)))
        }
        _ => None,
    }
}
