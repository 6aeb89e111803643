/// Why Home Assistant doesn't hold the statistics yet.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token is not good, or not an administrator's. Nothing is tried until it changes.
    #[error(
        "Home Assistant refuses the token; make a long-lived token as an administrator (your profile > Security) and put it in home_assistant.token"
    )]
    Refused,
    /// It is older than the statistics need.
    #[error("Home Assistant {version} is too old for statistics; update it to 2024.11 or newer")]
    TooOld {
        /// Its version.
        version: String,
    },
    /// It can't be reached, is starting, or the connection broke.
    #[error("Home Assistant can't be reached ({0}); the bridge keeps trying. If it lasts, check home_assistant.url")]
    Unavailable(String),
    /// It refuses a command for a reason of its own.
    #[error("Home Assistant refuses the command {command}: {reason}")]
    Command {
        /// The type of the command.
        command: String,
        /// The kind of the refusal, such as `not_found`.
        code: String,
        /// What it says, without anything of ours.
        reason: String,
    },
    /// It answers something else than it did when this bridge was made.
    #[error("Home Assistant's answer to {command} can't be read; update this bridge, or report it with both versions")]
    Unreadable {
        /// The type of the command.
        command: String,
    },
}
