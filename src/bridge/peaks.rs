//! Monthly peaks: when the portal is asked for them, which is after all energy, and what happens to the answer.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use tracing::{debug, warn};

use super::home::{Bridge, Watched};
use crate::config::Meter;
use crate::energy::{MeterDay, MeterKind, Peaks};
use crate::ledger::{self, Ledger, MeterId};
use crate::mqtt::Connection;
use crate::portal::{NoPeaks, Portal};

/// So many months before this one are asked for: with it, the three years that the portal keeps.
const MONTHS_BEFORE: Months = Months::new(35);

/// A month that ended this long ago is published by now, or never: the portal does so early in the next one.
const LATE: TimeDelta = TimeDelta::days(60);

/// Why a meter has no peaks from the portal this time.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Portal(#[from] NoPeaks),
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
}

impl Bridge {
    /// Asks for the monthly peaks of each electricity meter, once a day, and shows what is new. A failure is none of the
    /// poll's: it is told once, and the next poll asks again.
    pub(super) async fn ask_peaks(&mut self, broker: Option<&Connection>) {
        let Self { meters, ledger, portal, display, clock, .. } = self;
        for meter in meters.iter_mut().filter(|meter| meter.settings.kind == MeterKind::Electricity) {
            let Some(window) = Window::new(&meter.settings, clock.now(), display.zone) else { continue };
            match window.ask(meter, ledger, portal).await {
                Ok(false) => {}
                Ok(true) => {
                    meter.lacks_peaks = false;
                    display.show(ledger, meter, broker);
                }
                Err(failure) if meter.lacks_peaks => debug!("{}: no monthly peaks: {failure}", meter.settings),
                Err(failure) => {
                    meter.lacks_peaks = true;
                    warn!(
                        "{}: no monthly peaks from the portal ({failure}). Energy is not affected; until they come, the \
                         peaks are those of the quarter-hours that are there",
                        meter.settings
                    );
                }
            }
        }
    }
}

/// The months whose peaks a meter may need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    /// The local date.
    today: NaiveDate,
    first: MeterDay,
    /// Today, or the end of the month in which the wanted history ended.
    last: MeterDay,
    /// The newest month of them that is over.
    newest: NaiveDate,
}

impl Window {
    /// `None` when the history ended before all that the portal keeps.
    fn new(meter: &Meter, now: DateTime<Utc>, zone: Tz) -> Option<Self> {
        let today = MeterDay::containing(meter.kind, now, zone)?.date();
        let month = today.with_day(1)?;
        let before = month.checked_sub_months(Months::new(1))?;
        let ended = meter.history_until.and_then(|until| until.with_day(1)).filter(|ended| *ended < month);
        let first = month.checked_sub_months(MONTHS_BEFORE)?;
        let last = match ended {
            Some(ended) => ended.checked_add_months(Months::new(1))?.pred_opt()?,
            None => today,
        };
        let day = |date| MeterDay::new(meter.kind, date, zone);
        let window = Self { today, first: day(first)?, last: day(last)?, newest: ended.unwrap_or(before) };
        (first < last).then_some(window)
    }

    /// Asks the portal if that is due, and keeps what it says; `false` when it isn't.
    async fn ask(self, meter: &Watched, ledger: &mut Ledger, portal: &mut Portal) -> Result<bool, Failure> {
        if !self.is_due(ledger, meter.id)? {
            return Ok(false);
        }
        let peaks = portal.peaks(&meter.settings, self.first, self.last).await?;
        // In a month that isn't over a higher one may come; the quarter-hours tell it as they come in.
        let peaks: Peaks = peaks.iter().filter(|peak| peak.month <= self.newest).copied().collect();
        ledger.keep_peaks(meter.id, &peaks, self.today)?;
        Ok(true)
    }

