//! `/health`: one sentence, and a status that machines understand.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;

use super::site::Site;

/// Where it is.
pub(super) const PATH: &str = "/health";

/// A service that works answers at once.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Why the service is not known to be well.
#[derive(Debug, thiserror::Error)]
pub enum Unwell {
    /// It stands still.
    #[error("the service answers at {0} and has stopped working; restart it")]
    Still(SocketAddr),
    /// Somebody else is there.
    #[error("something else than fluvius2mqtt answers at {0}; set web.listen to a port of its own")]
    Stranger(SocketAddr),
    /// Nobody is there.
    #[error("no service answers at {0}; see its log, or start it with: fluvius2mqtt run")]
    Silent(SocketAddr),
}

/// Answers for the service of a site.
pub(super) async fn answer(State(site): State<Arc<Site>>) -> (StatusCode, &'static str) {
    if site.pulse.beats() {
        (StatusCode::OK, "The service is running.\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "The service has stopped working.\n")
    }
}

/// Asks the service that listens on an address of this machine.
///
/// # Errors
/// When it is not well, or doesn't answer.
pub async fn ask(listens: SocketAddr) -> Result<(), Unwell> {
    let address = SocketAddr::new(reachable(listens.ip()), listens.port());
    let silent = |_| Unwell::Silent(address);
    // An error means that another part of the program was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().map_err(silent)?;
    let answer = client.get(format!("http://{address}{PATH}")).send().await.map_err(silent)?;
    match answer.status() {
        StatusCode::OK => Ok(()),
        StatusCode::SERVICE_UNAVAILABLE => Err(Unwell::Still(address)),
        _ => Err(Unwell::Stranger(address)),
    }
}

/// Where a service that listens on all addresses can be asked.
fn reachable(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use axum::Extension;
    use tokio::net::TcpListener;

    use super::*;
    use crate::web::routes::routes;
    use crate::web::server::Peer;
    use crate::web::{Content, Pulse};

    #[tokio::test]
    async fn a_service_that_stands_still_is_unwell() {
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let pulse = Pulse::new();
        let site = Site::new(pulse.clone(), None, Content::Faults(Vec::new()));
        // In this thread, whose time can be set forward.
        let routes = routes(Arc::new(site)).layer(Extension(Peer(Ipv4Addr::LOCALHOST.into())));
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        ask(address).await.unwrap();
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(24 * 3600)).await;
        tokio::time::resume();
        assert!(matches!(ask(address).await, Err(Unwell::Still(_))));
        pulse.of(std::future::ready(())).await;
        ask(address).await.unwrap();
        server.abort();
    }
}
