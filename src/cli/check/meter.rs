//! One meter: whether the portal has readings of it, and how fine.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use super::finding::{Finding, Subject};
use super::trouble::trouble;
use crate::clock::Clock;
use crate::config::{History, Meter};
use crate::energy::{MeterDay, MeterKind, Reading, Resolution, Unit};
use crate::portal::{DAILY, DAILY_DAYS, Error, Portal, interval_codes};

/// The youngest day that must be published by now, in days before today: the portal is up to three days late.
const PUBLISHED: u64 = 3;

/// So many days up to that one are asked for, since any of them may be missing.
const ASKED: u64 = 8;

/// On so many days the granularity codes are tried out, as a poll does.
const PROBED: usize = 2;

/// A quarter of an hour, in seconds.
const QUARTER: u32 = 900;

/// A meter about which the portal is asked.
pub(super) struct Asked<'a> {
    pub(super) portal: &'a mut Portal,
    pub(super) settings: &'a Meter,
    pub(super) clock: Clock,
    pub(super) zone: Tz,
}

/// What the portal has of some days.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    /// The dates of meter days that have readings.
    dates: BTreeSet<NaiveDate>,
    /// In which units.
    units: BTreeSet<Unit>,
    /// There are readings that lie in no day of a meter of this kind.
    misfits: bool,
}

impl Asked<'_> {
    /// Asks for days that must be there, and for intervals on some of them.
    ///
    /// # Errors
    /// What the portal's trouble was, which is told already.
    pub(super) async fn check(mut self, subject: &Subject, tell: &mut impl FnMut(Finding)) -> Result<(), Error> {
        let wants_intervals = !interval_codes(self.settings.kind, self.settings.resolution).is_empty();
        let intervals = subject.intervals();
        let published = match self.published(subject).await {
            Ok((finding, published)) => {
                tell(finding);
                published
            }
            Err(error) => {
                tell(trouble(subject, &error, self.zone));
                if wants_intervals {
                    tell(Finding::not_tried(&intervals, "there was no answer for the meter"));
                }
                return Err(error);
            }
        };
        if wants_intervals {
            match self.intervals(&intervals, &published).await {
                Ok(finding) => tell(finding),
                Err(error) => {
                    tell(trouble(&intervals, &error, self.zone));
                    return Err(error);
                }
            }
        }
        for oddity in self.portal.oddities(self.settings) {
            tell(Finding::attention(subject, oddity));
        }
        Ok(())
    }

    /// Whether the portal has readings of days that must be published by now, and of which days, newest first.
    async fn published(&mut self, subject: &Subject) -> Result<(Finding, Vec<MeterDay>), Error> {
        let asked = days(self.settings, self.clock.now(), self.zone, PUBLISHED, ASKED);
        let mut seen = self.ask(&asked).await?;
        let mut finding = judge(subject, self.settings, &asked, &seen);
        if seen == Seen::default() {
            // Nothing at all is a typo, or a portal that is much too late.
            let more = days(self.settings, self.clock.now(), self.zone, 1, DAILY_DAYS as u64);
            seen = self.ask(&more).await?;
            finding = judge_again(subject, self.settings, &asked, &more, &seen);
        }
        let of_dates = |date: &NaiveDate| MeterDay::new(self.settings.kind, *date, self.zone);
        Ok((finding, seen.dates.iter().rev().filter_map(of_dates).collect()))
    }

    /// Which granularity code gives intervals, tried as a poll tries it.
    async fn intervals(&mut self, subject: &Subject, published: &[MeterDay]) -> Result<Finding, Error> {
        if published.is_empty() {
            return Ok(Finding::not_tried(subject, "there is no day to try it on"));
        }
        let Meter { kind, resolution, .. } = *self.settings;
        for day in published.iter().take(PROBED) {
            for code in interval_codes(kind, resolution) {
                let readings = self.portal.history(self.settings, *day, *day, *code).await?;
                let shorter =
                    readings.iter().filter(|reading| Resolution::of(reading.interval) != Some(Resolution::Day));
                if let Some(seconds) = shorter.map(|reading| reading.interval.seconds()).min() {
                    return Ok(found(subject, self.settings, *code, seconds));
                }
            }
        }
        Ok(Finding::attention(subject, "the portal has daily totals only").remedy(
            "if you want more, switch on quarter-hours (gas: hours) for this meter on mijn.fluvius.be; they begin on that \
             day",
        ))
    }

    /// Asks for the daily totals of days in one request.
    async fn ask(&mut self, days: &[MeterDay]) -> Result<Seen, Error> {
        let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(Seen::default()) };
        let readings = self.portal.history(self.settings, *first, *last, DAILY).await?;
        Ok(Seen::new(days, &readings))
    }
}

