use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// The longest that an answer may take: Home Assistant clears statistics in up to ten seconds.
const LIMIT: Duration = Duration::from_secs(60);

/// A websocket on which commands with an `id` are answered with that `id`, as Home Assistant and Chromium do it.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    last_id: u64,
    /// What came while an answer was waited for.
    passed: VecDeque<Value>,
}

impl Socket {
    pub(crate) async fn connect(url: &str) -> Result<Self, String> {
        // A picture is one message, of more than the usual limit.
        let settings = WebSocketConfig::default().max_message_size(None).max_frame_size(None);
        let (stream, _) =
            connect_async_with_config(url, Some(settings), true).await.map_err(|error| error.to_string())?;
        Ok(Self { stream, last_id: 0, passed: VecDeque::new() })
    }

    pub(crate) async fn send(&mut self, message: &Value) -> Result<(), String> {
        self.stream.send(Message::text(message.to_string())).await.map_err(|error| error.to_string())
    }

    /// The next message, first of those that came while an answer was waited for.
    pub(crate) async fn receive(&mut self) -> Result<Value, String> {
        match self.passed.pop_front() {
            Some(message) => Ok(message),
            None => self.read().await,
        }
    }

    /// The messages that came while answers were waited for.
    pub(crate) fn passed(&mut self) -> Vec<Value> {
        self.passed.drain(..).collect()
    }

    /// Sends a command and returns its answer; anything else that comes meanwhile is kept for later.
    pub(crate) async fn call(&mut self, mut command: Value) -> Result<Value, String> {
        self.last_id += 1;
        command["id"] = json!(self.last_id);
        self.send(&command).await?;
        loop {
            let message = self.read().await?;
            if message["id"] == command["id"] {
                return Ok(message);
            }
            self.passed.push_back(message);
        }
    }

    async fn read(&mut self) -> Result<Value, String> {
        let message = async {
            loop {
                match self.stream.next().await {
                    Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                    Some(Ok(Message::Close(reason))) => return Err(format!("closed: {reason:?}")),
                    Some(Ok(_)) => {}
                    Some(Err(error)) => return Err(error.to_string()),
                    None => return Err("closed".to_owned()),
                }
            }
        };
        tokio::time::timeout(LIMIT, message).await.unwrap_or_else(|_| Err(format!("silent for {LIMIT:?}")))
    }
}
