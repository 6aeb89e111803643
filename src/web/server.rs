use std::net::SocketAddr;

use axum::routing::get;
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tracing::{debug, warn};

use super::{Pulse, health, host};

/// Answers until it is dropped.
#[derive(Debug)]
pub struct Server(JoinHandle<()>);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Listens for requests about the service with this pulse. An address that can't be had is told, and no reason to stop.
pub async fn start(address: SocketAddr, pulse: Pulse) -> Option<Server> {
    let listener = match TcpListener::bind(address).await {
        Ok(listener) => listener,
        Err(cause) => {
            warn!(
                "{address} can't be listened on ({cause}), so that nothing answers for `fluvius2mqtt health`; all else works. \
                 Set web.listen to a port that is free, or to off"
            );
            return None;
        }
    };
    debug!("listening on {address}");
    let service = pages(pulse);
    Some(Server(tokio::spawn(async move {
        // Serving on a listener that is open can't fail.
        let _ = axum::serve(listener, service).await;
    })))
}

fn pages(pulse: Pulse) -> Router {
    Router::new().route(health::PATH, get(health::answer)).with_state(pulse).layer(middleware::from_fn(host::guard))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use super::*;
    use crate::web::{Unwell, ask};

    #[tokio::test]
    async fn a_service_that_stands_still_is_unwell() {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let pulse = Pulse::new();
        let _server = Server(tokio::spawn({
            let service = pages(pulse.clone());
            async move { axum::serve(listener, service).await.unwrap() }
        }));
        ask(address).await.unwrap();
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(24 * 3600)).await;
        tokio::time::resume();
        assert!(matches!(ask(address).await, Err(Unwell::Still(_))));
        pulse.of(std::future::ready(())).await;
        ask(address).await.unwrap();
    }
}
