use tracing::info;

use super::stop::told_to_stop;
use super::{DONE, block_on};
use crate::bridge::Bridge;
use crate::clock::Clock;
use crate::config::Config;

/// Runs the bridge until it is stopped.
pub(super) fn run(config: Config) -> anyhow::Result<u8> {
    info!("fluvius2mqtt {} starts, data in {}", env!("CARGO_PKG_VERSION"), config.data_dir.display());
    let bridge = Bridge::open(config, Clock::system())?;
    block_on(bridge.run(told_to_stop()))??;
    Ok(DONE)
}
