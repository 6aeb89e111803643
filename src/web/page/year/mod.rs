//! The hours of a year, each as a colour.

mod hours;
mod model;
mod period;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};
use hours::Hours;
use maud::{Markup, html};
use model::{Rows, read};
use period::Period;
use serde::Deserialize;

use super::{Context, Tab, layout, tabs};
use crate::config::Meter;
use crate::energy::{Direction, MeterKind};
use crate::ledger::MeterId;
use crate::web::routes::Failed;
use crate::web::span::{Span, published};

/// What a page of hours is asked to show.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub(in crate::web) struct Shown {
    #[serde(default)]
    of: Of,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Of {
    #[default]
    Consumption,
    Injection,
}

impl Of {
    const fn direction(self) -> Direction {
        match self {
            Self::Consumption => Direction::Consumption,
            Self::Injection => Direction::Injection,
        }
    }
}

/// The hours of a calendar year, or of the last twelve months.
pub(in crate::web) fn year(
    context: &Context<'_>,
    name: &str,
    year: Option<&str>,
    shown: Shown,
) -> Result<Markup, Failed> {
    let meter = context.meter(name)?;
    let today = context.today(meter);
    let period = year.map_or(Ok(Period::LastMonths), |text| Period::year(text, today).ok_or(Failed::NotFound))?;
    let found = context.span(meter)?;
    let injects_since = found.map_or(Ok(None), |(id, _)| context.ledger.injects_since(id))?;
    if shown.of == Of::Injection && (injects_since.is_none() || meter.kind == MeterKind::Gas) {
        return Err(Failed::NotFound);
    }
    // Until the newest day that is known, or that the portal usually has by now.
    let told = found.and_then(|(_, span)| span.told());
    let due = published(meter.kind, today);
    let last = told.as_ref().map_or(meter.history_until.map_or(due, |until| until.min(due)), |told| *told.end());
    let up = if period == Period::LastMonths { "../" } else { "../../" };
    let page = Page { context, meter, name, up, period, of: shown.of, days: period.days(last) };
    let title = page.title();
    let content = html! {
        h1 { (title) }
        @match (found, told) {
            (Some((id, Span { known: Some((first_known, last_known)), .. })), Some(told)) => {
                (page.links(first_known.year()..=last_known.year().min(last.year()), injects_since.is_some()))
                (page.hours(id, &told, injects_since)?.show())
            }
            _ => p.sentence { (context.language.chart().nothing_read) },
        }
    };
    Ok(layout(context.language, up, &title, &tabs(context.language, up, name, meter, Some(Tab::Year)), &content))
}

struct Page<'a> {
    context: &'a Context<'a>,
    meter: &'a Meter,
    name: &'a str,
    /// From this page to the overview.
    up: &'static str,
    period: Period,
    of: Of,
    days: RangeInclusive<NaiveDate>,
}

impl Page<'_> {
    fn title(&self) -> String {
        let language = self.context.language;
        let period = match self.period {
            Period::LastMonths => language.range(*self.days.start(), *self.days.end()),
            Period::Year(year) => year.to_string(),
        };
        let of = self.name_of(self.of).to_lowercase();
        format!("{}{}{of}, {period}", self.meter.title(), language.colon())
    }

    fn name_of(&self, of: Of) -> &'static str {
        self.context.language.chart().direction(self.meter.kind, of.direction())
    }

    /// Links to what else is known: other years, and the other direction.
    fn links(&self, years: RangeInclusive<i32>, injects: bool) -> Markup {
        let words = self.context.language.year();
        let periods = std::iter::once(Period::LastMonths).chain(years.map(Period::Year));
        let link = |period: Period, of: Of, text: &str| {
            let is_this = period == self.period && of == self.of;
            html! { li { a href=(self.address(period, of)) aria-current=[is_this.then_some("page")] { (text) } } }
        };
        html! {
            nav.choices aria-label=(words.periods) {
                ul {
                    @for period in periods {
                        @match period {
                            Period::LastMonths => (link(period, self.of, words.last_months)),
                            Period::Year(year) => (link(period, self.of, &year.to_string())),
                        }
                    }
                }
                @if injects {
                    ul {
                        (link(self.period, Of::Consumption, self.name_of(Of::Consumption)))
                        (link(self.period, Of::Injection, self.name_of(Of::Injection)))
                    }
                }
            }
        }
    }

    fn address(&self, period: Period, of: Of) -> String {
        let year = match period {
            Period::LastMonths => String::new(),
            Period::Year(year) => format!("/{year}"),
        };
        let query = if of == Of::Injection { "?of=injection" } else { "" };
        format!("{}year/{}{year}{query}", self.up, self.name)
    }

    /// Reads the hours. What isn't known of the days that are `told` is missing.
    fn hours(
        &self,
        id: MeterId,
        told: &RangeInclusive<NaiveDate>,
        injects_since: Option<NaiveDate>,
    ) -> Result<Hours, Failed> {
        let (ledger, rows) = (&self.context.ledger, Rows::new(self.meter.kind, self.context.service.zone));
        let first = injects_since.filter(|_| self.of == Of::Injection).unwrap_or(*told.start());
        let days = read(ledger, id, self.of.direction(), rows, &self.days, &(first..=*told.end()))?;
        Ok(Hours {
            language: self.context.language,
            kind: self.meter.kind,
            direction: self.of.direction(),
            unit: self.meter.unit,
            folder: format!("{}day/{}/", self.up, self.name),
            rows,
            days,
        })
    }
}
