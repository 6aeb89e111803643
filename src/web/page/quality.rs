use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};
use maud::{Markup, html};

use super::{Context, Tab, layout, tabs};
use crate::config::Meter;
use crate::ledger::{Correction, MeterId};
use crate::web::quality::{Known, Report, Run, within, years};
use crate::web::routes::Failed;
use crate::web::span::Span;
use crate::web::words::{Language, Period};

/// The way from here to the overview.
const UP: &str = "../";

/// So many of the newest entries of a list are shown of all years together. A year has a page of its own with all of its.
const SHOWN: usize = 100;

/// What is missing of a meter, what is uncertain and what has changed: of all of its days, or of those of a year.
pub(in crate::web) fn quality(context: &Context<'_>, name: &str, year: Option<i32>) -> Result<Markup, Failed> {
    let (language, meter) = (context.language, context.meter(name)?);
    let page = Page { context, language, meter, name, year };
    let told = match context.span(meter)?.and_then(|(id, span)| Some((id, span, span.told()?))) {
        Some((id, span, days)) => page.told(id, &span, &days)?,
        None => html! { p.sentence { (language.chart().nothing_read) } },
    };
    let title = page.title();
    let content = html! {
        h1 { (title) }
        (told)
    };
    Ok(layout(language, UP, &title, &tabs(language, UP, name, meter, Some(Tab::Quality)), &content))
}

struct Page<'a> {
    context: &'a Context<'a>,
    language: Language,
    meter: &'a Meter,
    name: &'a str,
    year: Option<i32>,
}

impl Page<'_> {
    fn title(&self) -> String {
        let (meter, quality) = (self.meter.title(), self.language.overview().quality.to_lowercase());
        let year = self.year.map(|year| format!(", {year}")).unwrap_or_default();
        format!("{meter}{}{quality}{year}", self.language.colon())
    }

    /// What is to be told of `all` days of a meter, or of those in the year.
    fn told(&self, id: MeterId, span: &Span, all: &RangeInclusive<NaiveDate>) -> Result<Markup, Failed> {
        let Self { context, language, meter, .. } = *self;
        let words = language.quality();
        let days = match self.year {
            Some(year) => within(all, year).ok_or(Failed::NotFound)?,
            None => all.clone(),
        };
        let (ledger, first, last) = (&context.ledger, *days.start(), *days.end());
        let known = Known {
            days: &ledger.days(id, *all.start())?,
            estimated: &ledger.estimated(id, first, last)?,
            corrections: &ledger.corrections(id, first, last)?,
        };
        let period = match self.year {
            Some(year) => Period::OfYear(year),
            None if span.is_over() => Period::Between(first, last),
            None => Period::Since(first),
        };
        let report = Report::of(days, meter.resolution, span, &known);
        Ok(html! {
            p.sentence { (language.quality_summary(period, &report.counts)) }
            @if let Some(daily) = report.daily { p { (words.daily(daily, meter.kind)) } }
            @if report.is_spotless() { p.fine { (words.spotless) } }
            (self.years(all))
            (self.lists(span, &report))
        })
    }

    /// Links to the pages of the years.
    fn years(&self, days: &RangeInclusive<NaiveDate>) -> Markup {
        let words = self.language.quality();
        let current = |year| (self.year == year).then_some("page");
        html! {
            nav.choices aria-label=(words.years) {
                ul {
                    li { a href=(self.name) aria-current=[current(None)] { (words.all_years) } }
                    @for year in years(days) {
                        li { a href={ (self.name) "?year=" (year) } aria-current=[current(Some(year))] { (year) } }
                    }
                }
            }
        }
    }

    fn lists(&self, span: &Span, report: &Report) -> Markup {
        let (context, words) = (self.context, self.language.quality());
        let again = context.view.next_poll.map(|at| context.instant(at));
        let why = |standing| self.language.why(standing, span.now.date(), span.first_poll, again.as_deref());
        let days = |run: &_| self.days(run, why);
        html! {
            (self.list("missing", [words.missing, words.missing_means], &report.missing, days))
            (self.list("partial", [words.partial, words.partial_means], &report.partial, days))
            (self.list("daily-only", [words.daily_only, words.daily_only_means(self.meter.kind)], &report.daily_only, days))
            (self.list("absent", [words.absent, words.absent_means], &report.absent, days))
            (self.list("estimated", [words.estimated, words.estimated_means], &report.estimated, |run| {
                self.days(run, |readings| words.estimates(readings))
            }))
            (self.list("corrected", [words.corrected, words.corrected_means], &report.corrected, |(date, corrections)| {
                self.corrections(*date, corrections)
            }))
        }
    }

    /// A list of days of one kind with what that means, unless there are none.
    fn list<T>(&self, id: &str, [title, means]: [&str; 2], entries: &[T], entry: impl Fn(&T) -> Markup) -> Markup {
        let shown = if self.year.is_some() { entries.len() } else { SHOWN };
        let left_out = entries.len().saturating_sub(shown);
        html! {
            @if !entries.is_empty() {
                section aria-labelledby=(id) {
                    h2 id=(id) { (title) }
                    p { (means) }
                    ul.entries { @for each in entries.iter().take(shown) { li { (entry(each)) } } }
                    @if left_out > 0 { p.small { (self.language.left_out(left_out)) } }
                }
            }
        }
    }

    /// One day or a few, and what there is to say of these.
    fn days<N: Copy>(&self, run: &Run<N>, say: impl Fn(N) -> String) -> Markup {
        let (language, words) = (self.language, self.language.quality());
        let (first, last) = (run.first, run.last);
        let text = say(run.note);
        html! {
            @if first == last {
                (self.day(first, &language.full_date(first)))
            } @else {
                @let with_year = |date: NaiveDate| format!("{} {}", language.day_of_month(date), date.year());
                @let begin = if first.year() == last.year() { language.day_of_month(first) } else { with_year(first) };
                (words.from) (self.day(first, &begin)) (words.to) (self.day(last, &with_year(last)))
                ", " (words.days(run.days()))
            }
            @if !text.is_empty() { " – " (text) }
        }
    }

    fn day(&self, date: NaiveDate, text: &str) -> Markup {
        html! { a href={ (UP) "day/" (self.name) "/" (date) } { (text) } }
    }

    fn corrections(&self, date: NaiveDate, corrections: &[Correction]) -> Markup {
        let (language, words) = (self.language, self.language.quality());
        let unit = self.meter.unit;
        html! {
            (self.day(date, &language.full_date(date)))
            ul.corrections {
                @for correction in corrections {
                    @let difference = correction.after.minus(correction.before);
                    li {
                        span { (language.chart().direction(self.meter.kind, correction.direction)) ", " (words.readings(correction.readings, correction.seconds)) }
                        " "
                        span.number { (language.amount(correction.before)) " → " (language.quantity(correction.after, unit)) }
                        " "
                        span.number { (language.difference(difference)) " " (unit.symbol()) }
                        " "
                        span.small { (words.seen) " " (self.context.instant(correction.at)) }
                    }
                }
            }
        }
    }
}
