//! The time of day.

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time. A shifted one lets tests and the demo live on another day; it runs at the same pace.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    ahead: TimeDelta,
}

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that shows `instant` now and runs on from there.
    #[must_use]
    pub fn starting_at(instant: DateTime<Utc>) -> Self {
        Self { ahead: instant.signed_duration_since(Utc::now()) }
    }

    /// The present instant.
    #[must_use]
    pub fn now(self) -> DateTime<Utc> {
        Utc::now().checked_add_signed(self.ahead).unwrap_or_default()
    }
}
