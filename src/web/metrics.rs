//! How everything fares, for Prometheus and whatever else reads OpenMetrics. The names follow Prometheus' rules: a unit is a
//! base unit and ends the name, to which the library adds it.

use std::fmt::{self, Debug};
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use prometheus_client::encoding::{EncodeMetric, MetricEncoder, text};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::metrics::{MetricType, TypedMetric};
use prometheus_client::registry::{Metric, Registry, Unit};

use super::page::Context;
use super::routes::{Failed, answer};
use super::site::Site;
use super::view::{Link, View};
use crate::energy::MeterDay;

/// The version is that of OpenMetrics' specification.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics, as they are now.
pub(super) async fn metrics(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    answer(site, &headers, |context| {
        let mut registry = Registry::with_prefix("fluvius2mqtt");
        tell_service(&mut registry, context)?;
        tell_meters(&mut registry, context)?;
        let mut told = String::new();
        // A string takes all that is written.
        let _ = text::encode(&mut told, &registry);
        Ok(([(CONTENT_TYPE, OPEN_METRICS)], told))
    })
    .await
}

fn tell_service(to: &mut Registry, context: &Context<'_>) -> Result<(), Failed> {
    let View { started, portal, broker, home_assistant, counts, .. } = &context.view;
    to.register("build", "The program that runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    let start = ConstGauge::new(started.timestamp());
    to.register_with_unit("start_time", "When the service began, since the Unix epoch", Unit::Seconds, start);

    let polls = [("done", counts.polls_done), ("failed", counts.polls_failed)];
    let polls = Each::of("outcome", polls.map(|(outcome, count)| (outcome, ConstCounter::new(count))));
    to.register("polls", "Polls since the start, by how they ended", polls);
    let failures = counts.failures.iter().map(|(class, count)| (*class, ConstCounter::new(*count)));
    let help = "What failed in polls and back-fills since the start, by the status that it gives a meter";
    to.register("failures", help, Each::of("class", failures));

    let count = ConstCounter::new;
    let help = "Requests to the portal since the start, logins included";
    to.register("portal_requests", help, count(counts.portal_requests));
    let time = ConstCounter::new(counts.portal_time.as_secs_f64());
    to.register_with_unit("portal_request", "Time that requests to the portal have taken", Unit::Seconds, time);
    to.register("readings_added", "Readings since the start that were not there before", count(counts.readings_added));
    let help = "Readings since the start whose amount the portal has changed";
    to.register("readings_corrected", help, count(counts.readings_corrected));

    link(to, "portal_up", "Whether the last poll could read the portal", portal);
    link(to, "broker_up", "Whether the MQTT broker is connected", broker);
    if let Some(home_assistant) = home_assistant {
        link(to, "home_assistant_up", "Whether Home Assistant takes the statistics", home_assistant);
    }
    let size = ConstGauge::new(context.ledger.size()?);
    to.register_with_unit("ledger_size", "The ledger on the disk, with its journal", Unit::Bytes, size);
    Ok(())
}

/// Tells how another party is, unless nobody knows.
fn link(to: &mut Registry, name: &str, help: &str, link: &Link) {
    let up: u32 = match link {
        Link::Unknown => return,
        Link::Up => 1,
        Link::Down { .. } => 0,
    };
    to.register(name, help, ConstGauge::new(up));
}

fn tell_meters(to: &mut Registry, context: &Context<'_>) -> Result<(), Failed> {
    let (mut missing, mut synced, mut complete) = (Vec::new(), Vec::new(), Vec::new());
    for (name, meter) in context.meters() {
        let Some(facts) = context.facts(meter)? else { continue };
        missing.push((name.clone(), ConstGauge::new(facts.missing.len())));
        synced.extend(facts.last_sync.map(|at| (name.clone(), ConstGauge::new(at.timestamp()))));
        let until = facts.complete_until().and_then(|date| MeterDay::new(meter.kind, date, context.service.zone));
        complete.extend(until.map(|day| (name, ConstGauge::new(day.interval().end().timestamp()))));
    }
    let help = "Days of the meter that should be published by now and are still awaited";
    to.register("meter_days_missing", help, Each::of("meter", missing));
    let help = "When a poll last read all that the portal had of the meter, since the Unix epoch";
    to.register_with_unit("meter_last_success_timestamp", help, Unit::Seconds, Each::of("meter", synced));
    let help = "Until when nothing of the meter is missing, since the Unix epoch";
    to.register_with_unit("meter_complete_until_timestamp", help, Unit::Seconds, Each::of("meter", complete));
    Ok(())
}

/// A metric for each value of a label, in an order that stays.
#[derive(Debug)]
struct Each<M> {
    label: &'static str,
    metrics: Vec<(String, M)>,
}

impl<M: Metric + TypedMetric> Each<M> {
    fn of<V: Into<String>>(label: &'static str, metrics: impl IntoIterator<Item = (V, M)>) -> Self {
        Self { label, metrics: metrics.into_iter().map(|(value, metric)| (value.into(), metric)).collect() }
    }
}

impl<M: Metric + TypedMetric> EncodeMetric for Each<M> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        self.metrics
            .iter()
            .try_for_each(|(value, metric)| metric.encode(encoder.encode_family(&[(self.label, value.as_str())])?))
    }

    fn metric_type(&self) -> MetricType {
        M::TYPE
    }

    fn is_empty(&self) -> bool {
        self.metrics.is_empty()
    }
}
