use maud::{Markup, html};

/// The drawing's margins, and the size of a day's cell. The style sheet knows that size too: a year has nearly nine thousand
/// cells, so that each of them carries no more than its colour and its numbers.
const SIDE: usize = 60;
const TOP: usize = 34;
const BOTTOM: usize = 26;
const WIDTH: usize = 3;
const HEIGHT: usize = 12;

/// Hours on the clock, each of them a row.
pub(in crate::web) const ROWS: usize = 24;

/// Days across and 24 rows down, each cell with the colour of its amount.
pub(in crate::web) struct HeatMap<'a> {
    /// What it shows, for those who don't see it.
    pub(in crate::web) label: &'a str,
    /// What is said where a day tells its numbers, as long as none is chosen.
    pub(in crate::web) hint: &'a str,
    /// What the axis says of some rows.
    pub(in crate::web) rows: Vec<(usize, String)>,
    pub(in crate::web) strips: Vec<Strip>,
}

/// A day.
pub(in crate::web) struct Strip {
    /// What the axis says from here on.
    pub(in crate::web) label: Option<String>,
    /// Its numbers in words, which appear while it is chosen.
    pub(in crate::web) readout: String,
    /// Where it leads.
    pub(in crate::web) link: String,
    pub(in crate::web) look: Look,
}

/// What is drawn of a day.
pub(in crate::web) enum Look {
    /// One for each row: 24.
    Cells(Vec<Cell>),
    /// The hatch of what is known as a whole only.
    Whole,
    /// The hatch of what is missing.
    Missing,
    /// Nothing, and it leads nowhere.
    Outside,
}

/// An hour of a day.
pub(in crate::web) struct Cell {
    /// The class of its colour.
    pub(in crate::web) class: &'static str,
    /// Its time and number in words.
    pub(in crate::web) title: String,
}

impl Look {
    /// The class of what lies behind it, and shows where it has no cell.
    const fn behind(&self) -> Option<&'static str> {
        match self {
            Self::Cells(_) | Self::Missing => Some("unknown"),
            Self::Whole => Some("whole"),
            Self::Outside => None,
        }
    }
}

impl HeatMap<'_> {
    /// The drawing.
    pub(in crate::web) fn draw(&self) -> Markup {
        let (width, height) = (self.strips.len() * WIDTH, ROWS * HEIGHT);
        html! {
            svg.chart.heat viewBox={ "0 0 " (SIDE + width + SIDE) " " (TOP + height + BOTTOM) } role="group"
                aria-label=(self.label) {
                g transform={ "translate(" (SIDE) " " (TOP) ")" } {
                    (self.background())
                    g aria-hidden="true" {
                        text.hint y="-14" { (self.hint) }
                        @for (row, text) in &self.rows {
                            text x="-6" y=(row * HEIGHT + 10) text-anchor="end" { (text) }
                            text x=(width + 6) y=(row * HEIGHT + 10) { (text) }
                        }
                        @for (place, strip) in self.strips.iter().enumerate() {
                            @if let Some(label) = &strip.label {
                                path.tick d={ "M" (place * WIDTH) " " (height) "v7" } {}
                                text x=(place * WIDTH + 3) y=(height + 16) { (label) }
                            }
                        }
                    }
                    @for (place, strip) in self.strips.iter().enumerate() { (day(place, strip)) }
                }
            }
        }
    }

    /// What shows where there are no cells: days of the same kind as one piece, since a hatch needs room.
    fn background(&self) -> Markup {
        let mut place = 0;
        let runs = self.strips.chunk_by(|one, next| one.look.behind() == next.look.behind()).filter_map(|run| {
            let left = place * WIDTH;
            place += run.len();
            Some((run.first()?.look.behind()?, left, run.len() * WIDTH))
        });
        html! {
            (hatches())
            @for (class, left, width) in runs {
                rect.(class) x=(left) width=(width) height=(ROWS * HEIGHT) {}
            }
        }
    }
}

fn day(place: usize, strip: &Strip) -> Markup {
    html! {
        @if !matches!(strip.look, Look::Outside) {
            a.column href=(strip.link) aria-labelledby={ "d" (place) } transform={ "translate(" (place * WIDTH) ")" } {
                rect.back {}
                @if let Look::Cells(cells) = &strip.look {
                    @for cell in cells { rect.(cell.class) { title { (cell.title) } } }
                }
                text.readout id={ "d" (place) } x={ "-" (place * WIDTH) } y="-14" { (strip.readout) }
            }
        }
    }
}

/// The patterns, which the style sheet refers to: stripes for what is missing, dots for what is known as a whole.
fn hatches() -> Markup {
    html! {
        defs {
            pattern id="stripes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                rect.ground width="6" height="6" {}
                rect.stripe width="2" height="6" {}
            }
            pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse" {
                rect.ground width="6" height="6" {}
                circle.dot cx="3" cy="3" r="1.2" {}
            }
        }
    }
}
