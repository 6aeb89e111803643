use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::BoxFuture;
use rumqttc::{AsyncClient, ConnectReturnCode, ConnectionError, EventLoop, LastWill, MqttOptions, Outgoing, QoS};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::keeper::{Keeper, OFFLINE, Signal};
use super::tls;
use super::topics::Topics;
use super::trouble::{CONNECT_SECONDS, Trouble, TroubleKind};
use crate::config;

/// Pings go out this often while nothing else does; a broker notices a lost bridge after one and a half of it.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// The largest packet either way: a discovery payload is some 6 KiB, rumqttc's own limit 10 KiB.
const LARGEST_PACKET: usize = 1024 * 1024;

/// More requests than the bridge has topics, so that none ever waits.
const QUEUE: usize = 1024;

/// The wait before the second try to connect, doubled with each further one, and the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Why no connection can even be tried.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The file with the authorities can't be used.
    #[error("mqtt.ca_file {path} can't be used: {why}. It must be a PEM file with the certificate of the broker's authority", path = .path.display())]
    CaFile {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// TLS can't be set up.
    #[error(
        "TLS to the broker can't be set up: {0}. Check that the system has its certificates (package ca-certificates), or set mqtt.ca_file"
    )]
    Tls(String),
}

/// Something that came from the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// What the broker held on the topics that were asked for, at the first connection.
    Held(BTreeMap<String, Vec<u8>>),
    /// Somebody pressed the button.
    Refresh,
}

/// Gives the settings anew before each try to connect, for a broker whose address and password change; or says why there
/// are none now.
pub type Renew = Box<dyn Fn() -> BoxFuture<'static, Result<config::Mqtt, String>> + Send + Sync>;

/// How the broker is to be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The first try is under way.
    Connecting,
    /// It is connected.
    Up,
    /// It isn't.
    Down {
        /// What kind of trouble there is.
        kind: TroubleKind,
        /// What was told of it.
        reason: String,
        /// Since when.
        since: Instant,
    },
}

/// Why a connection was lost or not made, in a sentence without a full stop.
pub(super) struct Lost {
    pub(super) kind: TroubleKind,
    pub(super) reason: String,
}

pub(super) enum Order {
    Hold { topic: String, payload: Vec<u8> },
    Flush(oneshot::Sender<()>),
    Close { goes_offline: bool },
}

/// A connection that is made again whenever it breaks. Dropping it lets the broker say `offline`.
pub struct Connection {
    orders: mpsc::UnboundedSender<Order>,
    events: mpsc::UnboundedReceiver<Event>,
    link: watch::Receiver<Link>,
    keeper: JoinHandle<bool>,
    pump: JoinHandle<()>,
}

impl Connection {
    /// Starts connecting. The topics of `asked` are read before anything is published, and come as [`Event::Held`];
    /// those of `watched` are announced again when somebody clears them. With `renew`, its settings take the place of these.
    ///
    /// # Errors
    /// When the settings of TLS can't be used.
    pub fn open(
        settings: &config::Mqtt,
        topics: &Topics,
        client_id: &str,
        asked: Vec<String>,
        watched: Vec<String>,
        renew: Option<Renew>,
    ) -> Result<Self, SetupError> {
        let (client, mut event_loop) = AsyncClient::new(options(settings, client_id)?, QUEUE);
        let will = LastWill::new(topics.status(), OFFLINE, QoS::AtLeastOnce, true);
        event_loop.mqtt_options.set_last_will(will.clone());
        event_loop.network_options.set_connection_timeout(CONNECT_SECONDS);
        let (signal, signals) = mpsc::unbounded_channel();
        let (orders, ordered) = mpsc::unbounded_channel();
        let (event, events) = mpsc::unbounded_channel();
        let (told, link) = watch::channel(Link::Connecting);
        let address = address(&event_loop.mqtt_options);
        let keeper = Keeper::new(client, topics.clone(), address, asked, watched, event, told);
        let renewal = renew.map(|renew| Renewal { renew, client_id: client_id.to_owned(), will });
        Ok(Self {
            orders,
            events,
            link,
            keeper: tokio::spawn(keeper.run(signals, ordered)),
            pump: tokio::spawn(pump(event_loop, renewal, signal)),
        })
    }

    /// Sets what the broker is to hold on a topic from now on, over all reconnects.
    pub fn hold(&self, topic: String, payload: Vec<u8>) {
        self.order(Order::Hold { topic, payload });
    }

