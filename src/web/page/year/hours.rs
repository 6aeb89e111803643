//! The hours of many days, as a heat map with its words and its table.

use std::iter::zip;

use chrono::{Datelike as _, NaiveDate, NaiveTime};
use maud::{Markup, html};

use super::model::{Hour, Known, Rows};
use crate::energy::{Amount, Direction, MeterKind, Unit};
use crate::web::chart::{Cell, Classes, HeatMap, Look, ROWS, Strip, decimals, figure};
use crate::web::page::registers::{UNKNOWN, cell};
use crate::web::words::{Gaps, Language};

/// The colours of the classes, from the lowest.
const USED: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const INJECTED: [&str; 6] = ["g", "h", "i", "j", "k", "l"];

/// The axis tells the time of one in so many rows.
const TOLD: usize = 6;

/// The name of a month takes the room of so many days on the axis; the first one has its year with it.
const ROOM: usize = 22;

/// The month in which the days begin is told if they begin in its first days, so that there is room for its name.
const EARLY: u32 = 8;

/// Hours by the clock, a day each.
pub(super) struct Hours {
    pub(super) language: Language,
    pub(super) kind: MeterKind,
    pub(super) direction: Direction,
    pub(super) unit: Unit,
    /// What comes before the date in the address of a day's page.
    pub(super) folder: String,
    pub(super) rows: Rows,
    pub(super) days: Vec<(NaiveDate, Known)>,
}

impl Hours {
    pub(super) fn show(&self) -> Markup {
        let (language, words) = (self.language, self.language.year());
        if self.days.iter().all(|(_, known)| known.total().is_none()) {
            return html! { p.sentence { (language.chart().nothing_known) } };
        }
        let classes =
            Classes::new(self.days.iter().flat_map(|(_, known)| known.amounts()).map(|(_, sum)| sum.millionths()));
        let caption = language.by_hour(self.kind, self.direction, self.unit.symbol());
        let map = HeatMap {
            label: &caption,
            hint: words.hint,
            rows: (0..ROWS).step_by(TOLD).map(|row| (row, self.time(row))).collect(),
            strips: self.days.iter().enumerate().map(|(place, day)| self.strip(&classes, place, day)).collect(),
        };
        let drawing = html! {
            a.past href="#past" { (words.past_chart) }
            (map.draw())
            span id="past" tabindex="-1" {}
        };
        let legend = self.legend(&classes);
        let legend: Vec<(&str, &str)> = legend.iter().map(|(class, text)| (*class, text.as_str())).collect();
        html! {
            (self.sentences())
            (figure(&caption, &legend, &drawing, language.chart().table, &self.table()))
        }
    }

    fn sentences(&self) -> Markup {
        let language = self.language;
        let known = || self.days.iter().filter(|(_, known)| known.total().is_some());
        let sum: Amount = known().filter_map(|(_, known)| known.total()).sum();
        let highest = self.days.iter().filter_map(|(date, known)| Some((*date, known.highest()?)));
        let highest = highest.reduce(|highest, day| if day.1.1 > highest.1.1 { day } else { highest });
        let count = |test: fn(&Known) -> bool| self.days.iter().filter(|(_, known)| test(known)).count();
        let gaps = language.gaps(Gaps {
            missing: count(|known| *known == Known::Missing),
            whole: count(|known| matches!(known, Known::Total(_))),
            incomplete: count(Known::is_part),
        });
        let sum = format!("{} {}", language.number(sum.millionths(), 1), self.unit.symbol());
        html! {
            p.sentence {
                (language.year_sum(self.kind, self.direction, &sum, known().count()))
                @if let Some((date, (row, amount))) = highest {
                    " " (language.highest_hour(&language.full_date(date), &self.time(row), &self.amount(amount)))
                }
            }
            @if !gaps.is_empty() { p { (gaps) } }
        }
    }

    fn colours(&self) -> [&'static str; 6] {
        if self.direction == Direction::Injection { INJECTED } else { USED }
    }

    fn legend(&self, classes: &Classes) -> Vec<(&'static str, String)> {
        let bound = |bound: i64| self.language.number(bound, decimals(bound));
        let mut legend: Vec<(&str, String)> = zip(self.colours(), classes.ranges())
            .map(|(colour, (above, until))| {
                let (above, until) = (above.map(bound), until.map(bound));
                (colour, self.language.class_range(above.as_deref(), until.as_deref(), self.unit.symbol()))
            })
            .collect();
        let words = self.language.chart();
        let has = |test: fn(&Known) -> bool| self.days.iter().any(|(_, known)| test(known));
        legend.extend(has(|known| matches!(known, Known::Total(_))).then(|| ("whole", words.daily_only.to_owned())));
        let is_missing = |known: &Known| *known == Known::Missing || known.is_part();
        legend.extend(has(is_missing).then(|| ("unknown", words.missing.to_owned())));
        legend
    }