/// So many meter days, oldest first, of which the last is so many days before today, or the last that is wanted.
fn days(settings: &Meter, now: DateTime<Utc>, zone: Tz, back: u64, count: u64) -> Vec<MeterDay> {
    let Some(today) = MeterDay::containing(settings.kind, now, zone) else { return Vec::new() };
    let last = today.date().checked_sub_days(Days::new(back)).unwrap_or_default();
    let last = settings.history_until.map_or(last, |until| until.min(last));
    let dates = (0..count).rev().filter_map(|before| last.checked_sub_days(Days::new(before)));
    dates.filter_map(|date| MeterDay::new(settings.kind, date, zone)).collect()
}

impl Seen {
    fn new(days: &[MeterDay], readings: &[Reading]) -> Self {
        let mut seen = Self::default();
        for reading in readings {
            let lies_in = |day: &&MeterDay| {
                let (day, reading) = (day.interval(), reading.interval);
                reading.start() >= day.start() && reading.end() <= day.end()
            };
            match days.iter().find(lies_in) {
                Some(day) => {
                    seen.dates.insert(day.date());
                    seen.units.insert(reading.unit);
                }
                None => seen.misfits = true,
            }
        }
        seen
    }
}

/// What the first answer means.
fn judge(subject: &Subject, settings: &Meter, days: &[MeterDay], seen: &Seen) -> Finding {
    let (count, all) = (seen.dates.len(), days.len());
    if count == 0 && seen.misfits {
        let (kind, other) = match settings.kind {
            MeterKind::Electricity => ("electricity", "gas"),
            MeterKind::Gas => ("gas", "electricity"),
        };
        return Finding::bad(subject, format!("its days don't begin when those of {kind} do"))
            .remedy(&format!("set `kind: {other}` for this meter"));
    }
    if count > 0 && !seen.units.contains(&settings.unit) {
        let (has, wants) = match settings.unit {
            Unit::KilowattHour => ("m³", "m3"),
            Unit::CubicMetre => ("kWh", "kwh"),
        };
        return Finding::bad(subject, format!("the portal counts it in {has} only"))
            .remedy(&format!("set `gas_unit: {wants}` for this meter"));
    }
    let of = if count == all { format!("all {all} days") } else { format!("{count} of the {all} days") };
    Finding::good(subject, format!("the portal has readings of {of} {}", span(days)))
}

/// What the second answer means, after the first one was empty.
fn judge_again(subject: &Subject, settings: &Meter, first: &[MeterDay], days: &[MeterDay], seen: &Seen) -> Finding {
    let last_of_first = first.last().map(|day| day.date());
    match seen.dates.last() {
        None if seen.misfits => judge(subject, settings, days, seen),
        None => Finding::bad(
            subject,
            format!("the portal has nothing {}, and it is never that late", span(days)),
        )
        .remedy(
            "compare the EAN with Verbruik on mijn.fluvius.be, and the serial number with the one that is printed on the \
             meter: the portal answers a typo with nothing",
        ),
        Some(_) if seen.dates.first().copied() > last_of_first => {
            Finding::good(subject, format!("the portal has readings since {}", date(seen.dates.first())))
        }
        Some(newest) => Finding::attention(subject, format!("the portal has no readings after {newest}")).remedy(
            "if it is still your meter, nothing to do but wait: the EAN and the serial number are right, and the portal \
             is late",
        ),
    }
}

/// What the granularity code that was found means.
fn found(subject: &Subject, settings: &Meter, code: u8, seconds: u32) -> Finding {
    let length = match seconds {
        QUARTER => "quarter-hours".to_owned(),
        3_600 => "hours".to_owned(),
        seconds => format!("intervals of {seconds} s"),
    };
    let message = format!("{length}, with granularity {code}");
    let finest = settings.kind == MeterKind::Electricity && settings.resolution == History::Finest;
    if finest && seconds > QUARTER {
        return Finding::attention(subject, format!("{message}; there are no quarter-hours"))
            .remedy("if you want them, switch them on for this meter on mijn.fluvius.be; they begin on that day");
    }
    Finding::good(subject, message)
}

fn span(days: &[MeterDay]) -> String {
    match (days.first(), days.last()) {
        (Some(first), Some(last)) => format!("from {first} to {last}"),
        _ => String::new(),
    }
}

fn date(date: Option<&NaiveDate>) -> String {
    date.map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
