//! A login by hand, step by step, so that each step can be taken wrongly.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{COOKIE, LOCATION, ORIGIN, REFERER, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, Url};
use sha2::{Digest as _, Sha256};

use crate::simulator::Simulator;

pub(super) const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-in-all";
pub(super) const STATE: &str = "a-state-that-is-long-enough";
const POLICY: &str = "B2C_1A_customer_signup_signin";
const SCOPE: &str = "openid offline_access https://klanten.onmicrosoft.com/MijnFluvius/user_impersonation";

pub(super) struct Walk {
    pub(super) client: Client,
    origin: String,
    policy: String,
    client_id: String,
    pub(super) cookies: Vec<(String, String)>,
    page_url: Url,
    pub(super) csrf: String,
    pub(super) tx: String,
    email: String,
    password: String,
}

pub(super) fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let redirects = reqwest::redirect::Policy::none();
    Client::builder().redirect(redirects).user_agent("Mozilla/5.0 (X11; Linux x86_64)").build().unwrap()
}

pub(super) fn authorize_query(portal: &Simulator) -> Vec<(&'static str, String)> {
    vec![
        ("client_id", portal.edit(|world| world.client_id.clone())),
        ("redirect_uri", format!("{}/", portal.url())),
        ("response_type", "code".into()),
        ("response_mode", "query".into()),
        ("scope", SCOPE.into()),
        ("code_challenge", URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))),
        ("code_challenge_method", "S256".into()),
        ("state", STATE.into()),
        ("nonce", "a-nonce-that-is-long-enough".into()),
        ("prompt", "login".into()),
    ]
}

pub(super) fn authorize_url(portal: &Simulator) -> String {
    format!("{}/klanten.onmicrosoft.com/{POLICY}/oauth2/v2.0/authorize", portal.url())
}

fn cookies_of(response: &Response) -> Vec<(String, String)> {
    let lines = response.headers().get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    lines
        .map(|line| line.split(';').next().unwrap().split_once('=').unwrap())
        .map(|(n, v)| (n.into(), v.into()))
        .collect()
}

impl Walk {
    /// Up to the login page.
    pub(super) async fn to_the_page(portal: &Simulator) -> Self {
        let client = client();
        let first = client.get(authorize_url(portal)).query(&authorize_query(portal)).send().await.unwrap();
        let page_url: Url = first.headers()[LOCATION].to_str().unwrap().parse().unwrap();
        let mut walk = Self {
            client,
            origin: portal.url(),
            policy: format!("{}/klanten.onmicrosoft.com/{POLICY}", portal.url()),
            client_id: portal.edit(|world| world.client_id.clone()),
            cookies: cookies_of(&first),
            page_url: page_url.clone(),
            csrf: String::new(),
            tx: String::new(),
            email: portal.email(),
            password: portal.password(),
        };
        let page = walk.client.get(page_url).header(COOKIE, walk.cookie_line()).send().await.unwrap();
        walk.cookies.extend(cookies_of(&page));
        let html = page.text().await.unwrap();
        walk.csrf = text_after(&html[html.find("var SETTINGS").unwrap()..], "\"csrf\":\"");
        walk.tx = text_after(&html, "\"transId\":\"");
        walk
    }

    /// Up to the accepted password.
    pub(super) async fn past_the_password(portal: &Simulator) -> Self {
        let walk = Self::to_the_page(portal).await;
        let answer = walk.credentials().send().await.unwrap().text().await.unwrap();
        assert_eq!(answer, r#"{"status":"200"}"#);
        walk
    }

    /// Up to the code.
    pub(super) async fn to_the_code(portal: &Simulator) -> (Self, String) {
        let mut walk = Self::past_the_password(portal).await;
        let first = walk.confirmation().send().await.unwrap();
        for (name, value) in cookies_of(&first) {
            walk.cookies.retain(|(known, _)| *known != name);
            walk.cookies.push((name, value));
        }
        let next = first.url().join(first.headers()[LOCATION].to_str().unwrap()).unwrap();
        let last = walk.client.get(next).header(COOKIE, walk.cookie_line()).send().await.unwrap();
        let end: Url = last.headers()[LOCATION].to_str().unwrap().parse().unwrap();
        let get = |name: &str| end.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        assert_eq!(get("state"), STATE);
        (walk, get("code"))
    }

    pub(super) fn cookie_line(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    pub(super) fn credentials(&self) -> RequestBuilder {
        self.credentials_with(&self.cookie_line(), &self.tx, &self.csrf, &self.password)
    }

    pub(super) fn credentials_with(&self, cookies: &str, tx: &str, csrf: &str, password: &str) -> RequestBuilder {
        self.client
            .post(format!("{}/SelfAsserted", self.policy))
            .query(&[("tx", tx), ("p", POLICY)])
            .header(COOKIE, cookies)
            .header("X-CSRF-TOKEN", csrf)
            .header("X-Requested-With", "XMLHttpRequest")
            .header(ORIGIN, &self.origin)
            .header(REFERER, self.page_url.as_str())
            .form(&[("request_type", "RESPONSE"), ("signInName", &self.email), ("password", password)])
    }

    pub(super) fn confirmation(&self) -> RequestBuilder {
        self.confirmation_with(&self.csrf, &self.tx)
    }

    pub(super) fn confirmation_with(&self, csrf: &str, tx: &str) -> RequestBuilder {
        self.client
            .get(format!("{}/api/CombinedSigninAndSignup/confirmed", self.policy))
            .query(&[("rememberMe", "false"), ("csrf_token", csrf), ("tx", tx), ("p", POLICY)])
            .header(COOKIE, self.cookie_line())
    }

    /// The form for a code, with some of its fields changed.
    pub(super) fn code_form(&self, code: &str, changes: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        let form = [
            ("grant_type", "authorization_code".to_owned()),
            ("client_id", self.client_id.clone()),
            ("scope", SCOPE.to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", format!("{}/", self.origin)),
            ("code_verifier", VERIFIER.to_owned()),
        ];
        let changed = |name| changes.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        form.into_iter().map(|(name, value)| (name, changed(name).unwrap_or(value))).collect()
    }

    pub(super) fn refresh_form(&self, refresh_token: &str) -> Vec<(&'static str, String)> {
        vec![
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", self.client_id.clone()),
            ("scope", SCOPE.to_owned()),
            ("refresh_token", refresh_token.to_owned()),
        ]
    }

    /// Status and answer of the token endpoint.
    pub(super) async fn token(&self, form: &[(&str, String)]) -> (u16, serde_json::Value) {
        let url = format!("{}/oauth2/v2.0/token", self.policy);
        let answer = self.client.post(url).header(ORIGIN, &self.origin).form(form).send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap())
    }
}

fn text_after(html: &str, before: &str) -> String {
    let start = html.find(before).unwrap() + before.len();
    html[start..].split('"').next().unwrap().to_owned()
}
