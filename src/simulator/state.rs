//! All that the portal knows, and the way of a request through it.

use super::call::{Call, Reply};
use super::fault::{Fault, How, Where};
use super::log::{Log, Request, ean_of};
use super::meter::SimulatedMeter;
use super::server::Outcome;
use super::sign_in::SignIns;
use super::tokens::Sessions;
use super::world::World;
use super::{history, page, peaks, sign_in, tokens};
use crate::clock::Clock;

/// The tenant's address on the login host, and that of its sign-in policy.
pub(super) const TENANT: &str = "/klanten.onmicrosoft.com";
pub(super) const POLICY: &str = "B2C_1A_customer_signup_signin";

pub(super) struct State {
    pub(super) origin: String,
    pub(super) world: World,
    pub(super) faults: Vec<Fault>,
    pub(super) log: Log,
    pub(super) sign_ins: SignIns,
    pub(super) tokens: Sessions,
    /// Every token, code, cookie value and `csrf` that was given out.
    pub(super) secrets: Vec<String>,
}

impl State {
    pub(super) fn new(origin: String, clock: Clock, meters: Vec<SimulatedMeter>) -> Self {
        Self {
            origin,
            world: World::new(clock, meters),
            faults: Vec::new(),
            log: Log::default(),
            sign_ins: SignIns::default(),
            tokens: Sessions::default(),
            secrets: Vec::new(),
        }
    }

    /// Where the login sends the browser in the end.
    pub(super) fn redirect_uri(&self) -> String {
        format!("{}/", self.origin)
    }

    /// Takes a request, writes it down, and decides what comes of it.
    pub(super) fn receive(&mut self, call: &Call) -> Outcome {
        let step = step(call);
        let fault = step.and_then(|step| self.take_fault(step, call));
        let outcome = match fault {
            Some(How::Hang) => Outcome::Hang,
            Some(How::Drop) => Outcome::Drop,
            Some(How::Status(status, wait)) => Outcome::Answer(match wait {
                Some(seconds) => Reply::bare(status).with("retry-after", seconds.to_string()),
                None => Reply::bare(status),
            }),
            Some(How::Html) => Outcome::Answer(Reply::html(page::MAINTENANCE)),
            Some(How::Object) => {
                Outcome::Answer(Reply::json(200, &serde_json::json!({ "message": "Er ging iets mis" })))
            }
            Some(How::Truncated) => Outcome::Answer(self.answer(step, call, None).cut()),
            other => Outcome::Answer(self.answer(step, call, other.as_ref())),
        };
        self.log.requests.push(Request {
            step,
            method: call.method.to_string(),
            path: call.target.clone(),
            status: match &outcome {
                Outcome::Answer(reply) => Some(reply.status),
                Outcome::Hang | Outcome::Drop => None,
            },
            at: self.world.clock.now(),
        });
        outcome
    }

    fn answer(&mut self, step: Option<Where>, call: &Call, fault: Option<&How>) -> Reply {
        let fits = match fault {
            None => true,
            Some(How::ErrorCode(_)) => !matches!(step, Some(Where::Settings | Where::History | Where::Peaks)),
            Some(How::WrongState | How::NewPage) => step == Some(Where::Confirmation),
            Some(How::MissingSettings | How::MissingCsrf) => step == Some(Where::LoginPage),
            Some(How::MissingClientId | How::MissingAuthority) => step == Some(Where::Settings),
            Some(_) => false,
        };
        if !fits {
            return Reply::bare(501);
        }
        match step {
            Some(Where::Settings) => sign_in::settings(self, call, fault),
            Some(Where::LoginPage) => sign_in::authorize(self, call, fault),
            Some(Where::Credentials) => sign_in::self_asserted(self, call, fault),
            Some(Where::Confirmation) => sign_in::confirm(self, call, fault),
            Some(Where::Token | Where::Refresh) => tokens::token(self, call, fault),
            Some(Where::History) => history::history(self, call),
            Some(Where::Peaks) => peaks::peaks(self, call),
            None if call.path == "/" => Reply::html(page::PORTAL),
            None => Reply::bare(404),
        }
    }

    fn take_fault(&mut self, step: Where, call: &Call) -> Option<How> {
        // A step of several redirects goes wrong where its result is made.
        if sign_in::is_on_the_way(&call.path) {
            return None;
        }
        let ean = ean_of(&call.path);
        let days = history::days_asked(call);
        let fault = self.faults.iter_mut().find(|fault| fault.matches(step, Some(ean), days))?;
        if let Some(times) = &mut fault.times {
            *times -= 1;
        }
        Some(fault.how.clone())
    }
}

fn step(call: &Call) -> Option<Where> {
    let path = call.path.as_str();
    let meter = |service: &str| path.strip_prefix(service).is_some_and(|ean| !ean.is_empty() && !ean.contains('/'));
    if path == "/api/global/msal/config" {
        return Some(Where::Settings);
    }
    if meter("/verbruik/api/meter-measurement-history/") {
        return Some(Where::History);
    }
    if meter("/verbruik/api/meter-measurement-spikes/") {
        return Some(Where::Peaks);
    }
    let path = path.strip_prefix(TENANT)?;
    let path = path.strip_prefix('/').and_then(|path| path.strip_prefix(POLICY)).unwrap_or(path);
    match path {
        "/oauth2/v2.0/authorize" => Some(Where::LoginPage),
        "/SelfAsserted" => Some(Where::Credentials),
        "/oauth2/v2.0/token" if call.form("grant_type") == Some("refresh_token") => Some(Where::Refresh),
        "/oauth2/v2.0/token" => Some(Where::Token),
        path if path.starts_with("/api/") => Some(Where::Confirmation),
        _ => None,
    }
}
