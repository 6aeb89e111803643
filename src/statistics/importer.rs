use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tracing::{debug, error, info, warn};

use super::dashboard::{Gas, Grid, Shown, Sources, add_to_dashboard};
use super::error::Error;
use super::sender::{Import, Sender};
use super::series::{Kind, Series};
use super::socket::Socket;
use crate::config::HomeAssistant;
use crate::energy::Ean;

/// The wait before the second try to connect, doubled with each further one, and the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A Home Assistant that is too old is looked at again after this, in case it was updated.
const UPDATED: Duration = Duration::from_secs(3_600);

/// How Home Assistant is to be reached.
#[derive(Clone, Debug)]
pub enum Link {
    /// There was nothing to send yet.
    Idle,
    /// It is connected.
    Up,
    /// It isn't.
    Down {
        /// Why.
        error: Arc<Error>,
        /// Since when.
        since: Instant,
    },
}

/// Keeps Home Assistant's statistics as they should be, in a task of its own, so that nothing else waits for it.
pub struct Importer {
    wanted: watch::Sender<Arc<Vec<Series>>>,
    imports: mpsc::UnboundedReceiver<Import>,
    link: watch::Receiver<Link>,
    task: JoinHandle<()>,
}

impl Importer {
    /// Starts to connect.
    #[must_use]
    pub fn start(settings: HomeAssistant) -> Self {
        let (wanted, wants) = watch::channel(Arc::new(Vec::new()));
        let (import, imports) = mpsc::unbounded_channel();
        let (told, link) = watch::channel(Link::Idle);
        Self { wanted, imports, link, task: tokio::spawn(keep(settings, wants, import, told)) }
    }

    /// Sets what Home Assistant is to hold from now on, over all reconnects.
    pub fn want(&self, series: Vec<Series>) {
        self.wanted.send_replace(Arc::new(series));
    }

    /// How Home Assistant is to be reached, at any time from now on.
    #[must_use]
    pub fn link(&self) -> watch::Receiver<Link> {
        self.link.clone()
    }

    /// The next statistic that Home Assistant has confirmed; never ends while the importer lives.
    pub async fn confirmed(&mut self) -> Import {
        match self.imports.recv().await {
            Some(import) => import,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Importer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Wants = watch::Receiver<Arc<Vec<Series>>>;

async fn keep(
    settings: HomeAssistant,
    mut wants: Wants,
    import: mpsc::UnboundedSender<Import>,
    link: watch::Sender<Link>,
) {
    let mut wait = FIRST_WAIT;
    let mut last_trouble = String::new();
    loop {
        // Without anything to send there is nothing to connect for.
        if wants.wait_for(|series| !series.is_empty()).await.is_err() {
            return;
        }
        let trouble = match Socket::connect(&settings.url, &settings.token).await {
            Ok(mut socket) => {
                debug!("connected to Home Assistant {}", socket.version());
                last_trouble.clear();
                match serve(&settings, &mut socket, &mut wants, &import, &link).await {
                    Ok(()) => return,
                    Err(trouble) => {
                        wait = FIRST_WAIT;
                        trouble
                    }
                }
            }
            Err(trouble) => trouble,
        };
        let told = trouble.to_string();
        let trouble = Arc::new(trouble);
        down(&link, &trouble);
        match *trouble {
            Error::Refused => {
                error!("{told}");
                // Trying again would only make Home Assistant lock this address out.
                return;
            }
            _ if told == last_trouble => debug!("{told}"),
            _ => warn!("{told}"),
        }
        last_trouble = told;
        if matches!(*trouble, Error::TooOld { .. }) {
            tokio::time::sleep(UPDATED).await;
        } else {
            tokio::time::sleep(wait.mul_f64(rand::random_range(0.5..1.0))).await;
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }
}

/// Notes that Home Assistant can't be reached, and keeps since when.
fn down(link: &watch::Sender<Link>, error: &Arc<Error>) {
    link.send_modify(|link| {
        let since = match link {
            Link::Down { since, .. } => *since,
            Link::Idle | Link::Up => Instant::now(),
        };
        *link = Link::Down { error: Arc::clone(error), since };
    });
}

/// Serves one connection until it breaks; `Ok` when nobody wants anything any more.
async fn serve(
    settings: &HomeAssistant,
    socket: &mut Socket,
    wants: &mut Wants,
    import: &mpsc::UnboundedSender<Import>,
    link: &watch::Sender<Link>,
) -> Result<(), Error> {
    let mut sender = Sender::default();
    let mut shown = Sources::default();
    loop {
        let wanted = Arc::clone(&wants.borrow_and_update());
        sender.follow_units(socket, &wanted).await?;
        let (mut sent, mut statistics) = (0_usize, 0_usize);
        for series in wanted.iter() {
            if let Some(held) = sender.send(socket, series, false).await? {
                sent = sent.saturating_add(held.sent);
                statistics = statistics.saturating_add(usize::from(held.sent > 0));
                let _ = import.send(held);
            }
        }
        if sent > 0 {
            info!("Home Assistant: {sent} hours of {statistics} statistics sent and read back");
        }
        // Who can be connected to may refuse what is sent all the same.
        link.send_replace(Link::Up);
        // A statistic may come with a later poll.
        let sources = sources(&wanted);
        if settings.energy_dashboard && sources != shown {
            show(socket, &sources).await?;
            shown = sources;
        }
        tokio::select! {
            changed = wants.changed() => if changed.is_err() {
                return Ok(());
            },
            trouble = socket.closed() => return Err(trouble),
        }
    }
}

/// What of these statistics the Energy dashboard can show.
pub(super) fn sources(series: &[Series]) -> Sources {
    let of = |ean: &Ean, kind| series.iter().find(|series| series.ean == *ean && series.kind == kind).map(Series::id);
    let mut sources = Sources::default();
    for series in series {
        match series.kind {
            Kind::Consumption => sources.grid.push(Grid {
                consumption: series.id(),
                injection: of(&series.ean, Kind::Injection),
                cost: of(&series.ean, Kind::Cost),
                compensation: of(&series.ean, Kind::Compensation),
            }),
            Kind::Gas(_) => sources.gas.push(Gas { gas: series.id(), cost: of(&series.ean, Kind::Cost) }),
            _ => {}
        }
    }
    sources
}

/// Adds the meters to the Energy dashboard, each kind if it shows none of that kind yet.
pub(super) async fn show(socket: &mut Socket, sources: &Sources) -> Result<(), Error> {
    let dashboard = add_to_dashboard(socket, sources).await?;
    if [dashboard.grid, dashboard.gas].contains(&Shown::Added) {
        info!("Home Assistant: the Energy dashboard shows the meters now");
    }
    if dashboard.grid == Shown::Occupied {
        warn!(
            "Home Assistant: the Energy dashboard has another source for the grid, and is left as it is. To use this one, \
             pick the statistics \"… consumption\" and \"… injection\" of the meter there, in place of the other"
        );
    }
    if dashboard.gas == Shown::Occupied {
        warn!(
            "Home Assistant: the Energy dashboard has another source for gas, and is left as it is. To use this one, pick \
             the statistic \"… gas\" of the meter there, in place of the other"
        );
    }
    Ok(())
}
