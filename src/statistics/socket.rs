use std::time::Duration;

use futures_util::{Sink, SinkExt as _, Stream, StreamExt as _};
use reqwest::Url;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};
use tracing::debug;

use super::redact::redact;
use super::way::{connector, endpoint};
use super::{Error, Version};
use crate::secret::Secret;

/// How long connecting may take, login included, and each reply.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// The largest message that is read: the statistics of a large house are a tenth of it.
const LARGEST: usize = 16 * 1024 * 1024;

/// Read and write buffers, in bytes.
const BUFFER: usize = 32 * 1024;

type Line = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// An open and logged-in websocket of Home Assistant. Its pings are answered during a call and in [`Socket::closed`]; left
/// alone otherwise, it is closed after a minute or two.
pub(super) struct Socket {
    /// Gone once it broke.
    line: Option<Line>,
    version: Version,
    last_id: u64,
    patience: Duration,
}

impl Socket {
    /// Connects and logs in. An address with `http` or `https` is the one of the browser; one with `ws` or `wss` is used
    /// as it is.
    ///
    /// # Errors
    /// [`Error::Refused`] when the token isn't good, [`Error::TooOld`], or [`Error::Unavailable`].
    pub(super) async fn connect(url: &Url, token: &Secret) -> Result<Self, Error> {
        let url = endpoint(url)?;
        let connector = connector(&url)?;
        Self::open(&url, token, connector, PATIENCE).await
    }

    pub(super) async fn open(
        url: &Url,
        token: &Secret,
        connector: Connector,
        patience: Duration,
    ) -> Result<Self, Error> {
        let logged_in = async {
            let config = WebSocketConfig::default()
                .read_buffer_size(BUFFER)
                .write_buffer_size(BUFFER)
                .max_message_size(Some(LARGEST))
                .max_frame_size(Some(LARGEST));
            let connected = connect_async_tls_with_config(url.as_str(), Some(config), true, Some(connector)).await;
            let (mut line, _) = connected.map_err(|error| Error::Unavailable(reason(&error)))?;
            let version = log_in(&mut line, token).await?;
            Ok(Self { line: Some(line), version, last_id: 0, patience })
        };
        timeout(patience, logged_in).await.unwrap_or_else(|_| Err(Error::Unavailable(no_answer(patience))))
    }

    /// The version of this Home Assistant.
    #[must_use]
    pub(super) const fn version(&self) -> &Version {
        &self.version
    }

    /// Sends commands one after the other, and gives their results in the same order, whatever order the replies come in.
    /// After a broken connection everything is [`Error::Unavailable`]; a command may have been done all the same.
    pub(super) async fn call_all(&mut self, commands: Vec<Value>) -> Vec<Result<Value, Error>> {
        let first = self.last_id.saturating_add(1);
        let mut waiting: Vec<Waiting> = commands.iter().map(Waiting::new).collect();
        self.last_id = self.last_id.saturating_add(u64::try_from(waiting.len()).unwrap_or(u64::MAX));
        let all = match &mut self.line {
            // Both ways at once, or a server that waits until its replies are read would never read the rest.
            Some(line) => {
                let (sink, stream) = line.split();
                let (sent, received) =
                    (send(sink, commands, first, self.patience), receive(stream, &mut waiting, first, self.patience));
                tokio::try_join!(sent, received).map(|_| ())
            }
            None => Err("the connection broke".to_owned()),
        };
        let why = all.err();
        if why.is_some() {
            self.line = None;
        }
        waiting.into_iter().map(|one| one.result(why.as_deref())).collect()
    }

    /// Sends a command and gives its result.
    ///
    /// # Errors
    /// Why it wasn't done.
    pub(super) async fn call(&mut self, command: Value) -> Result<Value, Error> {
        let mut results = self.call_all(vec![command]).await;
        results.pop().unwrap_or_else(|| Err(Error::Unavailable("no answer".to_owned())))
    }

    /// Waits until the connection breaks, answering what keeps it alive.
    pub(super) async fn closed(&mut self) -> Error {
        let why = match &mut self.line {
            Some(line) => loop {
                if let Err(why) = next(line).await {
                    break why;
                }
            },
            None => "the connection broke".to_owned(),
        };
        self.line = None;
        Error::Unavailable(why)
    }

    /// Says goodbye.
    pub(super) async fn close(mut self) {
        if let Some(line) = &mut self.line {
            let _ = timeout(GOODBYE, line.close(None)).await;
        }
    }
}

/// A command without its result.
struct Waiting {
    command: String,
    result: Option<Result<Value, Error>>,
}

impl Waiting {
    fn new(command: &Value) -> Self {
        let name = command.get("type").and_then(Value::as_str).unwrap_or("without a type").to_owned();
        // It can't carry an id, so no reply would ever come.
        let result = (!command.is_object()).then(|| Err(Error::Unreadable { command: name.clone() }));
        Self { command: name, result }
    }

