use std::time::Duration;

use tracing::info;

use super::stop::told_to_stop;
use super::{DONE, WRONG_USE, block_on, logs, privileges};
use crate::bridge::Bridge;
use crate::clock::Clock;
use crate::config::{self, CommandLine, Config, Faults, LogLevel};
use crate::supervisor::{Notices, Problem, Supervisor};
use crate::web::{self, Content, Pulse, Site};

/// Runs the bridge until it is stopped.
pub(super) fn run(config: Config) -> anyhow::Result<u8> {
    info!("fluvius2mqtt {} starts, data in {}", env!("CARGO_PKG_VERSION"), config.data_dir.display());
    let bridge = Bridge::open(config, Clock::system())?;
    block_on(bridge.run(told_to_stop()))??;
    Ok(DONE)
}

/// What follows a configuration that can't be used: as an app, waiting until it is stopped, with a notification in Home
/// Assistant. An end would make the Supervisor start it again and again, for the same faults.
pub(super) fn wait(command_line: &CommandLine, faults: &Faults) -> anyhow::Result<u8> {
    let Some(app) = config::app(command_line, std::env::vars_os()) else { return Ok(WRONG_USE) };
    let listen = config::load_listen(command_line, std::env::vars_os()).ok().flatten();
    privileges::become_nobody()?;
    logs::start(LogLevel::default(), app.clock.unwrap_or(chrono_tz::Europe::Brussels));
    info!("waiting to be restarted with other options");
    let supervisor = Supervisor::new(&app)?;
    block_on(async {
        let faults: Vec<_> = faults.all().iter().map(ToString::to_string).collect();
        let _notices = Notices::start_with(supervisor, Some(Problem::Options(faults.clone())));
        // It is well while it waits; otherwise it would be started again for that.
        let pulse = Pulse::new();
        let site = Site::new(pulse.clone(), Some(&app), Content::Faults(faults));
        let _server = listen.and_then(|address| web::start(address, site));
        pulse.of(wake_until(told_to_stop())).await;
    })?;
    Ok(DONE)
}

/// Waits for the end, and wakes up now and then as a service does.
async fn wake_until(end: impl Future<Output = ()>) {
    let mut end = std::pin::pin!(end);
    while tokio::time::timeout(Duration::from_secs(30), &mut end).await.is_err() {}
}
