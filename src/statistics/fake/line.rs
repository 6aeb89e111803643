//! The line: connections, logins, and what becomes of a command between arrival and answer.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::StatusCode;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

use super::{Shared, lock};

/// The largest message that the real one takes.
const LARGEST: usize = 4 * 1024 * 1024;

/// Commands within this time of each other come at once.
const AT_ONCE: Duration = Duration::from_millis(50);

/// The paths at which it and the Supervisor's proxy answer.
const PATHS: [&str; 2] = ["/api/websocket", "/core/websocket"];

type Line = WebSocketStream<TcpStream>;

/// Answers until the task is aborted.
pub(super) async fn serve(listener: TcpListener, state: Shared, until: watch::Receiver<()>) {
    let mut lines = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (state, mut until) = (Arc::clone(&state), until.clone());
        until.mark_unchanged();
        lines.spawn(async move {
            tokio::select! {
                _ = talk(stream, state) => {}
                _ = until.changed() => {}
            }
        });
    }
}

/// One connection, from the first byte to the last; `None` when it ends.
async fn talk(stream: TcpStream, state: Shared) -> Option<()> {
    let upgrade = lock(&state).failures.upgrade;
    #[expect(clippy::result_large_err, reason = "the type of the library")]
    let judge = |request: &Request, response: Response| {
        let missing = (!PATHS.contains(&request.uri().path())).then_some(404);
        match upgrade.or(missing).and_then(|status| StatusCode::from_u16(status).ok()) {
            Some(status) => {
                let mut refusal = ErrorResponse::new(None);
                *refusal.status_mut() = status;
                Err(refusal)
            }
            None => Ok(response),
        }
    };
    let config = WebSocketConfig::default().max_message_size(Some(LARGEST)).max_frame_size(Some(LARGEST));
    let mut line = accept_hdr_async_with_config(stream, judge, Some(config)).await.ok()?;
    log_in(&mut line, &state).await?;
    let mut last_id = 0;
    loop {
        let mut commands = vec![hear(&mut line).await?];
        if lock(&state).failures.reversed {
            while let Ok(command) = tokio::time::timeout(AT_ONCE, hear(&mut line)).await {
                commands.push(command?);
            }
        }
        let mut answers = Vec::new();
        for command in &commands {
            // Nothing comes when the connection is to break here.
            answers.push(lock(&state).receive(command, &mut last_id)?);
        }
        if lock(&state).failures.reversed {
            answers.reverse();
        }
        for answer in answers {
            let has_noise = lock(&state).failures.noise;
            if has_noise {
                noise(&mut line, last_id).await?;
            }
            say(&mut line, &state, &answer).await?;
            if has_noise {
                say(&mut line, &state, &answer).await?;
            }
        }
    }
}

async fn log_in(line: &mut Line, state: &Shared) -> Option<()> {
    let version = {
        let mut state = lock(state);
        state.connections += 1;
        state.version.clone()
    };
    say(line, state, &json!({"type": "auth_required", "ha_version": version})).await?;
    let login = hear(line).await?;
    let is_good = {
        let mut state = lock(state);
        let expected = json!({"type": "auth", "access_token": state.token});
        let is_good = !state.failures.token && login == expected;
        state.wrong_logins += usize::from(!is_good);
        is_good
    };
    if !is_good {
        say(line, state, &json!({"type": "auth_invalid", "message": "Invalid access token or password"})).await?;
        let _ = line.close(None).await;
        return None;
    }
    say(line, state, &json!({"type": "auth_ok", "ha_version": version})).await
}

/// The next message; `None` when the other side is gone or says something else than JSON.
async fn hear(line: &mut Line) -> Option<Value> {
    loop {
        match line.next().await? {
            Ok(Message::Text(text)) => return serde_json::from_str(&text).ok(),
            Ok(Message::Close(_)) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

async fn say(line: &mut Line, state: &Shared, message: &Value) -> Option<()> {
    let (late, has_noise) = {
        let failures = &lock(state).failures;
        (failures.late, failures.noise)
    };
    let due = Instant::now() + late;
    while Instant::now() < due {
        tokio::time::sleep_until(due.min(Instant::now() + AT_ONCE)).await;
        if has_noise {
            noise(line, 0).await?;
        }
    }
    line.send(Message::text(message.to_string())).await.ok()
}

/// What a busy house sends in between, with the id of a command that waits for its answer.
async fn noise(line: &mut Line, id: u64) -> Option<()> {
    line.send(Message::Ping(b"are you there"[..].into())).await.ok()?;
    for message in [
        json!({"id": id, "type": "event", "event": {"event_type": "state_changed", "data": {}}}),
        json!({"id": id, "type": "pong"}),
        json!({"id": 1_000_000, "type": "result", "success": true, "result": "of somebody else"}),
        json!({"type": "result", "success": true, "result": "of nobody"}),
        json!(["nothing", "of", "the", "kind"]),
    ] {
        line.send(Message::text(message.to_string())).await.ok()?;
    }
    Some(())
}
