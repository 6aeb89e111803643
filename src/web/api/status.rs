use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::{kind, local};
use crate::web::Problem;
use crate::web::page::{Context, describe};
use crate::web::routes::{Failed, answer};
use crate::web::site::Site;
use crate::web::view::Link;

/// What the overview shows.
pub(in crate::web) async fn status(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    answer(site, &headers, |context| tell(context).map(Json)).await
}

fn tell(context: &Context<'_>) -> Result<Value, Failed> {
    let view = &context.view;
    let mut meters = Vec::new();
    for described in describe(context)? {
        let facts = described.facts.as_ref();
        meters.push(without_nulls(json!({
            "id": described.name,
            "name": described.meter.title(),
            "kind": kind(described.meter.kind),
            "status": described.status,
            "summary": described.sentence,
            "complete_until": facts.and_then(|facts| facts.complete_until()),
            "newest_day": facts.and_then(|facts| facts.newest),
            "days_missing": facts.map(|facts| facts.missing.len()),
            "last_sync": facts.and_then(|facts| facts.last_sync).map(|at| local(context, at)),
            "problem": described.problem.as_ref().map(|problem| told(context, problem)),
            "backfill": described.backfill.map(|backfill| without_nulls(json!({
                "days_done": backfill.done,
                "days_left": backfill.left,
                "ready_at": described.ready_at.map(|at| local(context, at)),
            }))),
        })));
    }
    Ok(without_nulls(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "now": local(context, context.now),
        "started": local(context, view.started),
        "polling_since": view.polling_since.map(|at| local(context, at)),
        "last_poll": view.last_poll.map(|at| local(context, at)),
        "next_poll": view.next_poll.map(|at| local(context, at)),
        "service": link(context, &view.service),
        "portal": link(context, &view.portal),
        "broker": link(context, &view.broker),
        "home_assistant": view.home_assistant.as_ref().map(|home| link(context, home)),
        "meters": meters,
    })))
}

fn link(context: &Context<'_>, link: &Link) -> Value {
    match link {
        Link::Unknown => json!({"state": "unknown"}),
        Link::Up => json!({"state": "up"}),
        Link::Down { problem, since } => {
            json!({"state": "down", "since": local(context, *since), "problem": told(context, problem)})
        }
    }
}

fn told(context: &Context<'_>, problem: &Problem) -> Value {
    let [what, remedy] = context.language.problem(problem, |at| context.instant(at));
    without_nulls(json!({"code": problem.code(), "what": what, "remedy": remedy, "detail": problem.detail()}))
}

fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(map) = &mut value {
        map.retain(|_, value| !value.is_null());
    }
    value
}
