use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use reqwest::header::ACCEPT;
use reqwest::{StatusCode, Url};
use serde_json::value::RawValue;
use tracing::{debug, warn};

use super::decode::{Decoded, Oddity, decode, oddity_of_units};
use super::error::{Error, Step};
use super::http::Http;
use super::key::Key;
use super::raw;
use super::session::Session;
use super::traffic::Traffic;
use crate::clock::Clock;
use crate::config::{Fluvius, History, Meter, ReadingCodes};
use crate::energy::{Ean, MeterDay, MeterKind, Reading};
use crate::secret::Secret;

/// The granularity code of daily totals.
pub const DAILY: u8 = 4;

/// So many days of daily totals fit in one request.
pub const DAILY_DAYS: usize = 31;

/// How often a request is sent before the meter is left for the next poll.
const TRIES: u32 = 3;

/// The granularity codes that may give rows shorter than a day, most likely first. Which one does is told by the rows
/// alone: public clients contradict each other about all but the first.
#[must_use]
pub const fn interval_codes(kind: MeterKind, wanted: History) -> &'static [u8] {
    match (kind, wanted) {
        (_, History::Days) => &[],
        (MeterKind::Electricity, History::Finest) => &[1, 3, 2],
        (MeterKind::Electricity, History::Hours) => &[2, 1, 3],
        (MeterKind::Gas, _) => &[2, 1, 3],
    }
}

/// What the portal has of a meter.
#[derive(Debug)]
pub struct Answer {
    /// The readings.
    pub readings: Vec<Reading>,
    body: Vec<u8>,
}

impl Answer {
    /// The rows that they come from, byte for byte as the portal wrote them, in order of time.
    #[must_use]
    pub fn rows(&self) -> Vec<Box<RawValue>> {
        raw::rows(&self.body)
    }
}

/// How a session came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// It is that of an earlier login, renewed if need be, and no password was sent.
    Kept,
    /// The portal has taken the password.
    New,
}

/// Mijn Fluvius, as one account sees it.
pub struct Portal {
    pub(super) http: Http,
    pub(super) key: Key,
    url: Url,
    pub(super) zone: Tz,
    codes: ReadingCodes,
    pause: Duration,
    last_request: Option<Instant>,
    /// The token in use took the place of one that was refused, and the portal hasn't accepted it yet.
    is_untried: bool,
    seen: BTreeSet<(Ean, Oddity)>,
}

impl Portal {
    /// Prepares the account's session, without any request. `pause` is the rest between two requests for data.
    ///
    /// # Errors
    /// When the session's files can't be read or HTTPS can't be set up.
    pub fn new(account: &Fluvius, pause: Duration, data_dir: &Path, clock: Clock) -> Result<Self, Error> {
        let session = Session::open(account, data_dir, clock, true)?;
        Self::with(Key::Session(Box::new(session)), account, pause)
    }

    /// The same for a command that runs beside a service on the same data directory: with a session of its own, which
    /// ends with it, and the common memory of logins.
    ///
    /// # Errors
    /// When that memory can't be read or HTTPS can't be set up.
    pub fn beside(account: &Fluvius, pause: Duration, data_dir: &Path, clock: Clock) -> Result<Self, Error> {
        let session = Session::open(account, data_dir, clock, false)?;
        Self::with(Key::Session(Box::new(session)), account, pause)
    }

    /// The same with an access token in place of a session: nobody logs in, and nothing is kept.
    ///
    /// # Errors
    /// When HTTPS can't be set up.
    pub fn with_token(account: &Fluvius, pause: Duration, token: Secret) -> Result<Self, Error> {
        Self::with(Key::Given(token), account, pause)
    }

    fn with(key: Key, account: &Fluvius, pause: Duration) -> Result<Self, Error> {
        Ok(Self {
            http: Http::new(false, &key.traffic())?,
            key,
            url: account.url.clone(),
            zone: account.timezone,
            codes: account.reading_codes,
            pause,
            last_request: None,
            is_untried: false,
            seen: BTreeSet::new(),
        })
    }

