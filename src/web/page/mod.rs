//! The pages, as markup. Each is a function of its context; all values are escaped by the templates.

mod day;
mod days;
mod overview;
mod peaks;
mod quality;
mod registers;
mod year;

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use chrono::{DateTime, NaiveDate, Utc};
pub(super) use day::day;
pub(super) use days::{days, month};
use maud::{DOCTYPE, Markup, html};
pub(super) use overview::{describe, overview};
pub(super) use peaks::peaks;
pub(super) use quality::quality;
pub(super) use year::{Shown, year};

use super::Problem;
use super::facts::Facts;
use super::routes::Failed;
use super::site::{Service, Site};
use super::span::Span;
use super::view::View;
use super::words::Language;
use crate::config::Meter;
use crate::energy::{MeterDay, MeterKind};
use crate::ledger::{Ledger, MeterId};

/// What a page is made of.
pub(super) struct Context<'a> {
    pub(super) site: &'a Site,
    pub(super) service: &'a Service,
    pub(super) language: Language,
    pub(super) now: DateTime<Utc>,
    pub(super) view: View,
    pub(super) ledger: Ledger,
}

impl<'a> Context<'a> {
    pub(super) fn open(site: &'a Site, service: &'a Service, language: Language) -> Result<Self, Failed> {
        let ledger = Ledger::open_to_read(&service.data_dir, service.zone)?;
        Ok(Self { site, service, language, now: service.clock.now(), view: (service.view)(), ledger })
    }

    /// An instant by the clock of the house.
    pub(super) fn instant(&self, at: DateTime<Utc>) -> String {
        self.language.instant(at, self.now, self.service.house)
    }

    /// A meter in the ledger, with the end that the configuration gives it; `None` when no run has entered it yet.
    pub(super) fn id(&self, meter: &Meter) -> Result<Option<MeterId>, Failed> {
        let id = self.ledger.known_meter(&meter.ean, meter.kind, meter.unit)?;
        Ok(id.map(|id| id.ending(meter.history_until)))
    }

    /// What the ledger has of a meter.
    pub(super) fn facts(&self, meter: &Meter) -> Result<Option<Facts>, Failed> {
        let Some((id, span)) = self.span(meter)? else { return Ok(None) };
        Ok(Some(Facts::read(&self.ledger, id, span, self.service.house)?))
    }

    /// A meter in the ledger and the days of it that there can be.
    pub(super) fn span(&self, meter: &Meter) -> Result<Option<(MeterId, Span)>, Failed> {
        let Some(id) = self.id(meter)? else { return Ok(None) };
        Ok(Some((id, Span::read(&self.ledger, self.service, meter, id, self.now)?)))
    }

    /// The day of a meter that runs.
    pub(super) fn today(&self, meter: &Meter) -> NaiveDate {
        MeterDay::today(meter.kind, self.now, self.service.zone)
    }

    /// The meters with their names in addresses.
    pub(super) fn meters(&self) -> impl Iterator<Item = (String, &'a Meter)> {
        let meters = &self.service.meters;
        meters.iter().enumerate().map(|(index, meter)| (name(meters, index, meter), meter))
    }

    /// The meter with a name.
    pub(super) fn meter(&self, wanted: &str) -> Result<&'a Meter, Failed> {
        self.meters().find(|(name, _)| name == wanted).map(|(_, meter)| meter).ok_or(Failed::NotFound)
    }
}

/// A meter's name in addresses, in JSON and in metrics: the last four digits of its EAN, and where another one has the same
/// before it, which one it is of these.
pub(super) fn name(meters: &[Meter], index: usize, meter: &Meter) -> String {
    let digits = meter.ean.last_four();
    let before = meters.iter().take(index).filter(|other| other.ean.last_four() == digits).count();
    if before == 0 { digits.to_owned() } else { format!("{digits}-{}", before + 1) }
}

/// A page about one meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tab {
    Days,
    Year,
    Peaks,
    Quality,
}

/// The links to the pages about a meter, in which the present one is marked if it is one of them.
pub(super) fn tabs(language: Language, up: &str, name: &str, meter: &Meter, current: Option<Tab>) -> Markup {
    let words = language.overview();
    let all = [
        (Tab::Days, "days", words.days),
        (Tab::Year, "year", words.year),
        (Tab::Peaks, "peaks", words.peaks),
        (Tab::Quality, "quality", words.quality),
    ];
    let has = |tab| tab != Tab::Peaks || meter.kind == MeterKind::Electricity;
    html! {
        ul {
            @for (tab, folder, text) in all.into_iter().filter(|(tab, ..)| has(*tab)) {
                li { a href={ (up) (folder) "/" (name) } aria-current=[(current == Some(tab)).then_some("page")] { (text) } }
            }
        }
    }
}

/// The whole of a page. `up` leads from its address to the overview's, such as `../`: relative, so that it is right under any
/// base path.
pub(super) fn layout(language: Language, up: &str, title: &str, menu: &Markup, content: &Markup) -> Markup {
    let words = language.overview();
    html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – " (words.title) }
                link rel="icon" type="image/svg+xml" href={ (up) "icon.svg" };
                link rel="stylesheet" href={ (up) "style.css" };
            }
            body {
                a.skip href="#content" { (words.skip) }
                header {
                    a.home href={ (up) } { (words.title) }
                    nav aria-label=(words.menu) { (menu) }
                }
                main id="content" tabindex="-1" { (content) }
                footer { "fluvius2mqtt " (env!("CARGO_PKG_VERSION")) }
            }
        }
    }
}

/// A page as an answer.
pub(super) fn html(page: Markup) -> Html<String> {
    Html(page.into_string())
}

/// The overview of a service whose ledger can't be used.
pub(super) fn without_ledger(language: Language, failed: Failed) -> Response {
    let Failed::Ledger(error) = failed else { return failed.into_response() };
    let words = language.overview();
    let problem = Problem::Ledger { why: error.to_string() };
    let [what, remedy] = language.problem(&problem, |at| at.to_string());
    let content = html! {
        h1 { (words.overview) }
        div.problem {
            p.what { (what) }
            p { (remedy) }
            p.small { (words.details) " " code lang="en" { (error) } }
        }
    };
    let page = html(layout(language, "./", words.overview, &html! {}, &content));
    (StatusCode::SERVICE_UNAVAILABLE, page).into_response()
}

/// The page of a program that waits for another configuration. The faults are those of the log, in English.
pub(super) fn faults(faults: &[String], language: Language) -> Markup {
    let words = language.overview();
    let content = html! {
        h1 { (words.faults) }
        p { (words.faults_remedy) }
        ul.faults lang="en" { @for fault in faults { li { (fault) } } }
    };
    layout(language, "./", words.faults, &html! {}, &content)
}
