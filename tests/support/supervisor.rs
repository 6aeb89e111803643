use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::routing::{any, get, post};
use fluvius2mqtt::statistics::fake::FakeHomeAssistant;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::{RealHomeAssistant, until};

/// Where the Supervisor has websockets for Home Assistant, and where Home Assistant has them.
const SOCKET: (&str, &str) = ("GET /core/websocket ", "GET /api/websocket ");

/// A stand-in for the Supervisor with a Home Assistant behind it. It takes what the real one takes and nothing else; source:
/// supervisor/api of home-assistant/supervisor.
pub(crate) struct Supervisor {
    pub(crate) home_assistant: FakeHomeAssistant,
    port: u16,
    house: Arc<Mutex<House>>,
    servers: [JoinHandle<()>; 2],
}

/// What it knows, and what it was asked.
#[derive(Debug)]
pub(crate) struct House {
    /// The token that it takes.
    pub(crate) token: String,
    /// The service `mqtt`; `None` while no app provides it.
    pub(crate) broker: Option<Value>,
    /// Whether Home Assistant is away.
    pub(crate) core_is_away: bool,
    pub(crate) language: String,
    /// The notifications that Home Assistant shows, by id.
    pub(crate) notifications: BTreeMap<String, Value>,
    /// Each request and its answer, such as `GET /services/mqtt 200`.
    pub(crate) requests: Vec<String>,
}

type Shared = State<Arc<Mutex<House>>>;
type Answer = (StatusCode, String);

impl Supervisor {
    pub(crate) const TOKEN: &str = "supervisor-token-0123456789";

    /// With a Home Assistant that stands in for the real one.
    pub(crate) async fn start() -> Self {
        Self::before(None).await
    }

    /// In front of a real Home Assistant, whose token is the one that it gives the app.
    pub(crate) async fn before(real: Option<&RealHomeAssistant>) -> Self {
        let home_assistant = FakeHomeAssistant::start("2026.11.0").await.unwrap();
        home_assistant.edit(|state| Self::TOKEN.clone_into(&mut state.token));
        let house = Arc::new(Mutex::new(House {
            token: real.map_or(Self::TOKEN, RealHomeAssistant::token).to_owned(),
            broker: None,
            core_is_away: false,
            language: "en".to_owned(),
            notifications: BTreeMap::new(),
            requests: Vec::new(),
        }));
        let routes = Router::new().route("/services/mqtt", get(broker));
        let routes = match real.map(|real| real.url().to_owned()) {
            Some(core) => {
                routes.route("/core/api/{*path}", any(move |way, path, it, body| pass_on(core, way, path, it, body)))
            }
            None => routes
                .route("/core/api/config", get(settings))
                .route("/core/api/services/persistent_notification/create", post(create))
                .route("/core/api/services/persistent_notification/dismiss", post(dismiss)),
        };
        let routes = routes.with_state(Arc::clone(&house));
        let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = inner.local_addr().unwrap().port();
        let outer = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = outer.local_addr().unwrap().port();
        let url = real.map_or_else(|| home_assistant.url(), |real| real.url().parse().unwrap());
        let core = url.port().unwrap();
        let servers = [
            tokio::spawn(async move { axum::serve(inner, routes).await.unwrap() }),
            tokio::spawn(sort(outer, Arc::clone(&house), http, core)),
        ];
        Self { home_assistant, port, house, servers }
    }

