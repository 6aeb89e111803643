//! One day, by quarter-hour or by hour.

mod model;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, Timelike as _, Utc};
use maud::{Markup, html};

use self::model::{Known, Slot, Slots};
use super::registers::{Registers, cell, segments, totals};
use super::{Context, Tab, layout, tabs};
use crate::config::{History, Meter};
use crate::energy::{Amount, Direction, MeterDay, Power, Reading, Unit};
use crate::ledger::{self, DayState, publication_days};
use crate::web::chart::{Chart, Column, figure};
use crate::web::routes::Failed;
use crate::web::span::Span;
use crate::web::standing::Standing;
use crate::web::sums::{DIRECTIONS, counted, sum, total};

/// An axis tells each hour that is a multiple of this: none of these is skipped or comes twice when the clocks change.
const LABELLED: u32 = 3;

const UP: &str = "../../";

/// What the page of a day is about.
struct Page<'a> {
    context: &'a Context<'a>,
    meter: &'a Meter,
    name: &'a str,
    day: MeterDay,
}

/// What the ledger has of the day.
struct Found {
    span: Span,
    state: DayState,
    readings: Vec<Reading>,
    /// Whether injection is to be expected.
    injects: bool,
}

/// One day of a meter, which is told as in `2026-11-24`.
pub(in crate::web) fn day(context: &Context<'_>, name: &str, date: &str) -> Result<Markup, Failed> {
    let (meter, zone) = (context.meter(name)?, context.service.zone);
    // Only one address leads to a day, and to none that has not begun.
    let wanted = date.parse::<NaiveDate>().ok().filter(|wanted| wanted.to_string() == date);
    let wanted = wanted.filter(|wanted| *wanted <= context.today(meter));
    let day = wanted.and_then(|wanted| MeterDay::new(meter.kind, wanted, zone)).ok_or(Failed::NotFound)?;
    Page { context, meter, name, day }.page()
}

