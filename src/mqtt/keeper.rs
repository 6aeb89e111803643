use std::collections::BTreeMap;
use std::time::Duration;

use rumqttc::{AsyncClient, Packet, Publish, QoS, SubscribeFilter};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tracing::{debug, info, warn};

use super::connection::{Event, Link, Lost, Order};
use super::topics::Topics;

pub(super) const ONLINE: &str = "online";
pub(super) const OFFLINE: &str = "offline";

/// After Home Assistant's birth message everything goes out again within this time, at random, so that not all its
/// clients answer at once.
const JITTER: std::ops::Range<f64> = 0.2..2.0;

/// A connection that has held so long is a good one.
const STEADY: Duration = Duration::from_secs(60);

pub(super) enum Signal {
    /// Where the broker is looked for from now on.
    Address(String),
    Packet(Packet),
    Lost(Lost),
}

/// Holds the broker to what it should have.
pub(super) struct Keeper {
    client: AsyncClient,
    topics: Topics,
    address: String,
    /// What the broker held on the topics that were asked for; `None` once that is known.
    asking: Option<BTreeMap<String, Vec<u8>>>,
    asked: Vec<String>,
    watched: Vec<String>,
    held: BTreeMap<String, Vec<u8>>,
    events: mpsc::UnboundedSender<Event>,
    link: watch::Sender<Link>,
    up_since: Option<Instant>,
    down_since: Option<Instant>,
    connected: bool,
    last_trouble: Option<String>,
    announce_at: Option<Instant>,
    unconfirmed: usize,
    flushing: Vec<oneshot::Sender<()>>,
    closing: bool,
}

impl Keeper {
    pub(super) fn new(
        client: AsyncClient,
        topics: Topics,
        address: String,
        asked: Vec<String>,
        watched: Vec<String>,
        events: mpsc::UnboundedSender<Event>,
        link: watch::Sender<Link>,
    ) -> Self {
        Self {
            client,
            topics,
            address,
            asking: (!asked.is_empty()).then(BTreeMap::new),
            asked,
            watched,
            held: BTreeMap::new(),
            events,
            link,
            up_since: None,
            down_since: None,
            connected: false,
            last_trouble: None,
            announce_at: None,
            unconfirmed: 0,
            flushing: Vec::new(),
            closing: false,
        }
    }

    /// Runs until it is told to close; then `true` says that a goodbye is on its way to the broker.
    pub(super) async fn run(
        mut self,
        mut signals: mpsc::UnboundedReceiver<Signal>,
        mut orders: mpsc::UnboundedReceiver<Order>,
    ) -> bool {
        while !(self.closing && (!self.connected || self.unconfirmed == 0)) {
            let announcing = self.announce_at;
            tokio::select! {
                signal = signals.recv() => match signal {
                    Some(Signal::Address(address)) => self.address = address,
                    Some(Signal::Packet(packet)) => self.received(packet),
                    Some(Signal::Lost(lost)) => self.lost(lost),
                    None => return false,
                },
                order = orders.recv() => match order {
                    Some(order) => self.ordered(order),
                    None => return false,
                },
                () = tokio::time::sleep_until(announcing.unwrap_or_else(Instant::now)), if announcing.is_some() => {
                    self.announce();
                }
            }
        }
        self.connected && self.client.try_disconnect().is_ok()
    }

    fn ordered(&mut self, order: Order) {
        match order {
            Order::Hold { topic, payload } => {
                if self.held.get(&topic) == Some(&payload) {
                    return;
                }
                self.held.insert(topic.clone(), payload.clone());
                if self.is_open() {
                    self.publish(topic, payload);
                }
            }
            Order::Flush(done) => {
                self.flushing.push(done);
                self.confirm();
            }
            Order::Close { goes_offline } => {
                self.closing = true;
                self.announce_at = None;
                if goes_offline && self.connected {
                    self.publish(self.topics.status(), OFFLINE.into());
                }
            }
        }
    }

    /// Whether the broker is there and may be published to.
    fn is_open(&self) -> bool {
        self.connected && self.asking.is_none()
    }

    fn received(&mut self, packet: Packet) {
        match packet {
            Packet::ConnAck(_) => self.connected(),
            Packet::UnsubAck(_) => {
                if let Some(found) = self.asking.take() {
                    let _ = self.events.send(Event::Held(found));
                    self.subscribe();
                    self.announce();
                }
            }
            Packet::PubAck(_) => {
                self.unconfirmed = self.unconfirmed.saturating_sub(1);
                self.confirm();
            }
            Packet::Publish(publish) => self.heard(&publish),
            _ => {}
        }
    }

