use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{Mutex, MutexGuard};

use super::{Mosquitto, Socket, free_port, tools};

/// How long it may take to start, on a machine that compiles and tests at the same time.
const START: Duration = Duration::from_secs(180);

/// How often it is asked for something that is to come.
const LOOK: Duration = Duration::from_millis(100);

/// Runs Home Assistant until it ends, or until the test that has started it is gone, which is seen by its end of a pipe.
const PROGRAM: &str = "
import os, sys, threading

def watch():
    os.read(0, 1)
    os._exit(9)

threading.Thread(target=watch, daemon=True).start()
from homeassistant.__main__ import main
sys.exit(main())
";

/// With `http:` here it would ask to confirm the port within five minutes; SETUP_PORT does without.
const CONFIGURATION: &str = "
homeassistant:
  name: Home
  time_zone: Europe/Brussels
  currency: EUR
  country: BE
  unit_system: metric
  latitude: 51.05
  longitude: 3.72
frontend:
config:
history:
energy:
recorder:
  commit_interval: 0
";

/// The steps of its welcome that are not for tests: they set up a weather forecast and more from the Internet.
const WELCOMED: &str =
    r#"{"version":4,"minor_version":1,"key":"onboarding","data":{"done":["core_config","analytics","integration"]}}"#;

/// A running Home Assistant has one broker, so tests use it one after another.
static RUNNING: Mutex<()> = Mutex::const_new(());

/// The one that tests share as long as any of them holds it.
static SHARED: Mutex<Weak<Household>> = Mutex::const_new(Weak::new());

/// A Home Assistant and the broker that it listens to.
pub(crate) struct Household {
    pub(crate) home_assistant: RealHomeAssistant,
    pub(crate) broker: Mosquitto,
}

/// A real Home Assistant, which ends with the test: one of its own, which `tests/real/install` has installed, or one that
/// HOME_ASSISTANT_URL and HOME_ASSISTANT_TOKEN name.
pub(crate) struct RealHomeAssistant {
    url: String,
    token: String,
    process: Option<Process>,
    _turn: Option<MutexGuard<'static, ()>>,
}

/// An hour of statistics.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) start: DateTime<Utc>,
    pub(crate) state: Option<f64>,
    pub(crate) sum: Option<f64>,
    /// What the sum has risen by since the row before.
    pub(crate) change: Option<f64>,
}

/// An instance of a test's own.
struct Process {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

impl Household {
    /// The household that tests share that don't disturb each other: each needs EANs of its own.
    pub(crate) async fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().await;
        if let Some(household) = shared.upgrade() {
            return household;
        }
        let household = Arc::new(Self::new().await);
        *shared = Arc::downgrade(&household);
        household
    }

    /// A household of a test's own.
    pub(crate) async fn new() -> Self {
        let broker = Mosquitto::start().await;
        Self { home_assistant: RealHomeAssistant::start(Some(broker.port)).await, broker }
    }
}

impl RealHomeAssistant {
    /// Starts it, and connects it to the broker on a port of this machine.
    pub(crate) async fn start(broker: Option<u16>) -> Self {
        let home_assistant = if let (Ok(url), Ok(token)) =
            (std::env::var("HOME_ASSISTANT_URL"), std::env::var("HOME_ASSISTANT_TOKEN"))
        {
            let turn = Some(RUNNING.lock().await);
            let url = url.trim_end_matches('/').to_owned();
            let home_assistant = Self { url, token, process: None, _turn: turn };
            home_assistant.is_up().await;
            home_assistant.forget_brokers().await;
            home_assistant
        } else {
            let mut process = Process::new();
            process.up();
            let url = format!("http://127.0.0.1:{}", process.port);
            let mut home_assistant = Self { url, token: String::new(), process: Some(process), _turn: None };
            home_assistant.make_administrator().await;
            home_assistant.is_up().await;
            home_assistant
        };
        if let Some(port) = broker {
            home_assistant.connect_to_broker(port).await;
        }
        home_assistant
    }

    /// Its address, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// A long-lived token of an administrator.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// What it has logged, since it was first started.
    pub(crate) async fn log(&self) -> String {
        match &self.process {
            Some(process) => process.log(),
            None => self.get("/api/error_log").await,
        }
    }

