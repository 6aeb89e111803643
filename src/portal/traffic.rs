use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How much has been asked of the portal, logins included. All clones count together, and can be read at any time.
#[derive(Clone, Debug, Default)]
pub struct Traffic(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    requests: AtomicU64,
    /// Microseconds. Some 600,000 years fit.
    time: AtomicU64,
}

impl Traffic {
    /// Requests that were sent, whatever came of them.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.0.requests.load(Ordering::Relaxed)
    }

    /// How long those that are over took, all together.
    #[must_use]
    pub fn time(&self) -> Duration {
        Duration::from_micros(self.0.time.load(Ordering::Relaxed))
    }

    /// A request is on its way.
    pub(super) fn begins(&self) {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// A request is over.
    pub(super) fn took(&self, time: Duration) {
        self.0.time.fetch_add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}
