//! The days of a month, or the last ones.

mod model;
#[cfg(test)]
mod tests;

use chrono::{Datelike as _, Days, Months, NaiveDate};
use maud::{Markup, html};

use self::model::{Day, Found, Period};
use super::registers::{segments, totals};
use super::{Context, Tab, layout, tabs};
use crate::config::Meter;
use crate::ledger::MeterId;
use crate::web::chart::{Chart, Column, figure};
use crate::web::routes::Failed;
use crate::web::span::Span;

/// So many days are the last ones.
const LAST: u64 = 31;

/// What a page of days is about.
struct Page<'a> {
    context: &'a Context<'a>,
    meter: &'a Meter,
    name: &'a str,
    /// The first day of the month, if it is one.
    month: Option<NaiveDate>,
}

/// The last 31 days of a meter.
pub(in crate::web) fn days(context: &Context<'_>, name: &str) -> Result<Markup, Failed> {
    Page { context, meter: context.meter(name)?, name, month: None }.page()
}

/// The days of a month, which is told as in `2026-11`.
pub(in crate::web) fn month(context: &Context<'_>, name: &str, month: &str) -> Result<Markup, Failed> {
    let meter = context.meter(name)?;
    let first = format!("{month}-01").parse::<NaiveDate>().ok();
    // Only one address leads to a month, and to none that has not begun.
    let first = first.filter(|first| address(*first) == month);
    let first = first.filter(|first| *first <= context.today(meter));
    Page { context, meter, name, month: Some(first.ok_or(Failed::NotFound)?) }.page()
}

fn address(month: NaiveDate) -> String {
    month.format("%Y-%m").to_string()
}

/// The months of which something is known, and those between them.
fn months(span: &Span) -> Vec<NaiveDate> {
    let Some((first, last)) = span.known else { return Vec::new() };
    let next = |month: &NaiveDate| month.checked_add_months(Months::new(1));
    std::iter::successors(first.with_day(1), next).take_while(|month| *month <= last).collect()
}

