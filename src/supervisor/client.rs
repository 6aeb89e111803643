use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder, StatusCode, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::Error;
use super::notices::Problem;
use super::words::Words;
use crate::config::{App, Mqtt};
use crate::secret::Secret;

/// How long an answer may take. Home Assistant, behind the Supervisor, answers within seconds or not at all.
const TIMEOUT: Duration = Duration::from_secs(15);

/// There is one notification at most, which a new one replaces.
const NOTIFICATION: &str = "fluvius2mqtt";

/// What the Supervisor says of a service that no app provides now. Source: supervisor/api/services.py.
const NOT_ENABLED: &str = "Service not enabled";

/// A client of the Supervisor's API. What is asked for here, every app may ask for that has `services: [mqtt:want]` and
/// `homeassistant_api: true`.
#[derive(Clone)]
pub struct Supervisor {
    client: Client,
    url: Url,
    token: Secret,
}

/// What the Supervisor wraps its answers in.
#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    message: Option<String>,
}

/// The service `mqtt`. Source: SCHEMA_CONFIG_MQTT in supervisor/services/modules/mqtt.py.
#[derive(Deserialize)]
struct Broker {
    host: String,
    port: u16,
    #[serde(default)]
    ssl: bool,
    username: Option<String>,
    password: Option<String>,
}

/// The part of Home Assistant's settings that matters here.
#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    language: String,
}

impl Supervisor {
    /// A client for the Supervisor of an app.
    ///
    /// # Errors
    /// [`Error::Setup`] when HTTP can't be set up.
    pub fn new(app: &App) -> Result<Self, Error> {
        // An error means that another part of the program was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // The token goes to the Supervisor and to nobody else.
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(TIMEOUT).build();
        let client = client.map_err(|error| Error::Setup(error.without_url().to_string()))?;
        Ok(Self { client, url: app.url.clone(), token: app.token.clone() })
    }

    /// Settings with the broker that the Supervisor knows now, and its login.
    ///
    /// # Errors
    /// [`Error::NoBroker`] while there is none; otherwise whatever keeps the Supervisor from answering.
    pub async fn broker(&self, settings: &Mqtt) -> Result<Mqtt, Error> {
        let (status, body) = self.send(self.client.get(self.at("services/mqtt")?)).await?;
        let answer: Answer<Broker> = parse(&body)?;
        match (answer.data, answer.message.as_deref()) {
            (Some(broker), _) if status.is_success() => Ok(Mqtt {
                host: broker.host,
                port: broker.port,
                tls: broker.ssl,
                login: broker.username.filter(|name| !name.is_empty()).map(|username| {
                    let password = broker.password.unwrap_or_default();
                    (username, Secret::new(password))
                }),
                ..settings.clone()
            }),
            (_, Some(NOT_ENABLED)) => Err(Error::NoBroker),
            _ => Err(Error::Unexpected(status.to_string())),
        }
    }

    /// Shows a notification in Home Assistant, in its language, or takes it away.
    pub(super) async fn notify(&self, problem: Option<&Problem>) -> Result<(), Error> {
        let (service, data) = match problem {
            Some(problem) => {
                let words = Words::of(&self.language().await?);
                let (title, message) = words.tell(problem);
                ("create", json!({"notification_id": NOTIFICATION, "title": title, "message": message}))
            }
            None => ("dismiss", json!({"notification_id": NOTIFICATION})),
        };
        self.call("persistent_notification", service, &data).await
    }

    /// The language that Home Assistant is set to. The Supervisor itself has none.
    async fn language(&self) -> Result<String, Error> {
        let (status, body) = self.send(self.client.get(self.at("core/api/config")?)).await?;
        if !status.is_success() {
            return Err(Error::Unexpected(status.to_string()));
        }
        Ok(parse::<Settings>(&body)?.language)
    }

    async fn call(&self, domain: &str, service: &str, data: &Value) -> Result<(), Error> {
        let url = self.at(&format!("core/api/services/{domain}/{service}"))?;
        let request = self.client.post(url).header(CONTENT_TYPE, "application/json").body(data.to_string());
        match self.send(request).await? {
            (status, _) if status.is_success() => Ok(()),
            (status, _) => Err(Error::Unexpected(status.to_string())),
        }
    }

    fn at(&self, path: &str) -> Result<Url, Error> {
        self.url.join(path).map_err(|_| Error::Setup("the Supervisor's address can't be used".to_owned()))
    }

    async fn send(&self, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), Error> {
        let answer = request.bearer_auth(self.token.expose()).send().await.map_err(unreachable)?;
        match answer.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(Error::Refused),
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
                return Err(Error::CoreAway);
            }
            _ => {}
        }
        let status = answer.status();
        let body = answer.bytes().await.map_err(unreachable)?;
        Ok((status, body.to_vec()))
    }
}

/// Parses an answer. The parser's own messages quote what they stumble on, which may be a password.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|_| Error::Unexpected("no JSON of the right shape".to_owned()))
}

fn unreachable(error: reqwest::Error) -> Error {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    Error::Unreachable(cause.to_string())
}
