use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use reqwest::{Client, redirect};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What Home Assistant doesn't pass on to an app.
const ENDS_GOING: [HeaderName; 3] = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::ACCEPT_ENCODING];

/// What it doesn't pass back.
const ENDS_COMING: [HeaderName; 3] = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONTENT_ENCODING];

/// What stands between a browser and an app: it passes on what is under a path of its own and nothing else, without that path,
/// as Home Assistant and its Supervisor do it, but without their login. Source: homeassistant/components/hassio/ingress.py of
/// home-assistant/core, supervisor/api/ingress.py of home-assistant/supervisor.
pub(crate) struct Ingress {
    address: SocketAddr,
    server: JoinHandle<()>,
}

#[derive(Clone)]
struct Way {
    app: SocketAddr,
    client: Client,
}

impl Ingress {
    /// Where the app is to the browser, without a slash at the end.
    pub(crate) const PATH: &str = "/api/hassio_ingress/Zr3cXq8tJmVbY1pA5kWu";

    /// In front of an app, to which it comes from an address of this machine.
    pub(crate) async fn start(app: SocketAddr, from: IpAddr) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().local_address(from).redirect(redirect::Policy::none()).no_proxy();
        let way = Way { app, client: client.build().unwrap() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service =
            Router::new().fallback(pass_on).with_state(way).into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { address, server }
    }

    /// The address of the app's first page.
    pub(crate) fn url(&self) -> String {
        format!("http://{}{}/", self.address, Self::PATH)
    }
}

impl Drop for Ingress {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass_on(
    State(way): State<Way>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = uri.path_and_query().map_or("/", |asked| asked.as_str());
    let Some(path) = asked.strip_prefix(Ingress::PATH).filter(|path| path.starts_with('/')) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    ENDS_GOING.iter().for_each(|name| drop(headers.remove(name)));
    let host = headers[header::HOST].clone();
    headers.insert("x-hass-source", HeaderValue::from_static("core.ingress"));
    headers.insert("x-ingress-path", HeaderValue::from_static(Ingress::PATH));
    headers.insert("x-forwarded-host", host);
    headers.insert("x-forwarded-proto", HeaderValue::from_static("http"));
    headers.insert("x-forwarded-for", peer.ip().to_string().parse().unwrap());
    let request = way.client.request(method, format!("http://{}{path}", way.app)).headers(headers).body(body);
    let Ok(answer) = request.send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    ENDS_COMING.iter().for_each(|name| drop(headers.remove(name)));
    // Only the kind itself comes through, so that a page has to say by itself how it is encoded.
    if let Some(kind) = headers.get_mut(header::CONTENT_TYPE) {
        let whole = kind.to_str().unwrap();
        *kind = whole.split(';').next().unwrap_or(whole).trim().parse().unwrap();
    }
    let body = answer.bytes().await.unwrap();
    (status, headers, Body::from(body)).into_response()
}
