//! A real browser, to look at pages with: as who one is, by mouse and keys, and what the pages are to be blamed for.

mod accessibility;
mod emulation;
mod input;
mod process;
mod record;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

pub(crate) use self::input::Key;
use self::process::Process;
use self::record::Record;
use super::{RealHomeAssistant, Socket, target};

/// How long a page may take, on a machine that compiles and tests at the same time.
const LIMIT: Duration = Duration::from_secs(120);

const LOOK: Duration = Duration::from_millis(200);

/// How long a page may move before a picture of it is taken.
const REST: Duration = Duration::from_secs(5);

/// All text of the page as one sees it, with that in the shadow trees of its elements.
const TEXT: &str = r#"
(() => {
    const texts = [];
    const read = (node) => {
        if (node.nodeType === Node.TEXT_NODE) {
            const text = node.textContent.trim();
            if (text) texts.push(text.replace(/\s+/g, " "));
        } else if (!["STYLE", "SCRIPT", "TEMPLATE"].includes(node.nodeName)) {
            if (node.shadowRoot) node.shadowRoot.childNodes.forEach(read);
            node.childNodes.forEach(read);
        }
    };
    if (document.body) read(document.body);
    return texts.join("\n");
})()
"#;

/// A real browser without a window, which ends with the test. It speaks the DevTools protocol over a websocket.
pub(crate) struct Browser {
    process: Process,
    socket: Socket,
    record: Record,
    /// The document from which the mouse or a key was to lead away.
    left: Value,
}

impl Browser {
    /// Starts it with an empty page of a size; a picture of it has twice as many dots each way.
    pub(crate) async fn start(width: u32, height: u32) -> Self {
        let process = Process::start();
        let socket = process.socket().await;
        let mut browser = Self { process, socket, record: Record::default(), left: Value::Null };
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 2, "mobile": false});
        browser.call("Emulation.setDeviceMetricsOverride", size).await;
        browser.call("Page.enable", json!({})).await;
        let tree = browser.call("Page.getFrameTree", json!({})).await;
        browser.record.frame = tree["frameTree"]["frame"]["id"].clone();
        browser.call("Page.setLifecycleEventsEnabled", json!({"enabled": true})).await;
        browser
    }

    /// Opens a page and waits until all of it is loaded.
    pub(crate) async fn visit(&mut self, url: &str) {
        self.record.visits(url);
        let opened = self.call("Page.navigate", json!({"url": url})).await;
        assert_eq!(opened["errorText"], Value::Null, "{url}");
        // Another place on the same page has nothing to load.
        let document = &opened["loaderId"];
        if !document.is_null() {
            self.listen_until(url, |record| record.loaded == *document).await;
        }
    }

    /// Waits until the page is loaded to which the last click or key leads.
    pub(crate) async fn arrives(&mut self) {
        let left = self.left.clone();
        self.listen_until("another page", |record| record.loaded != left).await;
    }

    /// Records from now on what pages ask for and what is to be blamed on them.
    pub(crate) async fn record(&mut self) {
        for domain in ["Network", "Log", "Runtime"] {
            self.call(&format!("{domain}.enable"), json!({})).await;
        }
        self.record.start();
    }

    /// The address of each request that was recorded.
    pub(crate) async fn requests(&mut self) -> Vec<String> {
        self.catch_up().await;
        self.record.requests.clone()
    }

    /// What was recorded that no good page does: an error or a warning on the console, a script that fails, something that
    /// can't be loaded or that the page's own policy forbids, a request to another origin than that of the page visited.
    pub(crate) async fn complaints(&mut self) -> Vec<String> {
        self.catch_up().await;
        self.record.complaints.clone()
    }

    /// Opens a page of Home Assistant, such as `/energy`, as its administrator.
    pub(crate) async fn open(&mut self, home_assistant: &RealHomeAssistant, path: &str) {
        let url = home_assistant.url();
        let session = json!({
            "hassUrl": url,
            "clientId": format!("{url}/"),
            "access_token": home_assistant.token(),
            "token_type": "Bearer",
            "expires_in": 1_000_000_000,
            "refresh_token": "none",
            "expires": 4_000_000_000_000_u64,
        });
        // A picture is of the page, without the list of all others beside it.
        let script = format!(
            "localStorage.setItem('hassTokens', {}); localStorage.setItem('dockedSidebar', '\"always_hidden\"');",
            json!(session.to_string())
        );
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({"source": script})).await;
        let opened = self.call("Page.navigate", json!({"url": format!("{url}{path}")})).await;
        assert_eq!(opened["errorText"], Value::Null, "{url}{path}");
    }

    /// The value of an expression in the page.
    pub(crate) async fn evaluate(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", asked).await;
        assert_eq!(answer["exceptionDetails"], Value::Null, "{expression:.200}");
        answer["result"]["value"].clone()
    }

    /// The page's text, also that in shadow trees, with a line for each piece.
    pub(crate) async fn text(&mut self) -> String {
        self.evaluate(TEXT).await.as_str().unwrap().to_owned()
    }

    /// Waits until the page shows texts, each a whole line of `text()`, and returns all of it.
    pub(crate) async fn shows(&mut self, texts: &[&str]) -> String {
        let deadline = Instant::now() + LIMIT;
        loop {
            let shown = self.text().await;
            let missing: Vec<_> = texts.iter().filter(|text| !shown.lines().any(|line| line == **text)).collect();
            if missing.is_empty() {
                return shown;
            }
            if Instant::now() > deadline {
                let picture = self.picture("failed.png").await;
                panic!("waited {LIMIT:?} in vain for {missing:?}; {} shows:\n{shown}", picture.display());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Saves what it shows under `target/pictures`, once it has come to rest.
    pub(crate) async fn picture(&mut self, name: &str) -> PathBuf {
        // Some pages never rest: on the Energy dashboard the energy flows.
        let deadline = Instant::now() + REST;
        let mut before = Value::Null;
        loop {
            let taken = self.call("Page.captureScreenshot", json!({"format": "png"})).await["data"].take();
            if taken == before || Instant::now() > deadline {
                break;
            }
            before = taken;
            tokio::time::sleep(LOOK).await;
        }
        let folder = target().join("pictures");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(name);
        fs::write(&file, BASE64_STANDARD.decode(before.as_str().unwrap()).unwrap()).unwrap();
        file
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Value {
        let answer = self.socket.call(json!({"method": method, "params": parameters})).await;
        let mut answer = answer.unwrap_or_else(|error| panic!("{method}: {error}\n{}", self.process.log()));
        self.socket.passed().iter().for_each(|event| self.record.hear(event));
        assert_eq!(answer["error"], Value::Null, "{method}");
        answer["result"].take()
    }

    async fn listen_until(&mut self, what: &str, test: impl Fn(&Record) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !test(&self.record) {
            assert!(Instant::now() < deadline, "waited {LIMIT:?} in vain for {what}");
            let event = self.socket.receive().await;
            self.record.hear(&event.unwrap_or_else(|error| panic!("waiting for {what}: {error}")));
        }
    }

    /// Hears all that the page has told: its answer comes after that.
    async fn catch_up(&mut self) {
        assert!(self.record.is_on, "without record() nothing is recorded");
        self.evaluate("0").await;
    }
}
