use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

/// A service that works wakes up far more often: at rest every 30 s, in a request to the portal when that times out after
/// 30 s, and between two requests after five minutes at most, the longest `poll.pause`.
const STILL: Duration = Duration::from_secs(10 * 60);

/// Tells whether a service still moves.
#[derive(Clone, Debug)]
pub struct Pulse {
    began: Instant,
    /// Milliseconds between the beginning and the last beat.
    beat: Arc<AtomicU64>,
}

impl Pulse {
    /// A pulse that has just beaten.
    #[must_use]
    pub fn new() -> Self {
        Self { began: Instant::now(), beat: Arc::default() }
    }

    /// Runs a service to its end, with a beat each time it wakes up.
    pub async fn of<F: Future>(&self, service: F) -> F::Output {
        let mut service = pin!(service);
        poll_fn(|context| {
            self.beat.store(self.age(), Ordering::Relaxed);
            service.as_mut().poll(context)
        })
        .await
    }

    /// Whether the last beat is recent enough for a service that works.
    pub(super) fn beats(&self) -> bool {
        let since = self.age().saturating_sub(self.beat.load(Ordering::Relaxed));
        Duration::from_millis(since) <= STILL
    }

    /// Milliseconds since the beginning.
    fn age(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Default for Pulse {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn long_waits_are_healthy_and_one_without_an_end_is_not() {
        let pulse = Pulse::new();
        let watched = pulse.clone();
        tokio::spawn(async move {
            // The longest rest between two requests, and a request that times out.
            let service = async {
                for seconds in [300, 30, 300, 30_u64] {
                    tokio::time::sleep(Duration::from_secs(seconds)).await;
                }
                std::future::pending::<()>().await;
            };
            watched.of(service).await;
        });
        let minutes = |minutes: u64| tokio::time::sleep(Duration::from_secs(60 * minutes));
        for minute in 1..=20 {
            minutes(1).await;
            assert!(pulse.beats(), "after {minute} minutes");
        }
        minutes(2).await;
        assert!(!pulse.beats());
    }
}