impl Page<'_> {
    fn page(&self) -> Result<Markup, Failed> {
        let (context, language) = (self.context, self.context.language);
        let words = language.chart();
        let found = context.span(self.meter)?;
        let period = found.map(|(id, span)| self.period(id, &span)).transpose()?;
        let days = period.as_ref().map(|period| period.days.as_slice()).unwrap_or_default();
        let of = match (self.month, days) {
            (Some(month), _) => language.month(month),
            (None, [first, .., last]) => language.range(first.date, last.date),
            (None, [day]) => language.full_date(day.date),
            (None, []) => words.last_days.to_owned(),
        };
        let title = format!("{}{}{of}", self.meter.title(), language.colon());
        let months = found.map_or_else(Vec::new, |(_, span)| months(&span));
        let content = html! {
            h1 { (title) }
            (self.neighbours(&months))
            @match &period {
                None => p.sentence { (words.nothing_read) },
                Some(period) if period.days.is_empty() => p.sentence { (words.nothing_known) },
                Some(period) => { (self.sums(period)) (self.figure(period, &title)) }
            }
            (self.month_links(&months))
        };
        let up = self.up();
        Ok(layout(language, up, &title, &tabs(language, up, self.name, self.meter, Some(Tab::Days)), &content))
    }

    const fn up(&self) -> &'static str {
        if self.month.is_some() { "../../" } else { "../" }
    }

    fn period(&self, id: MeterId, span: &Span) -> Result<Period, Failed> {
        let ledger = &self.context.ledger;
        let (first, last) = match self.month {
            Some(first) => {
                let next = first.checked_add_months(Months::new(1));
                (first, next.and_then(|next| next.pred_opt()).unwrap_or(first))
            }
            None => (span.last().checked_sub_days(Days::new(LAST - 1)).unwrap_or(span.last()), span.last()),
        };
        let found = Found {
            amounts: ledger.day_amounts(id, first, last)?,
            states: ledger.days(id, first)?,
            estimated: ledger.estimated(id, first, last)?,
            injects: ledger.injects_since(id)?.is_some(),
        };
        Ok(Period::new(first, last, span, found))
    }

    /// The links from a month to the ones before and after, and to the last days.
    fn neighbours(&self, months: &[NaiveDate]) -> Markup {
        let language = self.context.language;
        let words = language.chart();
        let Some(shown) = self.month else { return html! {} };
        let before = months.iter().rev().find(|month| **month < shown);
        let after = months.iter().find(|month| **month > shown);
        html! {
            nav.neighbours aria-label=(words.neighbours) {
                @if let Some(before) = before {
                    a rel="prev" href=(self.link(*before)) { span aria-hidden="true" { "← " } (language.month(*before)) }
                }
                a href={ (self.up()) "days/" (self.name) } { (words.last_days) }
                @if let Some(after) = after {
                    a rel="next" href=(self.link(*after)) { (language.month(*after)) span aria-hidden="true" { " →" } }
                }
            }
        }
    }

    fn link(&self, month: NaiveDate) -> String {
        format!("{}days/{}/{}", self.up(), self.name, address(month))
    }

    /// The sums, and over how many days they are.
    fn sums(&self, period: &Period) -> Markup {
        let language = self.context.language;
        html! {
            @if !period.sums.is_empty() { (totals(language, self.meter, &period.sums)) }
            p { (language.known_days(period.known(), period.partial(), period.days.len())) }
        }
    }

    fn figure(&self, period: &Period, title: &str) -> Markup {
        let (language, meter) = (self.context.language, self.meter);
        let words = language.chart();
        let caption = format!("{} {}", words.shown(meter.kind, period.registers.inject()), words.per_day);
        let label = format!("{caption}, {title}");
        let columns = period.days.iter().map(|day| self.column(day)).collect();
        let chart = Chart { label: &label, unit: meter.unit.symbol(), columns, lines: Vec::new() };
        let mut legend = period.registers.legend(language, meter);
        let mut seen: Vec<_> = period.days.iter().map(|day| day.standing).collect();
        seen.sort_unstable();
        let seen = seen.into_iter().filter_map(|standing| Some((standing.class()?, words.standing(standing))));
        let seen: Vec<_> = seen.collect();
        legend.extend(seen);
        legend.dedup();
        if period.days.iter().any(|day| day.estimated > 0) {
            legend.push(("estimated", words.estimated));
        }
        figure(&caption, &legend, &chart.draw(language), words.table, &self.table(period))
    }

    fn column(&self, day: &Day) -> Column {
        let (language, meter) = (self.context.language, self.meter);
        Column {
            label: Some(day.date.day().to_string()),
            readout: format!("{}{}{}", language.full_date(day.date), language.colon(), self.state(day)),
            note: language.amounts(meter, &day.amounts),
            link: Some(self.day_link(day)),
            segments: segments(&day.amounts),
            back: day.standing.class(),
            mark: (day.estimated > 0).then_some("estimated"),
        }
    }

    fn day_link(&self, day: &Day) -> String {
        format!("{}day/{}/{}", self.up(), self.name, day.date)
    }

    /// How a day stands, in words.
    fn state(&self, day: &Day) -> String {
        let language = self.context.language;
        let state = language.chart().standing(day.standing);
        if day.estimated == 0 { state.to_owned() } else { format!("{state}, {}", language.estimated(day.estimated)) }
    }

    fn table(&self, period: &Period) -> Markup {
        let (language, registers) = (self.context.language, &period.registers);
        let words = language.chart();
        html! {
            table {
                thead {
                    tr {
                        th scope="col" { (words.day) }
                        (registers.heads(language, self.meter))
                        th.words scope="col" { (words.state) }
                    }
                }
                tbody {
                    @for day in &period.days {
                        tr {
                            th scope="row" { a href=(self.day_link(day)) { (language.full_date(day.date)) } }
                            (registers.cells(language, &day.amounts))
                            td.words { (self.state(day)) }
                        }
                    }
                }
                tfoot {
                    tr {
                        th scope="row" { (words.total) }
                        (registers.cells(language, &period.sums))
                        td {}
                    }
                }
            }
        }
    }

    /// A row of links to months for each year.
    fn month_links(&self, months: &[NaiveDate]) -> Markup {
        let language = self.context.language;
        html! {
            @if !months.is_empty() {
                nav.months aria-label=(language.chart().months) {
                    h2 { (language.chart().months) }
                    @for year in months.chunk_by(|one, other| one.year() == other.year()).rev() {
                        @if let Some(month) = year.first() { h3 { (month.year()) } }
                        ul {
                            @for month in year {
                                li {
                                    a href=(self.link(*month)) aria-current=[(self.month == Some(*month)).then_some("page")] {
                                        (language.month_name(*month))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