    /// The next event; never ends while the connection lives.
    pub async fn event(&mut self) -> Event {
        match self.events.recv().await {
            Some(event) => event,
            None => std::future::pending().await,
        }
    }

    /// How the broker is to be reached, at any time from now on.
    #[must_use]
    pub fn link(&self) -> watch::Receiver<Link> {
        self.link.clone()
    }

    /// Waits until the broker has confirmed everything; `false` when it hasn't within `limit`.
    pub async fn flushed(&self, limit: Duration) -> bool {
        let (done, confirmed) = oneshot::channel();
        self.order(Order::Flush(done));
        matches!(tokio::time::timeout(limit, confirmed).await, Ok(Ok(())))
    }

    /// Says goodbye to the broker, with `offline` if asked, within `limit`.
    pub async fn close(mut self, goes_offline: bool, limit: Duration) {
        self.order(Order::Close { goes_offline });
        let ended = async {
            if (&mut self.keeper).await.is_ok_and(|connected| connected) {
                let _ = (&mut self.pump).await;
            }
        };
        let _ = tokio::time::timeout(limit, ended).await;
    }

    fn order(&self, order: Order) {
        // The keeper ends only with the connection.
        let _ = self.orders.send(order);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.keeper.abort();
        self.pump.abort();
    }
}

/// Where new settings come from, and what doesn't change with them.
struct Renewal {
    renew: Renew,
    client_id: String,
    will: LastWill,
}

impl Renewal {
    async fn options(&self) -> Result<MqttOptions, String> {
        let settings = (self.renew)().await?;
        let mut options = options(&settings, &self.client_id).map_err(|error| error.to_string())?;
        options.set_last_will(self.will.clone());
        Ok(options)
    }
}

/// How a client of the broker connects, as the settings say.
///
/// # Errors
/// When the settings of TLS can't be used.
pub fn options(settings: &config::Mqtt, client_id: &str) -> Result<MqttOptions, SetupError> {
    let mut options = MqttOptions::new(client_id, &settings.host, settings.port);
    options.set_keep_alive(KEEP_ALIVE);
    options.set_max_packet_size(LARGEST_PACKET, LARGEST_PACKET);
    if let Some((user, password)) = &settings.login {
        options.set_credentials(user, password.expose());
    }
    if settings.tls {
        options.set_transport(tls::transport(settings.ca_file.as_deref())?);
    }
    Ok(options)
}

/// Turns the event loop, and waits longer and longer between tries to connect. It is a task of its own, since a turn
/// must not be cut off half-way.
async fn pump(mut event_loop: EventLoop, renewal: Option<Renewal>, signal: mpsc::UnboundedSender<Signal>) {
    let mut wait = FIRST_WAIT;
    loop {
        let next = match turn(&mut event_loop, renewal.as_ref(), &signal).await {
            Ok(rumqttc::Event::Outgoing(Outgoing::Disconnect)) => return,
            Ok(rumqttc::Event::Outgoing(_)) => continue,
            Ok(rumqttc::Event::Incoming(packet)) => {
                wait = FIRST_WAIT;
                Signal::Packet(packet)
            }
            Err(lost) => Signal::Lost(lost),
        };
        let lost = matches!(next, Signal::Lost(_));
        if signal.send(next).is_err() {
            return;
        }
        if lost {
            tokio::time::sleep(wait.mul_f64(rand::random_range(0.5..1.0))).await;
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }
}

/// One turn of the event loop; before it connects, with new settings if there are any.
async fn turn(
    event_loop: &mut EventLoop,
    renewal: Option<&Renewal>,
    signal: &mpsc::UnboundedSender<Signal>,
) -> Result<rumqttc::Event, Lost> {
    if let Some(renewal) = renewal.filter(|_| event_loop.network.is_none()) {
        let unknown = |reason| Lost { kind: TroubleKind::Unknown, reason };
        event_loop.mqtt_options = renewal.options().await.map_err(unknown)?;
        let _ = signal.send(Signal::Address(address(&event_loop.mqtt_options)));
    }
    event_loop.poll().await.map_err(|error| match error {
        ConnectionError::ConnectionRefused(
            ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized,
        ) if renewal.is_some() => Lost {
            kind: TroubleKind::Refuses,
            reason: "it refuses the login that it had handed out; the next try asks for a new one".to_owned(),
        },
        error => {
            let trouble = Trouble::from(&error);
            Lost { kind: trouble.kind, reason: trouble.to_string() }
        }
    })
}

fn address(options: &MqttOptions) -> String {
    let (host, port) = options.broker_address();
    format!("{host}:{port}")
}
