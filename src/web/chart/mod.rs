//! Charts as SVG, drawn on the server. Each column or cell tells its numbers when the mouse is over it or the keyboard is on
//! it, by style alone, and behind each chart is a table with all of them.

mod classes;
mod columns;
mod heat;
mod scale;

pub(super) use classes::Classes;
pub(super) use columns::{Chart, Column, Line, Segment};
pub(super) use heat::{Cell, HeatMap, Look, ROWS, Strip};
use maud::{Markup, html};
pub(super) use scale::decimals;

/// A chart with its caption, the legend, and the table behind it.
pub(super) fn figure(
    caption: &str,
    legend: &[(&str, &str)],
    drawing: &Markup,
    table_title: &str,
    table: &Markup,
) -> Markup {
    html! {
        figure.panel {
            figcaption { (caption) }
            @if !legend.is_empty() {
                ul.legend {
                    @for (class, text) in legend {
                        li { svg.key viewBox="0 0 12 12" aria-hidden="true" { rect.(class) width="12" height="12"; } (text) }
                    }
                }
            }
            div.scroll { (drawing) }
            details { summary { (table_title) } div.scroll tabindex="0" role="region" aria-label=(table_title) { (table) } }
        }
    }
}
