use chrono::{DateTime, TimeDelta, Utc};

/// A half-open stretch of time, `start` included and `end` not, in UTC and whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    start: DateTime<Utc>,
    seconds: u32,
}

/// Why two instants make no [`Interval`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// The end does not lie after the start.
    #[error("the interval ends before it starts")]
    Backwards,
    /// Longer than the longest month.
    #[error("the interval is longer than a month")]
    TooLong,
}

/// 31 days and the extra hour of October, in seconds.
const LONGEST: i64 = 31 * 86_400 + 3_600;

impl Interval {
    /// The interval from `start` until `end`; fractions of a second are dropped.
    ///
    /// # Errors
    /// [`IntervalError`] when it is empty, backwards or longer than a month.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, IntervalError> {
        let seconds = end.timestamp().saturating_sub(start.timestamp());
        if seconds <= 0 {
            return Err(IntervalError::Backwards);
        }
        if seconds > LONGEST {
            return Err(IntervalError::TooLong);
        }
        let seconds = u32::try_from(seconds).map_err(|_| IntervalError::TooLong)?;
        Ok(Self { start: DateTime::from_timestamp(start.timestamp(), 0).unwrap_or(start), seconds })
    }

    /// The first instant.
    #[must_use]
    pub const fn start(self) -> DateTime<Utc> {
        self.start
    }

    /// The first instant after it.
    #[must_use]
    pub fn end(self) -> DateTime<Utc> {
        self.start.checked_add_signed(TimeDelta::seconds(i64::from(self.seconds))).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Its length in seconds.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }
}
