use anyhow::bail;

use super::{DONE, Places, block_on};
use crate::config::{self, CommandLine};
use crate::web;

/// Asks the service that runs on this machine whether it is well.
pub(super) fn run(places: Places) -> anyhow::Result<u8> {
    let command_line = CommandLine { config: places.config, data_dir: places.data_dir };
    // The rest of the configuration is the service's affair.
    let Some(address) = config::load_listen(&command_line, std::env::vars_os())? else {
        bail!("web.listen is off, so that no service can be asked; set it to an address such as 127.0.0.1:8099");
    };
    block_on(web::ask(address))??;
    println!("The service is running.");
    Ok(DONE)
}
