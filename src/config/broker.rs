//! The section `mqtt`.

use std::path::Path;

use reqwest::Url;
use serde_yaml::Value;

use super::fault::Wrong;
use super::model::Mqtt;
use super::reader::{Reader, Table};
use super::secrets::{self, shown};
use super::{file, keys, values};
use crate::secret::Secret;

/// What the URL says.
struct Broker {
    host: String,
    port: u16,
    tls: bool,
    login: Option<(String, Secret)>,
}

/// Where the Supervisor's own Mosquitto is, most likely, until the Supervisor has told.
const MOSQUITTO: &str = "core-mosquitto";

impl Default for Broker {
    fn default() -> Self {
        Self { host: "127.0.0.1".to_owned(), port: 1883, tls: false, login: None }
    }
}

/// The section, and whether the Supervisor names the broker: for its app it does, unless a URL does.
pub(super) fn mqtt<'a>(reader: &mut Reader<'a>, top: &Table<'a>, is_app: bool) -> (Option<Mqtt>, bool) {
    let Some(table) = reader.section(top, "mqtt", keys::MQTT) else { return (None, false) };
    let names_broker = is_app && table.get("url").is_none();
    if names_broker {
        alone(reader, &table);
    }
    (settings(reader, &table, names_broker), names_broker)
}

/// Tells of a login without the broker to which it belongs.
fn alone(reader: &mut Reader<'_>, table: &Table<'_>) {
    for key in ["username", "password", "password_file"].into_iter().filter(|key| table.get(key).is_some()) {
        let remedy = "set the address of your own broker too, or empty this: the login at the broker of Home Assistant \
                      comes by itself";
        reader.fault(&table.at(key), Wrong::new("is set without `url`", remedy));
    }
}

fn settings<'a>(reader: &mut Reader<'a>, table: &Table<'a>, names_broker: bool) -> Option<Mqtt> {
    let broker = match table.get("url") {
        Some(_) => reader.optional(table, "url", broker),
        None if names_broker => Some(Broker { host: MOSQUITTO.to_owned(), ..Broker::default() }),
        None => Some(Broker::default()),
    };
    let login = if names_broker { None } else { login(reader, table) };
    let ca_file = reader.optional(table, "ca_file", |value| {
        let path = values::path(value)?;
        is_certificate(&path)?;
        Ok(path)
    });
    let client_id = reader.optional(table, "client_id", values::client_id);
    let topic = |reader: &mut Reader<'a>, key, default: &str| {
        reader.optional(table, key, values::topic).unwrap_or_else(|| default.to_owned())
    };
    let discovery_prefix = topic(reader, "discovery_prefix", "homeassistant");
    let birth_topic = topic(reader, "birth_topic", &format!("{discovery_prefix}/status"));
    let base_topic = topic(reader, "base_topic", "fluvius2mqtt");
    if base_topic == discovery_prefix {
        let wrong = Wrong::new("is the same as `discovery_prefix`", "use another one, such as fluvius2mqtt");
        reader.fault(&table.at("base_topic"), wrong);
    }
    let broker = broker?;
    if ca_file.is_some() && !broker.tls {
        let wrong = Wrong::new("is of use with an encrypted connection only", "use mqtts:// in `url`, or remove it");
        reader.fault(&table.at("ca_file"), wrong);
    }
    if broker.login.is_some() && ["username", "password", "password_file"].iter().any(|key| table.get(key).is_some()) {
        let remedy = "remove them from the URL, or remove the keys username, password and password_file";
        reader.fault(&table.at("url"), Wrong::new("holds a user, and keys of their own set one as well", remedy));
    }
    Some(Mqtt {
        host: broker.host,
        port: broker.port,
        tls: broker.tls,
        login: broker.login.or(login),
        ca_file,
        client_id,
        discovery_prefix,
        birth_topic,
        base_topic,
    })
}

/// The login from keys of their own.
fn login<'a>(reader: &mut Reader<'a>, table: &Table<'a>) -> Option<(String, Secret)> {
    let username = reader.optional(table, "username", |value| values::text(value).map(str::to_owned));
    let password = secrets::optional(reader, table, "password", "password_file");
    if password.is_some() && table.get("username").is_none() && !url_has_user(table) {
        let wrong = Wrong::new("is set without `username`", "set `username` too, or remove the password");
        let key = if table.get("password").is_some() { "password" } else { "password_file" };
        reader.fault(&table.at(key), wrong);
    }
    Some((username?, password.unwrap_or_else(|| Secret::new(String::new()))))
}

/// Whether the URL brings a user; a password beside it then has a fault of its own.
fn url_has_user(table: &Table<'_>) -> bool {
    let url = table.get("url").and_then(Value::as_str).and_then(|url| Url::parse(url).ok());
    url.is_some_and(|url| !url.username().is_empty())
}

fn broker(value: &Value) -> Result<Broker, Wrong> {
    let form = "write mqtt://HOST:1883 or mqtts://HOST:8883; a user and password can have keys of their own";
    let url = Url::parse(values::text(value)?).map_err(|_| Wrong::new("is not an address", form))?;
    let (tls, port) = match url.scheme() {
        "mqtt" => (false, 1883),
        "mqtts" => (true, 8883),
        _ => return Err(Wrong::new("begins with something else than mqtt:// or mqtts://", form)),
    };
    let host = url.host_str().unwrap_or_default();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_name = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if host.is_empty() || (address.is_none() && !is_name) {
        return Err(Wrong::new("has no host name that can be understood", form));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(Wrong::new("holds more than a host and a port", form));
    }
    if url.port() == Some(0) {
        return Err(Wrong::new("has port 0", form));
    }
    Ok(Broker {
        host: address.unwrap_or(host).to_owned(),
        port: url.port().unwrap_or(port),
        tls,
        login: login_of(&url)?,
    })
}

fn login_of(url: &Url) -> Result<Option<(String, Secret)>, Wrong> {
    let decode = |text: &str| {
        decoded(text).ok_or_else(|| {
            let remedy = "write % as %25, or use the keys username and password";
            Wrong::new("holds a % in the user or password that is no escape", remedy)
        })
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err(Wrong::new("has a password without a user", "write mqtt://USER:PASSWORD@HOST")),
        (user, password) => {
            let password = password.map(decode).transpose()?.unwrap_or_default();
            Ok(Some((decode(user)?, Secret::new(password))))
        }
    }
}

/// Undoes percent-encoding; `None` when an escape is wrong or the result is not text.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let code = part.get(..2).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(code, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

fn is_certificate(path: &Path) -> Result<(), Wrong> {
    let shown = shown(path);
    let content = file::read(path).map_err(|reason| {
        Wrong::new(format!("{shown} can't be read: {reason}"), "check the path, and that this user may read the file")
    })?;
    if content.text.contains("-----BEGIN CERTIFICATE-----") {
        return Ok(());
    }
    Err(Wrong::new(format!("{shown} holds no PEM certificate"), "name the certificate of the authority, in PEM form"))
}