impl Page<'_> {
    fn page(&self) -> Result<Markup, Failed> {
        let (language, date) = (self.context.language, self.day.date());
        let found = self.find()?;
        let title = format!("{}{}{}", self.meter.title(), language.colon(), language.full_date(date));
        let content = html! {
            h1 { (title) }
            (self.neighbours(found.as_ref()))
            @match &found {
                None => p.sentence { (language.chart().nothing_read) },
                Some(found) => (self.found(found, &title)),
            }
        };
        Ok(layout(language, UP, &title, &tabs(language, UP, self.name, self.meter, Some(Tab::Days)), &content))
    }

    fn find(&self) -> Result<Option<Found>, Failed> {
        let ledger = &self.context.ledger;
        let Some((id, span)) = self.context.span(self.meter)? else { return Ok(None) };
        let date = self.day.date();
        let injects_since = ledger.injects_since(id)?;
        let mut readings = Vec::new();
        ledger.counting(id, date, date, |_, counting| {
            readings.extend_from_slice(counting);
            Ok::<_, ledger::Error>(())
        })?;
        readings.retain(|reading| injects_since.is_some() || reading.direction == Direction::Consumption);
        Ok(Some(Found {
            span,
            state: ledger.day(id, date)?,
            readings,
            injects: injects_since.is_some_and(|since| since <= date),
        }))
    }

    fn found(&self, found: &Found, title: &str) -> Markup {
        let words = self.context.language.chart();
        let standing = Standing::of(self.day.date(), found.state, &found.span);
        let slots = Slots::new(self.day, &found.readings, found.injects);
        let sums = counted(&found.readings);
        let daily = slots.as_ref().and_then(|slots| slots.daily);
        html! {
            @for sentence in self.why(found, standing) { p.sentence { (sentence) } }
            @if !sums.is_empty() {
                section aria-labelledby="totals" {
                    h2 id="totals" {
                        @if matches!(standing, Standing::Partial { .. }) { (words.totals_so_far) } @else { (words.totals) }
                    }
                    (totals(self.context.language, self.meter, &sums))
                }
            }
            @if let Some(slots) = &slots { (self.figure(slots, title)) }
            @match daily {
                Some(Direction::Consumption) => p { (words.daily_consumption) },
                Some(Direction::Injection) => p { (words.daily_injection) },
                None => {},
            }
        }
    }

    /// Why the day isn't known as well as it could be, and what is unusual about it.
    fn why(&self, found: &Found, standing: Standing) -> Vec<String> {
        let language = self.context.language;
        let words = language.chart();
        let span = &found.span;
        let again = self.context.view.next_poll.map(|at| language.again(&self.context.instant(at)));
        let mut sentences = Vec::new();
        match standing {
            Standing::Complete => {}
            Standing::DailyOnly if self.meter.resolution == History::Days => {
                sentences.push(words.daily_by_configuration.to_owned());
            }
            Standing::DailyOnly if found.state.intervals.count == 0 => sentences.push(words.daily_unasked.to_owned()),
            Standing::DailyOnly => sentences.push(words.daily_by_portal.to_owned()),
            Standing::Partial { is_final: true } => sentences.push(words.part_finally.to_owned()),
            Standing::Partial { is_final: false } => {
                sentences.push(words.part_now.to_owned());
                sentences.extend(again);
            }
            Standing::Awaited { arrives } => {
                sentences.push(language.arrives(arrives, span.now.date(), span.first_poll));
            }
            Standing::Unasked => {
                sentences.push(words.not_asked.to_owned());
                sentences.extend(again);
            }
            Standing::Late => {
                sentences.push(language.late(publication_days(span.kind), span.first_poll));
                sentences.extend(again);
            }
            Standing::Absent => sentences.push(words.gone.to_owned()),
            Standing::Forgotten => sentences.push(words.forgotten.to_owned()),
            Standing::Before => sentences.push(language.before(span.begins)),
            Standing::After => sentences.push(language.after(span.last())),
        }
        match self.day.interval().seconds() / 3_600 {
            23 => sentences.push(words.clock_forward.to_owned()),
            25 => sentences.push(words.clock_back.to_owned()),
            _ => {}
        }
        sentences
    }

    /// The links to the days before and after, and to the month.
    fn neighbours(&self, found: Option<&Found>) -> Markup {
        let language = self.context.language;
        let words = language.chart();
        let date = self.day.date();
        let (first, last) = found.map_or((date, date), |found| (found.span.first(), found.span.last()));
        let before = date.pred_opt().map(|before| before.min(last)).filter(|before| *before >= first && *before < date);
        let after = date.succ_opt().map(|after| after.max(first)).filter(|after| *after <= last && *after > date);
        let link = |day: NaiveDate| format!("{UP}day/{}/{day}", self.name);
        html! {
            nav.neighbours aria-label=(words.neighbours) {
                @if let Some(before) = before {
                    a rel="prev" href=(link(before)) { span aria-hidden="true" { "← " } (language.day_of_month(before)) }
                }
                a rel="up" href={ (UP) "days/" (self.name) "/" (date.format("%Y-%m")) } { (language.month(date)) }
                @if let Some(after) = after {
                    a rel="next" href=(link(after)) { (language.day_of_month(after)) span aria-hidden="true" { " →" } }
                }
            }
        }
    }

    fn figure(&self, slots: &Slots, title: &str) -> Markup {
        let (language, meter) = (self.context.language, self.meter);
        let words = language.chart();
        let registers = Registers::of(slots.slots.iter().map(|slot| &slot.amounts));
        let length = if slots.are_quarters { words.per_quarter } else { words.per_hour };
        let caption = format!("{} {length}", words.shown(meter.kind, registers.inject()));
        let label = format!("{caption}, {title}");
        let columns = slots.slots.iter().map(|slot| self.column(slot, slots.are_quarters)).collect();
        let chart = Chart { label: &label, unit: meter.unit.symbol(), columns, lines: Vec::new() };
        let mut legend = registers.legend(language, meter);
        for (known, class, text) in
            [(Known::Part, "partial", words.partial), (Known::Nothing, "missing", words.missing)]
        {
            if slots.slots.iter().any(|slot| slot.known == known) {
                legend.push((class, text));
            }
        }
        if slots.slots.iter().any(|slot| slot.estimated > 0) {
            legend.push(("estimated", words.estimated));
        }
        figure(&caption, &legend, &chart.draw(language), words.table, &self.table(slots, &registers))
    }

    fn column(&self, slot: &Slot, is_quarter: bool) -> Column {
        let (language, meter) = (self.context.language, self.meter);
        let words = language.chart();
        let local = slot.start.with_timezone(&self.context.service.zone);
        let is_labelled = local.minute() == 0 && local.hour().is_multiple_of(LABELLED);
        let mut readout = vec![self.begins(slot.start)];
        readout.extend(self.state(slot));
        let powers = self.powers(is_quarter).iter().filter_map(|direction| {
            let power = language.number(power(slot, *direction)?, 3);
            Some(format!("{} {power} kW", words.direction(meter.kind, *direction)))
        });
        let powers: Vec<_> = powers.collect();
        if !powers.is_empty() {
            readout.push(format!("{}{}{}", words.mean_power, language.colon(), powers.join(", ")));
        }
        Column {
            label: is_labelled.then(|| language.time(local.time())),
            readout: readout.join(" · "),
            note: language.amounts(meter, &slot.amounts),
            link: None,
            segments: segments(&slot.amounts),
            back: match slot.known {
                Known::All => None,
                Known::Part => Some("partial"),
                Known::Nothing => Some("missing"),
            },
            mark: (slot.estimated > 0).then_some("estimated"),
        }
    }

    fn begins(&self, start: DateTime<Utc>) -> String {
        self.context.language.begins(start, self.context.service.zone)
    }

    /// What is to be said of a slot in words.
    fn state(&self, slot: &Slot) -> Vec<String> {
        let language = self.context.language;
        let words = language.chart();
        let known = match slot.known {
            Known::All => None,
            Known::Part => Some(words.partial.to_owned()),
            Known::Nothing => Some(words.missing.to_owned()),
        };
        known.into_iter().chain((slot.estimated > 0).then(|| language.estimated(slot.estimated))).collect()
    }

    /// The directions of which the mean power is told: a quarter-hour has one, as the capacity tariff takes it.
    fn powers(&self, are_quarters: bool) -> &'static [Direction] {
        if are_quarters && self.meter.unit == Unit::KilowattHour { &DIRECTIONS } else { &[] }
    }

    fn table(&self, slots: &Slots, registers: &Registers) -> Markup {
        let (language, meter) = (self.context.language, self.meter);
        let words = language.chart();
        let powers = self.powers(slots.are_quarters).iter();
        let powers: Vec<_> = powers.copied().filter(|of| *of == Direction::Consumption || registers.inject()).collect();
        html! {
            table {
                thead {
                    tr {
                        th scope="col" { (words.begins) }
                        (registers.heads(language, meter))
                        @for direction in &powers {
                            th scope="col" { (words.mean_power) ", " (words.direction(meter.kind, *direction)) " (kW)" }
                        }
                        th.words scope="col" { (words.state) }
                    }
                }
                tbody {
                    @for slot in &slots.slots {
                        tr {
                            th scope="row" { (self.begins(slot.start)) }
                            (registers.cells(language, &slot.amounts))
                            @for direction in &powers {
                                td { (cell(language, power(slot, *direction).map(Amount::from_millionths))) }
                            }
                            td.words { (self.state(slot).join(", ")) }
                        }
                    }
                }
                tfoot {
                    tr {
                        th scope="row" { (words.total) }
                        (registers.cells(language, &sum(slots.slots.iter().map(|slot| &slot.amounts))))
                        @for _ in &powers { td {} }
                        td {}
                    }
                }
            }
        }
    }
}

/// The mean power of a quarter-hour in a direction, in millionths of a kW.
fn power(slot: &Slot, direction: Direction) -> Option<i64> {
    total(&slot.amounts, direction).map(|counted| Power::of_quarter(counted).millionths())
}
