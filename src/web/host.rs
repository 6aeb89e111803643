//! The guard against rebinding: a page of a stranger, open in a browser at home, can give its own name the bridge's address.
//! Its requests then carry that name, while an address or the name of this machine can't be a stranger's.

use std::net::{IpAddr, Ipv6Addr};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Passes on what asks for this machine or for an address.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(is_ours) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "Ask by IP address or as localhost; other names are not answered.\n").into_response()
    }
}

/// Whether the `Host` of a request is `localhost` or an IP address, with or without a port.
fn is_ours(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (host, "0"),
    };
    if port.parse::<u16>().is_err() {
        return false;
    }
    match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_this_machine_are_ours_and_names_are_not() {
        for host in ["localhost", "LocalHost:8099", "127.0.0.1:8099", "192.168.1.7", "[::1]:8099", "[fd00::7]"] {
            assert!(is_ours(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8099",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "localhost:x",
            "::1",
            "[localhost]",
            "[::1",
            "user@127.0.0.1",
        ] {
            assert!(!is_ours(host), "{host}");
        }
    }
}