    /// The lines of its log that complain about what a bridge can be blamed for: MQTT, templates, sensors, statistics.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let ours = ["mqtt", "fluvius", "template", "sensor", "recorder", "energy", "statistic", "button", "exception"];
        let log = self.log().await;
        let complaints = log.lines().filter(|line| {
            let line = line.to_lowercase();
            [" warning ", " error ", " critical "].iter().any(|level| line.contains(level))
                && ours.iter().any(|word| line.contains(word))
        });
        complaints.map(ToOwned::to_owned).collect()
    }

    /// Sends a command over a websocket of its own and returns the result.
    pub(crate) async fn ws(&self, command: Value) -> Value {
        let shown = command.to_string();
        self.try_ws(command).await.unwrap_or_else(|error| panic!("{shown:.500} was refused: {error}"))
    }

    /// Sends a command over a websocket of its own; an error is what it answers, or a text when it doesn't.
    pub(crate) async fn try_ws(&self, command: Value) -> Result<Value, Value> {
        let mut socket = self.socket().await?;
        let answer = socket.call(command).await?;
        if answer["success"] == true { Ok(answer["result"].clone()) } else { Err(answer["error"].clone()) }
    }

    /// A websocket on which the administrator is logged in, for many commands.
    pub(crate) async fn socket(&self) -> Result<Socket, String> {
        let mut socket = Socket::connect(&format!("{}/api/websocket", self.url.replacen("http", "ws", 1))).await?;
        socket.receive().await?;
        socket.send(&json!({"type": "auth", "access_token": self.token})).await?;
        let welcome = socket.receive().await?;
        if welcome["type"] == "auth_ok" { Ok(socket) } else { Err(welcome.to_string()) }
    }

    /// All its states, by entity.
    pub(crate) async fn states(&self) -> BTreeMap<String, Value> {
        let states = self.ws(json!({"type": "get_states"})).await;
        let states = states.as_array().unwrap().iter();
        states.map(|state| (state["entity_id"].as_str().unwrap().to_owned(), state.clone())).collect()
    }

    /// The state of an entity once it passes a test.
    pub(crate) async fn state(&self, entity: &str, what: &str, test: impl Fn(&Value) -> bool) -> Value {
        self.until(&format!("{entity}: {what}"), async || {
            self.states().await.remove(entity).filter(|state| test(state))
        })
        .await
    }

    /// The entity of a device's component, once it is there.
    pub(crate) async fn entity(&self, device: &str, key: &str) -> String {
        self.until(&format!("{key} of {device} is there"), async || {
            self.entities(device).await.get(key).map(|entity| entity["entity_id"].as_str().unwrap().to_owned())
        })
        .await
    }

    /// The entities of a device that MQTT has announced, by what follows the identifier in their unique id.
    pub(crate) async fn entities(&self, device: &str) -> BTreeMap<String, Value> {
        let entities = self.ws(json!({"type": "config/entity_registry/list"})).await;
        let entities = entities.as_array().unwrap().iter();
        let ours = entities.filter_map(|entity| {
            let key = entity["unique_id"].as_str()?.strip_prefix(device)?.strip_prefix('_')?;
            (entity["platform"] == "mqtt").then(|| (key.to_owned(), entity.clone()))
        });
        ours.collect()
    }

    /// A device that MQTT has announced, by its identifier.
    pub(crate) async fn device(&self, identifier: &str) -> Value {
        self.until(&format!("the device {identifier}"), async || {
            let devices = self.ws(json!({"type": "config/device_registry/list"})).await;
            let devices = devices.as_array().unwrap().iter();
            devices.into_iter().find(|device| device["identifiers"] == json!([["mqtt", identifier]])).cloned()
        })
        .await
    }

    /// Calls a service, such as the press of a button.
    pub(crate) async fn service(&self, domain: &str, service: &str, entity: &str) {
        let target = json!({"entity_id": entity});
        self.ws(json!({"type": "call_service", "domain": domain, "service": service, "target": target})).await;
    }

    /// The hourly rows of statistics, by id, from an instant until another, both as RFC 3339. An id without rows is absent.
    pub(crate) async fn statistics(&self, ids: &[&str], from: &str, until: &str) -> BTreeMap<String, Vec<Row>> {
        let result = self
            .ws(json!({
                "type": "recorder/statistics_during_period",
                "statistic_ids": ids,
                "start_time": from,
                "end_time": until,
                "period": "hour",
                "types": ["state", "sum", "change"],
            }))
            .await;
        let rows = |rows: &Value| rows.as_array().unwrap().iter().map(Row::new).collect();
        result.as_object().unwrap().iter().map(|(id, found)| (id.clone(), rows(found))).collect()
    }

    /// What is known of statistics, by id: names, units and where they come from.
    pub(crate) async fn statistics_known(&self) -> BTreeMap<String, Value> {
        let known = self.ws(json!({"type": "recorder/list_statistic_ids"})).await;
        let known = known.as_array().unwrap().iter();
        known.map(|item| (item["statistic_id"].as_str().unwrap().to_owned(), item.clone())).collect()
    }

    /// Removes statistics with all their rows.
    pub(crate) async fn clear_statistics(&self, ids: &[&str]) {
        self.ws(json!({"type": "recorder/clear_statistics", "statistic_ids": ids})).await;
        self.until("the statistics are gone", async || {
            let known = self.statistics_known().await;
            ids.iter().all(|id| !known.contains_key(*id)).then_some(())
        })
        .await;
    }

    /// How the Energy dashboard is configured; null when it never was.
    pub(crate) async fn energy(&self) -> Value {
        match self.try_ws(json!({"type": "energy/get_prefs"})).await {
            Err(error) if error["code"] == "not_found" => Value::Null,
            other => other.unwrap(),
        }
    }

    /// Configures the Energy dashboard: each of the lists that are given replaces the one that is there.
    pub(crate) async fn configure_energy(&self, mut lists: Value) {
        lists["type"] = json!("energy/save_prefs");
        self.ws(lists).await;
    }

    /// What it finds wrong with the Energy dashboard; nothing, when all is well.
    pub(crate) async fn energy_issues(&self) -> Vec<Value> {
        let found = self.ws(json!({"type": "energy/validate"})).await;
        let lists = found.as_object().unwrap().values();
        let sources = lists.flat_map(|list| list.as_array().unwrap()).flat_map(|source| source.as_array().unwrap());
        sources.cloned().collect()
    }

    /// Restarts it, and waits until it is up.
    pub(crate) async fn restart(&mut self) {
        if self.process.is_some() {
            self.down().await;
            self.up().await;
        } else {
            // It answers, or doesn't when it is quicker.
            let _ = self.try_ws(json!({"type": "call_service", "domain": "homeassistant", "service": "restart"})).await;
            self.until("it stops", async || self.try_ws(json!({"type": "ping"})).await.is_err().then_some(())).await;
            self.is_up().await;
        }
    }

    /// Ends it as a user would. One that runs already can't be ended.
    pub(crate) async fn down(&mut self) {
        let _ = self.try_ws(json!({"type": "call_service", "domain": "homeassistant", "service": "stop"})).await;
        let child = self.process.as_mut().and_then(|process| process.child.as_mut()).expect("one of the test's own");
        let deadline = Instant::now() + START;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "Home Assistant doesn't stop");
            tokio::time::sleep(LOOK).await;
        };
        // Python may fall over its own threads at the very end, when everything is written.
        eprintln!("Home Assistant ended with {status}");
    }

    /// Kills it at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.process.as_mut().expect("one of the test's own").kill();
    }

    /// Starts it again with what it knew.
    pub(crate) async fn up(&mut self) {
        self.process.as_mut().expect("one of the test's own").up();
        self.is_up().await;
    }

    /// Waits until it has started everything.
    async fn is_up(&self) {
        self.until("it has started", async || {
            let config = self.try_ws(json!({"type": "get_config"})).await.ok()?;
            (config["state"] == "RUNNING").then_some(())
        })
        .await;
    }

    /// Waits until a question to it gives something.
    pub(crate) async fn until<T>(&self, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + START;
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            if Instant::now() > deadline {
                let log = self.process.as_ref().map(Process::log).unwrap_or_default();
                panic!("waited {START:?} in vain until {what}; Home Assistant logged:\n{log}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn get(&self, path: &str) -> String {
        let request = client().get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        request.send().await.unwrap().text().await.unwrap()
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let request = client()
            .post(format!("{}{path}", self.url))
            .bearer_auth(&self.token)
            .header("content-type", "application/json")
            .body(body.to_string());
        let response = request.send().await.map_err(|error| error.to_string())?;
        let status = response.status();
        let text = response.text().await.map_err(|error| error.to_string())?;
        if status != StatusCode::OK {
            return Err(format!("{status}: {text}"));
        }
        Ok(serde_json::from_str(&text).unwrap())
    }

    /// Makes the first user, as its welcome page does, and a token.
    async fn make_administrator(&mut self) {
        let client_id = format!("{}/", self.url);
        let user = json!({
            "client_id": client_id, "name": "Test", "username": "test", "password": "test-only", "language": "en",
        });
        let made = self
            .until("there is an administrator", async || match self.post("/api/onboarding/users", &user).await {
                Ok(made) => Some(made),
                // Its last word is that the user exists, after a first try whose answer was lost.
                Err(error) if error.starts_with("403") => panic!("{error}"),
                Err(_) => None,
            })
            .await;
        let code = made["auth_code"].as_str().unwrap();
        self.token = self.token_for(code).await;
        let asked = json!({"type": "auth/long_lived_access_token", "client_name": "test", "lifespan": 3650});
        self.ws(asked).await.as_str().unwrap().clone_into(&mut self.token);
    }

    /// The access token for a code.
    async fn token_for(&self, code: &str) -> String {
        let client_id = format!("{}/", self.url);
        let form = [("grant_type", "authorization_code"), ("code", code), ("client_id", &client_id)];
        let request = client().post(format!("{}/auth/token", self.url)).form(&form);
        let session: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
        session["access_token"].as_str().unwrap().to_owned()
    }

    /// A token of somebody who is no administrator.
    pub(crate) async fn other_token(&self) -> String {
        let (name, client_id) = (format!("user{:08x}", rand::random::<u32>()), format!("{}/", self.url));
        let user = json!({"type": "config/auth/create", "name": name, "group_ids": ["system-users"]});
        let user = self.ws(user).await["user"]["id"].clone();
        let login = json!({"username": name, "password": "test-only"});
        let mut credentials = login.clone();
        credentials["type"] = json!("config/auth_provider/homeassistant/create");
        credentials["user_id"] = user;
        self.ws(credentials).await;
        let flow = json!({"client_id": client_id, "handler": ["homeassistant", null], "redirect_uri": client_id});
        let flow = self.post("/auth/login_flow", &flow).await.unwrap();
        let path = format!("/auth/login_flow/{}", flow["flow_id"].as_str().unwrap());
        let mut answers = login;
        answers["client_id"] = json!(client_id);
        let done = self.post(&path, &answers).await.unwrap();
        self.token_for(done["result"].as_str().unwrap()).await
    }

    /// Adds the MQTT integration, as a user would.
    async fn connect_to_broker(&self, port: u16) {
        let flows = "/api/config/config_entries/flow";
        let flow = self.post(flows, &json!({"handler": "mqtt", "show_advanced_options": false})).await.unwrap();
        let other = json!({"set_client_cert": false, "set_ca_cert": "off", "transport": "tcp", "tls_insecure": false});
        let answers = json!({"broker": "127.0.0.1", "port": port, "protocol": "5", "other_settings": other});
        let path = format!("{flows}/{}", flow["flow_id"].as_str().unwrap());
        let made = self.post(&path, &answers).await.unwrap();
        assert_eq!(made["type"], "create_entry", "{made}");
        self.until("it listens to the broker", async || {
            let entries = self.ws(json!({"type": "config_entries/get", "domain": "mqtt"})).await;
            (entries[0]["state"] == "loaded").then_some(())
        })
        .await;
    }

    /// Removes the broker that an earlier test has left.
    async fn forget_brokers(&self) {
        let entries = self.ws(json!({"type": "config_entries/get", "domain": "mqtt"})).await;
        for entry in entries.as_array().unwrap() {
            assert_eq!(
                entry["title"], "127.0.0.1",
                "HOME_ASSISTANT_URL names one with a broker, which isn't for tests"
            );
            let id = entry["entry_id"].as_str().unwrap();
            let url = format!("{}/api/config/config_entries/entry/{id}", self.url);
            client().delete(url).bearer_auth(&self.token).send().await.unwrap().error_for_status().unwrap();
        }
    }
}

/// A client for one request. Each test has a runtime of its own, which a client doesn't outlive.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(Duration::from_secs(60)).build().unwrap()
}

