//! The way to Home Assistant: where its websocket is, and how the line is encrypted.

use std::sync::Arc;

use reqwest::Url;
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_tungstenite::Connector;

use super::Error;

/// Where the websocket is.
pub(super) fn endpoint(url: &Url) -> Result<Url, Error> {
    let scheme = match url.scheme() {
        "ws" | "wss" => return Ok(url.clone()),
        "http" => "ws",
        "https" => "wss",
        _ => return Err(Error::Unavailable("its address begins with neither http:// nor https://".to_owned())),
    };
    let mut socket = url.clone();
    socket.set_path(&format!("{}/api/websocket", url.path().trim_end_matches('/')));
    socket.set_query(None);
    socket.set_fragment(None);
    match socket.set_scheme(scheme) {
        Ok(()) => Ok(socket),
        Err(()) => Err(Error::Unavailable("its address can't be used".to_owned())),
    }
}

/// How the line is encrypted, trusting the system's authorities.
pub(super) fn connector(url: &Url) -> Result<Connector, Error> {
    if url.scheme() == "ws" {
        return Ok(Connector::Plain);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(|error| {
            Error::Unavailable(format!(
                "TLS can't be set up: {error}; check that the system has its certificates (package ca-certificates)"
            ))
        })?;
    Ok(Connector::Rustls(Arc::new(config.with_no_client_auth())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_websocket_is_below_the_address_of_the_browser() {
        for (address, socket) in [
            ("http://homeassistant.local:8123", "ws://homeassistant.local:8123/api/websocket"),
            ("http://homeassistant.local:8123/", "ws://homeassistant.local:8123/api/websocket"),
            ("https://home.example.org", "wss://home.example.org/api/websocket"),
            ("https://home.example.org/ha/?x=1#y", "wss://home.example.org/ha/api/websocket"),
            ("http://[::1]:8123", "ws://[::1]:8123/api/websocket"),
            ("ws://supervisor/core/websocket", "ws://supervisor/core/websocket"),
            ("wss://home.example.org/elsewhere", "wss://home.example.org/elsewhere"),
        ] {
            assert_eq!(endpoint(&Url::parse(address).unwrap()).unwrap().as_str(), socket);
        }
        assert!(matches!(endpoint(&Url::parse("ftp://home.example.org").unwrap()), Err(Error::Unavailable(_))));
    }

    #[test]
    fn only_an_address_with_encryption_is_encrypted() {
        assert!(matches!(connector(&Url::parse("ws://supervisor/core/websocket").unwrap()), Ok(Connector::Plain)));
        let encrypted = connector(&Url::parse("wss://home.example.org/api/websocket").unwrap());
        assert!(matches!(encrypted, Ok(Connector::Rustls(_))));
    }
}
