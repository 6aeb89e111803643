use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use fluvius2mqtt::simulator::SimulatedMeter;
use serde_json::{Value, json};

use super::{EAN, Home, Listener, Mosquitto, Running, SERIAL, Supervisor, before, free_port, user_file, yesterday};

/// A house with the app in it.
pub(crate) struct House {
    pub(crate) home: Home,
    pub(crate) supervisor: Supervisor,
    /// What the user has filled in, which may be changed before each start.
    pub(crate) options: Value,
    /// The port of the broker that lets tests listen.
    open: u16,
    /// Where the app listens.
    pub(crate) web: u16,
}

impl House {
    /// The user that Mosquitto makes for the apps, and the passwords that it has, one after the other.
    pub(crate) const USER: &str = "addons";
    pub(crate) const FIRST: &str = "first password of the broker";
    pub(crate) const SECOND: &str = "second password of the broker";

    /// A house with a broker that asks for a login, and a stand-in for its Home Assistant.
    pub(crate) async fn new() -> Self {
        let open = free_port();
        let settings = format!(
            "per_listener_settings true\nallow_anonymous false\npassword_file {{folder}}/users\n\
             listener {open} 127.0.0.1\nallow_anonymous true\n"
        );
        let broker = Mosquitto::with_files(&settings, &[("users", &user_file(Self::USER, Self::FIRST))]).await;
        Self::with(broker, open, Supervisor::start().await).await
    }

    /// A house with another broker, on which tests listen at the open port, and another Supervisor.
    pub(crate) async fn with(broker: Mosquitto, open: u16, supervisor: Supervisor) -> Self {
        let mut meter = SimulatedMeter::electricity(EAN, SERIAL, before(9));
        meter.published_until = Some(yesterday());
        let home = Home::with(Default::default(), vec![meter], broker).await;
        let options = json!({
            "email": home.portal.email(), "password": home.portal.password(),
            "meters": [{"ean": EAN, "serial": SERIAL, "name": "", "history_from": before(5)}],
            "prices": [], "energy_dashboard": false, "registers": "total",
            "poll_at": [Home::far_from_now()], "log": "trace", "mqtt": {},
        });
        Self { home, supervisor, options, open, web: free_port() }
    }

    /// Where the Supervisor writes the options.
    pub(crate) fn options_file(&self) -> PathBuf {
        self.home.data("options.json")
    }

    /// The program as the Supervisor starts it, with the options as it writes them.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let folder = self.home.data_dir();
        fs::create_dir_all(&folder).unwrap();
        // Whoever the app becomes has to get to its data.
        fs::set_permissions(folder.parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(self.options_file(), self.options.to_string()).unwrap();
        fs::set_permissions(self.options_file(), fs::Permissions::from_mode(0o600)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_fluvius2mqtt"));
        command
            .args(arguments)
            .env_clear()
            .current_dir("/")
            .env("SUPERVISOR_TOKEN", self.supervisor.token())
            .env("SUPERVISOR_API", self.supervisor.url())
            .env("TZ", "Europe/Brussels")
            .env("FLUVIUS2MQTT_DATA_DIR", folder)
            .env("FLUVIUS2MQTT_FLUVIUS_URL", self.home.portal.url())
            .env("FLUVIUS2MQTT_POLL_PAUSE", "0s")
            .env("FLUVIUS2MQTT_WEB_LISTEN", format!("127.0.0.1:{}", self.web));
        command
    }

    /// Starts the app.
    pub(crate) fn run(&self) -> Running {
        Running::start(&mut self.command(&[]))
    }

    /// Waits until everything is on the broker.
    pub(crate) async fn is_published(&self) {
        let listener = Listener::connect(self.open).await;
        listener.wait_for(&Home::state_topic(EAN), "status", "ok").await;
        listener.wait("fluvius2mqtt/status", "available", |message| message.payload == "online").await;
    }

    /// Stops the app, which must end well and have kept all secrets.
    pub(crate) async fn stop(&self, app: Running) -> String {
        let finished = app.stop().await;
        assert_eq!(finished.code, Some(0), "{}", finished.log);
        let token = self.supervisor.token();
        let mut secrets = vec![token.as_str(), Supervisor::TOKEN, Self::FIRST, Self::SECOND, EAN];
        secrets.extend(self.options["password"].as_str());
        for secret in secrets {
            assert!(!finished.log.contains(secret) && !finished.out.contains(secret), "{secret} in {}", finished.log);
        }
        finished.log
    }
}
