use std::fs;
use std::net::{TcpListener, TcpStream};
use std::ops::RangeInclusive;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;

use super::until;

/// Ports that systems don't give out by themselves, so that none is taken while its broker is down.
const PORTS: RangeInclusive<u16> = 10_000..=30_000;

/// A port of loopback that nobody uses, each time another one.
pub(crate) fn free_port() -> u16 {
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(rand::random_range(PORTS)));
    let mut ports = std::iter::repeat_with(|| NEXT.fetch_add(1, Ordering::Relaxed));
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// The file in which Mosquitto keeps its users, with one.
pub(crate) fn user_file(user: &str, password: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users");
    fs::write(&file, format!("{user}:{password}\n")).unwrap();
    let done = Command::new("mosquitto_passwd").arg("-U").arg(&file).status().unwrap();
    assert!(done.success());
    let users = fs::read_to_string(file).unwrap();
    assert!(!users.contains(password));
    users
}

/// A real broker, which ends with the test.
pub(crate) struct Mosquitto {
    pub(crate) port: u16,
    settings: String,
    folder: TempDir,
    child: Option<Child>,
}

impl Mosquitto {
    /// A broker that lets anybody in.
    pub(crate) async fn start() -> Self {
        Self::with("allow_anonymous true\n").await
    }

    /// A broker with settings of its own, which may name files in its folder as `{folder}`.
    pub(crate) async fn with(settings: &str) -> Self {
        Self::with_files(settings, &[]).await
    }

    /// A broker with settings and files of its own.
    pub(crate) async fn with_files(settings: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings.replace("{folder}", folder.path().to_str().unwrap());
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let mut broker = Self { port: free_port(), settings, folder, child: None };
        broker.up().await;
        broker
    }

    pub(crate) fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    /// Starts it, empty, on the same port as before.
    pub(crate) async fn up(&mut self) {
        let file = self.folder.path().join("mosquitto.conf");
        // Started by root, Mosquitto becomes another user, who must be able to read its files.
        let text = format!("listener {} 127.0.0.1\npersistence false\nuser root\n{}", self.port, self.settings);
        fs::write(&file, text).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let child = Command::new("mosquitto")
            .arg("-c")
            .arg(&file)
            .env("PATH", format!("{path}:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("Mosquitto can't be started ({error}); install it: apt-get install mosquitto")
            });
        self.child = Some(child);
        let address = ("127.0.0.1", self.port);
        until("Mosquitto listens", || TcpStream::connect(address).ok()).await;
    }

    /// Writes a file in its folder, for its next start.
    pub(crate) fn write(&self, name: &str, content: &str) {
        fs::write(self.folder.path().join(name), content).unwrap();
    }

    /// Kills it at once, without a word to its clients.
    pub(crate) fn down(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.down();
    }
}
