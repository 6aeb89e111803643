use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveTime;
use chrono_tz::Tz;
use reqwest::Url;
use tokio::sync::{Semaphore, mpsc};

use super::{Press, Pulse, View};
use crate::clock::Clock;
use crate::config::{App, Config, Meter};

/// From where the Supervisor passes on what somebody asks for in Home Assistant, unless it is at an address that is told:
/// the one that its documentation of ingress lets in.
const INGRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(172, 30, 32, 2));

/// What is served.
pub struct Site {
    pub(super) pulse: Pulse,
    /// The only address that may see the pages, when the program is an app of Home Assistant.
    pub(super) ingress: Option<IpAddr>,
    /// What a press of a button must bring along: only a page of this start has it.
    pub(super) token: String,
    /// Whose turn it is to have a page made. Whoever goes away before has no page made.
    pub(super) turns: Arc<Semaphore>,
    pub(super) content: Content,
}

/// What the pages tell.
pub enum Content {
    /// How the service fares.
    Service(Box<Service>),
    /// Why there is no service: the faults of the configuration, a sentence each.
    Faults(Vec<String>),
}

/// What pages about a service are made of.
pub struct Service {
    pub(super) clock: Clock,
    /// The clock of the house, which the times on the pages follow.
    pub(super) house: Tz,
    /// The zone whose midnight ends a day.
    pub(super) zone: Tz,
    pub(super) data_dir: PathBuf,
    pub(super) meters: Vec<Meter>,
    /// The first poll of a day, by the clock of the house.
    pub(super) first_poll: NaiveTime,
    pub(super) view: Box<dyn Fn() -> View + Send + Sync>,
    pub(super) presses: mpsc::Sender<Press>,
}

impl Site {
    /// What is served by the service with this pulse. `app` is the Supervisor, if there is one.
    #[must_use]
    pub fn new(pulse: Pulse, app: Option<&App>, content: Content) -> Self {
        let ingress = app.map(|app| address(&app.url).unwrap_or(INGRESS));
        let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 16]>());
        Self { pulse, ingress, token, turns: Arc::new(Semaphore::new(1)), content }
    }
}

impl Content {
    /// Pages about a service, which gives a view of itself at any time and takes presses.
    #[must_use]
    pub fn service(
        config: &Config,
        clock: Clock,
        view: impl Fn() -> View + Send + Sync + 'static,
        presses: mpsc::Sender<Press>,
    ) -> Self {
        Self::Service(Box::new(Service {
            clock,
            house: config.clock(),
            zone: config.fluvius.timezone,
            data_dir: config.data_dir.clone(),
            meters: config.meters.clone(),
            first_poll: config.poll.at.first().copied().unwrap_or_default(),
            view: Box::new(view),
            presses,
        }))
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("ingress", &self.ingress).finish_non_exhaustive()
    }
}

/// The address in a URL, if it has no name.
fn address(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}
