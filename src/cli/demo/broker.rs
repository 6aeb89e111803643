use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use anyhow::bail;
use rumqttd::{Broker, Config, ConnectionSettings, RouterConfig, ServerSettings};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

/// How long the broker may take to start.
const START: Duration = Duration::from_secs(10);

/// Starts a broker on loopback, which ends with the program. Gives its address.
pub(super) async fn start() -> anyhow::Result<String> {
    // The broker can't tell which port it has been given, so a free one is looked for.
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?.port();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let server = ServerSettings {
        name: "demo".to_owned(),
        listen: address,
        tls: None,
        next_connection_delay_ms: 1,
        connections: ConnectionSettings {
            connection_timeout_ms: 5_000,
            max_payload_size: 1024 * 1024,
            max_inflight_count: 500,
            auth: None,
            external_auth: None,
            dynamic_filters: true,
        },
    };
    let config = Config {
        router: RouterConfig {
            max_connections: 16,
            max_outgoing_packet_count: 500,
            max_segment_size: 10 * 1024 * 1024,
            max_segment_count: 4,
            ..RouterConfig::default()
        },
        v4: Some(HashMap::from([("demo".to_owned(), server)])),
        ..Config::default()
    };
    thread::Builder::new().name("broker".to_owned()).spawn(move || Broker::new(config).start().is_ok())?;
    let deadline = Instant::now() + START;
    while TcpStream::connect(address).await.is_err() {
        if Instant::now() > deadline {
            bail!("the embedded broker doesn't start on {address}; give one of your own with --broker");
        }
        tokio::task::yield_now().await;
    }
    Ok(format!("mqtt://{address}"))
}
