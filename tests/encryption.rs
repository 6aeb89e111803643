//! A broker that wants encryption and a login gets both, and the log tells what to check when either doesn't fit.

use std::fs;
use std::net::TcpStream;

use fluvius2mqtt::simulator::SimulatedMeter;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;

use crate::support::{EAN, Home, Listener, Mosquitto, Running, SERIAL, free_port, retained, until, users, yesterday};

const USER: &str = "meters";
const PASSWORD: &str = "broker secret #1";

/// An authority of one's own.
struct Authority {
    certificate: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap().pem();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// A certificate for a name or an address, and its key.
    fn certify(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().pem(), key.serialize_pem())
    }
}

/// A home whose broker speaks TLS to those with a login, with a certificate for a name. Gives the open port on which
/// tests can listen.
async fn home(authority: &Authority, name: &str) -> (Home, u16) {
    let (certificate, key) = authority.certify(name);
    let plain = free_port();
    let settings = format!(
        "per_listener_settings true\n\
         cafile {{folder}}/ca.pem\ncertfile {{folder}}/broker.pem\nkeyfile {{folder}}/broker.key\n\
         allow_anonymous false\npassword_file {{folder}}/users\n\
         listener {plain} 127.0.0.1\nallow_anonymous true\n"
    );
    let users = users(USER, PASSWORD);
    let files = [
        ("ca.pem", authority.certificate.as_str()),
        ("broker.pem", &certificate),
        ("broker.key", &key),
        ("users", &users),
    ];
    let mut meter = SimulatedMeter::electricity(EAN, SERIAL, yesterday());
    meter.published_until = Some(yesterday());
    let broker = Mosquitto::with_files(&settings, &files).await;
    until("the open port listens as well", || TcpStream::connect(("127.0.0.1", plain)).ok()).await;
    let mut home = Home::with(Default::default(), vec![meter], broker).await;
    home.settings["mqtt"] = json!({
        "url": format!("mqtts://127.0.0.1:{}", home.broker.port),
        "username": USER,
        "password": PASSWORD,
        "ca_file": trust(&home, authority),
    });
    (home, plain)
}

/// Writes an authority's certificate where the bridge can find it.
fn trust(home: &Home, authority: &Authority) -> String {
    let file = home.path("ca.pem");
    fs::write(&file, &authority.certificate).unwrap();
    file.to_str().unwrap().to_owned()
}

/// The bridge doesn't get in: it says what to check, stays alive, keeps on polling, and keeps its secrets.
async fn is_kept_out(home: &Home, plain: u16, checks: &[&str]) {
    let mut bridge: Running = home.run();
    bridge.logs("no connection to the broker").await;
    for check in checks {
        bridge.logs(check).await;
    }
    bridge.logs("poll: ").await;
    assert!(bridge.is_running());
    assert_eq!(retained(plain).await, []);
    let finished = bridge.stop().await;
    assert_eq!(finished.code, Some(0));
    for secret in [PASSWORD, "not the password", &home.portal.password(), EAN] {
        assert!(!finished.log.contains(secret), "{}", finished.log);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_of_ones_own_and_a_login_lead_to_sensors() {
    let (home, plain) = home(&Authority::new(), "127.0.0.1").await;
    let listener = Listener::connect(plain).await;
    let bridge = home.run();
    listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
    listener.wait(&Home::discovery_topic(EAN), "the announcement", |_| true).await;
    listener.wait("fluvius2mqtt/status", "online", |message| message.payload == "online").await;
    assert_eq!(bridge.stop().await.code, Some(0));
    listener.wait("fluvius2mqtt/status", "offline", |message| message.payload == "offline").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_and_the_password_may_stand_in_the_url() {
    let (mut home, plain) = home(&Authority::new(), "127.0.0.1").await;
    let settings = home.settings["mqtt"].as_object_mut().unwrap();
    settings.remove("username");
    settings.remove("password");
    let port = home.broker.port;
    home.settings["mqtt"]["url"] = json!(format!("mqtts://{USER}:broker%20secret%20%231@127.0.0.1:{port}"));
    home.once_well().await;
    assert_eq!(retained(plain).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_of_another_authority_is_not_trusted() {
    let (home, plain) = home(&Authority::new(), "127.0.0.1").await;
    trust(&home, &Authority::new());
    is_kept_out(&home, plain, &["mqtt.ca_file"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_with_the_certificate_of_another_is_not_trusted() {
    let (home, plain) = home(&Authority::new(), "elsewhere.example").await;
    is_kept_out(&home, plain, &["that mqtt.url has the name in its certificate"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_as_such() {
    let (mut home, plain) = home(&Authority::new(), "127.0.0.1").await;
    home.settings["mqtt"]["password"] = json!("not the password");
    is_kept_out(&home, plain, &["mqtt.username", "mqtt.password"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_login_is_told_as_such() {
    let (mut home, plain) = home(&Authority::new(), "127.0.0.1").await;
    let settings = home.settings["mqtt"].as_object_mut().unwrap();
    settings.remove("username");
    settings.remove("password");
    is_kept_out(&home, plain, &["mqtt.username", "mqtt.password"]).await;
}
