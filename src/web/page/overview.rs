use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};

use super::{Context, layout, tabs};
use crate::config::Meter;
use crate::energy::MeterKind;
use crate::web::Problem;
use crate::web::facts::Facts;
use crate::web::press::{Outcome, Wish, is_futile};
use crate::web::routes::Failed;
use crate::web::sentence::{Moment, Sentence};
use crate::web::view::{Backfill, Link, MeterView};
use crate::web::words::Telling;

/// A meter as the overview tells it.
pub(in crate::web) struct Described<'a> {
    pub(in crate::web) name: String,
    pub(in crate::web) meter: &'a Meter,
    pub(in crate::web) status: &'static str,
    pub(in crate::web) facts: Option<Facts>,
    pub(in crate::web) sentence: String,
    pub(in crate::web) problem: Option<Problem>,
    pub(in crate::web) backfill: Option<Backfill>,
    /// About when the back-fill is done, unless something keeps it from going on.
    pub(in crate::web) ready_at: Option<DateTime<Utc>>,
}

/// How all meters fare.
pub(in crate::web) fn describe<'a>(context: &Context<'a>) -> Result<Vec<Described<'a>>, Failed> {
    let views = context.view.meters.iter();
    context.meters().zip(views).map(|((name, meter), view)| describe_one(context, name, meter, view)).collect()
}

fn describe_one<'a>(
    context: &Context<'_>,
    name: String,
    meter: &'a Meter,
    view: &MeterView,
) -> Result<Described<'a>, Failed> {
    let service = context.service;
    let facts = context.facts(meter)?;
    let backfill = view.backfill.filter(|backfill| backfill.left > 0);
    let links = [&context.view.portal, &context.view.service];
    let has_answer = context.view.portal == Link::Up || facts.as_ref().is_some_and(|facts| facts.last_sync.is_some());
    let moment = Moment {
        has_answer: has_answer && view.problem.is_none(),
        has_failed: links.iter().any(|link| matches!(link, Link::Down { .. })) || view.problem.is_some(),
        next_poll: context.view.next_poll,
    };
    let sentence = facts.as_ref().map_or(Sentence::Nothing, |facts| Sentence::of(facts, moment));
    let again = match &sentence {
        Sentence::Late { again, .. } | Sentence::Unasked { again, .. } => again.map(|at| context.instant(at)),
        _ => None,
    };
    let today = context.now.with_timezone(&service.house).date_naive();
    let telling = Telling { today, first_poll: service.first_poll, again };
    let is_empty = sentence == Sentence::Empty;
    Ok(Described {
        name,
        meter,
        status: view.status,
        facts,
        sentence: context.language.sentence(&sentence, &telling),
        problem: view.problem.clone().or_else(|| is_empty.then_some(Problem::MeterEmpty)),
        backfill,
        ready_at: backfill
            .filter(|_| !moment.has_failed)
            .and_then(|backfill| context.now.checked_add_signed(TimeDelta::from_std(backfill.rest).ok()?)),
    })
}

/// How everything fares, and what to do about what doesn't. `outcome` is what came of a press of a button.
pub(in crate::web) fn overview(context: &Context<'_>, outcome: Option<Outcome>) -> Result<Markup, Failed> {
    let (language, view) = (context.language, &context.view);
    let words = language.overview();
    let meters = describe(context)?;
    let is_down = [&view.portal, &view.service].into_iter().any(|link| matches!(link, Link::Down { .. }));
    let is_futile = is_futile(Wish::Poll, &view.portal, context.now);
    let content = html! {
        h1 { (words.overview) }
        @if let Some(outcome) = outcome {
            p.notice role="status" {
                (match outcome {
                    Outcome::Done if is_down => words.poll_failed,
                    Outcome::Done => words.poll_done,
                    Outcome::Running => words.poll_running,
                    Outcome::TooSoon => words.poll_too_soon,
                    Outcome::Refused => words.poll_refused,
                    Outcome::Queued => words.poll_queued,
                    Outcome::Stale => words.poll_stale,
                    Outcome::Stopping => words.poll_stopping,
                })
                " " a href="./" { (words.reload) }
            }
        }
        section.problems aria-labelledby="problems" {
            h2 id="problems" { (words.problems) }
            (problems(context, &meters))
        }
        section aria-labelledby="meters" {
            h2 id="meters" { (words.meters) }
            div.cards { @for meter in &meters { (card(context, meter)) } }
        }
        section aria-labelledby="service" {
            h2 id="service" { (words.service) }
            (service(context))
            form method="post" action="./poll" {
                input type="hidden" name="token" value=(context.site.token);
                button type="submit" disabled[view.polling_since.is_some() || is_futile] { (words.poll_now) }
                @if is_futile { " " span.small { (words.poll_futile) } }
            }
        }
    };
    Ok(layout(language, "./", words.overview, &html! {}, &content))
}

