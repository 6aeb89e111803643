use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::{Semaphore, oneshot};
use tracing::{info, warn};

use super::routes::routes;
use super::site::Site;

/// So many connections are served at once from near, and as many from far; others wait, up to so many of each.
const SERVED: usize = 64;
const WAITING: usize = 400;

/// How long a client may take to send the head of its request.
const HEAD: Duration = Duration::from_secs(10);

/// How long a connection may last, which is for one request.
const WHOLE: Duration = Duration::from_secs(60);

/// The longest head of a request, with some room.
const LARGEST_HEAD: usize = 16 * 1024;

/// A file for a connection may be lacking for a moment.
const AFTER_FAILURE: Duration = Duration::from_millis(100);

/// How far the threads of the page let all others go first, on the scale of `nice`: a poll takes as long as without clients.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Answers until it is dropped.
#[derive(Debug)]
pub struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Listens for requests to a site, in a thread of its own. An address that can't be had is told, and no reason to stop.
#[must_use]
pub fn start(address: SocketAddr, site: Site) -> Option<Server> {
    match try_start(address, site) {
        Ok(server) => {
            info!("the status page is at http://{address}/");
            Some(server)
        }
        Err(cause) => {
            warn!(
                "{address} can't be listened on ({cause}), so that there is no status page and nothing answers for \
                 `fluvius2mqtt health`; all else works. Set web.listen to a port that is free, or to off"
            );
            None
        }
    }
}

fn try_start(address: SocketAddr, site: Site) -> io::Result<Server> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let (stop, stopped) = oneshot::channel();
    // One thread makes the pages, one after the other, so that many clients take little memory and leave time to others.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build()?;
    let serve = move || {
        // Linux keeps it by thread, and the one for pages takes it over from this one. Without it, all still works.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::setpriority_process(None, NICE);
        runtime.block_on(async {
            tokio::select! {
                // It comes when the server is dropped.
                _ = stopped => {}
                _ = accept(listener, site.ingress, routes(Arc::new(site))) => {}
            }
        });
        runtime.shutdown_background();
    };
    let thread = std::thread::Builder::new().name("web".to_owned()).spawn(serve)?;
    Ok(Server { stop: Some(stop), thread: Some(thread) })
}

/// Takes connections and serves each in a task of its own. It ends only when it can't begin.
async fn accept(listener: TcpListener, ingress: Option<IpAddr>, routes: Router) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let (near, far) = (Places::new(), Places::new());
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(AFTER_FAILURE).await;
            continue;
        };
        let peer = peer.ip().to_canonical();
        // Nobody in the network can keep the watchdog from its answer.
        let places = if peer.is_loopback() || Some(peer) == ingress { &near } else { &far };
        let Ok(waits) = Arc::clone(&places.waiting).try_acquire_owned() else { continue };
        let served = Arc::clone(&places.served);
        let service = TowerToHyperService::new(routes.clone().layer(Extension(Peer(peer))));
        tokio::spawn(async move {
            let _waits = waits;
            let answered = async {
                let _place = served.acquire().await;
                let connection = http1::Builder::new()
                    .keep_alive(false)
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEAD)
                    .max_buf_size(LARGEST_HEAD)
                    .serve_connection(TokioIo::new(stream), service);
                // A client that breaks the connection gets no answer.
                let _ = connection.await;
            };
            // Neither does one that is too slow.
            let _ = tokio::time::timeout(WHOLE, answered).await;
        });
    }
}

/// Places for connections.
struct Places {
    waiting: Arc<Semaphore>,
    served: Arc<Semaphore>,
}

impl Places {
    fn new() -> Self {
        Self { waiting: Arc::new(Semaphore::new(WAITING)), served: Arc::new(Semaphore::new(SERVED)) }
    }
}
