use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::statistics::fake::{Failure, FakeHomeAssistant};

const EAN: &str = "541448860000000011";
const NEWEST: &str = "2026.11.0";

/// Long enough for a busy machine, and short enough to wait for.
const SHORT: Duration = Duration::from_millis(700);
const MUCH_LATER: Duration = Duration::from_secs(20);

async fn start() -> FakeHomeAssistant {
    FakeHomeAssistant::start(NEWEST).await.unwrap()
}

async fn connected(home: &FakeHomeAssistant) -> Socket {
    Socket::connect(&home.url(), &home.token()).await.unwrap()
}

async fn impatient(home: &FakeHomeAssistant) -> Result<Socket, Error> {
    Socket::open(&endpoint(&home.url()).unwrap(), &home.token(), Connector::Plain, SHORT).await
}

fn list() -> Value {
    json!({"type": "recorder/list_statistic_ids"})
}

fn import(number: usize) -> Value {
    json!({
        "type": "recorder/import_statistics",
        "metadata": {"has_sum": true, "mean_type": 0, "name": "test", "source": "test",
            "statistic_id": format!("test:{number}"), "unit_class": "energy", "unit_of_measurement": "kWh"},
        "stats": [{"start": "2026-11-20T00:00:00+01:00", "state": number, "sum": number}],
    })
}

fn read(number: usize) -> Value {
    json!({
        "type": "recorder/statistics_during_period", "period": "hour",
        "start_time": "2026-11-01T00:00:00+01:00", "statistic_ids": [format!("test:{number}")],
    })
}

/// Writes some numbers and reads them again, each in one go.
async fn read_back(socket: &mut Socket, count: usize) {
    for written in socket.call_all((1..=count).map(import).collect()).await {
        assert_eq!(written.unwrap(), Value::Null);
    }
    let read = socket.call_all((1..=count).map(read).collect()).await;
    assert_eq!(read.len(), count);
    for (number, answer) in (1..=count).zip(read) {
        assert_eq!(answer.unwrap()[format!("test:{number}")][0]["sum"], json!(number as f64));
    }
}

fn unavailable<T>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Unavailable(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it went well"),
    }
}

#[tokio::test]
async fn it_logs_in_and_ids_increase_from_call_to_call() {
    let home = start().await;
    let mut socket = connected(&home).await;
    assert_eq!(socket.version().to_string(), NEWEST);
    // The other side refuses an id that doesn't increase.
    for _ in 0..3 {
        assert_eq!(socket.call(list()).await.unwrap(), json!([]));
    }
    read_back(&mut socket, 5).await;
    assert!(socket.call_all(Vec::new()).await.is_empty());
    socket.close().await;
    assert_eq!(home.edit(|state| (state.connections, state.wrong_logins, state.commands.len())), (1, 0, 13));
}

#[tokio::test]
async fn a_token_that_is_not_good_is_refused() {
    let home = start().await;
    let wrong = Secret::new("another-token".to_owned());
    let refused = Socket::connect(&home.url(), &wrong).await.err().unwrap();
    assert!(matches!(refused, Error::Refused));
    let shown = format!("{refused} {refused:?}");
    assert!(
        !shown.contains("another-token") && shown.contains("make a long-lived token as an administrator"),
        "{shown}"
    );
    home.fail(Failure::Token);
    assert!(matches!(Socket::connect(&home.url(), &home.token()).await, Err(Error::Refused)));
    assert_eq!(home.edit(|state| state.wrong_logins), 2);
}

#[tokio::test]
async fn a_token_of_somebody_who_is_no_administrator_is_refused() {
    let home = start().await;
    home.fail(Failure::Unauthorized);
    let mut socket = connected(&home).await;
    assert!(matches!(socket.call(import(1)).await, Err(Error::Refused)));
    assert_eq!(socket.call(list()).await.unwrap(), json!([]));
}

