use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::NaiveDate;

use super::take::Taken;
use crate::energy::{Direction, Unit};
use crate::history_csv::History;
use crate::ledger::Conflict;

/// So many ranges of days, and so many days that differ, are told one by one.
const MOST: usize = 10;

/// Tells what became of the files.
pub(super) fn tell(
    taken: &[(String, Taken)],
    histories: &[History],
    is_dry: bool,
    has_statistics: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (meter, taken) in taken {
        writeln!(out, "{meter}: {} in the files", counted(taken.readings, "reading"))?;
        of_meter(taken, is_dry, out)?;
    }
    left_out(histories, out)?;
    let has_news = taken.iter().any(|(_, taken)| !taken.added.is_empty() || !taken.corrected.is_empty());
    if taken.is_empty() {
        writeln!(out, "The files hold nothing of the configured meters.")
    } else if is_dry {
        writeln!(out, "Nothing was written, since this is a dry run.")
    } else if has_news && has_statistics {
        writeln!(out, "Home Assistant's statistics follow with the bridge's next poll.")
    } else {
        Ok(())
    }
}

fn of_meter(taken: &Taken, is_dry: bool, out: &mut dyn Write) -> io::Result<()> {
    let sum = |days: &BTreeMap<NaiveDate, usize>| days.values().sum::<usize>();
    let [would_be, would_replace] = if is_dry { ["would be new", "would replace"] } else { ["are new", "replace"] };
    if !taken.added.is_empty() {
        writeln!(out, "  {} {would_be}: {}", sum(&taken.added), ranges(taken.added.keys()))?;
    }
    if !taken.corrected.is_empty() {
        let days = ranges(taken.corrected.keys());
        writeln!(out, "  {} {would_replace} those of an earlier import: {days}", sum(&taken.corrected))?;
    }
    if !taken.known.is_empty() {
        writeln!(out, "  nothing new on {}", ranges(taken.known.iter()))?;
    }
    if taken.no_injection > 0 {
        let readings = counted(taken.no_injection, "reading");
        writeln!(out, "  left out: {readings} of injection from before the meter first injected, all of them 0")?;
    }
    if taken.too_late > 0 {
        writeln!(out, "  left out: {} after the meter's history_until", counted(taken.too_late, "reading"))?;
    }
    if !taken.conflicts.is_empty() {
        writeln!(out, "  differs from what the portal told the bridge, which stays:")?;
        for (date, conflict) in taken.conflicts.iter().take(MOST) {
            writeln!(out, "    {date} {}", differs(conflict))?;
        }
        let more = taken.conflicts.len().saturating_sub(MOST);
        if more > 0 {
            writeln!(out, "    and {more} more")?;
        }
    }
    Ok(())
}

fn differs(conflict: &Conflict) -> String {
    let direction = match conflict.direction {
        Direction::Consumption => "consumption",
        Direction::Injection => "injection",
    };
    let unit = match conflict.unit {
        Unit::KilowattHour => "kWh",
        Unit::CubicMetre => "m³",
    };
    let Conflict { portal, import, intervals, .. } = conflict;
    format!(
        "{direction}: {portal} {unit} in the ledger, {import} {unit} in the file ({})",
        counted(*intervals, "interval")
    )
}

/// Rows of the files that are no readings of a configured meter.
fn left_out(histories: &[History], out: &mut dyn Write) -> io::Result<()> {
    let sum = |count: fn(&History) -> usize| histories.iter().map(count).sum::<usize>();
    for (rows, what) in [
        (sum(|history| history.blank), "without an amount, which is missing and not 0"),
        (sum(|history| history.others), "of something else than energy, such as peaks"),
        (sum(|history| history.longer), "over more than a day; download daily totals or shorter ones"),
    ] {
        if rows > 0 {
            writeln!(out, "Left out: {} {what}", counted(rows, "row"))?;
        }
    }
    let mut strangers = BTreeMap::new();
    for (ean, rows) in histories.iter().flat_map(|history| &history.strangers) {
        *strangers.entry(ean).or_insert(0_usize) += rows;
    }
    for (ean, rows) in strangers {
        writeln!(
            out,
            "Left out: {} of the EAN {ean}, which is not among the meters of the configuration",
            counted(rows, "row")
        )?;
    }
    Ok(())
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Days as ranges without gaps, in order.
fn ranges<'a>(days: impl Iterator<Item = &'a NaiveDate>) -> String {
    let mut ranges: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in days {
        match ranges.last_mut().filter(|(_, last)| last.succ_opt() == Some(*day)) {
            Some((_, last)) => *last = *day,
            None => ranges.push((*day, *day)),
        }
    }
    let shown = |(first, last): &(NaiveDate, NaiveDate)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    };
    let more = ranges.len().saturating_sub(MOST);
    let told: Vec<_> = ranges.iter().take(MOST).map(shown).collect();
    if more > 0 { format!("{} and {more} more stretches", told.join(", ")) } else { told.join(", ") }
}