    fn connected(&mut self) {
        info!("connected to the broker at {}", self.address);
        self.connected = true;
        self.up_since = Some(Instant::now());
        self.link.send_replace(Link::Up);
        self.last_trouble = None;
        self.unconfirmed = 0;
        if let Some(found) = &mut self.asking {
            // A broker hands out what it holds before it confirms the end of any of these subscriptions.
            found.clear();
            let filters = self.asked.iter().map(|topic| SubscribeFilter::new(topic.clone(), QoS::AtLeastOnce));
            self.request(self.client.try_subscribe_many(filters));
            for topic in &self.asked {
                self.request(self.client.try_unsubscribe(topic));
            }
        } else {
            self.subscribe();
            self.announce();
        }
    }

    fn subscribe(&self) {
        let own = [self.topics.refresh(), self.topics.birth.clone(), self.topics.status()];
        let filters = own.into_iter().chain(self.watched.iter().cloned());
        let filters = filters.map(|topic| SubscribeFilter::new(topic, QoS::AtLeastOnce));
        self.request(self.client.try_subscribe_many(filters));
    }

    fn lost(&mut self, Lost { kind, reason }: Lost) {
        self.connected = false;
        self.announce_at = None;
        // A connection that breaks at once is the same trouble as before.
        let held = self.up_since.take().is_some_and(|up| up.elapsed() >= STEADY);
        let since = self.down_since.filter(|_| !held).unwrap_or_else(Instant::now);
        self.down_since = Some(since);
        self.link.send_replace(Link::Down { kind, reason: reason.clone(), since });
        if self.last_trouble.as_ref() == Some(&reason) {
            debug!("the broker at {} still can't be used: {reason}", self.address);
        } else {
            warn!("no connection to the broker at {}: {reason}. The bridge keeps trying", self.address);
            self.last_trouble = Some(reason);
        }
    }

    fn heard(&mut self, publish: &Publish) {
        let topic = publish.topic.as_str();
        if let Some(found) = &mut self.asking {
            found.insert(topic.to_owned(), publish.payload.to_vec());
        } else if topic == self.topics.refresh() {
            // A retained press would come again with each connection.
            if publish.retain {
                debug!("a retained refresh is ignored");
            } else {
                let _ = self.events.send(Event::Refresh);
            }
        } else if topic == self.topics.birth && publish.payload == ONLINE {
            debug!("Home Assistant has started, announcing everything again");
            self.announce_soon();
        } else if topic == self.topics.status() && publish.payload == OFFLINE && !publish.retain && !self.closing {
            // The last will of a connection that this one has replaced.
            self.publish(self.topics.status(), ONLINE.into());
        } else if publish.payload.is_empty() && self.watched.iter().any(|watched| watched == topic) {
            info!("the announcement of a meter was removed from the broker, announcing it again");
            self.announce_soon();
        }
    }

    fn announce_soon(&mut self) {
        let wait = Duration::from_secs_f64(rand::random_range(JITTER));
        self.announce_at.get_or_insert_with(|| Instant::now() + wait);
    }

    /// Sends everything: what the sensors are, their values, and then that they are available.
    fn announce(&mut self) {
        self.announce_at = None;
        if !self.is_open() || self.closing {
            return;
        }
        let (watched, others): (Vec<_>, Vec<_>) =
            self.held.clone().into_iter().partition(|(topic, _)| self.watched.contains(topic));
        for (topic, payload) in watched.into_iter().chain(others) {
            self.publish(topic, payload);
        }
        self.publish(self.topics.status(), ONLINE.into());
        self.confirm();
    }

    fn publish(&mut self, topic: String, payload: Vec<u8>) {
        let sent = self.client.try_publish(topic, QoS::AtLeastOnce, true, payload);
        if sent.is_ok() {
            self.unconfirmed = self.unconfirmed.saturating_add(1);
        }
        self.request(sent);
    }

    fn request(&self, sent: Result<(), rumqttc::ClientError>) {
        if sent.is_err() {
            warn!(
                "a message to the broker at {} could not be queued; it goes out with the next connection",
                self.address
            );
        }
    }

    fn confirm(&mut self) {
        if self.is_open() && self.unconfirmed == 0 {
            for done in self.flushing.drain(..) {
                let _ = done.send(());
            }
        }
    }
}
