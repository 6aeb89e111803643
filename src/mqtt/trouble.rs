use std::fmt;

use rumqttc::{ConnectReturnCode, ConnectionError};

/// How long reaching the broker may take, name lookup and TLS included, in seconds.
pub(super) const CONNECT_SECONDS: u64 = 10;

const CHECK_ADDRESS: &str = "check the host and port in mqtt.url and that the broker runs";

/// What kind of trouble keeps the broker away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// It refuses the login.
    RefusesLogin,
    /// It refuses the client id.
    RefusesClientId,
    /// It refuses the connection for now.
    Refuses,
    /// It doesn't answer.
    Silent,
    /// TLS fails.
    Tls,
    /// It can't be reached.
    Unreachable,
    /// The connection broke.
    Broke,
    /// It doesn't speak MQTT as expected.
    Strange,
    /// Nobody says where it is.
    Unknown,
}

/// Why there is no connection to the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Of what kind it is.
    pub kind: TroubleKind,
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
        let caused = |kind, problem: &str, cause: String, remedy| Self {
            kind,
            problem: problem.to_owned(),
            cause: Some(cause),
            remedy,
        };
        let plain = |kind, problem: &str, remedy| Self { kind, problem: problem.to_owned(), cause: None, remedy };
        match error {
            ConnectionError::ConnectionRefused(
                ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
            ) => plain(TroubleKind::RefusesLogin, "it refuses the login", "check mqtt.username and mqtt.password"),
            ConnectionError::ConnectionRefused(ConnectReturnCode::BadClientId) => {
                plain(TroubleKind::RefusesClientId, "it refuses the client id", "set another mqtt.client_id")
            }
            ConnectionError::ConnectionRefused(_) => plain(
                TroubleKind::Refuses,
                "it refuses the connection for now",
                "if that lasts, look at the broker's log",
            ),
            ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
                plain(TroubleKind::Silent, &format!("no answer within {CONNECT_SECONDS} s"), CHECK_ADDRESS)
            }
            ConnectionError::Tls(error) => caused(
                TroubleKind::Tls,
                "the encrypted connection fails",
                error.to_string(),
                "check that the port speaks TLS, that mqtt.url has the name in its certificate, and mqtt.ca_file",
            ),
            ConnectionError::Io(error) => {
                caused(TroubleKind::Unreachable, "it can't be reached", error.to_string(), CHECK_ADDRESS)
            }
            ConnectionError::MqttState(_) => {
                plain(TroubleKind::Broke, "the connection broke", "if that lasts, look at the broker's log")
            }
            other => caused(
                TroubleKind::Strange,
                "it doesn't speak MQTT as expected",
                other.to_string(),
                "check that mqtt.url leads to an MQTT broker",
            ),
        }
    }
}
