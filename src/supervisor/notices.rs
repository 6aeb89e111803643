use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::{debug, warn};

use super::client::Supervisor;
use super::error::Error;

/// The wait before the second try to reach Home Assistant, doubled with each further one, and the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Something that only the user can put right. Its sentences are those of the log, without anything secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Options are wrong, each with a sentence of its own.
    Options(Vec<String>),
    /// The portal refuses the login.
    Login(String),
}

/// Keeps Home Assistant showing the problem that there is. Dropping it leaves shown what is shown.
pub struct Notices {
    wanted: watch::Sender<Option<Problem>>,
    task: JoinHandle<()>,
}

impl Notices {
    /// Begins with no problem, which takes away what an earlier run has shown.
    #[must_use]
    pub fn start(supervisor: Supervisor) -> Self {
        Self::start_with(supervisor, None)
    }

    /// Begins with a problem.
    #[must_use]
    pub fn start_with(supervisor: Supervisor, problem: Option<Problem>) -> Self {
        let (wanted, receiver) = watch::channel(problem);
        Self { wanted, task: tokio::spawn(keep(supervisor, receiver)) }
    }

    /// The problem that there is now. One that lasts is shown again, since Home Assistant forgets it when it restarts.
    pub fn show(&self, problem: Option<Problem>) {
        self.wanted.send_if_modified(|wanted| {
            let is_news = problem.is_some() || wanted.is_some();
            *wanted = problem;
            is_news
        });
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn keep(supervisor: Supervisor, mut wanted: watch::Receiver<Option<Problem>>) {
    loop {
        let problem = wanted.borrow_and_update().clone();
        let delivered = async {
            deliver(&supervisor, problem.as_ref()).await;
            // What is shown stays, until something else is wanted.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = delivered => {}
            changed = wanted.changed() => if changed.is_err() { return },
        }
    }
}

/// Tries until Home Assistant has taken it, or the Supervisor says that it never will.
async fn deliver(supervisor: &Supervisor, problem: Option<&Problem>) {
    let mut wait = FIRST_WAIT;
    loop {
        match supervisor.notify(problem).await {
            Ok(()) => {
                return debug!("Home Assistant shows {}", if problem.is_some() { "a notification" } else { "none" });
            }
            Err(error @ (Error::Refused | Error::Setup(_))) => {
                return warn!("Home Assistant can't be told what this log tells: {error}");
            }
            Err(error) if wait == FIRST_WAIT && problem.is_some() => {
                warn!("Home Assistant can't be told yet what this log tells: {error}. It is tried again");
            }
            Err(error) => debug!("Home Assistant can't be told yet: {error}"),
        }
        tokio::time::sleep(wait).await;
        wait = wait.saturating_mul(2).min(LONGEST_WAIT);
    }
}