    fn take(&mut self, mut message: Value) {
        let command = &self.command;
        if message.get("success").and_then(Value::as_bool) == Some(true) {
            debug!("Home Assistant: {command} is done");
            self.result = Some(Ok(message.get_mut("result").map(Value::take).unwrap_or_default()));
            return;
        }
        let said = |key: &str| {
            message
                .get("error")
                .and_then(|error| error.get(key))
                .and_then(Value::as_str)
                .map(redact)
                .unwrap_or_default()
        };
        let (code, reason) = (said("code"), said("message"));
        debug!("Home Assistant: {command} is refused, {code}");
        self.result = Some(Err(match code.as_str() {
            "unauthorized" => Error::Refused,
            "unknown_command" => Error::Unavailable("it is still starting".to_owned()),
            "timeout" => Error::Unavailable("it is busy".to_owned()),
            _ => Error::Command { command: command.clone(), code, reason },
        }));
    }

    fn result(self, why: Option<&str>) -> Result<Value, Error> {
        self.result.unwrap_or_else(|| Err(Error::Unavailable(why.unwrap_or("no answer").to_owned())))
    }
}

async fn send(
    mut sink: impl Sink<Message, Error = tungstenite::Error> + Unpin,
    commands: Vec<Value>,
    first: u64,
    patience: Duration,
) -> Result<(), String> {
    for (id, mut command) in (first..).zip(commands) {
        let Some(fields) = command.as_object_mut() else { continue };
        fields.insert("id".to_owned(), id.into());
        let message = Message::text(command.to_string());
        drop(command);
        match timeout(patience, sink.send(message)).await {
            Ok(sent) => sent.map_err(|error| reason(&error))?,
            Err(_) => return Err(no_answer(patience)),
        }
    }
    Ok(())
}

async fn receive(
    mut stream: impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
    waiting: &mut [Waiting],
    first: u64,
    patience: Duration,
) -> Result<(), String> {
    let mut missing = waiting.iter().filter(|one| one.result.is_none()).count();
    let mut deadline = Instant::now() + patience;
    while missing > 0 {
        let message = timeout_at(deadline, next(&mut stream)).await.unwrap_or_else(|_| Err(no_answer(patience)))?;
        if message.get("type").and_then(Value::as_str) != Some("result") {
            continue;
        }
        let place =
            message.get("id").and_then(Value::as_u64).and_then(|id| usize::try_from(id.checked_sub(first)?).ok());
        if let Some(one) = place.and_then(|place| waiting.get_mut(place)).filter(|one| one.result.is_none()) {
            one.take(message);
            missing -= 1;
            deadline = Instant::now() + patience;
        }
    }
    Ok(())
}

/// The next message; a ping is answered by the library.
async fn next(stream: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin)) -> Result<Value, String> {
    loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => {
                return serde_json::from_str(&text).map_err(|_| "its answer can't be read".to_owned());
            }
            Some(Ok(Message::Close(_))) | None => return Err("it closed the connection".to_owned()),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(reason(&error)),
        }
    }
}

async fn log_in(line: &mut Line, token: &Secret) -> Result<Version, Error> {
    let greeting = next(line).await.map_err(Error::Unavailable)?;
    let version = Version::parse(greeting.get("ha_version").and_then(Value::as_str).unwrap_or_default())?;
    let login = json!({"type": "auth", "access_token": token.expose()});
    line.send(Message::text(login.to_string())).await.map_err(|error| Error::Unavailable(reason(&error)))?;
    let answer = next(line).await.map_err(Error::Unavailable)?;
    match answer.get("type").and_then(Value::as_str) {
        Some("auth_ok") => {
            debug!("connected to Home Assistant {version}");
            Ok(version)
        }
        Some("auth_invalid") => Err(Error::Refused),
        _ => Err(Error::Unavailable("it doesn't answer the login".to_owned())),
    }
}

fn no_answer(patience: Duration) -> String {
    format!("no answer within {} s", patience.as_secs())
}

/// What happened. Of what the server sent, only numbers are in it.
fn reason(error: &tungstenite::Error) -> String {
    match error {
        tungstenite::Error::Io(error) => error.to_string(),
        tungstenite::Error::Tls(error) => error.to_string(),
        tungstenite::Error::Http(response) => match response.status().as_u16() {
            403 => "HTTP 403; after wrong logins it bans an address, see its file ip_bans.yaml".to_owned(),
            status @ 500.. => format!("HTTP {status}, it may be starting"),
            status => format!("HTTP {status}"),
        },
        tungstenite::Error::Capacity(_) => "its answer is far too long".to_owned(),
        tungstenite::Error::Url(_) | tungstenite::Error::HttpFormat(_) => "its address can't be used".to_owned(),
        _ => "the connection broke".to_owned(),
    }
}

#[cfg(test)]
#[path = "socket_tests.rs"]
mod tests;
