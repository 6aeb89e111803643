//! The status page in a real browser: readable by everybody, in three languages, from Home Assistant or by itself, and safe.

use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use chrono::{Datelike as _, Days, Months, NaiveDate};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{Fault, How, SimulatedMeter, Where};
use serde_json::json;
use tokio::net::TcpListener;

use crate::support::{
    Browser, EAN, Home, House, Ingress, Key, Mosquitto, OTHER_EAN, OTHER_SERIAL, Page, Running, SERIAL, before,
    yesterday,
};

/// What no other value of a page may break.
const NAME: &str = r#"<b onclick="alert(1)">Zon & 'wind'</b>"#;

/// A home with electricity and gas, some 13 months of both, and its page.
async fn home() -> (Home, Page) {
    let first = yesterday() - Days::new(400);
    let mut meters =
        [SimulatedMeter::electricity(EAN, SERIAL, first), SimulatedMeter::gas(OTHER_EAN, OTHER_SERIAL, first)];
    meters.iter_mut().for_each(|meter| meter.published_until = Some(yesterday()));
    let mut home = Home::with(Clock::system(), meters.to_vec(), Mosquitto::start().await).await;
    home.settings["meters"][0]["name"] = json!("Home");
    home.settings["meters"][1]["name"] = json!("Heating");
    home.settings["meters"][1]["kind"] = json!("gas");
    for meter in [0, 1] {
        home.settings["meters"][meter]["history_from"] = json!(first);
    }
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    let page = Page::of(&mut home);
    (home, page)
}

/// Starts the service and waits until all of the history is in.
async fn run(home: &Home, page: &Page) -> Running {
    let bridge = home.run();
    page.shows("all of the history", |shown| {
        let meters = shown["meters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_in = |meter: &serde_json::Value| meter["days_missing"] == 0 && meter.get("backfill").is_none();
        shown["last_poll"].is_string() && meters.iter().all(is_in)
    })
    .await;
    bridge
}

/// The pages about the first meter, and a day and a month of it.
fn paths() -> Vec<String> {
    let month = (yesterday() - Months::new(1)).format("%Y-%m").to_string();
    let year = (yesterday() - Days::new(300)).year();
    vec![
        "/".to_owned(),
        "/days/0011".to_owned(),
        format!("/days/0011/{month}"),
        format!("/day/0011/{}", before(1)),
        "/peaks/0011".to_owned(),
        "/year/0011".to_owned(),
        format!("/year/0011/{year}"),
        "/year/0011?of=injection".to_owned(),
        "/quality/0011".to_owned(),
        "/days/0028".to_owned(),
        format!("/day/0028/{}", before(5)),
        "/year/0028".to_owned(),
    ]
}

/// Nothing on the page is to be blamed, and it has asked its own origin alone.
async fn assert_flawless(browser: &mut Browser, what: &str) {
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "{what}");
    browser.assert_accessible().await;
    let policy = browser.evaluate("document.querySelectorAll('script, [style], iframe, object').length").await;
    assert_eq!(policy, json!(0), "{what} has nothing that runs");
}

