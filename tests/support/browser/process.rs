use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use super::{LIMIT, LOOK};
use crate::support::{Socket, client};

/// The names that Chromium has.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Chromium without a window; its log and its profile are in a folder of its own.
pub(super) struct Process {
    folder: TempDir,
    child: Child,
}

impl Process {
    pub(super) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let programs = NAMES.into_iter().filter(|name| std::env::split_paths(&path).any(|at| at.join(name).exists()));
        let started = programs.into_iter().find_map(|name| {
            Command::new(name)
                .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
                .args(["--headless", "--remote-debugging-port=0", "--lang=en-GB", "--hide-scrollbars"])
                // Root can't have its sandbox, and a container has little shared memory.
                .args(["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--no-first-run"])
                .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
                .args(["--disable-breakpad", "about:blank"])
                // It writes there too.
                .env("HOME", folder.path())
                .env("TZ", "Europe/Brussels")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log.try_clone().unwrap())
                .spawn()
                .ok()
        });
        let child = started.expect("a browser; run tests/real/install chromium");
        Self { folder, child }
    }

    /// Connects to its page.
    pub(super) async fn socket(&self) -> Socket {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Some(url) = self.page().await
                && let Ok(socket) = Socket::connect(&url).await
            {
                return socket;
            }
            assert!(Instant::now() < deadline, "the browser doesn't start:\n{}", self.log());
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The address of its page's websocket. It writes its port to a file.
    async fn page(&self) -> Option<String> {
        let port = fs::read_to_string(self.folder.path().join("profile/DevToolsActivePort")).ok()?;
        let list = format!("http://127.0.0.1:{}/json/list", port.lines().next()?);
        let pages = client().get(list).send().await.ok()?.text().await.ok()?;
        let pages: Value = serde_json::from_str(&pages).ok()?;
        let page = pages.as_array()?.iter().find(|page| page["type"] == "page")?;
        page["webSocketDebuggerUrl"].as_str().map(ToOwned::to_owned)
    }

    pub(super) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder.path().join("log")).unwrap_or_default()).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked to end, it ends its other processes too, which would write to its folder otherwise.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let deadline = Instant::now() + Duration::from_secs(10);
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                let _ = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