impl Row {
    fn new(row: &Value) -> Self {
        let start = row["start"].as_f64().unwrap();
        #[expect(clippy::cast_possible_truncation, reason = "whole milliseconds")]
        let start = DateTime::from_timestamp_millis(start as i64).unwrap();
        Self { start, state: row["state"].as_f64(), sum: row["sum"].as_f64(), change: row["change"].as_f64() }
    }
}

impl Process {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("configuration.yaml"), CONFIGURATION).unwrap();
        fs::create_dir(folder.path().join(".storage")).unwrap();
        fs::write(folder.path().join(".storage/onboarding"), WELCOMED).unwrap();
        Self { folder, port: free_port(), child: None }
    }

    fn up(&mut self) {
        let python = tools().join("home-assistant/python");
        assert!(python.exists(), "Home Assistant is not installed; run tests/real/install");
        let log = File::options().create(true).append(true).open(self.folder.path().join("log")).unwrap();
        let child = Command::new(python)
            .arg(self.folder.path())
            .args(["-c", PROGRAM, "--skip-pip", "--log-no-color", "-c", "."])
            .env("SETUP_PORT", self.port.to_string())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            // So that all of it can be killed at once.
            .process_group(0)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.path().join("log")).unwrap_or_default()).into_owned()
    }

    /// Ends it at once. Once its end of the pipe is closed it ends by itself, with all that belongs to it.
    fn kill(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        drop(child.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(10);
        while matches!(child.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).status();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