/// No part of the page is beyond the edge of the screen.
async fn assert_fits(browser: &mut Browser, what: &str) {
    let overflow = browser.evaluate("document.scrollingElement.scrollWidth - window.innerWidth").await;
    assert!(overflow.as_i64().unwrap() <= 0, "{what} is {overflow} too wide");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_readable_by_everybody_in_each_language_and_scheme() {
    let (home, page) = home().await;
    let _bridge = run(&home, &page).await;
    let mut browser = Browser::start(1100, 900).await;
    let mut backgrounds = Vec::new();
    for (index, (tag, title)) in [("en", "Overview"), ("nl", "Overzicht"), ("fr", "Aperçu")].into_iter().enumerate() {
        browser.languages(&format!("{tag}-BE,{tag}")).await;
        for scheme in ["light", "dark"] {
            browser.colour_scheme(scheme).await;
            browser.record().await;
            browser.visit(&page.url("/")).await;
            let shown = browser.text().await;
            assert!(shown.lines().any(|line| line == title), "{shown}");
            assert_eq!(browser.evaluate("document.documentElement.lang").await, json!(tag));
            assert_flawless(&mut browser, &format!("the overview in {tag}, {scheme}")).await;
            backgrounds.push(browser.evaluate("getComputedStyle(document.body).backgroundColor").await.to_string());
        }
        // The others in one language each way, since only their words differ.
        let scheme = ["dark", "light"][index % 2];
        browser.colour_scheme(scheme).await;
        for path in paths() {
            browser.record().await;
            browser.visit(&page.url(&path)).await;
            assert_flawless(&mut browser, &format!("{path} in {tag}, {scheme}")).await;
            assert_fits(&mut browser, &path).await;
            assert!(!browser.text().await.contains(EAN), "{path}");
            // These are in the README.
            if ["/days/0011", "/year/0011"].contains(&path.as_str()) && tag == "en" {
                browser.colour_scheme("light").await;
                browser.picture(&format!("page{}.png", path.trim_end_matches("/0011").replace('/', "-"))).await;
                browser.colour_scheme(scheme).await;
            }
        }
    }
    backgrounds.sort();
    backgrounds.dedup();
    assert_eq!(backgrounds.len(), 2, "light and dark differ: {backgrounds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_shows_every_page_without_moving_it_sideways() {
    let (home, page) = home().await;
    let _bridge = run(&home, &page).await;
    let mut browser = Browser::start(1100, 900).await;
    browser.phone().await;
    for path in paths() {
        browser.record().await;
        browser.visit(&page.url(&path)).await;
        assert_fits(&mut browser, &path).await;
        assert_flawless(&mut browser, &path).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_that_fails_is_told_beside_one_that_is_fine() {
    let (mut home, page) = home().await;
    home.settings["poll"]["at"] = json!(["06:20", "12:20", "18:20"]);
    home.portal.fail(Fault::always(Where::History, How::Status(403, None)).for_ean(OTHER_EAN));
    let _bridge = home.run();
    page.shows("a poll", |shown| shown["last_poll"].is_string() && shown["meters"][0]["days_missing"] == 0).await;
    let mut browser = Browser::start(1100, 900).await;
    browser.record().await;
    browser.visit(&page.url("/")).await;
    let shown = browser.text().await;
    assert!(shown.contains("Heating (…0028)\nMijn Fluvius refuses the history of this meter (HTTP 403)."), "{shown}");
    assert!(shown.contains("usually arrives tomorrow at about"), "{shown}");
    assert_flawless(&mut browser, "a meter that fails").await;
    browser.picture("page.png").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_missing_days_shows_that_they_are_missing() {
    let (home, page) = home().await;
    let month = (yesterday() - Months::new(1)).with_day(1).unwrap();
    let days = month.iter_days().take_while(|day| day.month() == month.month());
    let days: Vec<NaiveDate> = days.collect();
    home.portal.edit_meter(EAN, |meter| meter.withheld.extend(days.clone()));
    let _bridge = home.run();
    page.shows("a poll", |shown| shown["last_poll"].is_string()).await;
    let mut browser = Browser::start(1100, 900).await;
    browser.record().await;
    browser.visit(&page.url(&format!("/days/0011/{}", month.format("%Y-%m")))).await;
    assert_flawless(&mut browser, "a month of missing days").await;
    let missing = browser.evaluate("document.querySelectorAll('svg .missing').length").await;
    assert!(missing.as_u64().unwrap() >= days.len() as u64, "{missing}");
    let told = browser.evaluate("document.querySelector('a.column').getAttribute('aria-label')").await;
    assert!(told.as_str().unwrap().contains("missing"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_reaches_the_content_and_the_numbers() {
    let (home, page) = home().await;
    let _bridge = run(&home, &page).await;
    let mut browser = Browser::start(1100, 900).await;
    browser.visit(&page.url("/days/0011")).await;
    browser.press(Key::Tab).await;
    assert_eq!(browser.evaluate("document.activeElement.className").await, json!("skip"));
    browser.press(Key::Enter).await;
    assert_eq!(browser.evaluate("document.activeElement.id").await, json!("content"));
    let visible = "getComputedStyle(document.querySelector('a.column .readout')).visibility";
    assert_eq!(browser.evaluate(visible).await, json!("hidden"));
    while browser.evaluate("document.activeElement.classList.contains('column')").await != json!(true) {
        browser.press(Key::Tab).await;
        assert_ne!(browser.evaluate("document.activeElement.tagName").await, json!("BODY"), "no column was reached");
    }
    assert_eq!(browser.evaluate(visible).await, json!("visible"));
    let shown = browser.evaluate("document.activeElement.querySelector('.readout').textContent").await;
    assert!(shown.as_str().unwrap().contains("kWh"), "{shown}");
    browser.press(Key::Enter).await;
    browser.arrives().await;
    let address = browser.evaluate("location.pathname").await;
    assert!(address.as_str().unwrap().starts_with("/day/0011/"), "{address}");
}

#[tokio::test(flavor = "multi_thread")]
async fn poll_now_works_and_says_when_it_does_not() {
    let (home, page) = home().await;
    let _bridge = run(&home, &page).await;
    let mut browser = Browser::start(1100, 900).await;
    browser.record().await;
    browser.visit(&page.url("/")).await;
    let before = home.portal.requests().len();
    browser.click_text("Poll now").await;
    browser.arrives().await;
    assert!(browser.text().await.contains("The portal was asked. What it said is below."));
    let asked = home.portal.requests().len();
    assert!(asked > before);
    assert_flawless(&mut browser, "the overview after a press").await;
    browser.click_text("Poll now").await;
    browser.arrives().await;
    assert!(browser.text().await.contains("Not again within a minute"));
    assert_eq!(home.portal.requests().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_origin_can_not_press_the_button() {
    let (home, page) = home().await;
    let _bridge = run(&home, &page).await;
    let token = page.token().await;
    // It even knows what it can't know.
    let form = format!(
        "<!doctype html><title>Evil</title><form method=post action='{}'><input type=hidden name=token value='{token}'>\
         <button>Win a prize</button></form>",
        page.url("/poll")
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let evil = listener.local_addr().unwrap();
    let routes = Router::new().route("/", get(move || async move { Html(form) }));
    let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let before = home.portal.requests().len();
    let mut browser = Browser::start(1100, 900).await;
    browser.visit(&format!("http://{evil}/")).await;
    browser.click_text("Win a prize").await;
    browser.arrives().await;
    assert_eq!(browser.text().await, "Buttons work on the page itself only.");
    assert_eq!(home.portal.requests().len(), before);
    server.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn in_home_assistant_it_works_under_the_path_of_the_ingress() {
    let mut house = House::new().await;
    house.options["meters"][0]["name"] = json!(NAME);
    house.supervisor.provide_broker(house.home.broker.port, House::FIRST);
    let app = house.run();
    let page = Page::at(house.web);
    page.shows("a poll", |shown| shown["last_poll"].is_string()).await;
    let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let ingress = Ingress::start(page.address.parse().unwrap(), local).await;
    let mut browser = Browser::start(1100, 900).await;
    browser.record().await;
    browser.visit(&ingress.url()).await;
    assert!(browser.text().await.contains("Zon & 'wind'"), "a name is shown as it is");
    assert_flawless(&mut browser, "the overview in Home Assistant").await;
    // Each link of a page, until all pages have been seen.
    let mut seen = vec![ingress.url()];
    let mut next = 0;
    while let Some(url) = seen.get(next).cloned() {
        next += 1;
        browser.visit(&url).await;
        let links = "[...document.querySelectorAll('a')].map(a => (a.href.baseVal ?? a.href).split('#')[0])";
        let links = browser.evaluate(&format!("{links}.map(a => new URL(a, location).href)")).await;
        for link in links.as_array().unwrap().iter().filter_map(|link| link.as_str()) {
            assert!(link.starts_with(&ingress.url()), "{link} on {url}");
            // One of each kind.
            let kind = |url: &str| url.trim_start_matches(&ingress.url()).split('/').next().unwrap().to_owned();
            if !seen.iter().any(|known| kind(known) == kind(link)) {
                seen.push(link.to_owned());
            }
        }
    }
    assert!(seen.len() >= 6, "{seen:?}");
    browser.visit(&ingress.url()).await;
    browser.click_text("Poll now").await;
    browser.arrives().await;
    assert!(browser.text().await.contains("The portal was asked."));
    let address = browser.evaluate("location.href").await;
    assert_eq!(address, json!(format!("{}?poll=done", ingress.url())));
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    // Whoever comes from elsewhere in the house doesn't see it.
    let stranger = Ingress::start(page.address.parse().unwrap(), "127.0.0.2".parse().unwrap()).await;
    browser.visit(&stranger.url()).await;
    assert!(browser.text().await.starts_with("Open this page in Home Assistant"));
    house.stop(app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_step_that_only_the_user_can_do_ends_with_a_button() {
    let (home, page) = home().await;
    home.portal.fail(Fault::always(Where::Confirmation, How::NewPage));
    let _bridge = home.run();
    page.shows("the refusal", |shown| shown["portal"]["state"] == "down").await;
    let mut browser = Browser::start(1100, 900).await;
    browser.record().await;
    browser.visit(&page.url("/")).await;
    assert_flawless(&mut browser, "a refused login").await;
    home.portal.clear_faults();
    browser.click_text("Try the login again").await;
    browser.arrives().await;
    assert!(browser.text().await.contains("Nothing is wrong."), "{}", browser.text().await);
}
