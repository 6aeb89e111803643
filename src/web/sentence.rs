//! How far a meter is known, as one sentence. Pure.

use chrono::{DateTime, NaiveDate, Utc};

use super::facts::Facts;

/// What is to be said of a meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sentence {
    /// No poll has ended yet.
    Nothing,
    /// The portal has never given anything.
    Empty,
    /// Something is there, and no day is complete.
    NoDay,
    /// All that is wanted is there, or given up.
    Over { until: NaiveDate },
    /// All that can be there is there.
    Complete { until: NaiveDate, next: NaiveDate, arrives: NaiveDate },
    /// Days that could be there haven't been asked for since then; they are asked for then.
    Unasked { until: NaiveDate, days: usize, again: Option<DateTime<Utc>> },
    /// Days that should be there aren't; they are asked for again then.
    Late { until: NaiveDate, next: NaiveDate, days: usize, again: Option<DateTime<Utc>> },
    /// Days that should be there aren't, and something is wrong, so that nobody knows whether the portal has them.
    Unread { until: NaiveDate, next: NaiveDate },
    /// Days before the newest one are missing.
    Gaps { until: NaiveDate, days: usize, first: NaiveDate },
}

/// What the service says, beside the ledger.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// The portal has answered.
    pub(super) has_answer: bool,
    /// The last poll met a failure.
    pub(super) has_failed: bool,
    pub(super) next_poll: Option<DateTime<Utc>>,
}

impl Sentence {
    pub(super) fn of(facts: &Facts, moment: Moment) -> Self {
        if !facts.has_readings {
            return if moment.has_answer { Self::Empty } else { Self::Nothing };
        }
        let Some(until) = facts.newest else { return Self::NoDay };
        let span = &facts.span;
        // What nobody has asked for is no gap: it comes with the back-fill.
        let days = facts.asked.iter().filter(|day| **day < until).count();
        if let Some(first) = facts.asked.first().filter(|_| days > 0) {
            return Self::Gaps { until, days, first: *first };
        }
        let mut after = facts.missing.iter().filter(|day| **day > until);
        let Some(next) = after.next() else {
            if span.is_over() && !span.awaits(span.expected()) {
                return Self::Over { until: span.expected() };
            }
            let next = until.succ_opt().unwrap_or(until);
            return Self::Complete { until, next, arrives: span.arrives(next).max(span.now.date()) };
        };
        let (days, again) = (1 + after.count(), moment.next_poll);
        if moment.has_failed {
            Self::Unread { until, next: *next }
        } else if facts.last_sync_here.is_some_and(|last| last >= span.could_come(*next)) {
            Self::Late { until, next: *next, days, again }
        } else {
            Self::Unasked { until, days, again }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::MeterKind;
    use crate::web::span::Span;
    use crate::web::tests::{date, span};

    /// Facts on Tuesday 24 November 2026, of a history since the 1st.
    fn facts(newest: &str, missing: &[&str]) -> Facts {
        Facts {
            span: span(MeterKind::Electricity),
            newest: Some(date(newest)),
            missing: missing.iter().map(|day| date(day)).collect(),
            asked: missing.iter().map(|day| date(day)).collect(),
            has_readings: true,
            last_sync: None,
            last_sync_here: Some(date("2026-11-24").and_hms_opt(6, 25, 0).unwrap()),
        }
    }

    fn moment() -> Moment {
        let next_poll = "2026-11-24T11:20:00Z".parse().ok();
        Moment { has_answer: true, has_failed: false, next_poll }
    }

    fn at(time: &str, facts: &Facts, moment: Moment) -> Sentence {
        let now = date("2026-11-24").and_time(time.parse().unwrap());
        Sentence::of(&Facts { span: Span { now, ..facts.span }, ..facts.clone() }, moment)
    }

    fn told(facts: &Facts, time: &str) -> Sentence {
        at(time, facts, moment())
    }

    #[test]
    fn a_day_is_expected_the_morning_after_and_late_from_then_on() {
        let complete =
            Sentence::Complete { until: date("2026-11-23"), next: date("2026-11-24"), arrives: date("2026-11-25") };
        assert_eq!(told(&facts("2026-11-23", &[]), "12:00:00"), complete);
        let waiting = facts("2026-11-22", &["2026-11-23"]);
        let (until, next) = (date("2026-11-22"), date("2026-11-23"));
        let early = told(&facts("2026-11-22", &[]), "05:00:00");
        assert_eq!(
            early,
            Sentence::Complete { until, next, arrives: date("2026-11-24") },
            "nobody has looked for it yet"
        );
        let again = moment().next_poll;
        assert_eq!(told(&waiting, "06:30:00"), Sentence::Late { until, next, days: 1, again });
        let before = Facts { last_sync_here: date("2026-11-24").and_hms_opt(6, 19, 0), ..waiting.clone() };
        let unasked = Sentence::Unasked { until, days: 1, again };
        assert_eq!(told(&before, "06:21:00"), unasked, "the last poll was too early to bring it");
        let unread = at("06:30:00", &waiting, Moment { has_failed: true, ..moment() });
        assert_eq!(unread, Sentence::Unread { until, next }, "the portal may have it");
    }

    #[test]
    fn gas_arrives_four_days_after_its_date() {
        let gas = Facts { span: span(MeterKind::Gas), ..facts("2026-11-20", &[]) };
        let (until, next) = (date("2026-11-20"), date("2026-11-21"));
        let arrives = date("2026-11-25");
        assert_eq!(told(&gas, "12:00:00"), Sentence::Complete { until, next, arrives });
    }

    #[test]
    fn a_hole_is_told_before_a_late_day() {
        let holes = facts("2026-11-22", &["2026-11-03", "2026-11-05", "2026-11-23"]);
        let gaps = Sentence::Gaps { until: date("2026-11-22"), days: 2, first: date("2026-11-03") };
        assert_eq!(told(&holes, "12:00:00"), gaps);
        assert_eq!(holes.complete_until(), Some(date("2026-11-02")));
        let late = told(&Facts { asked: vec![date("2026-11-23")], ..holes }, "12:00:00");
        assert!(matches!(late, Sentence::Late { days: 1, .. }), "what is still to be fetched is no hole: {late:?}");
    }

    #[test]
    fn an_end_of_the_history_awaits_nothing() {
        let over = Facts {
            span: Span { until: Some(date("2026-06-30")), ..span(MeterKind::Electricity) },
            ..facts("2026-06-30", &[])
        };
        assert_eq!(told(&over, "12:00:00"), Sentence::Over { until: date("2026-06-30") });
    }

    #[test]
    fn nothing_yet_and_nothing_at_all_are_told_apart() {
        let none = Facts { has_readings: false, newest: None, ..facts("2026-11-23", &["2026-11-23"]) };
        assert_eq!(told(&none, "12:00:00"), Sentence::Empty);
        assert_eq!(none.complete_until(), None);
        let unanswered = Moment { has_answer: false, ..moment() };
        assert_eq!(at("12:00:00", &none, unanswered), Sentence::Nothing);
        let part = Facts { has_readings: true, ..none };
        assert_eq!(told(&part, "12:00:00"), Sentence::NoDay);
    }
}
