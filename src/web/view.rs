use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::Problem;

/// What the service tells of itself at a moment, beside what stands in the ledger.
#[derive(Clone, Debug)]
pub struct View {
    /// When it began to work.
    pub started: DateTime<Utc>,
    /// Since when a poll is under way.
    pub polling_since: Option<DateTime<Utc>>,
    /// When the last poll ended.
    pub last_poll: Option<DateTime<Utc>>,
    /// When the next one is due.
    pub next_poll: Option<DateTime<Utc>>,
    /// Whether the service's own files could be used in the last poll.
    pub service: Link,
    /// How the portal was in the last poll.
    pub portal: Link,
    /// The connection to the broker.
    pub broker: Link,
    /// The connection to Home Assistant; `None` when it isn't configured.
    pub home_assistant: Option<Link>,
    /// The meters in the order of the configuration.
    pub meters: Vec<MeterView>,
    /// What has been counted since the start.
    pub counts: Counts,
}

/// How another party is to be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// Nobody has asked yet.
    Unknown,
    /// It answers.
    Up,
    /// Something is wrong with it.
    Down {
        /// What.
        problem: Problem,
        /// Since when.
        since: DateTime<Utc>,
    },
}

/// A meter, beside what the ledger has of it.
#[derive(Clone, Debug)]
pub struct MeterView {
    /// The word of its status sensor.
    pub status: &'static str,
    /// What kept the last poll from reading it, when others could be read.
    pub problem: Option<Problem>,
    /// How far a back-fill has come, while one is needed.
    pub backfill: Option<Backfill>,
}

/// How far a back-fill has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// Days that need no more requests.
    pub done: usize,
    /// Days that do, at most.
    pub left: usize,
    /// How long these will take, by the pace so far.
    pub rest: Duration,
}

/// What has been counted since the start of the service.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Polls that went well.
    pub polls_done: u64,
    /// Polls that met a failure.
    pub polls_failed: u64,
    /// What failed in polls and back-fills, by the status that it gives a meter.
    pub failures: BTreeMap<&'static str, u64>,
    /// Readings that were not there before.
    pub readings_added: u64,
    /// Readings whose amount the portal has changed.
    pub readings_corrected: u64,
    /// Requests to the portal.
    pub portal_requests: u64,
    /// How long they took, all together.
    pub portal_time: Duration,
}
