/// Why the Supervisor doesn't do what it is asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It knows no broker, or the broker is stopped.
    #[error(
        "the Supervisor knows no broker yet; install and start the app Mosquitto broker, or set the option mqtt > url to \
         your own"
    )]
    NoBroker,
    /// It refuses the token, or what is asked for with it.
    #[error("the Supervisor refuses this app; restart the app, so that it gets a new token")]
    Refused,
    /// Home Assistant, to which it passes things on, is not there.
    #[error("Home Assistant doesn't answer; it may be starting or being updated")]
    CoreAway,
    /// It can't be reached.
    #[error("the Supervisor can't be reached: {0}")]
    Unreachable(String),
    /// Its answer is none that is known.
    #[error("the Supervisor answers in a way that this version doesn't know ({0}); look for an update of the app")]
    Unexpected(String),
    /// HTTP can't be set up.
    #[error("HTTP can't be set up: {0}")]
    Setup(String),
}
