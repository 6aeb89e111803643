//! One request at a time over HTTP, with what every step needs: limits, redirects by hand, and errors without addresses
//! in them, since an address here can hold an EAN, a code or a token.

use std::error::Error as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::cookie::{CookieStore as _, Jar};
use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Client, Request, RequestBuilder, Response, StatusCode, Url, redirect};
use tracing::{debug, trace};

use super::error::{Error, Step};
use super::redact;
use super::traffic::Traffic;

/// How long a request may take, from the first byte out to the last byte in.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The largest answer that is read: a month of quarter-hours is a tenth of it.
const LARGEST: usize = 8 * 1024 * 1024;

/// B2C serves its login page to browsers only.
const USER_AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/// An HTTP client that follows no redirect by itself.
pub(super) struct Http {
    client: Client,
    cookies: Option<Arc<Jar>>,
    pub(super) traffic: Traffic,
}

/// What came back.
pub(super) struct Answer {
    pub(super) url: Url,
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Http {
    /// A client whose requests are counted; with `cookies`, one with an empty jar of its own.
    pub(super) fn new(cookies: bool, traffic: &Traffic) -> Result<Self, Error> {
        // An error means that another part of the program was first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let cookies = cookies.then(Arc::<Jar>::default);
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .timeout(TIMEOUT)
            .connect_timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(Duration::from_secs(20));
        let client = match &cookies {
            Some(jar) => client.cookie_provider(Arc::clone(jar)),
            None => client,
        };
        let client = client.build().map_err(|error| Error::Setup(error.without_url().to_string()))?;
        Ok(Self { client, cookies, traffic: traffic.clone() })
    }

    pub(super) fn get(&self, url: Url) -> RequestBuilder {
        self.client.get(url)
    }

    pub(super) fn post(&self, url: Url) -> RequestBuilder {
        self.client.post(url)
    }

    /// Sends a request and reads the whole answer. Throttling and server errors are errors; any other status is the
    /// caller's to judge.
    pub(super) async fn send(&self, step: Step, request: RequestBuilder) -> Result<Answer, Error> {
        let request = request.build().map_err(|error| unavailable(step, error))?;
        if !is_safe(request.url()) {
            return Err(Error::Insecure { step });
        }
        let told = format!("{step}: {} {}", request.method(), redact::address(request.url()));
        self.trace_request(step, &request);
        let started = Instant::now();
        self.traffic.begins();
        let answer = self.exchange(step, request).await;
        let time = started.elapsed();
        self.traffic.took(time);
        let seconds = time.as_secs_f64();
        match &answer {
            Ok(answer) => {
                debug!("{told}: HTTP {}, {} bytes, {seconds:.3} s", answer.status.as_u16(), answer.body.len());
                answer.trace(step);
            }
            Err(Error::Unavailable { why, .. }) => debug!("{told}: {why}, {seconds:.3} s"),
            Err(_) => debug!("{told}: not read to its end, {seconds:.3} s"),
        }
        let answer = answer?;
        let retry_after = answer.retry_after();
        match answer.status {
            StatusCode::TOO_MANY_REQUESTS => {
                Err(Error::Unavailable { step, why: "too many requests (HTTP 429)".to_owned(), retry_after })
            }
            status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
                Err(Error::Unavailable { step, why: format!("HTTP {}", status.as_u16()), retry_after })
            }
            _ => Ok(answer),
        }
    }

    async fn exchange(&self, step: Step, request: Request) -> Result<Answer, Error> {
        let response = self.client.execute(request).await.map_err(|error| unavailable(step, error))?;
        Answer::read(step, response).await
    }

    /// Tells what a request carries, by name.
    fn trace_request(&self, step: Step, request: &Request) {
        let cookies = self.cookies.as_ref().and_then(|jar| jar.cookies(request.url()));
        let headers = redact::header_names(request.headers());
        trace!("{step}: headers sent: {headers}; cookies sent: {}", redact::sent_cookies(cookies.as_ref()));
    }
}

impl Answer {
    async fn read(step: Step, mut response: Response) -> Result<Self, Error> {
        let mut answer = Self {
            url: response.url().clone(),
            status: response.status(),
            headers: response.headers().clone(),
            body: Vec::new(),
        };
        while let Some(chunk) = response.chunk().await.map_err(|error| unavailable(step, error))? {
            if answer.body.len().saturating_add(chunk.len()) > LARGEST {
                return Err(Error::Changed { step, what: "the answer is far too long".to_owned() });
            }
            answer.body.extend_from_slice(&chunk);
        }
        Ok(answer)
    }

    /// Tells what came with an answer, by name, and where it leads.
    fn trace(&self, step: Step) {
        let (headers, cookies) = (redact::header_names(&self.headers), redact::set_cookies(&self.headers));
        trace!("{step}: headers received: {headers}; cookies set: {cookies}");
        if let Some(next) = self.location() {
            trace!("{step}: redirected to {}", redact::address(&next));
        }
    }

    /// Where a redirect leads, absolute.
    pub(super) fn location(&self) -> Option<Url> {
        if !self.status.is_redirection() {
            return None;
        }
        self.url.join(self.headers.get(LOCATION)?.to_str().ok()?).ok()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        // The other form is an HTTP date, which is a date of RFC 2822.
        let at = DateTime::parse_from_rfc2822(text).ok()?;
        Some(at.signed_duration_since(Utc::now()).to_std().unwrap_or_default())
    }
}

/// Whether an address keeps what is sent there private: encrypted, or on this machine.
pub(super) fn is_safe(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => url.host_str().is_some_and(|host| {
            let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }),
        _ => false,
    }
}

fn unavailable(step: Step, error: reqwest::Error) -> Error {
    let error = error.without_url();
    let mut why = if error.is_timeout() {
        format!("no answer within {} s", TIMEOUT.as_secs())
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the connection broke".to_owned()
    };
    let mut deepest = error.source();
    while let Some(source) = deepest.and_then(std::error::Error::source) {
        deepest = Some(source);
    }
    if let (false, Some(cause)) = (error.is_timeout(), deepest) {
        why = format!("{why}: {cause}");
    }
    Error::Unavailable { step, why, retry_after: None }
}
