use std::fmt;

use rumqttc::{ConnectReturnCode, ConnectionError};

/// How long reaching the broker may take, name lookup and TLS included, in seconds.
pub(super) const CONNECT_SECONDS: u64 = 10;

const CHECK_ADDRESS: &str = "check the host and port in mqtt.url and that the broker runs";

/// Why there is no connection to the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What happened, in words of this room.
    pub problem: String,
    /// What the system or the TLS library says about it, which may name hosts.
    pub cause: Option<String>,
    /// What the user can do about it.
    pub remedy: &'static str,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.cause.as_ref().unwrap_or(&self.problem), self.remedy)
    }
}

impl From<&ConnectionError> for Trouble {
    fn from(error: &ConnectionError) -> Self {
        let caused =
            |problem: &str, cause: String, remedy| Self { problem: problem.to_owned(), cause: Some(cause), remedy };
        let plain = |problem: &str, remedy| Self { problem: problem.to_owned(), cause: None, remedy };
        match error {
            ConnectionError::ConnectionRefused(
                ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
            ) => plain("it refuses the login", "check mqtt.username and mqtt.password"),
            ConnectionError::ConnectionRefused(ConnectReturnCode::BadClientId) => {
                plain("it refuses the client id", "set another mqtt.client_id")
            }
            ConnectionError::ConnectionRefused(_) => {
                plain("it refuses the connection for now", "if that lasts, look at the broker's log")
            }
            ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
                plain(&format!("no answer within {CONNECT_SECONDS} s"), CHECK_ADDRESS)
            }
            ConnectionError::Tls(error) => caused(
                "the encrypted connection fails",
                error.to_string(),
                "check that the port speaks TLS, that mqtt.url has the name in its certificate, and mqtt.ca_file",
            ),
            ConnectionError::Io(error) => caused("it can't be reached", error.to_string(), CHECK_ADDRESS),
            ConnectionError::MqttState(_) => plain("the connection broke", "if that lasts, look at the broker's log"),
            other => caused(
                "it doesn't speak MQTT as expected",
                other.to_string(),
                "check that mqtt.url leads to an MQTT broker",
            ),
        }
    }
}