#[tokio::test]
async fn an_old_one_never_gets_the_token() {
    let home = FakeHomeAssistant::start("2024.10.4").await.unwrap();
    let wrong = Secret::new("another-token".to_owned());
    let refused = Socket::connect(&home.url(), &wrong).await;
    assert!(matches!(refused, Err(Error::TooOld { version }) if version == "2024.10.4"));
    assert_eq!(home.edit(|state| (state.connections, state.wrong_logins)), (1, 0));
    home.edit(|state| state.version = "2024.11.0".to_owned());
    assert!(connected(&home).await.call(list()).await.is_ok());
}

#[tokio::test]
async fn what_is_unknown_yet_can_be_asked_again() {
    let home = start().await;
    let mut socket = connected(&home).await;
    home.fail(Failure::Starting(2));
    assert_eq!(unavailable(socket.call(list()).await), "it is still starting");
    assert_eq!(unavailable(socket.call(list()).await), "it is still starting");
    assert_eq!(socket.call(list()).await.unwrap(), json!([]));
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_what_was_answered() {
    for done in [false, true] {
        let home = start().await;
        let mut socket = connected(&home).await;
        home.fail(Failure::Drop { after: 2, done });
        let mut results = socket.call_all((1..=4).map(import).collect()).await;
        assert_eq!(results.len(), 4);
        for lost in results.split_off(2) {
            unavailable(lost);
        }
        assert!(results.iter().all(Result::is_ok));
        assert_eq!(home.edit(|state| state.statistics.len()), if done { 3 } else { 2 });
        // The other side would take a new connection, so this one is not quietly made again.
        unavailable(socket.call(list()).await);
        read_back(&mut connected(&home).await, 4).await;
    }
}

#[tokio::test]
async fn a_connection_that_broke_in_the_meantime_is_noticed() {
    let home = start().await;
    let mut socket = connected(&home).await;
    socket.call(list()).await.unwrap();
    home.hang_up();
    unavailable(socket.call(list()).await);
    connected(&home).await.call(list()).await.unwrap();
}

#[tokio::test]
async fn answers_that_do_not_come_are_not_waited_for() {
    let home = start().await;
    let mut socket = impatient(&home).await.unwrap();
    home.fail(Failure::Late(Duration::from_millis(20)));
    read_back(&mut socket, 2).await;
    home.fail(Failure::Late(MUCH_LATER));
    home.fail(Failure::Noise);
    assert_eq!(unavailable(socket.call(list()).await), "no answer within 0 s");
    assert_eq!(unavailable(socket.call(list()).await), "the connection broke");
    home.mend();
    home.fail(Failure::Late(MUCH_LATER));
    assert_eq!(unavailable(impatient(&home).await), "no answer within 0 s");
}

#[tokio::test]
async fn answers_in_any_order_find_their_commands() {
    let home = start().await;
    let mut socket = connected(&home).await;
    home.fail(Failure::Reversed);
    read_back(&mut socket, 20).await;
}

#[tokio::test]
async fn what_was_not_asked_for_is_passed_over() {
    let home = start().await;
    let mut socket = connected(&home).await;
    home.fail(Failure::Noise);
    read_back(&mut socket, 5).await;
}

#[tokio::test]
async fn a_refused_upgrade_says_what_it_can_mean() {
    let home = start().await;
    for (status, why) in [(502, "HTTP 502, it may be starting"), (404, "HTTP 404"), (403, "ip_bans.yaml")] {
        home.fail(Failure::Upgrade(status));
        let shown = unavailable(Socket::connect(&home.url(), &home.token()).await);
        assert!(shown.contains(why), "{shown}");
    }
    home.mend();
    connected(&home).await;
    let nowhere = home.url().join("/elsewhere/").unwrap();
    assert_eq!(unavailable(Socket::connect(&nowhere, &home.token()).await), "HTTP 404");
    let mut supervisor = home.url().join("/core/websocket").unwrap();
    supervisor.set_scheme("ws").unwrap();
    Socket::connect(&supervisor, &home.token()).await.unwrap();
    let (url, token) = (home.url(), home.token());
    drop(home);
    tokio::time::sleep(Duration::from_millis(50)).await;
    unavailable(Socket::connect(&url, &token).await);
}

#[tokio::test]
async fn a_refusal_tells_the_reason_without_the_id() {
    let home = start().await;
    let mut socket = connected(&home).await;
    let id = format!("fluvius2mqtt:{EAN}_consumption");
    let source = json!({"type": "grid", "stat_energy_from": id, "cost_adjustment_day": 0});
    let twice = json!({"type": "energy/save_prefs", "energy_sources": [source, source]});
    let refused = socket.call(twice).await.unwrap_err();
    let shown = format!("{refused} {refused:?}");
    assert!(shown.contains("energy/save_prefs: Cannot specify [id] more than once"), "{shown}");
    assert!(shown.contains("invalid_format") && !shown.contains("541448"), "{shown}");
}

#[tokio::test]
async fn what_can_carry_no_id_is_not_sent() {
    let home = start().await;
    let mut socket = connected(&home).await;
    let mut results = socket.call_all(vec![list(), json!("list"), list()]).await;
    assert!(results.pop().unwrap().is_ok());
    assert!(matches!(results.pop().unwrap(), Err(Error::Unreadable { .. })));
    assert!(results.pop().unwrap().is_ok());
    assert_eq!(home.edit(|state| state.commands.len()), 2);
}

#[tokio::test]
async fn large_commands_and_large_answers_do_not_block_each_other() {
    let home = start().await;
    let mut socket =
        Socket::open(&endpoint(&home.url()).unwrap(), &home.token(), Connector::Plain, Duration::from_secs(10))
            .await
            .unwrap();
    let large = json!({"type": "energy/save_prefs", "device_consumption": ["x".repeat(3_000_000)]});
    for answer in socket.call_all(vec![large; 8]).await {
        assert!(answer.unwrap().to_string().len() > 3_000_000);
    }
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_the_connection() {
    let home = start().await;
    let mut socket = connected(&home).await;
    home.edit(|state| state.prefs = Some("x".repeat(17 * 1024 * 1024).into()));
    let prefs = json!({"type": "energy/get_prefs"});
    assert_eq!(unavailable(socket.call(prefs.clone()).await), "its answer is far too long");
    home.edit(|state| state.prefs = Some("x".repeat(15 * 1024 * 1024).into()));
    let mut socket = connected(&home).await;
    socket.call(prefs).await.unwrap();
    let large = json!({"type": "energy/save_prefs", "device_consumption": ["x".repeat(5_000_000)]});
    unavailable(socket.call(large).await);
}

/// A reverse proxy with encryption before `home`, and its certificate.
async fn encrypted(home: &FakeHomeAssistant) -> (Url, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (made.cert.der().clone(), PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], PrivateKeyDer::from(key))
        .unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = Url::parse(&format!("https://localhost:{}", listener.local_addr().unwrap().port())).unwrap();
    let (acceptor, behind) = (TlsAcceptor::from(Arc::new(config)), home.url().port().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut to = TcpStream::connect(("127.0.0.1", behind)).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut stream, &mut to).await });
        }
    });
    (url, certificate)
}

#[tokio::test]
async fn an_encrypted_line_needs_a_certificate_that_is_trusted() {
    let home = start().await;
    let (url, certificate) = encrypted(&home).await;
    let why = unavailable(Socket::connect(&url, &home.token()).await);
    assert!(why.contains("certificate"), "{why}");
    assert_eq!(home.edit(|state| state.connections), 0);

    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = Connector::Rustls(Arc::new(config));
    let mut socket = Socket::open(&endpoint(&url).unwrap(), &home.token(), connector, PATIENCE).await.unwrap();
    read_back(&mut socket, 3).await;
}