    fn strip(&self, classes: &Classes, place: usize, (date, known): &(NaiveDate, Known)) -> Strip {
        let is_told = date.day() == 1 || (place == 0 && date.day() <= EARLY);
        Strip {
            label: is_told.then(|| self.language.axis_month(*date, place < ROOM)),
            readout: self.readout(*date, known),
            link: format!("{}{date}", self.folder),
            look: match known {
                Known::Hours(hours) => {
                    Look::Cells((0..).zip(hours.iter()).map(|(row, hour)| self.cell(classes, row, *hour)).collect())
                }
                Known::Total(_) => Look::Whole,
                Known::Missing => Look::Missing,
                Known::Outside => Look::Outside,
            },
        }
    }

    /// A day in words: its total, and its highest hour.
    fn readout(&self, date: NaiveDate, known: &Known) -> String {
        let words = self.language.year();
        let date = self.language.full_date(date);
        let Some(total) = known.total() else { return format!("{date} · {}", self.language.chart().missing) };
        let total = self.amount(total);
        match known.highest() {
            Some((row, amount)) => {
                let most = format!("{} {} ({})", words.highest, self.time(row), self.amount(amount));
                let incomplete = known.is_part().then(|| format!(" · {}", words.incomplete));
                format!("{date} · {total} · {most}{}", incomplete.unwrap_or_default())
            }
            None => format!("{date} · {total} · {}", self.language.chart().daily_only),
        }
    }

    fn cell(&self, classes: &Classes, row: usize, hour: Hour) -> Cell {
        let (words, time) = (self.language.year(), self.time(row));
        let colour = |amount: Amount| {
            self.colours().get(classes.class(amount.millionths())).copied().filter(|_| hour.is_whole())
        };
        match hour.amount() {
            None if hour.times == 0 => Cell { class: "n", title: format!("{time} · {}", words.skipped) },
            None => Cell { class: "m", title: format!("{time} · {}", self.language.chart().missing) },
            Some(amount) => {
                let least = if hour.is_whole() { "" } else { "≥ " };
                let twice = if hour.times > 1 { format!(" · {}", words.twice) } else { String::new() };
                Cell {
                    class: colour(amount).unwrap_or("m"),
                    title: format!("{time} {least}{}{twice}", self.amount(amount)),
                }
            }
        }
    }

    fn table(&self) -> Markup {
        let words = self.language.year();
        // The end tags that HTML doesn't need are left out, since a year has nearly nine thousand cells.
        html! {
            p.small { (words.signs) }
            table.hours {
                thead {
                    tr {
                        th scope="col" { (self.language.chart().day) }
                        @for row in 0..ROWS { th scope="col" { (self.time(row)) } }
                        th scope="col" { (self.language.chart().total) " (" (self.unit.symbol()) ")" }
                    }
                }
                tbody {
                    @for (date, known) in self.days.iter().filter(|(_, known)| *known != Known::Outside) {
                        tr {
                            th scope="row" { (self.language.day_of_month(*date)) " " (date.year()) }
                            @match known {
                                Known::Hours(hours) => { @for hour in hours.iter() { td; (self.number(*hour)) } },
                                Known::Total(_) => td.gap colspan=(ROWS) { (self.language.chart().daily_only) },
                                Known::Missing | Known::Outside => td.gap colspan=(ROWS) { (self.language.chart().missing) },
                            }
                            td { (cell(self.language, known.total())) }
                        }
                    }
                }
            }
        }
    }

    /// An hour in the table.
    fn number(&self, hour: Hour) -> String {
        match hour.amount() {
            None if hour.times == 0 => "×".to_owned(),
            None => UNKNOWN.to_owned(),
            Some(amount) if hour.is_whole() => self.language.amount(amount),
            Some(amount) => format!("≥ {}", self.language.amount(amount)),
        }
    }

    fn amount(&self, amount: Amount) -> String {
        self.language.quantity(amount, self.unit)
    }

    /// The time at which the hour in a row begins.
    fn time(&self, row: usize) -> String {
        let hour = u32::try_from(self.rows.hour(row)).unwrap_or_default();
        self.language.time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default())
    }
}
