use std::ops::RangeInclusive;

use chrono::{Datelike as _, NaiveDate};
use maud::{Markup, html};

use super::{Context, Tab, layout, tabs};
use crate::config::Meter;
use crate::energy::{Direction, MeterKind};
use crate::ledger::Correction;
use crate::web::facts::Told;
use crate::web::quality::{Known, Now, Report, Span, within, years};
use crate::web::routes::Failed;
use crate::web::words::{Language, Period};

/// The way from here to the overview.
const UP: &str = "../";

/// So many of the newest entries of a list are shown of all years together. A year has a page of its own with all of its.
const SHOWN: usize = 100;

/// What is missing of a meter, what is uncertain and what has changed: of all of its days, or of those of a year.
pub(in crate::web) fn quality(context: &Context<'_>, name: &str, year: Option<i32>) -> Result<Markup, Failed> {
    let (language, meter) = (context.language, context.meter(name)?);
    let title = language.overview().quality;
    let page = Page { context, language, meter, name, year };
    let told = match context.told(meter)? {
        Some(told) => page.told(&told)?,
        None => html! { p { (language.quality().nothing) } },
    };
    let content = html! {
        h1 { (title) " – " (meter.title()) }
        (told)
    };
    let menu = tabs(language, UP, name, meter, Some(Tab::Quality));
    Ok(layout(language, UP, &format!("{title} – {}", meter.title()), &menu, &content))
}

struct Page<'a> {
    context: &'a Context<'a>,
    language: Language,
    meter: &'a Meter,
    name: &'a str,
    year: Option<i32>,
}

impl Page<'_> {
    fn told(&self, told: &Told) -> Result<Markup, Failed> {
        let Self { context, language, meter, .. } = *self;
        let words = language.quality();
        let days = match self.year {
            Some(year) => within(&told.days, year).ok_or(Failed::NotFound)?,
            None => told.days.clone(),
        };
        let (ledger, first, last) = (&context.ledger, *days.start(), *days.end());
        let known = Known {
            days: &ledger.days(told.id, *told.days.start())?,
            estimated: &ledger.estimated(told.id, first, last)?,
            corrections: &ledger.corrections(told.id, first, last)?,
        };
        let period = match self.year {
            Some(year) => Period::OfYear(year),
            None if told.facts.is_over => Period::Between(first, last),
            None => Period::Since(first),
        };
        let report = Report::of(days, meter, &told.facts, self.now(), &known);
        Ok(html! {
            p.sentence { (language.quality_summary(period, &report.counts)) }
            @if let Some(daily) = report.daily { p { (words.daily(daily, meter.kind)) } }
            @if report.is_spotless() { p.fine { (words.spotless) } }
            (self.years(&told.days))
            (self.lists(&report))
        })
    }

    fn now(&self) -> Now {
        let service = self.context.service;
        let local = self.context.now.with_timezone(&service.house);
        Now { date: local.date_naive(), time: local.time(), first_poll: service.first_poll }
    }

    /// Links to the pages of the years.
    fn years(&self, days: &RangeInclusive<NaiveDate>) -> Markup {
        let words = self.language.quality();
        let current = |year| (self.year == year).then_some("page");
        html! {
            nav.years aria-label=(words.years) {
                ul {
                    li { a href=(self.name) aria-current=[current(None)] { (words.all_years) } }
                    @for year in years(days) {
                        li { a href={ (self.name) "?year=" (year) } aria-current=[current(Some(year))] { (year) } }
                    }
                }
            }
        }
    }

    fn lists(&self, report: &Report) -> Markup {
        let (context, words) = (self.context, self.language.quality());
        let now = self.now();
        let first_poll = self.language.time(now.first_poll);
        let again = context.view.next_poll.map(|at| context.instant(at));
        let why = |why| self.language.why(why, now.date, &first_poll, again.as_deref());
        let nothing = |()| String::new();
        html! {
            (self.list("missing", [words.missing, words.missing_means], &report.missing, |span| self.days(span, why)))
            (self.list("partial", [words.partial, words.partial_means], &report.partial, |span| {
                self.days(span, |rest| words.rest(rest).to_owned())
            }))
            (self.list("daily-only", [words.daily_only, words.daily_only_means(self.meter.kind)], &report.daily_only, |span| {
                self.days(span, nothing)
            }))
            (self.list("absent", [words.absent, words.absent_means], &report.absent, |span| self.days(span, nothing)))
            (self.list("estimated", [words.estimated, words.estimated_means], &report.estimated, |span| {
                self.days(span, |readings| words.estimates(readings))
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
    fn days<N: Copy>(&self, span: &Span<N>, say: impl Fn(N) -> String) -> Markup {
        let (language, words) = (self.language, self.language.quality());
        let (first, last) = (span.first, span.last);
        let text = say(span.note);
        html! {
            @if first == last {
                (self.day(first, &language.full_date(first)))
            } @else {
                @let with_year = |date: NaiveDate| format!("{} {}", language.day_of_month(date), date.year());
                @let begin = if first.year() == last.year() { language.day_of_month(first) } else { with_year(first) };
                (words.from) (self.day(first, &begin)) (words.to) (self.day(last, &with_year(last)))
                ", " (words.days(span.days()))
            }
            @if !text.is_empty() { " – " (text) }
        }
    }

    fn day(&self, date: NaiveDate, text: &str) -> Markup {
        html! { a href={ (UP) "day/" (self.name) "/" (date) } { (text) } }
    }

    fn corrections(&self, date: NaiveDate, corrections: &[Correction]) -> Markup {
        let (language, words) = (self.language, self.language.quality());
        let what = |direction| match (self.meter.kind, direction) {
            (MeterKind::Gas, _) => words.gas,
            (MeterKind::Electricity, Direction::Consumption) => words.consumption,
            (MeterKind::Electricity, Direction::Injection) => words.injection,
        };
        let unit = self.meter.unit.symbol();
        html! {
            (self.day(date, &language.full_date(date)))
            ul.corrections {
                @for correction in corrections {
                    @let difference = correction.after.minus(correction.before);
                    li {
                        span { (what(correction.direction)) ", " (words.readings(correction.readings, correction.seconds)) }
                        " "
                        span.number { (language.amount(correction.before)) " → " (language.amount(correction.after)) " " (unit) }
                        " "
                        span.number { (language.difference(difference)) " " (unit) }
                        " "
                        span.small { (words.seen) " " (self.context.instant(correction.at)) }
                    }
                }
            }
        }
    }
}
