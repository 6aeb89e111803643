//! As an app of Home Assistant: the broker that its Supervisor knows, and the notification of what the user has to do.

use super::home::{Bridge, Error};
use super::report::Report;
use crate::config::{App, Mqtt};
use crate::mqtt::{Renew, Status};
use crate::supervisor::{Notices, Problem, Supervisor};

impl Bridge {
    /// Asks the Supervisor for the broker before each connection, unless the configuration names one.
    pub(super) fn renew(&self) -> Result<Option<Renew>, Error> {
        let app = self.config.app.as_ref().filter(|app| app.names_broker);
        app.map(|app| renew(app, &self.config.mqtt)).transpose()
    }

    /// What Home Assistant shows of this run, as its app.
    pub(super) fn notices(&self) -> Result<Option<Notices>, Error> {
        let supervisor = self.config.app.as_ref().map(Supervisor::new).transpose()?;
        Ok(supervisor.map(Notices::start))
    }
}

fn renew(app: &App, settings: &Mqtt) -> Result<Renew, Error> {
    let supervisor = Supervisor::new(app)?;
    let settings = settings.clone();
    Ok(Box::new(move || {
        let (supervisor, settings) = (supervisor.clone(), settings.clone());
        Box::pin(async move { supervisor.broker(&settings).await.map_err(|error| error.to_string()) })
    }))
}

/// Shows that a poll met a refused login, or that it met none.
pub(super) fn tell(notices: Option<&Notices>, report: &Report) {
    let Some(notices) = notices else { return };
    let refusal = report.failures().find(|failure| failure.status() == Status::LoginRefused);
    notices.show(refusal.map(|refusal| Problem::Login(refusal.to_string())));
}