    fn is_due(self, ledger: &Ledger, meter: MeterId) -> Result<bool, ledger::Error> {
        let asked = ledger.peaks_asked(meter)?;
        let has_ended = self.last.date() < self.today;
        let is_in = ledger.peaks_published_until(meter)?.is_some_and(|month| month >= self.newest);
        let is_given_up = asked.is_some_and(|asked| asked.signed_duration_since(self.last.date()) > LATE);
        Ok(asked != Some(self.today) && !(has_ended && (is_in || is_given_up)))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;

    use super::*;
    use crate::config::History;
    use crate::energy::{Ean, Peak, Power, Unit};

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn window(now: &str, until: Option<&str>) -> Option<Window> {
        let meter = Meter {
            ean: Ean::parse("541448860000000011").unwrap(),
            serial: "1SAG1100000015".to_owned(),
            name: None,
            kind: MeterKind::Electricity,
            unit: Unit::KilowattHour,
            resolution: History::Finest,
            history_from: None,
            history_until: until.map(date),
        };
        Window::new(&meter, now.parse().unwrap(), Brussels)
    }

    /// The first and the last day asked for, and the newest month that may be kept.
    fn asked(now: &str, until: Option<&str>) -> Option<[String; 3]> {
        let window = window(now, until)?;
        Some([window.first.date().to_string(), window.last.date().to_string(), window.newest.to_string()])
    }

    fn days(first: &str, last: &str, newest: &str) -> Option<[String; 3]> {
        Some([first, last, newest].map(str::to_owned))
    }

    #[test]
    fn three_years_are_asked_for_until_today_or_the_end_of_the_history() {
        let open = days("2023-12-01", "2026-11-30", "2026-10-01");
        assert_eq!(asked("2026-11-30T22:59:59Z", None), open);
        assert_eq!(asked("2026-11-30T22:59:59Z", Some("2026-11-01")), open, "its month isn't over");
        assert_eq!(asked("2026-11-30T22:59:59Z", Some("2027-01-01")), open);
        assert_eq!(asked("2026-11-30T23:00:00Z", None), days("2024-01-01", "2026-12-01", "2026-11-01"));
        assert_eq!(asked("2026-11-30T22:59:59Z", Some("2026-10-31")), days("2023-12-01", "2026-10-31", "2026-10-01"));
        assert_eq!(
            asked("2026-11-30T22:59:59Z", Some("2026-02-03")),
            days("2023-12-01", "2026-02-28", "2026-02-01"),
            "the whole month, since its peak is that of the whole"
        );
        assert_eq!(asked("2026-11-30T22:59:59Z", Some("2023-11-30")), None);
    }

    struct Book {
        ledger: Ledger,
        meter: MeterId,
        _folder: tempfile::TempDir,
    }

    fn book() -> Book {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(folder.path(), Brussels).unwrap();
        let ean = Ean::parse("541448860000000011").unwrap();
        let meter = ledger.meter(&ean, MeterKind::Electricity, Unit::KilowattHour, date("2026-06-01")).unwrap();
        Book { ledger, meter, _folder: folder }
    }

    impl Book {
        fn keep(&mut self, peaks: &[&str], asked: &str) {
            let peak = |start: &&str| Peak::new(Power::default(), start.parse().unwrap(), Brussels).unwrap();
            self.ledger.keep_peaks(self.meter, &peaks.iter().map(peak).collect(), date(asked)).unwrap();
        }

        fn is_due(&self, now: &str, until: Option<&str>) -> bool {
            window(now, until).unwrap().is_due(&self.ledger, self.meter).unwrap()
        }
    }

    #[test]
    fn the_portal_is_asked_once_a_local_day() {
        let mut book = book();
        assert!(book.is_due("2026-11-20T05:20:00Z", None));
        book.keep(&["2026-10-10T10:00:00Z"], "2026-11-20");
        assert!(!book.is_due("2026-11-20T22:59:59Z", None));
        assert!(book.is_due("2026-11-20T23:00:00Z", None), "a published peak may be corrected");
        assert!(book.is_due("2026-11-19T05:20:00Z", None), "a clock that was set back doesn't stop it");
    }

    #[test]
    fn a_history_that_has_ended_is_not_asked_for_once_its_months_are_in_or_long_overdue() {
        let mut book = book();
        let until = Some("2026-09-15");
        book.keep(&["2026-08-10T10:00:00Z"], "2026-10-01");
        assert!(book.is_due("2026-10-02T05:20:00Z", until), "September isn't there");
        book.keep(&[], "2026-11-29");
        assert!(book.is_due("2026-11-30T05:20:00Z", until));
        book.keep(&[], "2026-11-30");
        assert!(!book.is_due("2026-12-01T05:20:00Z", until), "two months later it is given up");
        assert!(book.is_due("2026-12-01T05:20:00Z", None), "the history goes on after all");
        book.keep(&["2026-09-20T10:00:00Z"], "2026-10-02");
        assert!(!book.is_due("2026-10-03T05:20:00Z", until));
        assert!(book.is_due("2026-10-03T05:20:00Z", Some("2026-10-01")), "its month isn't over");
    }
}
