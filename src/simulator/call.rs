//! A request as it came, and an answer before it goes.

use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request};
use axum::http::header::{HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;

/// No form of the login comes near it.
const LARGEST_BODY: usize = 64 * 1024;

pub(super) type Pairs = Vec<(String, String)>;

/// A request.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    /// Path and query as they came.
    pub(super) target: String,
    query: Pairs,
    headers: HeaderMap,
    form: Pairs,
}

impl Call {
    /// Takes a request apart; `None` when its query is malformed or its body too long.
    pub(super) async fn read(request: Request) -> Option<Self> {
        let (parts, body) = request.into_parts();
        let Query(query) = Query::<Pairs>::try_from_uri(&parts.uri).ok()?;
        let body = to_bytes(body, LARGEST_BODY).await.ok()?;
        let is_form = parts
            .headers
            .get("content-type")
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        let form = if is_form { pairs(std::str::from_utf8(&body).ok()?)? } else { Pairs::new() };
        let target = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
        let path = parts.uri.path().to_owned();
        Some(Self { method: parts.method, path, target, query, headers: parts.headers, form })
    }

    /// A header that occurs once.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.get_all(name).iter();
        match (found.next(), found.next()) {
            (Some(only), None) => only.to_str().ok(),
            _ => None,
        }
    }

    /// A parameter of the query that occurs once.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        only(&self.query, name)
    }

    /// The query's parameters, in their order.
    pub(super) fn parameters(&self) -> &[(String, String)] {
        &self.query
    }

    /// A field of the form that occurs once.
    pub(super) fn form(&self, name: &str) -> Option<&str> {
        only(&self.form, name)
    }

    /// Whether a cookie came back as it was given, byte for byte.
    pub(super) fn has_cookie(&self, name: &str, value: &str) -> bool {
        self.cookies().any(|cookie| cookie == (name.as_bytes(), value.as_bytes()))
    }

    fn cookies(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let lines = self.headers.get_all("cookie").iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
        lines.filter_map(|cookie| {
            let cookie = cookie.strip_prefix(b" ").unwrap_or(cookie);
            let middle = cookie.iter().position(|byte| *byte == b'=')?;
            Some((cookie.get(..middle)?, cookie.get(middle.checked_add(1)?..)?))
        })
    }

    /// Whether it comes from something that calls itself a browser.
    pub(super) fn is_browser(&self) -> bool {
        self.header("user-agent").is_some_and(|agent| agent.starts_with("Mozilla/5.0 ("))
    }
}

fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut found = pairs.iter().filter(|(key, _)| key == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}

fn pairs(encoded: &str) -> Option<Pairs> {
    let uri: Uri = format!("/?{encoded}").parse().ok()?;
    Query::<Pairs>::try_from_uri(&uri).ok().map(|Query(pairs)| pairs)
}

/// Writes parameters as a query.
pub(super) fn query_of<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let written = parameters.into_iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    written.collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    let mut written = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => written.push(char::from(byte)),
            _ => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn new(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    pub(super) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self::new(status, "application/json; charset=utf-8", value.to_string())
    }

    pub(super) fn html(body: impl Into<String>) -> Self {
        Self::new(200, "text/html; charset=utf-8", body)
    }

    /// A refusal without words.
    pub(super) fn bare(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: String::new() }
    }

    pub(super) fn redirect(location: impl Into<String>) -> Self {
        Self::bare(302).with("location", location)
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn with_cookie(self, name: &str, value: &str) -> Self {
        self.with("set-cookie", format!("{name}={value}; path=/; SameSite=None; HttpOnly"))
    }

    /// Loses the second half of its body.
    pub(super) fn cut(mut self) -> Self {
        let half = self.body.len() / 2;
        let end = (0..=half).rev().find(|at| self.body.is_char_boundary(*at)).unwrap_or_default();
        self.body.truncate(end);
        self
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
