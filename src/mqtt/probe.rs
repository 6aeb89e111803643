use std::time::Duration;

use rumqttc::{AsyncClient, Event, EventLoop, Outgoing, Packet, QoS, SubscribeReasonCode};

use super::connection::{SetupError, options};
use super::topics::Topics;
use super::trouble::{CONNECT_SECONDS, Trouble};
use crate::config;

/// How long a broker that has let us in may take to pass a message on.
const PASSED_ON: Duration = Duration::from_secs(5);

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(2);

/// Why the broker can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// No connection can even be tried.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// There is none.
    #[error("{0}")]
    Connection(Trouble),
    /// It lets us in and doesn't pass on what is published.
    #[error("it lets us in and doesn't pass on what is published")]
    NotPassedOn,
}

/// Connects to the broker, publishes something that nobody keeps on a topic of its own, and reads it back.
///
/// # Errors
/// Why that can't be done.
pub async fn probe(settings: &config::Mqtt) -> Result<(), ProbeError> {
    let name = format!("{:08x}", rand::random::<u32>());
    // Another id than the service has: a broker lets one client of a name in, the newest.
    let options = options(settings, &format!("fluvius2mqtt_check_{name}"))?;
    let (client, mut event_loop) = AsyncClient::new(options, 8);
    event_loop.network_options.set_connection_timeout(CONNECT_SECONDS);
    let topic = Topics::new(settings).check(&name);
    wait(&mut event_loop, |packet| matches!(packet, Packet::ConnAck(_))).await?;
    let passed_on = tokio::time::timeout(PASSED_ON, pass_on(&client, &mut event_loop, &topic)).await;
    let is_passed_on = passed_on.unwrap_or(Ok(false))?;
    let _ = client.try_disconnect();
    let _ = tokio::time::timeout(GOODBYE, ended(&mut event_loop)).await;
    if is_passed_on { Ok(()) } else { Err(ProbeError::NotPassedOn) }
}

/// Publishes and reads back; `false` when the topic may not be read.
async fn pass_on(client: &AsyncClient, event_loop: &mut EventLoop, topic: &str) -> Result<bool, ProbeError> {
    // The queue is empty and longer than this, so that nothing is refused.
    let _ = client.try_subscribe(topic, QoS::AtLeastOnce);
    let mut may_read = false;
    wait(event_loop, |packet| {
        let Packet::SubAck(answer) = packet else { return false };
        may_read = !answer.return_codes.contains(&SubscribeReasonCode::Failure);
        true
    })
    .await?;
    if may_read {
        let _ = client.try_publish(topic, QoS::AtLeastOnce, false, "check");
        wait(event_loop, |packet| matches!(packet, Packet::Publish(publish) if publish.topic == topic)).await?;
    }
    Ok(may_read)
}

async fn wait(event_loop: &mut EventLoop, mut ends: impl FnMut(&Packet) -> bool) -> Result<(), ProbeError> {
    loop {
        match event_loop.poll().await {
            Ok(Event::Incoming(packet)) if ends(&packet) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(ProbeError::Connection(Trouble::from(&error))),
        }
    }
}

async fn ended(event_loop: &mut EventLoop) {
    while let Ok(event) = event_loop.poll().await {
        if matches!(event, Event::Outgoing(Outgoing::Disconnect)) {
            return;
        }
    }
}
