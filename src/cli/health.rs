use anyhow::bail;

use super::{DONE, Places, block_on};
use crate::config;
use crate::web;

/// Asks the service that runs on this machine whether it is well.
pub(super) fn run(places: Places) -> anyhow::Result<u8> {
    // The rest of the configuration is the service's affair.
    let Some(address) = config::load_listen(&places.into(), std::env::vars_os())? else {
        bail!("web.listen is off, so that no service can be asked; set it to an address such as 127.0.0.1:8099");
    };
    block_on(web::ask(address))??;
    println!("The service is running.");
    Ok(DONE)
}
