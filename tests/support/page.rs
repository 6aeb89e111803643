use std::time::Duration;

use reqwest::header::{ACCEPT_LANGUAGE, LOCATION, ORIGIN};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::{Value, json};

use super::{Home, LIMIT, LOOK, free_port};

/// The status page of a service, as its clients see it.
pub(crate) struct Page {
    /// Where the service listens.
    pub(crate) address: String,
    client: Client,
}

impl Page {
    /// The one that a home's service will have from its next start on.
    pub(crate) fn of(home: &mut Home) -> Self {
        let page = Self::at(free_port());
        home.settings["web"] = json!({"listen": page.address});
        page
    }

    /// The one at a port.
    pub(crate) fn at(port: u16) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(Duration::from_secs(60));
        Self { address: format!("127.0.0.1:{port}"), client: client.build().unwrap() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request that is not sent yet.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.url(path))
    }

    /// The answer at a path; the service must listen.
    pub(crate) async fn ask(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// The text at a path, which must be there.
    pub(crate) async fn text(&self, path: &str) -> String {
        let answer = self.ask(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    /// A page in a language, such as `nl`, with its status; nothing while nobody listens.
    pub(crate) async fn get(&self, path: &str, language: &str) -> Option<(u16, String)> {
        let request = self.request(Method::GET, path).header(ACCEPT_LANGUAGE, language);
        let answer = request.send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    /// The same, once somebody listens.
    pub(crate) async fn answers(&self, path: &str, language: &str) -> (u16, String) {
        let deadline = tokio::time::Instant::now() + LIMIT;
        loop {
            if let Some(answer) = self.get(path, language).await {
                return answer;
            }
            let waits = tokio::time::Instant::now() < deadline;
            assert!(waits, "waited in vain until somebody listens at {}", self.address);
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until what the overview shows is as a test wants it.
    pub(crate) async fn shows(&self, what: &str, test: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + LIMIT;
        let mut last = String::new();
        loop {
            if let Some((_, text)) = self.get("/api/v1/status.json", "en").await {
                if let Some(shown) = serde_json::from_str(&text).ok().filter(&test) {
                    return shown;
                }
                last = text;
            }
            assert!(tokio::time::Instant::now() < deadline, "waited in vain until the page shows {what}: {last}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What a button of the page sends.
    pub(crate) fn form(&self, path: &str, token: &str) -> RequestBuilder {
        self.request(Method::POST, path).header(ORIGIN, self.url("")).form(&[("token", token)])
    }

    /// What the buttons of the page bring along.
    pub(crate) async fn token(&self) -> String {
        let page = self.text("/").await;
        let (_, after) = page.split_once(r#"name="token" value=""#).unwrap();
        after.split('"').next().unwrap().to_owned()
    }

    /// Presses a button, such as that of `/poll`, and gives what came of it.
    pub(crate) async fn press(&self, path: &str) -> String {
        let answer = self.form(path, &self.token().await).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{path}");
        answer.headers()[LOCATION].to_str().unwrap().to_owned()
    }
}
