use std::time::Duration;

use reqwest::header::{LOCATION, ORIGIN};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::json;

use super::{Home, free_port};

/// The status page of a bridge, as its clients see it.
pub(crate) struct Page {
    /// Where the bridge listens.
    pub(crate) address: String,
    client: Client,
}

impl Page {
    /// The page of a home, whose bridge listens from its next start on.
    pub(crate) fn of(home: &mut Home) -> Self {
        let port = free_port();
        home.settings["web"] = json!({"listen": format!("127.0.0.1:{port}")});
        Self::at(port)
    }

    /// The page at a port.
    pub(crate) fn at(port: u16) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(Duration::from_secs(60));
        Self { address: format!("127.0.0.1:{port}"), client: client.build().unwrap() }
    }

    /// A request that is not sent yet.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// What a button of the page sends.
    pub(crate) fn form(&self, path: &str, token: &str) -> RequestBuilder {
        let request = self.request(Method::POST, path).header(ORIGIN, format!("http://{}", self.address));
        request.form(&[("token", token)])
    }

    /// The text at a path, which must be there.
    pub(crate) async fn text(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
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
