//! The monthly peaks, and what the capacity tariff makes of them.

mod model;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use maud::{Markup, html};
use model::{Month, months};

use super::registers::UNKNOWN;
use super::{Context, Tab, layout, tabs};
use crate::energy::{MeterDay, MeterKind, Peak, Peaks, Power};
use crate::web::chart::{Chart, Column, Line, Segment, figure};
use crate::web::routes::Failed;

/// From this page to the overview.
const UP: &str = "../";

/// The peaks of the last months of an electricity meter, and what the capacity tariff makes of them.
pub(in crate::web) fn peaks(context: &Context<'_>, name: &str) -> Result<Markup, Failed> {
    let meter = context.meter(name)?;
    if meter.kind != MeterKind::Electricity {
        return Err(Failed::NotFound);
    }
    let id = context.id(meter)?;
    let peaks = id.map_or_else(|| Ok(Peaks::default()), |id| context.ledger.month_peaks(id))?;
    let shown = Page { context, name, months: months(&peaks, context.today(meter), meter.history_until) };
    let title = shown.title(&meter.title());
    let content = html! {
        h1 { (title) }
        (shown.sentences())
        @if shown.is_anything_known() { (shown.figure()) }
    };
    let menu = tabs(context.language, UP, name, meter, Some(Tab::Peaks));
    Ok(layout(context.language, UP, &title, &menu, &content))
}

/// The months on the page.
struct Page<'a> {
    context: &'a Context<'a>,
    name: &'a str,
    months: Vec<Month>,
}

impl Page<'_> {
    fn is_anything_known(&self) -> bool {
        self.months.iter().any(|month| month.average.is_some())
    }

    fn title(&self, meter: &str) -> String {
        let language = self.context.language;
        let ends = [self.months.first(), self.months.last()].into_iter().flatten();
        let ends: Vec<String> = ends.map(|month| language.month(month.date)).collect();
        let peaks = language.overview().peaks.to_lowercase();
        format!("{meter}{}{peaks}, {}", language.colon(), ends.join(" – "))
    }

    fn sentences(&self) -> Markup {
        let language = self.context.language;
        let newest = self.months.iter().rev().find_map(|month| Some((month, month.peak?, month.average?)));
        let Some((month, peak, average)) = newest else {
            return html! { p.sentence { (language.peaks().none) } };
        };
        let name = language.month(month.date);
        let over = (!month.is_running).then_some(name.as_str());
        let missing = self.months.iter().filter(|month| month.peak.is_none());
        let missing: Vec<String> = missing.map(|month| language.month(month.date)).collect();
        html! {
            p.sentence {
                (language.newest_peak(over, &self.short(peak.power), &self.at(peak))) " "
                (language.billed_mean(&self.short(average.power())))
            }
            p {
                (language.made_of(average.months(), &language.number(Peak::FLOOR.millionths(), 1)))
                @if month.is_running { " " (language.still_running(&name)) }
                @if !missing.is_empty() { " " (language.without_peak(&missing.join(", "))) }
            }
        }
    }

    fn figure(&self) -> Markup {
        let (language, words) = (self.context.language, self.context.language.peaks());
        let floor = format!("{} ({} kW)", words.floor, language.number(Peak::FLOOR.millionths(), 1));
        let mut legend = vec![("single", words.peak)];
        let has = |test: fn(&Month) -> bool| self.months.iter().any(test);
        legend.extend(has(|month| month.is_running).then_some(("running", words.peak_so_far)));
        legend.extend([("mean", words.mean), ("floor", floor.as_str())]);
        legend.extend(has(|month| month.peak.is_none()).then_some(("missing", words.no_peak)));
        let points = |point: fn(&Month) -> Option<Power>| {
            self.months.iter().map(|month| point(month).map(Power::millionths)).collect()
        };
        let chart = Chart {
            label: words.caption,
            unit: "kW",
            columns: self.months.iter().enumerate().map(|(place, month)| self.column(place, month)).collect(),
            lines: vec![
                Line { class: "floor", points: points(|_| Some(Peak::FLOOR)) },
                Line { class: "mean", points: points(|month| Some(month.average?.power())) },
            ],
        };
        figure(words.caption, &legend, &chart.draw(language), language.chart().table, &self.table())
    }

    fn column(&self, place: usize, month: &Month) -> Column {
        let (language, words) = (self.context.language, self.context.language.peaks());
        let peak = month.peak.map(|peak| format!("{} kW, {}", self.short(peak.power), self.at(peak)));
        let counts = month.peak.filter(|peak| peak.counts() != peak.power);
        let counts = counts.map(|peak| format!("{} {} kW", words.counts, self.short(peak.counts())));
        let mean = month.average.map(|average| format!("{} {} kW", words.mean, self.short(average.power())));
        let class = if month.is_running { "running" } else { "single" };
        Column {
            label: Some(language.axis_month(month.date, place == 0)),
            readout: format!("{} · {}", language.month(month.date), peak.as_deref().unwrap_or(words.no_peak)),
            note: counts.into_iter().chain(mean).collect::<Vec<_>>().join(" · "),
            link: month.peak.and_then(|peak| self.link(peak)),
            segments: month
                .peak
                .map(|peak| Segment { class, from: 0, to: peak.power.millionths() })
                .into_iter()
                .collect(),
            back: month.peak.is_none().then_some("missing"),
            ..Column::default()
        }
    }

    fn table(&self) -> Markup {
        let words = self.context.language.peaks();
        let exact = |power: Power| self.context.language.number(power.millionths(), 3);
        html! {
            table.peaks {
                thead {
                    tr {
                        th scope="col" { (words.month) }
                        th scope="col" { (words.peak) " (kW)" }
                        th scope="col" { (words.when) }
                        th scope="col" { (words.counts) " (kW)" }
                        th scope="col" { (words.mean) " (kW)" }
                        th scope="col" { (words.months_in_mean) }
                    }
                }
                tbody {
                    @for month in self.months.iter().rev() {
                        tr {
                            th scope="row" { (self.context.language.month(month.date)) }
                            @if let Some(peak) = month.peak {
                                td { (exact(peak.power)) }
                                td { a href=[self.link(peak)] { (self.at(peak)) } }
                                td { (exact(peak.counts())) }
                            } @else {
                                td.gap colspan="3" { (words.no_peak) }
                            }
                            td { (month.average.map_or_else(|| UNKNOWN.to_owned(), |average| exact(average.power()))) }
                            td { (month.average.map_or(0, |average| average.months())) }
                        }
                    }
                }
            }
        }
    }

    fn short(&self, power: Power) -> String {
        self.context.language.number(power.millionths(), 2)
    }

    fn at(&self, peak: Peak) -> String {
        self.context.instant(peak.quarter.start())
    }

    /// The page of the day of a peak.
    fn link(&self, peak: Peak) -> Option<String> {
        let zone = self.context.service.zone;
        let date: NaiveDate = MeterDay::containing(MeterKind::Electricity, peak.quarter.start(), zone)?.date();
        Some(format!("{UP}day/{}/{date}", self.name))
    }
}
