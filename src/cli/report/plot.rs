use std::io::{self, Write};

use super::model::{Knowledge, MeterReport, Period};
use crate::energy::Amount;

/// Where bars are drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    /// In columns.
    pub(super) width: usize,
    pub(super) has_colours: bool,
}

/// The narrowest that the bars may be, whatever the screen.
const NARROWEST: usize = 10;

/// Eighths of a column, from the left.
const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

const FULL: char = '█';

/// The only block that grows from the right.
const RIGHT_HALF: char = '▐';

const BLUE: &str = "\u{1b}[34m";
const YELLOW: &str = "\u{1b}[33m";
const PLAIN: &str = "\u{1b}[0m";

/// Draws bars for each meter: consumption to the right, injection to the left, both on one scale.
pub(super) fn write(meters: &[MeterReport], screen: Screen, out: &mut dyn Write) -> io::Result<()> {
    for (index, meter) in meters.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", meter.heading())?;
        if !meter.periods.is_empty() {
            draw(meter, screen, out)?;
        }
    }
    Ok(())
}

fn draw(meter: &MeterReport, screen: Screen, out: &mut dyn Write) -> io::Result<()> {
    let unit = meter.unit_word();
    let injects = meter.has.injection;
    let layout = Layout::new(meter, screen.width);
    let paint = |colour: &str, bar: String| if screen.has_colours { format!("{colour}{bar}{PLAIN}") } else { bar };
    let titles: Vec<_> =
        meter.columns().iter().map(|column| format!("{} {unit}", column.title.to_lowercase())).collect();
    let title = |index: usize| titles.get(index).map(String::as_str).unwrap_or_default();
    let middle = layout.middle - 1;
    writeln!(out, "{:>middle$} │ {}", if injects { title(1) } else { "" }, title(0))?;
    let Layout { names, left_digits, right_digits, .. } = layout;
    for period in &meter.periods {
        let number = |amount: Option<Amount>| amount.map_or_else(|| "–".to_owned(), |amount| amount.to_string());
        write!(out, "{:<names$} ", label(period))?;
        if injects {
            let bar = layout.to_the_left(period.injection);
            write!(out, "{:>left_digits$} {}", number(period.injection), paint(YELLOW, bar))?;
        }
        let bar = layout.to_the_right(period.consumption);
        writeln!(out, "│{} {:>right_digits$}", paint(BLUE, bar), number(period.consumption))?;
    }
    if meter.periods.iter().any(|period| matches!(period.knowledge(), Knowledge::Part(_))) {
        writeln!(out, "* A part of the hours is missing.")?;
    }
    Ok(())
}

fn label(period: &Period) -> String {
    match period.knowledge() {
        Knowledge::Whole => period.name.clone(),
        Knowledge::Part(_) => format!("{} *", period.name),
        Knowledge::Missing => format!("{} missing", period.name),
    }
}

/// How many columns each part of a line has: name, injection, its bar, `│`, bar and consumption.
struct Layout {
    names: usize,
    left_digits: usize,
    right_digits: usize,
    left: usize,
    right: usize,
    /// Where the bars meet.
    middle: usize,
    /// How many eighths of a column a unit has, on both sides.
    scale: f64,
}

impl Layout {
    fn new(meter: &MeterReport, width: usize) -> Self {
        let periods = &meter.periods;
        let names = periods.iter().map(|period| label(period).chars().count()).max().unwrap_or(0);
        let most = |amount: fn(&Period) -> Option<Amount>| periods.iter().filter_map(amount).max().unwrap_or_default();
        let (injection, consumption) = (most(|period| period.injection), most(|period| period.consumption));
        let [left_digits, right_digits] = [injection, consumption].map(|most| most.to_string().chars().count());
        let before = if meter.has.injection { names + left_digits + 2 } else { names + 1 };
        let bars = width.saturating_sub(before + right_digits + 2).max(NARROWEST);
        let left = if meter.has.injection { share(bars, injection, consumption) } else { 0 };
        let right = bars - left;
        let scales = [(injection, left), (consumption, right)].into_iter().filter(|(most, _)| *most > Amount::ZERO);
        let scale = scales.map(|(most, columns)| eighths(columns) / most.to_units()).fold(f64::INFINITY, f64::min);
        Self { names, left_digits, right_digits, left, right, middle: before + left, scale }
    }

    /// The length of a bar in eighths. Something is shown of every amount above nothing.
    fn length(&self, amount: Option<Amount>, columns: usize) -> usize {
        let Some(amount) = amount.filter(|amount| *amount > Amount::ZERO) else { return 0 };
        let length = (amount.to_units() * self.scale).round().clamp(1.0, eighths(columns));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the columns")]
        let length = length as usize;
        length
    }

    fn to_the_right(&self, amount: Option<Amount>) -> String {
        let length = self.length(amount, self.right);
        let rest = EIGHTHS.get(length % 8).filter(|_| !length.is_multiple_of(8));
        let bar: String = std::iter::repeat_n(FULL, length / 8).chain(rest.copied()).collect();
        format!("{bar:<0$}", self.right)
    }

    fn to_the_left(&self, amount: Option<Amount>) -> String {
        let length = self.length(amount, self.left);
        let rest = Some(RIGHT_HALF).filter(|_| !length.is_multiple_of(8));
        let bar: String = rest.into_iter().chain(std::iter::repeat_n(FULL, length / 8)).collect();
        format!("{bar:>0$}", self.left)
    }
}

/// Columns in eighths.
#[expect(clippy::cast_precision_loss, reason = "a screen has few columns")]
fn eighths(columns: usize) -> f64 {
    columns as f64 * 8.0
}

/// The part of the columns that the bars to the left need, when those to the right have the rest.
fn share(columns: usize, left: Amount, right: Amount) -> usize {
    let (left, right) = (left.to_units().max(0.0), right.to_units().max(0.0));
    let part = if left + right > 0.0 { left / (left + right) } else { 0.5 };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of the columns")]
    let share = (part * eighths(columns) / 8.0).round() as usize;
    share.clamp(1, columns.saturating_sub(1).max(1))
}
