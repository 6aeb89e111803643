use reqwest::header::ACCEPT_LANGUAGE;
use serde_json::{Value, json};

use super::home_assistant::client;
use super::{Home, LIMIT, LOOK, free_port};

/// The status page of a service.
pub(crate) struct Page {
    pub(crate) address: String,
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
        Self { address: format!("127.0.0.1:{port}") }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A page in a language, such as `nl`, with its status; nothing while nobody listens.
    pub(crate) async fn get(&self, path: &str, language: &str) -> Option<(u16, String)> {
        let answer = client().get(self.url(path)).header(ACCEPT_LANGUAGE, language).send().await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    }

    /// The same, once somebody listens.
    pub(crate) async fn answers(&self, path: &str, language: &str) -> (u16, String) {
        let deadline = tokio::time::Instant::now() + LIMIT;
        loop {
            if let Some(answer) = self.get(path, language).await {
                return answer;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "waited in vain until somebody listens at {}",
                self.address
            );
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until what the overview shows is as a test wants it.
    pub(crate) async fn shows(&self, what: &str, test: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + LIMIT;
        let mut last = String::new();
        loop {
            if let Some((_, text)) = self.get("/api/v1/status.json", "en").await {
                if serde_json::from_str(&text).is_ok_and(|shown| test(&shown)) {
                    return serde_json::from_str(&text).unwrap();
                }
                last = text;
            }
            assert!(tokio::time::Instant::now() < deadline, "waited in vain until the page shows {what}: {last}");
            tokio::time::sleep(LOOK).await;
        }
    }
}
