//! A single poll.

use std::collections::BTreeMap;
use std::time::Duration;

use tracing::error;

use super::home::{Bridge, Error, newest_day};
use super::publish::decide_anchor;
use super::report::Report;
use crate::ledger::Ledger;
use crate::mqtt::{Connection, Event, Status};
use crate::statistics;

/// How long the broker may take to tell what it holds, or to confirm what it gets.
const BROKER: Duration = Duration::from_secs(20);

/// How a single poll went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well; yesterday may still be awaited.
    Done,
    /// Something failed, and the log says what.
    Failed,
    /// The portal refuses the login.
    LoginRefused,
}

impl Bridge {
    /// Polls once and publishes the outcome, which stays on the broker as available.
    ///
    /// # Errors
    /// When the ledger or the connection's settings can't be used.
    pub async fn once(mut self) -> Result<Outcome, Error> {
        let mut broker = self.connect()?;
        let mut reached = true;
        if !self.has_anchors()? {
            match tokio::time::timeout(BROKER, held(&mut broker)).await {
                Ok(held) => {
                    self.decide_anchors(&held)?;
                }
                Err(_) => reached = false,
            }
        }
        let report = self.poll(Some(&broker)).await;
        self.log(&report, None);
        self.show_all(&broker);
        if !(reached && broker.flushed(BROKER).await) {
            error!("the broker could not be reached, so nothing was published; the readings are kept");
            reached = false;
        }
        broker.close(false, BROKER).await;
        if let Some(home_assistant) = &self.config.home_assistant {
            let series = self.series()?;
            match statistics::send(home_assistant, &series, false).await {
                Ok(imports) => imports.iter().try_for_each(|import| self.note(import))?,
                Err(failure) => {
                    error!("{failure}");
                    reached = false;
                }
            }
        }
        Ok(match outcome(&report) {
            Outcome::Done if !reached => Outcome::Failed,
            outcome => outcome,
        })
    }

    /// Polls once and gives what would be published, topic and payload, without reaching for the broker. The readings are
    /// kept.
    ///
    /// # Errors
    /// When the ledger can't be used.
    pub async fn dry_run(mut self) -> Result<(Outcome, Vec<(String, String)>), Error> {
        let report = self.poll(None).await;
        self.log(&report, None);
        // Only the broker can tell where the totals begin, so the anchor is tried out on a copy.
        let path = &self.config.data_dir;
        let folder = tempfile::tempdir_in(path).map_err(|cause| Error::DataDir { path: path.clone(), cause })?;
        self.ledger.copy_to(folder.path())?;
        let mut copy = Ledger::open(folder.path(), self.display.zone)?;
        let mut messages = Vec::new();
        for meter in &self.meters {
            decide_anchor(&copy, meter)?;
            let newest = newest_day(meter.settings.kind, self.clock.now(), self.display.zone);
            copy.release_totals(meter.id, newest)?;
            messages.extend(self.display.messages(&copy, meter)?);
        }
        messages.push((self.display.topics.status(), b"online".to_vec()));
        let text = |(topic, payload): (String, Vec<u8>)| (topic, String::from_utf8_lossy(&payload).into_owned());
        Ok((outcome(&report), messages.into_iter().map(text).collect()))
    }
}

async fn held(broker: &mut Connection) -> BTreeMap<String, Vec<u8>> {
    loop {
        if let Event::Held(held) = broker.event().await {
            return held;
        }
    }
}

fn outcome(report: &Report) -> Outcome {
    let mut outcome = Outcome::Done;
    for failure in report.failures() {
        if failure.status() == Status::LoginRefused {
            return Outcome::LoginRefused;
        }
        outcome = Outcome::Failed;
    }
    outcome
}
