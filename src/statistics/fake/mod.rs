//! A Home Assistant that holds statistics in memory and is as strict as the real one, for the tests.

mod commands;
mod energy;
mod line;
mod shape;
mod unit;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::Url;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Row;
use crate::secret::Secret;

/// A running Home Assistant; dropping it ends it.
pub struct FakeHomeAssistant {
    address: SocketAddr,
    state: Shared,
    hang_up: watch::Sender<()>,
    server: JoinHandle<()>,
}

type Shared = Arc<Mutex<State>>;

/// What it holds, and what was done with it.
#[derive(Debug)]
pub struct State {
    /// Its version.
    pub version: String,
    /// The token that it takes.
    pub token: String,
    /// The statistics by id.
    pub statistics: BTreeMap<String, Statistic>,
    /// The settings of the Energy dashboard; `None` when nobody has opened it yet.
    pub prefs: Option<Value>,
    /// Whether the user has chosen to see energy in MWh.
    pub shows_mwh: bool,
    /// How often somebody connected.
    pub connections: usize,
    /// How often a wrong token was tried.
    pub wrong_logins: usize,
    /// The types of all commands, in the order in which they came.
    pub commands: Vec<String>,
    /// What the real one would warn about in its log.
    pub warnings: Vec<String>,
    failures: Failures,
    uncommitted: Vec<(Instant, Import)>,
}

/// A statistic.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistic {
    /// As the last import gave it.
    pub metadata: Value,
    /// The rows by their start.
    pub rows: BTreeMap<DateTime<Utc>, Row>,
}

/// Something that goes wrong until [`FakeHomeAssistant::mend`].
#[derive(Clone, Copy, Debug)]
pub enum Failure {
    /// The websocket is refused with this HTTP status.
    Upgrade(u16),
    /// The token is refused.
    Token,
    /// The token is not an administrator's.
    Unauthorized,
    /// The connection breaks at the command after so many, once; `done` if that one is done before it breaks.
    Drop {
        /// How many commands are answered before.
        after: usize,
        /// Whether the command at which it breaks is done.
        done: bool,
    },
    /// Every answer, and the greeting, comes this late.
    Late(Duration),
    /// Commands that come at once are answered from the last to the first.
    Reversed,
    /// Events, pings and answers to nobody come in between, and every answer comes twice.
    Noise,
    /// So many commands are unknown yet.
    Starting(usize),
    /// Imports are confirmed at once and written this much later.
    Uncommitted(Duration),
    /// Imports are confirmed and never written.
    Lost,
}

#[derive(Debug, Default)]
struct Failures {
    upgrade: Option<u16>,
    token: bool,
    unauthorized: bool,
    drop: Option<(usize, bool)>,
    late: Duration,
    reversed: bool,
    noise: bool,
    starting: usize,
    commit: Duration,
    lost: bool,
}

#[derive(Debug)]
struct Import {
    id: String,
    metadata: Value,
    rows: Vec<Row>,
}

impl FakeHomeAssistant {
    /// Starts one of this version on a free port, with nothing in it.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start(version: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State::new(version)));
        let (hang_up, until) = watch::channel(());
        let server = tokio::spawn(line::serve(listener, Arc::clone(&state), until));
        Ok(Self { address, state, hang_up, server })
    }

    /// Its address, as in a browser.
    #[must_use]
    #[expect(clippy::expect_used, reason = "an address of digits always is one")]
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}", self.address)).expect("a socket address makes a URL")
    }

    /// The token that it takes.
    #[must_use]
    pub fn token(&self) -> Secret {
        Secret::new(lock(&self.state).token.clone())
    }

    /// The rows of an id, in the order of time.
    #[must_use]
    pub fn rows(&self, id: &str) -> Vec<Row> {
        self.edit(|state| state.statistics.get(id).map(|one| one.rows.values().copied().collect()).unwrap_or_default())
    }

    /// Looks at it, or changes what it holds behind everybody's back.
    pub fn edit<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let mut state = lock(&self.state);
        state.commit(Instant::now());
        change(&mut state)
    }

    /// Lets something go wrong from now on.
    pub fn fail(&self, failure: Failure) {
        let failures = &mut lock(&self.state).failures;
        match failure {
            Failure::Upgrade(status) => failures.upgrade = Some(status),
            Failure::Token => failures.token = true,
            Failure::Unauthorized => failures.unauthorized = true,
            Failure::Drop { after, done } => failures.drop = Some((after, done)),
            Failure::Late(late) => failures.late = late,
            Failure::Reversed => failures.reversed = true,
            Failure::Noise => failures.noise = true,
            Failure::Starting(commands) => failures.starting = commands,
            Failure::Uncommitted(commit) => failures.commit = commit,
            Failure::Lost => failures.lost = true,
        }
    }

    /// Lets nothing go wrong from now on.
    pub fn mend(&self) {
        lock(&self.state).failures = Failures::default();
    }

    /// Breaks all connections, as a restart does.
    pub fn hang_up(&self) {
        let _ = self.hang_up.send(());
    }
}

impl Drop for FakeHomeAssistant {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl State {
    fn new(version: &str) -> Self {
        Self {
            version: version.to_owned(),
            token: "long-lived-administrator-token".to_owned(),
            statistics: BTreeMap::new(),
            prefs: None,
            shows_mwh: false,
            connections: 0,
            wrong_logins: 0,
            commands: Vec::new(),
            warnings: Vec::new(),
            failures: Failures::default(),
            uncommitted: Vec::new(),
        }
    }

    /// Writes the imports that are due.
    fn commit(&mut self, until: Instant) {
        let (due, later) = std::mem::take(&mut self.uncommitted).into_iter().partition(|(at, _)| *at <= until);
        self.uncommitted = later;
        let due: Vec<(Instant, Import)> = due;
        for (_, import) in due {
            let statistic = self.statistics.entry(import.id).or_default();
            // The rows that are there stay as they are, also when this is another unit.
            statistic.metadata = import.metadata;
            statistic.rows.extend(import.rows.into_iter().map(|row| (row.start, row)));
        }
    }

    /// Whether it is of this year and month, or newer.
    fn is_at_least(&self, year: u32, month: u32) -> bool {
        let mut parts = self.version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default()) >= (year, month)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
