//! The buttons: what somebody asks for, whether that makes sense now, and what came of it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Form, FromRequest as _, Request, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::oneshot;

use super::site::{Content, Service, Site};
use super::{Link, Problem};

/// How long a button may take to say what it wants.
const BODY: Duration = Duration::from_secs(10);

/// How long the service may take to say whether it begins: it may be in a request to the portal.
const ANSWER: Duration = Duration::from_secs(5);

/// So long a page waits for what comes of it.
const OUTCOME: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(50);

/// A button that somebody has pressed.
#[derive(Debug)]
pub struct Press {
    /// Which one.
    pub wish: Wish,
    /// What the service says to that.
    pub answer: oneshot::Sender<Answer>,
}

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// A poll, now.
    Poll,
    /// A login, now, although the portal has refused the last one: the user has done something at the portal.
    LogIn,
}

/// What the service says to a press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It begins.
    Begins,
    /// It was asked for less than a minute ago.
    TooSoon,
}

/// What came of a press, as the address of the overview carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Running,
    TooSoon,
    Refused,
    Queued,
    Stale,
    Stopping,
}

impl Outcome {
    const ALL: [Self; 7] =
        [Self::Done, Self::Running, Self::TooSoon, Self::Refused, Self::Queued, Self::Stale, Self::Stopping];

    /// The one that a word tells.
    pub(super) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Running => "running",
            Self::TooSoon => "too_soon",
            Self::Refused => "refused",
            Self::Queued => "queued",
            Self::Stale => "stale",
            Self::Stopping => "stopping",
        }
    }
}

/// What the form of a button sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    token: String,
}

pub(super) async fn poll(State(site): State<Arc<Site>>, request: Request) -> Response {
    press(&site, request, Wish::Poll).await
}

pub(super) async fn log_in(State(site): State<Arc<Site>>, request: Request) -> Response {
    press(&site, request, Wish::LogIn).await
}

async fn press(site: &Site, request: Request, wish: Wish) -> Response {
    let sent = match tokio::time::timeout(BODY, Form::<Sent>::from_request(request, &())).await {
        Ok(Ok(Form(sent))) => sent,
        Ok(Err(rejection)) => return rejection.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let Content::Service(service) = &site.content else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    let outcome = if sent.token == site.token { asked(service, wish).await } else { Outcome::Stale };
    (StatusCode::SEE_OTHER, [(LOCATION, format!("./?poll={}", outcome.word()))]).into_response()
}

/// Whether a wish makes no sense now: the portal would not be asked.
pub(super) fn is_futile(wish: Wish, portal: &Link, now: DateTime<Utc>) -> bool {
    let Link::Down { problem, .. } = portal else { return false };
    match problem {
        Problem::WrongLogin => true,
        Problem::AccountLocked | Problem::LoginWantsUser => wish != Wish::LogIn,
        Problem::AccountLockedUntil(until) | Problem::LoginPausedUntil(until) | Problem::PortalRestsUntil(until) => {
            *until > now
        }
        _ => false,
    }
}

async fn asked(service: &Service, wish: Wish) -> Outcome {
    let view = (service.view)();
    if view.polling_since.is_some() {
        return Outcome::Running;
    }
    if is_futile(wish, &view.portal, service.clock.now()) {
        return Outcome::Refused;
    }
    let (answer, answered) = oneshot::channel();
    match service.presses.try_send(Press { wish, answer }) {
        Ok(()) => {}
        Err(TrySendError::Full(_)) => return Outcome::TooSoon,
        Err(TrySendError::Closed(_)) => return Outcome::Stopping,
    }
    match tokio::time::timeout(ANSWER, answered).await {
        Ok(Ok(Answer::TooSoon)) => return Outcome::TooSoon,
        Ok(Err(_)) => return Outcome::Stopping,
        Err(_) => return Outcome::Queued,
        Ok(Ok(Answer::Begins)) => {}
    }
    let ended = async {
        loop {
            let now = (service.view)();
            if now.polling_since.is_none() && now.last_poll > view.last_poll {
                return;
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    match tokio::time::timeout(OUTCOME, ended).await {
        Ok(()) => Outcome::Done,
        Err(_) => Outcome::Running,
    }
}
