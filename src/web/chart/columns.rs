use maud::{Markup, html};

use super::scale::Scale;
use crate::web::words::Language;

/// The drawing's size, in units that a wide screen shows as dots, and its margins.
const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 294.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 8.0;
const TOP: f64 = 44.0;
const BOTTOM: f64 = 26.0;

/// A column's place is no wider than this, however few there are.
const WIDEST: f64 = 60.0;

/// So much of a column's place is taken by it.
const FILLED: f64 = 0.78;

/// Columns above and below a line of zero, each of one place in time.
pub(in crate::web) struct Chart<'a> {
    /// What it shows, for those who don't see it.
    pub(in crate::web) label: &'a str,
    pub(in crate::web) unit: &'a str,
    pub(in crate::web) columns: Vec<Column>,
    pub(in crate::web) lines: Vec<Line>,
}

/// One place in time.
#[derive(Default)]
pub(in crate::web) struct Column {
    /// What the axis says below it, if anything.
    pub(in crate::web) label: Option<String>,
    /// Its numbers in words, which appear while it is chosen.
    pub(in crate::web) readout: String,
    /// More of them, on a line of its own.
    pub(in crate::web) note: String,
    /// Where it leads.
    pub(in crate::web) link: Option<String>,
    pub(in crate::web) segments: Vec<Segment>,
    /// The class of its background, where something is to be said of the whole: `missing`, for instance.
    pub(in crate::web) back: Option<&'static str>,
    /// The class of a mark above it: `estimated`, for instance.
    pub(in crate::web) mark: Option<&'static str>,
}

/// A part of a column, in millionths; below zero for what goes the other way.
pub(in crate::web) struct Segment {
    pub(in crate::web) class: &'static str,
    pub(in crate::web) from: i64,
    pub(in crate::web) to: i64,
}

/// A line over the columns, in millionths; it has a gap where there is no number.
pub(in crate::web) struct Line {
    pub(in crate::web) class: &'static str,
    pub(in crate::web) points: Vec<Option<i64>>,
}

impl Chart<'_> {
    /// The drawing.
    pub(in crate::web) fn draw(&self, language: Language) -> Markup {
        let segments = self.columns.iter().flat_map(|column| &column.segments);
        let ends = segments.flat_map(|segment| [segment.from, segment.to]);
        let points = self.lines.iter().flat_map(|line| line.points.iter().copied().flatten());
        let scale = Scale::new(ends.chain(points));
        html! {
            svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="group" aria-label=(self.label) {
                g.grid aria-hidden="true" {
                    @for line in scale.lines() {
                        line.zero[line == 0] x1=(LEFT) x2=(WIDTH - RIGHT) y1=(dots(y(scale, line))) y2=(dots(y(scale, line))) {}
                        text x=(LEFT - 6.0) y=(dots(y(scale, line) + 4.0)) text-anchor="end" {
                            (language.number(line, scale.decimals()))
                        }
                    }
                    text x="4" y=(TOP - 12.0) { (self.unit) }
                }
                @for (place, column) in self.columns.iter().enumerate() { (self.column(scale, place, column)) }
                @for line in &self.lines { path.line.(line.class) d=(self.path(scale, line)) aria-hidden="true" {} }
            }
        }
    }

    fn column(&self, scale: Scale, place: usize, column: &Column) -> Markup {
        let (left, width) = self.place(place);
        let gap = width * (1.0 - FILLED) / 2.0;
        let height = HEIGHT - TOP - BOTTOM;
        let inside = html! {
            // The whole place answers to the mouse.
            rect.back.(column.back.unwrap_or("plain")) x=(dots(left)) y=(dots(TOP)) width=(dots(width)) height=(dots(height)) {}
            @for segment in &column.segments {
                @let (from, to) = (y(scale, segment.from), y(scale, segment.to));
                rect.(segment.class) x=(dots(left + gap)) y=(dots(from.min(to))) width=(dots(width - 2.0 * gap))
                    height=(dots((from - to).abs())) {}
            }
            @if let Some(mark) = column.mark {
                circle.(mark) cx=(dots(left + width / 2.0)) cy=(dots(TOP + 6.0)) r="3.5" {}
            }
            text.readout x=(LEFT) y="14" aria-hidden="true" {
                (column.readout)
                @if !column.note.is_empty() { tspan.note x=(LEFT) dy="17" { (column.note) } }
            }
        };
        let told = if column.note.is_empty() {
            column.readout.clone()
        } else {
            format!("{}. {}", column.readout, column.note)
        };
        html! {
            @if let Some(link) = &column.link {
                a.column href=(link) aria-label=(told) { (inside) }
            } @else {
                g.column tabindex="0" role="img" aria-label=(told) { (inside) }
            }
            @if let Some(label) = &column.label {
                text.tick x=(dots(left + width / 2.0)) y=(HEIGHT - 8.0) text-anchor="middle" aria-hidden="true" { (label) }
            }
        }
    }

    fn path(&self, scale: Scale, line: &Line) -> String {
        let mut path = String::new();
        let mut is_drawn = false;
        for (place, point) in line.points.iter().enumerate() {
            let Some(point) = point else {
                is_drawn = false;
                continue;
            };
            let (left, width) = self.place(place);
            let height = dots(y(scale, *point));
            let begins = if is_drawn { 'L' } else { 'M' };
            path.push_str(&format!("{begins}{} {height}L{} {height}", dots(left), dots(left + width)));
            is_drawn = true;
        }
        path
    }

    /// The left edge and the width of a column's place.
    #[expect(clippy::cast_precision_loss, reason = "a chart has few columns")]
    fn place(&self, place: usize) -> (f64, f64) {
        let width = ((WIDTH - LEFT - RIGHT) / self.columns.len().max(1) as f64).min(WIDEST);
        (LEFT + width * place as f64, width)
    }
}

fn y(scale: Scale, amount: i64) -> f64 {
    TOP + scale.below_top(amount) * (HEIGHT - TOP - BOTTOM)
}

/// A length as the drawing carries it: finer than a dot, and short.
fn dots(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}