    /// The count of all that is asked of the portal.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.http.traffic.clone()
    }

    /// Lets the next login be tried although the last one was refused, if that ends with something that the user does at the
    /// portal: it has unlocked the account, or taken the step that the portal asked for.
    ///
    /// # Errors
    /// When the memory of logins can't be written.
    pub fn forget_refusal(&mut self) -> Result<(), Error> {
        match &mut self.key {
            Key::Session(session) => session.forget_refusal(),
            Key::Given(_) => Ok(()),
        }
    }

    /// Makes sure that there is a session, logging in if need be.
    ///
    /// # Errors
    /// As the login went.
    pub async fn log_in(&mut self) -> Result<Login, Error> {
        self.key.access().await?;
        Ok(self.key.login())
    }

    /// What the portal has for a meter from the start of `first` until the end of `last`; none at all is a normal
    /// answer. Rows of another length than the code promises are passed on as they are.
    ///
    /// # Errors
    /// [`Error`] says whether the login, the portal or this meter is at fault.
    pub async fn history(
        &mut self,
        meter: &Meter,
        first: MeterDay,
        last: MeterDay,
        code: u8,
    ) -> Result<Vec<Reading>, Error> {
        self.answer(meter, first, last, code).await.map(|answer| answer.readings)
    }

    /// The same, with all that the portal wrote.
    ///
    /// # Errors
    /// As those of [`Self::history`].
    pub async fn answer(&mut self, meter: &Meter, first: MeterDay, last: MeterDay, code: u8) -> Result<Answer, Error> {
        let mut url = self.url_of(Step::History, "meter-measurement-history", meter, [first, last])?;
        url.query_pairs_mut().append_pair("granularity", &code.to_string());
        let body = self.get(url).await?;
        let Decoded { readings, oddities } = decode(&body, self.codes, self.zone)?;
        debug!("meter {}: {first} to {last}, granularity {code}: {} readings", meter.ean, readings.len());
        for oddity in oddities.into_iter().chain(oddity_of_units(meter, &readings)) {
            self.tell(meter, oddity);
        }
        Ok(Answer { readings, body })
    }

    /// What was strange about the readings of a meter so far, a sentence each.
    #[must_use]
    pub fn oddities(&self, meter: &Meter) -> Vec<String> {
        self.seen.iter().filter(|(ean, _)| *ean == meter.ean).map(|(_, oddity)| oddity.to_string()).collect()
    }

    /// Tells of something strange in a meter's rows, once.
    pub(super) fn tell(&mut self, meter: &Meter, oddity: Oddity) {
        if self.seen.insert((meter.ean.clone(), oddity)) {
            warn!("meter {}: {oddity}", meter.ean);
        }
    }

    /// The address of a meter's data from the start of `first` until the end of `last`, as far as the services share it.
    pub(super) fn url_of(&self, step: Step, service: &str, meter: &Meter, days: [MeterDay; 2]) -> Result<Url, Error> {
        let mut url = self
            .url
            .join(&format!("/verbruik/api/{service}/{}", meter.ean.digits()))
            .map_err(|_| Error::Changed { step, what: "its address can't be made".to_owned() })?;
        // Both ends are local times; across a change of the clocks each has an offset of its own.
        let local = |at: DateTime<Utc>| at.with_timezone(&self.zone).format("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string();
        let [first, last] = days.map(MeterDay::interval);
        url.query_pairs_mut().extend_pairs([
            ("historyFrom", local(first.start()).as_str()),
            ("historyUntil", &local(last.end() - TimeDelta::milliseconds(1))),
            ("asServiceProvider", "false"),
            ("meterSerialNumber", &meter.serial),
        ]);
        Ok(url)
    }

    /// Reads an address, with a new token when the old one is refused and a few tries when the portal stumbles.
    async fn get(&mut self, url: Url) -> Result<Vec<u8>, Error> {
        let mut tries = 0;
        loop {
            let access = self.key.access().await?;
            self.keep_pace().await;
            let request = self.http.get(url.clone()).header(ACCEPT, "application/json").bearer_auth(access.expose());
            match self.http.send(Step::History, request).await {
                Ok(answer) if answer.status.is_success() => {
                    self.is_untried = false;
                    return Ok(answer.body);
                }
                Ok(answer) if answer.status == StatusCode::UNAUTHORIZED => {
                    if self.is_untried {
                        // Not the token is at fault, and another one would cost a login for nothing.
                        let what = "it refuses the token that it has just given".to_owned();
                        return Err(Error::Changed { step: Step::History, what });
                    }
                    self.is_untried = true;
                    self.key.access_was_refused()?;
                }
                Ok(answer) if answer.status.is_client_error() => {
                    return Err(Error::MeterRefused { status: answer.status.as_u16() });
                }
                Ok(answer) => {
                    let what = format!("HTTP {}", answer.status.as_u16());
                    return Err(Error::Changed { step: Step::History, what });
                }
                Err(error) => match self.key.heed(error) {
                    Error::Unavailable { why, retry_after, .. } if tries + 1 < TRIES => {
                        tries += 1;
                        debug!("{why}, trying again");
                        tokio::time::sleep(retry_after.unwrap_or_else(|| backoff(tries))).await;
                    }
                    error => return Err(error),
                },
            }
        }
    }

    pub(super) async fn keep_pace(&mut self) {
        if let Some(last) = self.last_request {
            tokio::time::sleep(self.pause.saturating_sub(last.elapsed())).await;
        }
        self.last_request = Some(Instant::now());
    }
}

/// A second, doubled with each try, more or less.
fn backoff(tries: u32) -> Duration {
    Duration::from_secs(1).saturating_mul(1 << tries.min(6)).mul_f64(rand::random_range(0.5..1.0))
}