fn problems(context: &Context<'_>, meters: &[Described<'_>]) -> Markup {
    let (words, view) = (context.language.overview(), &context.view);
    let links = [(words.service, &view.service), (words.portal, &view.portal), (words.broker, &view.broker)];
    let links = links.map(|(title, link)| (title, Some(link)));
    let links = links.into_iter().chain([(words.home_assistant, view.home_assistant.as_ref())]);
    let of_links = links.filter_map(|(title, link)| match link {
        Some(Link::Down { problem, since }) => Some((title.to_owned(), problem, Some(*since))),
        _ => None,
    });
    let of_meters = meters.iter().filter_map(|meter| Some((meter.meter.to_string(), meter.problem.as_ref()?, None)));
    let all: Vec<_> = of_links.chain(of_meters).collect();
    if all.is_empty() {
        return html! { p.fine { (words.no_problems) } };
    }
    html! {
        @for (title, problem, since) in all {
            div.problem {
                h3 { (title) }
                @let [what, remedy] = context.language.problem(problem, |at| context.instant(at));
                p.what { (what) }
                p { (remedy) }
                @if let Some(since) = since { p.small { (words.since) " " (context.instant(since)) "." } }
                @if let Some(detail) = problem.detail() {
                    p.small { (words.details) " " code lang="en" { (detail) } }
                }
                @if problem.ends_at_portal() {
                    form method="post" action="./login" {
                        input type="hidden" name="token" value=(context.site.token);
                        button type="submit" { (words.log_in_again) }
                    }
                }
            }
        }
    }
}

fn card(context: &Context<'_>, described: &Described<'_>) -> Markup {
    let words = context.language.overview();
    let kind = match described.meter.kind {
        MeterKind::Electricity => words.electricity,
        MeterKind::Gas => words.gas,
    };
    html! {
        article.card id={ "meter-" (described.name) } {
            h3 { (described.meter.title()) " " span.small { (kind) " · …" (described.meter.ean.last_four()) } }
            p.sentence { (described.sentence) }
            nav aria-label=(described.meter.title()) {
                (tabs(context.language, "./", &described.name, described.meter, None))
            }
            @if let Some(backfill) = described.backfill {
                @let ready = described.ready_at.map(|at| context.instant(at));
                p.small { (words.backfill) (context.language.colon()) (context.language.backfill(backfill.done, backfill.left, ready.as_deref())) }
                progress max=(backfill.done.saturating_add(backfill.left)) value=(backfill.done) aria-label=(words.backfill) {}
            }
        }
    }
}

fn service(context: &Context<'_>) -> Markup {
    let (words, view) = (context.language.overview(), &context.view);
    let link = |link: &Link| match link {
        Link::Unknown => words.unknown,
        Link::Up => words.fine,
        Link::Down { .. } => words.trouble,
    };
    html! {
        dl {
            @if let Some(since) = view.polling_since {
                dt { (words.last_poll) } dd { (words.polling) " " (context.instant(since)) }
            } @else {
                dt { (words.last_poll) }
                dd { (view.last_poll.map_or_else(|| words.none_yet.to_owned(), |at| context.instant(at))) }
            }
            @if let Some(next) = view.next_poll {
                dt { (words.next_poll) } dd { (context.instant(next)) }
            }
            dt { (words.portal) } dd { (link(&view.portal)) }
            dt { (words.broker) } dd { (link(&view.broker)) }
            dt { (words.home_assistant) }
            dd { (view.home_assistant.as_ref().map_or(words.not_configured, link)) }
        }
    }
}
