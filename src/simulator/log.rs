use chrono::{DateTime, Utc};

use super::fault::Where;

/// A request that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What it was for; `None` for an address that the portal doesn't have.
    pub step: Option<Where>,
    /// The HTTP method.
    pub method: String,
    /// Path and query, as they came.
    pub path: String,
    /// The status of the answer; `None` when there was none.
    pub status: Option<u16>,
    /// When it came, on the portal's clock.
    pub at: DateTime<Utc>,
}

impl Request {
    /// The EAN in the path of a request for a meter.
    #[must_use]
    pub fn ean(&self) -> Option<&str> {
        matches!(self.step, Some(Where::History | Where::Peaks)).then(|| ean_of(&self.path))
    }
}

/// The last part of a path.
pub(super) fn ean_of(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// Requests so far.
#[derive(Default)]
pub(super) struct Log {
    pub(super) requests: Vec<Request>,
    pub(super) overlaps: usize,
    /// How many are waiting for their answer.
    pub(super) open: usize,
}
