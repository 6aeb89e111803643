//! A single poll.

use std::collections::BTreeMap;
use std::time::Duration;

use tracing::{error, warn};

use super::backfill::Broken;
use super::home::{Bridge, Error};
use super::publish::decide_anchor;
use super::report::{Failure, Report};
use crate::ledger::Ledger;
use crate::mqtt::{Connection, Event};
use crate::statistics;

/// How long the broker may take to tell what it holds, or to confirm what it gets.
const BROKER: Duration = Duration::from_secs(20);

/// How a single poll went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// All is well; yesterday may still be awaited.
    #[default]
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
        let report = self.poll_all(Some(&broker)).await?;
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
        let report = self.poll_all(None).await?;
        // Only the broker can tell where the totals begin, so the anchor is tried out on a copy.
        let path = &self.config.data_dir;
        let folder = tempfile::tempdir_in(path).map_err(|cause| Error::DataDir { path: path.clone(), cause })?;
        self.ledger.copy_to(folder.path())?;
        let mut copy = Ledger::open(folder.path(), self.display.zone)?;
        let mut messages = Vec::new();
        for meter in &self.meters {
            decide_anchor(&copy, meter)?;
            let newest = meter.newest(self.clock.now(), self.display.zone);
            copy.release_totals(meter.id, newest)?;
            messages.extend(self.display.messages(&copy, meter)?);
        }
        messages.push((self.display.topics.status(), b"online".to_vec()));
        let text = |(topic, payload): (String, Vec<u8>)| (topic, String::from_utf8_lossy(&payload).into_owned());
        Ok((outcome(&report), messages.into_iter().map(text).collect()))
    }
}

impl Bridge {
    /// Polls, and fetches all of the history that is missing.
    async fn poll_all(&mut self, broker: Option<&Connection>) -> Result<Report, Error> {
        let mut report = self.poll(broker).await;
        self.log(&report, None);
        if report.failure.is_some() {
            return Ok(report);
        }
        let mut backfill = self.plan_backfill()?;
        loop {
            match self.advance(&mut backfill, broker).await {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(report),
                Err(Broken { failure, .. }) => {
                    warn!("the history can't be fetched further for now: {failure}");
                    let ends = !failure.leaves_others();
                    report.failure = Some(failure);
                    if ends {
                        return Ok(report);
                    }
                }
            }
        }
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
    let outcomes = report.failures().map(Failure::outcome);
    outcomes.fold(Outcome::Done, |worst, outcome| if worst == Outcome::LoginRefused { worst } else { outcome })
}
