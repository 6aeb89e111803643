use std::collections::BTreeMap;

use reqwest::Url;
use serde_json::Value;

/// What the browser tells by itself.
#[derive(Default)]
pub(super) struct Record {
    /// The frame that holds the whole page.
    pub(super) frame: Value,
    /// The id of the document that was loaded last.
    pub(super) loaded: Value,
    pub(super) is_on: bool,
    pub(super) requests: Vec<String>,
    pub(super) complaints: Vec<String>,
    /// The page that was visited.
    visited: Option<Url>,
    /// The addresses of requests by their ids.
    addresses: BTreeMap<String, String>,
}

impl Record {
    pub(super) fn visits(&mut self, url: &str) {
        self.visited = Some(url.parse().unwrap());
    }

    pub(super) fn start(&mut self) {
        self.is_on = true;
        self.requests.clear();
        self.complaints.clear();
    }

    /// Takes note of an event of the DevTools protocol.
    pub(super) fn hear(&mut self, event: &Value) {
        let told = &event["params"];
        match event["method"].as_str().unwrap_or_default() {
            "Page.lifecycleEvent" if told["name"] == "load" && told["frameId"] == self.frame => {
                self.loaded = told["loaderId"].clone();
            }
            "Network.requestWillBeSent" => self.request(&told["requestId"], text(&told["request"]["url"])),
            "Network.webSocketCreated" => self.request(&told["requestId"], text(&told["url"])),
            // What is under way when a page is left ends without a fault.
            "Network.loadingFailed" if told["canceled"] != true => {
                let address = self.addresses.get(text(&told["requestId"])).map_or("something", String::as_str);
                let why = told["blockedReason"].as_str().unwrap_or_else(|| text(&told["errorText"]));
                self.complaints.push(format!("not loaded: {address} ({why})"));
            }
            "Runtime.consoleAPICalled" if ["error", "warning", "assert"].contains(&text(&told["type"])) => {
                let said: Vec<_> = told["args"].as_array().unwrap().iter().map(shown).collect();
                self.complaints.push(format!("console {}: {}", text(&told["type"]), said.join(" ")));
            }
            "Runtime.exceptionThrown" => {
                let exception = &told["exceptionDetails"];
                let said = shown(&exception["exception"]);
                self.complaints.push(format!("{}: {said}", text(&exception["text"])));
            }
            "Log.entryAdded" if told["entry"]["level"] == "error" => {
                let entry = &told["entry"];
                let (source, said, address) = (text(&entry["source"]), text(&entry["text"]), text(&entry["url"]));
                self.complaints.push(format!("{source}: {said} ({address})"));
            }
            _ => {}
        }
    }

    fn request(&mut self, id: &Value, address: &str) {
        // Data within a page is no request.
        let Some(url) = address.parse::<Url>().ok().filter(Url::has_host) else { return };
        self.addresses.insert(text(id).to_owned(), address.to_owned());
        self.requests.push(address.to_owned());
        let place = |url: &Url| (url.host_str().map(ToOwned::to_owned), url.port_or_known_default());
        if self.visited.as_ref().is_some_and(|visited| place(visited) != place(&url)) {
            self.complaints.push(format!("request to another origin: {address}"));
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A value of a script as the console shows it.
fn shown(value: &Value) -> String {
    match (&value["value"], value["description"].as_str()) {
        (Value::String(text), _) => text.clone(),
        (Value::Null, Some(text)) => text.to_owned(),
        (value, _) => value.to_string(),
    }
}
