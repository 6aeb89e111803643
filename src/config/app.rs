//! Whether this program runs as an app of Home Assistant, and what its Supervisor says in the environment.

use std::path::PathBuf;

use reqwest::Url;

use super::CommandLine;
use super::environment::Environment;
use super::model::App;
use super::values::is_on_this_machine;

/// Where the Supervisor answers its apps.
pub(super) const SUPERVISOR: &str = "http://supervisor";

/// Below that, where it passes websockets on to Home Assistant.
const SOCKET: &str = "/core/websocket";

/// Where the Supervisor mounts the data of an app, and writes its options at each start.
const DATA: &str = "/data";
const OPTIONS: &str = "options.json";

/// The Supervisor. Its token is in the environment of every app; the options make it this one.
pub(super) fn found(command_line: &CommandLine, environment: &Environment) -> Option<App> {
    let token = environment.supervisor_token()?;
    let folder = command_line.data_dir.clone().or_else(|| environment.data_dir());
    let options = folder.unwrap_or_else(|| PathBuf::from(DATA)).join(OPTIONS);
    if !options.is_file() {
        return None;
    }
    Some(App { url: environment.supervisor()?, token, clock: environment.clock(), options, names_broker: false })
}

/// The websocket of a Supervisor.
pub(super) fn socket(supervisor: &Url) -> Option<Url> {
    let mut socket = supervisor.join(SOCKET).ok()?;
    socket.set_scheme(if supervisor.scheme() == "https" { "wss" } else { "ws" }).ok()?;
    Some(socket)
}

/// Whether an address is that of a Supervisor's websocket, which is reached unencrypted inside one machine only.
pub(super) fn is_socket(url: &Url) -> bool {
    let is_bare = url.username().is_empty() && url.password().is_none();
    let is_plain = is_bare && url.query().is_none() && url.fragment().is_none();
    let is_near = url.host_str() == Some("supervisor") || is_on_this_machine(url);
    url.scheme() == "ws" && url.path() == SOCKET && is_plain && is_near
}