    pub(crate) fn token(&self) -> String {
        self.edit(|house| house.token.clone())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn edit<T>(&self, change: impl FnOnce(&mut House) -> T) -> T {
        change(&mut self.house.lock().unwrap())
    }

    /// Lets an app provide the service `mqtt`, as the Mosquitto broker does.
    pub(crate) fn provide_broker(&self, port: u16, password: &str) {
        let broker = json!({
            "host": "127.0.0.1", "port": port, "ssl": false, "protocol": "3.1.1", "username": "addons",
            "password": password, "addon": "core_mosquitto",
        });
        self.edit(|house| house.broker = Some(broker));
    }

    /// How often it gave this answer to this request.
    pub(crate) fn count(&self, request: &str) -> usize {
        self.edit(|house| house.requests.iter().filter(|made| *made == request).count())
    }

    /// Waits for a notification and gives its title and text.
    pub(crate) async fn notification(&self) -> (String, String) {
        let shown = || self.edit(|house| house.notifications.values().next().cloned());
        let shown = until("Home Assistant shows a notification", shown).await;
        let text = |key: &str| shown[key].as_str().unwrap().to_owned();
        (text("title"), text("message"))
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

/// Passes websockets on to Home Assistant, and all else to the API.
async fn sort(listener: TcpListener, house: Arc<Mutex<House>>, http: u16, core: u16) {
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        let house = Arc::clone(&house);
        tokio::spawn(async move {
            let mut start = [0; SOCKET.0.len()];
            if client.read_exact(&mut start).await.is_err() {
                return;
            }
            let is_socket = start == *SOCKET.0.as_bytes();
            let answer = if house.lock().unwrap().core_is_away { "502" } else { "101" };
            if is_socket {
                house.lock().unwrap().requests.push(format!("{}{answer}", SOCKET.0));
            }
            if is_socket && answer == "502" {
                let _ = client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").await;
                return;
            }
            let port = if is_socket { core } else { http };
            let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let start: &[u8] = if is_socket { SOCKET.1.as_bytes() } else { &start };
            if server.write_all(start).await.is_ok() {
                let _ = copy_bidirectional(&mut client, &mut server).await;
            }
        });
    }
}

/// Checks the token, and notes the request with its answer.
fn answer(house: &Shared, request: &str, headers: &HeaderMap, work: impl FnOnce(&mut House) -> Answer) -> Answer {
    let mut house = house.lock().unwrap();
    let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    let answer = if authorization == Some(format!("Bearer {}", house.token)) {
        work(&mut house)
    } else {
        (StatusCode::UNAUTHORIZED, "401: Unauthorized".to_owned())
    };
    house.requests.push(format!("{request} {}", answer.0.as_u16()));
    answer
}

/// What goes on to Home Assistant gets no further while that is away.
fn core(house: &Shared, request: &str, headers: &HeaderMap, work: impl FnOnce(&mut House) -> Answer) -> Answer {
    answer(house, request, headers, |house| match house.core_is_away {
        true => (StatusCode::BAD_GATEWAY, "502: Bad Gateway".to_owned()),
        false => work(house),
    })
}

/// Hands a request on to the API of a real Home Assistant.
async fn pass_on(core: String, method: Method, path: Uri, headers: HeaderMap, body: String) -> Answer {
    let path = path.path().strip_prefix("/core").unwrap();
    let mut request = super::client().request(method, format!("{core}{path}")).body(body);
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE] {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

async fn broker(house: Shared, headers: HeaderMap) -> Answer {
    answer(&house, "GET /services/mqtt", &headers, |house| match &house.broker {
        Some(broker) => (StatusCode::OK, json!({"result": "ok", "data": broker}).to_string()),
        None => {
            let error = json!({"result": "error", "message": "Service not enabled"});
            (StatusCode::BAD_REQUEST, error.to_string())
        }
    })
}

async fn settings(house: Shared, headers: HeaderMap) -> Answer {
    core(&house, "GET /core/api/config", &headers, |house| {
        (StatusCode::OK, json!({"language": house.language, "time_zone": "Europe/Brussels"}).to_string())
    })
}

async fn create(house: Shared, headers: HeaderMap, body: String) -> Answer {
    core(&house, "POST create", &headers, |house| {
        let keys = ["message", "notification_id", "title"];
        notify(&headers, &body, &keys, |id, notification| house.notifications.insert(id, notification))
    })
}

async fn dismiss(house: Shared, headers: HeaderMap, body: String) -> Answer {
    core(&house, "POST dismiss", &headers, |house| {
        notify(&headers, &body, &["notification_id"], |id, _| house.notifications.remove(&id))
    })
}

/// Home Assistant refuses a call with other keys than its service has.
fn notify(headers: &HeaderMap, body: &str, keys: &[&str], work: impl FnOnce(String, Value) -> Option<Value>) -> Answer {
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    let data: Value = serde_json::from_str(body).unwrap_or_default();
    let has_keys = data.as_object().is_some_and(|data| data.keys().map(String::as_str).eq(keys.iter().copied()));
    if !(is_json && has_keys && data.as_object().unwrap().values().all(Value::is_string)) {
        return (StatusCode::BAD_REQUEST, "400: Bad Request".to_owned());
    }
    work(data["notification_id"].as_str().unwrap().to_owned(), data);
    (StatusCode::OK, "[]".to_owned())
}
