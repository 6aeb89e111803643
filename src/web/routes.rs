use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use maud::Markup;
use serde::Deserialize;

use super::page::{self, Context, Shown};
use super::site::{Content, Site};
use super::words::Language;
use super::{api, gate, health, metrics, press};

/// Nothing comes from elsewhere, nothing runs, and only Home Assistant, which then is the same origin, may frame a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'self'";

/// More than a press of a button needs.
const LARGEST_BODY: usize = 1024;

/// All that a site answers.
pub(super) fn routes(site: Arc<Site>) -> Router {
    Router::new()
        .route("/", get(overview))
        .route("/days/{meter}", get(days))
        .route("/days/{meter}/{month}", get(month))
        .route("/day/{meter}/{date}", get(day))
        .route("/year/{meter}", get(last_months))
        .route("/year/{meter}/{year}", get(year))
        .route("/peaks/{meter}", get(peaks))
        .route("/quality/{meter}", get(quality))
        .route("/poll", post(press::poll))
        .route("/login", post(press::log_in))
        .route("/api/v1/status.json", get(api::status))
        .route("/api/v1/days.json", get(api::days))
        .route("/metrics", get(metrics::metrics))
        .route(health::PATH, get(health::answer))
        .route("/style.css", get(|| asset("text/css; charset=utf-8", include_str!("style.css"))))
        .route("/icon.svg", get(|| asset("image/svg+xml", include_str!("icon.svg"))))
        .fallback(nothing_here)
        .layer(middleware::from_fn_with_state(Arc::clone(&site), gate::guard))
        .layer(middleware::map_response(harden))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(site)
}

#[derive(Deserialize)]
struct Pressed {
    poll: Option<String>,
}

async fn overview(State(site): State<Arc<Site>>, Query(pressed): Query<Pressed>, headers: HeaderMap) -> Response {
    let outcome = pressed.poll.as_deref().and_then(press::Outcome::of);
    let overview = move |context: &Context<'_>| page::overview(context, outcome).map(page::html);
    answer_or(site, &headers, overview, page::without_ledger).await
}

async fn days(State(site): State<Arc<Site>>, Path(meter): Path<String>, headers: HeaderMap) -> Response {
    render(site, &headers, move |context| page::days(context, &meter)).await
}

async fn month(
    State(site): State<Arc<Site>>,
    Path((meter, month)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    render(site, &headers, move |context| page::month(context, &meter, &month)).await
}

async fn day(
    State(site): State<Arc<Site>>,
    Path((meter, date)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    render(site, &headers, move |context| page::day(context, &meter, &date)).await
}

#[derive(Deserialize)]
struct OfYear {
    year: Option<i32>,
}

async fn quality(
    State(site): State<Arc<Site>>,
    Path(meter): Path<String>,
    Query(of): Query<OfYear>,
    headers: HeaderMap,
) -> Response {
    render(site, &headers, move |context| page::quality(context, &meter, of.year)).await
}

async fn peaks(State(site): State<Arc<Site>>, Path(meter): Path<String>, headers: HeaderMap) -> Response {
    render(site, &headers, move |context| page::peaks(context, &meter)).await
}

async fn last_months(
    State(site): State<Arc<Site>>,
    Path(meter): Path<String>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Response {
    render(site, &headers, move |context| page::year(context, &meter, None, shown)).await
}

async fn year(
    State(site): State<Arc<Site>>,
    Path((meter, year)): Path<(String, String)>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Response {
    render(site, &headers, move |context| page::year(context, &meter, Some(&year), shown)).await
}

async fn nothing_here() -> impl IntoResponse {
    (StatusCode::NOT_FOUND, "There is no such page.\n")
}

async fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind)], text)
}

/// Adds what keeps a browser from doing more with an answer than to show it.
async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("accept-language"));
    response
}

/// Why a page can't be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    /// There is no such meter, day or month.
    #[error("There is no such page.")]
    NotFound,
    #[error("{0}.")]
    Ledger(#[from] crate::ledger::Error),
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Ledger(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, format!("{self}\n")).into_response()
    }
}

/// Makes a page in the thread for pages.
pub(super) async fn render(
    site: Arc<Site>,
    headers: &HeaderMap,
    make: impl FnOnce(&Context<'_>) -> Result<Markup, Failed> + Send + 'static,
) -> Response {
    answer(site, headers, move |context| make(context).map(page::html)).await
}

/// Makes an answer from the ledger in the thread for pages. Where there is no service, the page says why.
pub(super) async fn answer<A: IntoResponse>(
    site: Arc<Site>,
    headers: &HeaderMap,
    make: impl FnOnce(&Context<'_>) -> Result<A, Failed> + Send + 'static,
) -> Response {
    answer_or(site, headers, make, |_, failed| failed.into_response()).await
}

/// The same, with a way to tell what failed.
async fn answer_or<A: IntoResponse>(
    site: Arc<Site>,
    headers: &HeaderMap,
    make: impl FnOnce(&Context<'_>) -> Result<A, Failed> + Send + 'static,
    tell: fn(Language, Failed) -> Response,
) -> Response {
    let language = Language::wanted(headers);
    // Nobody closes it.
    let Ok(turn) = Arc::clone(&site.turns).acquire_owned().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let made = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        match &site.content {
            Content::Service(service) => {
                let made = Context::open(&site, service, language).and_then(|context| make(&context));
                made.map_or_else(|failed| tell(language, failed), IntoResponse::into_response)
            }
            Content::Faults(faults) => {
                let page = page::html(page::faults(faults, language));
                (StatusCode::SERVICE_UNAVAILABLE, page).into_response()
            }
        }
    });
    // It fails only when the service ends.
    made.await.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use futures_util::FutureExt as _;
    use tokio::sync::oneshot;

    use super::*;
    use crate::web::tests::{Home, electricity};

    #[tokio::test]
    async fn whoever_goes_away_has_no_page_made() {
        let Home { site, folder: _folder, .. } = Home::new("2026-11-24T12:00:00Z", "2026-11-01", &[electricity()]);
        let (site, headers) = (Arc::new(site), HeaderMap::new());
        let (begins, has_begun) = oneshot::channel();
        let (release, held) = mpsc::channel::<()>();
        let first = answer(Arc::clone(&site), &headers, move |_| {
            begins.send(()).unwrap();
            held.recv().unwrap();
            Ok("made")
        });
        let made = Arc::new(AtomicUsize::new(0));
        let others = async {
            has_begun.await.unwrap();
            for _ in 0..10 {
                let counted = Arc::clone(&made);
                let waits = answer(Arc::clone(&site), &headers, move |_| {
                    counted.fetch_add(1, Ordering::SeqCst);
                    Ok("made")
                });
                assert!(waits.now_or_never().is_none(), "it waits for its turn, and then it goes away");
            }
            release.send(()).unwrap();
        };
        let (first, ()) = tokio::join!(first, others);
        let last = answer(site, &headers, |_| Ok("made")).await;
        assert_eq!((first.status(), last.status()), (StatusCode::OK, StatusCode::OK));
        assert_eq!(made.load(Ordering::SeqCst), 0);
    }
}
