//! The tools that pages are tried with do find faults: else what passes them proves nothing.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{Browser, Ingress, Key, client, free_port};

/// What a page may load: its own style and pictures, and no script.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'";

fn page(body: &str) -> Html<String> {
    Html(format!("<!doctype html><html lang=en><title>Try</title><link rel=icon href='data:,'><main>{body}</main>"))
}

/// A page under a strict policy.
fn strict(body: &str) -> Response {
    ([(header::CONTENT_SECURITY_POLICY, POLICY)], page(body)).into_response()
}

/// Serves pages as long as the test runs.
async fn serve(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
    address
}

async fn visit(path: &str, routes: Router) -> Browser {
    let address = serve(routes).await;
    let mut browser = Browser::start(800, 600).await;
    browser.record().await;
    browser.visit(&format!("http://{address}{path}")).await;
    browser
}

/// Asserts that each complaint is there, and no other; of each its beginning.
fn assert_complaints(complaints: &[String], expected: &[String]) {
    let is_there = |start: &String| complaints.iter().any(|complaint| complaint.starts_with(start));
    assert!(expected.iter().all(is_there) && complaints.len() == expected.len(), "{complaints:#?}\n{expected:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_breaks_the_rules_is_caught() {
    let other = serve(Router::new().route("/far.png", get(|| async { "" }))).await;
    let closed = format!("127.0.0.1:{}", free_port());
    let body = format!(
        "<h1 style='color: red'>Try</h1><img src=/gone.png><img src=http://{other}/far.png><img src=http://{closed}/>
        <script>console.log('fine'); console.error('not', 'fine', 1); console.warn('nearly fine')</script>
        <script>throw new Error('broken')</script>"
    );
    let policy = [(header::CONTENT_SECURITY_POLICY, "style-src 'self'; script-src 'unsafe-inline'")];
    let mut browser = visit("/", Router::new().route("/", get(move || async move { (policy, page(&body)) }))).await;
    let expected = [
        format!("request to another origin: http://{other}/far.png"),
        format!("request to another origin: http://{closed}/"),
        format!("not loaded: http://{closed}/ (net::ERR_CONNECTION_REFUSED)"),
        "network: Failed to load resource: net::ERR_CONNECTION_REFUSED".to_owned(),
        "network: Failed to load resource: the server responded with a status of 404".to_owned(),
        "security: Applying inline style violates".to_owned(),
        "console error: not fine 1".to_owned(),
        "console warning: nearly fine".to_owned(),
        "Uncaught: Error: broken".to_owned(),
    ];
    assert_complaints(&browser.complaints().await, &expected);
    let requests = browser.requests().await;
    assert!(requests.contains(&format!("http://{other}/far.png")) && requests.len() == 4, "{requests:?}");

    browser.record().await;
    assert_eq!((browser.complaints().await, browser.requests().await), (Vec::new(), Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_of_a_page_forbids_is_caught() {
    let far = format!("http://127.0.0.1:{}/far.png", free_port());
    let body = format!("<img src={far}>");
    let mut browser = visit("/", Router::new().route("/", get(move || async move { strict(&body) }))).await;
    let expected = [
        format!("security: Loading the image '{far}' violates"),
        format!("request to another origin: {far}"),
        format!("not loaded: {far} (csp)"),
    ];
    assert_complaints(&browser.complaints().await, &expected);
}

/// A page with faults that keep people out, and one that only makes it harder to find one's way.
async fn inaccessible() -> Browser {
    let body =
        "<style>button {display: block; border: 0; padding: 0; width: 8px; height: 8px; overflow: hidden}</style>
        <h2>Try</h2><img src=data:,><button id=a>a</button><button id=b>b</button>";
    visit("/", Router::new().route("/", get(move || async move { page(body) }))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_makes_a_page_hard_to_use_is_told() {
    let found = inaccessible().await.accessibility().await;
    let expected = [
        "critical image-alt: Images must have alternative text (img)",
        "moderate page-has-heading-one: Page should contain a level-one heading (html)",
        "serious target-size: All touch targets must be 24px large, or leave sufficient space (#a)",
        "serious target-size: All touch targets must be 24px large, or leave sufficient space (#b)",
    ];
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "critical image-alt: Images must have alternative text (img)")]
async fn a_page_that_keeps_people_out_is_refused() {
    inaccessible().await.assert_accessible().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_page_is_left_in_peace() {
    let picture = || async { ([(header::CONTENT_TYPE, "image/svg+xml")], "<svg xmlns='http://www.w3.org/2000/svg'/>") };
    let body = "<h1>Try</h1><img src=/picture.svg alt=''><p>Well to be read</p>";
    let routes = Router::new().route("/", get(move || async move { strict(body) })).route("/picture.svg", get(picture));
    let mut browser = visit("/", routes).await;
    browser.assert_accessible().await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    assert_eq!(browser.requests().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_see_the_language_the_colours_and_the_phone_of_whoever_looks() {
    let told = |headers: HeaderMap| async move {
        page(&format!("<h1>{}</h1>", headers[header::ACCEPT_LANGUAGE].to_str().unwrap()))
    };
    let address = serve(Router::new().route("/", get(told))).await;
    let mut browser = Browser::start(800, 600).await;
    let seen = "[navigator.languages, matchMedia('(prefers-color-scheme: dark)').matches, innerWidth,
        matchMedia('(pointer: coarse)').matches]";
    let cases = [("nl-BE,nl", "dark", "nl-BE,nl;q=0.9", true), ("fr-BE", "light", "fr-BE", false)];
    for (languages, scheme, sent, is_dark) in cases {
        browser.languages(languages).await;
        browser.colour_scheme(scheme).await;
        browser.visit(&format!("http://{address}/")).await;
        browser.shows(&[sent]).await;
        let languages: Vec<_> = languages.split(',').collect();
        assert_eq!(browser.evaluate(seen).await, json!([languages, is_dark, 800, false]));
    }
    browser.phone().await;
    browser.visit(&format!("http://{address}/")).await;
    assert_eq!(browser.evaluate(seen).await[3], true);
    assert_eq!(browser.evaluate("[screen.width, screen.height, devicePixelRatio]").await, json!([390, 844, 3]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mouse_and_the_keys_reach_what_is_on_the_page() {
    let body = "<h1>Try</h1><div style='height: 3000px'></div>
        <p>Go <a href=/next>one   step</a> <i>further</i></p>
        <form method=post action=/poll><button>Poll</button></form>
        <style>#shown {visibility: hidden} svg:hover + #shown {visibility: visible}</style>
        <svg width=20 height=20><rect width=20 height=20 /></svg><p id=shown>hovered</p>";
    let routes = Router::new()
        .route("/", get(move || async move { page(body) }))
        .route("/next", get(|| async { page("<h1>Next</h1><a href=/>Back</a>") }))
        .route("/poll", post(|| async { Redirect::to("/polled") }))
        .route("/polled", get(|| async { page("<h1>Polled</h1><a href=/>Back</a>") }));
    let mut browser = visit("/", routes).await;
    let visible = "getComputedStyle(document.querySelector('#shown')).visibility";
    assert_eq!(browser.evaluate(visible).await, "hidden");
    browser.hover("svg rect").await;
    assert_eq!(browser.evaluate(visible).await, "visible");

    browser.click_text("one step").await;
    browser.arrives().await;
    browser.shows(&["Next"]).await;
    browser.press(Key::Tab).await;
    browser.press(Key::Enter).await;
    browser.arrives().await;
    browser.shows(&["further"]).await;
    browser.click("form button").await;
    browser.arrives().await;
    browser.shows(&["Polled"]).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn only_what_is_under_the_ingress_reaches_the_app() {
    let told = |ConnectInfo(peer): ConnectInfo<SocketAddr>, uri: Uri, headers: HeaderMap| async move {
        let names = ["host", "x-ingress-path", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-for"];
        let told = names.map(|name| headers[name].to_str().unwrap().to_owned());
        ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{} {uri} {}", peer.ip(), told.join(" ")))
    };
    let routes = Router::new()
        .route("/days/{day}", get(told))
        .route("/poll", post(|body: String| async move { (StatusCode::SEE_OTHER, [(header::LOCATION, "/")], body) }));
    let app = serve(routes).await;
    let ingress = Ingress::start(app, [127, 0, 0, 2].into()).await;
    let (url, path) = (ingress.url(), Ingress::PATH);
    let host = url.strip_prefix("http://").unwrap().strip_suffix(&format!("{path}/")).unwrap();

    let answer = client().get(format!("{url}days/0011?from=a%20b")).send().await.unwrap();
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/plain");
    let told = format!("127.0.0.2 /days/0011?from=a%20b {host} {path} {host} http 127.0.0.1");
    assert_eq!(answer.text().await.unwrap(), told);

    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.post(format!("{url}poll")).body("now").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()[header::LOCATION]), (303, &"/".parse().unwrap()));
    assert_eq!(answer.text().await.unwrap(), "now");

    let outside = [format!("http://{host}/days/0011"), format!("http://{host}{path}"), format!("http://{host}/")];
    for outside in outside {
        assert_eq!(client.get(&outside).send().await.unwrap().status().as_u16(), 404, "{outside}");
    }
}
