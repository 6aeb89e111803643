//! Which requests are let in.
//!
//! Somebody else's page, open in a browser at home, can give its own name the bridge's address (rebinding); its requests
//! then carry that name, so that only names are answered which nobody can own outside the home. It can also send a form
//! here, and then its origin tells. As an app of Home Assistant, only the Supervisor sees the pages: it has asked for a login.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::health;
use super::server::Peer;
use super::site::Site;

/// Passes on what may be answered.
pub(super) async fn guard(
    State(site): State<Arc<Site>>,
    Extension(Peer(peer)): Extension<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let refused = |why: &'static str| (StatusCode::FORBIDDEN, why).into_response();
    if let Some(ingress) = site.ingress {
        // Whoever is inside the container may ask whether the service is well.
        let is_inside = peer.is_loopback() && request.uri().path() == health::PATH;
        if peer != ingress && !is_inside {
            return refused("Open this page in Home Assistant, in the sidebar or on the page of the app.\n");
        }
        // Home Assistant passes on the browser's Host, whatever name it is reached by, after a login.
        return next.run(request).await;
    }
    let Some(host) = host(request.headers()) else {
        return refused(
            "Ask by IP address, as localhost, or by a name that is known at home only, such as nas.local.\n",
        );
    };
    let changes = request.method() != Method::GET && request.method() != Method::HEAD;
    if changes && origin(request.headers()).is_none_or(|origin| !origin.eq_ignore_ascii_case(host)) {
        return refused("Buttons work on the page itself only.\n");
    }
    next.run(request).await
}

/// The `Host` of a request, if it can't be a stranger's.
fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(HOST)?.to_str().ok().filter(|host| is_ours(host))
}

/// The host and port of the page from which a request comes.
fn origin(headers: &HeaderMap) -> Option<String> {
    let origin: Uri = headers.get(ORIGIN)?.to_str().ok()?.parse().ok()?;
    // A page of no origin says `null`, which would be a name.
    origin.scheme()?;
    Some(origin.authority()?.to_string())
}

/// Whether the `Host` of a request is an IP address, or a name that nobody can own outside the home: `localhost`, one
/// without a dot, or one below `.local` (RFC 6762), `.home.arpa` (RFC 8375) or `.internal` (which ICANN keeps free for that);
/// with or without a port.
fn is_ours(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (host, "0"),
    };
    if port.parse::<u16>().is_err() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    if let Some(address) = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    if let Ok(address) = name.parse::<IpAddr>() {
        return address.is_ipv4();
    }
    let name = name.to_ascii_lowercase();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    let is_at_home = !name.contains('.') || [".local", ".home.arpa", ".internal"].iter().any(|end| name.ends_with(end));
    // What ends with a number is an address in another form (the URL standard, "ends in a number").
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_number = last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit());
    is_name && is_at_home && !is_number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_of_the_home_are_ours_and_others_are_not() {
        for host in [
            "localhost",
            "LocalHost:8099",
            "127.0.0.1:8099",
            "192.168.1.7",
            "[::1]:8099",
            "[fd00::7]",
            "nas",
            "3d-printer.local",
            "my-nas_2:80",
            "nas.local:8099",
            "pi.home.arpa",
            "bridge.internal",
        ] {
            assert!(is_ours(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8099",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "nas.local.evil.example",
            "evillocal.example",
            "nas.local.",
            "localhost:x",
            "localhost:+80",
            "0x7f000001",
            "::1",
            "[localhost]",
            "[::1",
            "user@127.0.0.1",
            "user@nas",
            "2130706433",
            "0x7f.1",
        ] {
            assert!(!is_ours(host), "{host}");
        }
    }

    #[test]
    fn an_origin_is_compared_by_host_and_port() {
        let with = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ORIGIN, text.parse().unwrap());
            origin(&headers)
        };
        assert_eq!(with("http://127.0.0.1:8099").as_deref(), Some("127.0.0.1:8099"));
        assert_eq!(with("null"), None);
        assert_eq!(with("http://"), None);
        assert_eq!(origin(&HeaderMap::new()), None);
    }
}
