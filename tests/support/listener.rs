use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::until;

/// A message that came by.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) topic: String,
    pub(crate) payload: String,
    /// It was on the broker before the listener came.
    pub(crate) retained: bool,
    pub(crate) at: Instant,
}

impl Message {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.payload).unwrap_or(Value::Null)
    }
}

/// A client that hears everything on a broker.
pub(crate) struct Listener {
    client: AsyncClient,
    heard: Arc<Mutex<Vec<Message>>>,
    task: JoinHandle<()>,
}

impl Listener {
    pub(crate) async fn connect(port: u16) -> Self {
        let mut options = MqttOptions::new(format!("listener_{:08x}", rand::random::<u32>()), "127.0.0.1", port);
        options.set_max_packet_size(1 << 20, 1 << 20);
        let (client, mut event_loop) = AsyncClient::new(options, 64);
        client.subscribe("#", QoS::AtLeastOnce).await.unwrap();
        let heard: Arc<Mutex<Vec<Message>>> = Arc::default();
        let (here, subscribed) = tokio::sync::oneshot::channel();
        let kept = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            let mut here = Some(here);
            loop {
                match event_loop.poll().await {
                    Ok(Event::Incoming(Packet::Publish(publish))) => kept.lock().unwrap().push(Message {
                        topic: publish.topic,
                        payload: String::from_utf8_lossy(&publish.payload).into_owned(),
                        retained: publish.retain,
                        at: Instant::now(),
                    }),
                    Ok(Event::Incoming(Packet::SubAck(_))) => {
                        here.take().map(|here| here.send(()));
                    }
                    Ok(_) => {}
                    Err(_) => return,
                }
            }
        });
        tokio::time::timeout(super::LIMIT, subscribed).await.expect("the broker answers").expect("the broker accepts");
        Self { client, heard, task }
    }

    /// All that was heard so far.
    pub(crate) fn heard(&self) -> Vec<Message> {
        self.heard.lock().unwrap().clone()
    }

    /// What was heard so far on a topic.
    pub(crate) fn heard_on(&self, topic: &str) -> Vec<Message> {
        self.heard().into_iter().filter(|message| message.topic == topic).collect()
    }

    /// Forgets what was heard.
    pub(crate) fn forget(&self) {
        self.heard.lock().unwrap().clear();
    }

    /// Waits for a message on a topic, which may have come already.
    pub(crate) async fn wait(&self, topic: &str, what: &str, test: impl Fn(&Message) -> bool) -> Message {
        let found = || self.heard().into_iter().find(|message| message.topic == topic && test(message));
        until(&format!("{topic}: {what}"), found).await
    }

    /// Waits for a message on a topic that is JSON with a value under a key.
    pub(crate) async fn wait_for(&self, topic: &str, key: &str, value: impl Into<Value>) -> Value {
        let value = value.into();
        let message = self.wait(topic, &format!("{key} is {value}"), |message| message.json()[key] == value).await;
        message.json()
    }

    pub(crate) async fn publish(&self, topic: &str, payload: &str, retain: bool) {
        self.client.publish(topic, QoS::AtLeastOnce, retain, payload).await.unwrap();
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a broker holds: topic and payload of everything that is retained, in the order of the topics.
pub(crate) async fn retained(port: u16) -> Vec<(String, String)> {
    let listener = Listener::connect(port).await;
    // What is retained comes before what is published after it.
    let mark = format!("mark/{:08x}", rand::random::<u32>());
    listener.publish(&mark, "", false).await;
    listener.wait(&mark, "the end of what is retained", |_| true).await;
    let mut held: Vec<_> = listener.heard().into_iter().filter(|message| message.retained).collect();
    held.sort_by(|one, other| one.topic.cmp(&other.topic));
    held.into_iter().map(|message| (message.topic, message.payload)).collect()
}

/// Whether nothing is heard on a topic for a while. To show that something does not happen, a while is all there is.
pub(crate) async fn is_quiet(listener: &Listener, topic: &str, how_long: Duration) -> bool {
    let before = listener.heard_on(topic).len();
    tokio::time::sleep(how_long).await;
    listener.heard_on(topic).len() == before
}
