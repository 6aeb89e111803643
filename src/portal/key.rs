//! What opens the portal's services: the account's session, or a token that the user has brought along.

use chrono::Utc;

use super::error::Error;
use super::guard::Refusal;
use super::history::Login;
use super::session::{Session, long_wait};
use super::traffic::Traffic;
use crate::secret::Secret;

pub(super) enum Key {
    Session(Box<Session>),
    /// It is used as it is; nothing is kept of it, and nobody logs in when it ends.
    Given(Secret),
}

impl Key {
    /// The count of what is sent to get a token, to which all else is added.
    pub(super) fn traffic(&self) -> Traffic {
        match self {
            Self::Session(session) => session.traffic.clone(),
            Self::Given(_) => Traffic::default(),
        }
    }

    /// An access token that should be good.
    pub(super) async fn access(&mut self) -> Result<Secret, Error> {
        match self {
            Self::Session(session) => session.access().await,
            Self::Given(token) => Ok(token.clone()),
        }
    }

    /// The access token in use, if it should still be good. Nothing is done to get one.
    pub(super) fn access_in_hand(&mut self) -> Option<Secret> {
        match self {
            Self::Session(session) => session.access_in_hand(),
            Self::Given(token) => Some(token.clone()),
        }
    }

    /// How the token came about.
    pub(super) const fn login(&self) -> Login {
        match self {
            Self::Session(session) if session.has_logged_in => Login::New,
            Self::Session(_) | Self::Given(_) => Login::Kept,
        }
    }

    /// Stops using the access token, which the portal has just refused. An error when there can't be another one.
    pub(super) fn access_was_refused(&mut self) -> Result<(), Error> {
        match self {
            Self::Session(session) => session.access_was_refused(),
            Self::Given(_) => {
                Err(Error::Refused { refusal: Refusal::GivenToken, since: Utc::now(), remembered: false })
            }
        }
    }

    /// Heeds an error that asks for a long wait.
    pub(super) fn heed(&mut self, error: Error) -> Error {
        match self {
            Self::Session(session) => session.heed(error),
            Self::Given(_) => match long_wait(&error) {
                Some((step, wait)) => Error::Throttled { step, until: Utc::now() + wait },
                None => error,
            },
        }
    }
}
