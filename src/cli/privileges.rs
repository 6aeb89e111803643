//! As an app of Home Assistant, the program starts as root, since the options are readable for nobody else, and gives that
//! up as soon as it has them.

use std::io;
use std::os::unix::fs::lchown;

use anyhow::Context as _;

use crate::config::App;
use crate::private_file::folder_of;

/// The user and the group `nonroot` of the usual minimal images; no user of a house has it.
const NOBODY: u32 = 65_532;

/// Stops being root, with the data of the app in the hands of the user that this program becomes. Elsewhere nothing
/// happens: whoever starts it there decides who it is.
pub(super) fn give_up(app: Option<&App>) -> anyhow::Result<()> {
    let Some(app) = app.filter(|_| is_root()) else { return Ok(()) };
    hand_over_data(app)?;
    become_nobody()
}

/// Gives away all but the options, which the Supervisor writes.
fn hand_over_data(app: &App) -> anyhow::Result<()> {
    let folder = folder_of(&app.options);
    let hand_over = || -> io::Result<()> {
        lchown(folder, Some(NOBODY), Some(NOBODY))?;
        for entry in folder.read_dir()? {
            let path = entry?.path();
            if path != app.options {
                lchown(path, Some(NOBODY), Some(NOBODY))?;
            }
        }
        Ok(())
    };
    hand_over().with_context(|| format!("{} can't be given to an unprivileged user", folder.display()))
}

/// Stops being root, for good. No other thread may run yet, since Linux does this by the thread.
#[cfg(target_os = "linux")]
pub(super) fn become_nobody() -> anyhow::Result<()> {
    use rustix::process::{Gid, Uid};
    use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

    if !is_root() {
        return Ok(());
    }
    let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
    set_thread_groups(&[])
        .and_then(|()| set_thread_res_gid(group, group, group))
        .and_then(|()| set_thread_res_uid(user, user, user))
        .context("root can't be given up")
}

/// Home Assistant's apps run on Linux only.
#[cfg(not(target_os = "linux"))]
pub(super) fn become_nobody() -> anyhow::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(target_os = "linux"))]
fn is_root() -> bool {
    false
}
