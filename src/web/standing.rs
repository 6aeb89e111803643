//! How a day stands, beside its amounts. Pure.

use chrono::NaiveDate;

use super::span::Span;
use crate::ledger::{DayState, Quality, portal_floor};

/// How a day stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// All of it is known, in quarter-hours or hours.
    Complete,
    /// All of it is known, as a daily total alone.
    DailyOnly,
    /// A part of it is known. `is_final`: the portal has no more.
    Partial { is_final: bool },
    /// The portal is not to be expected to have it before that date.
    Awaited { arrives: NaiveDate },
    /// The portal should have it and wasn't asked for it yet.
    Unasked,
    /// The portal should have it and has given nothing.
    Late,
    /// The portal has nothing of it, and is not asked any more.
    Absent,
    /// It is older than what the portal keeps.
    Forgotten,
    /// It is before the history.
    Before,
    /// It is after the last day that is wanted.
    After,
}

impl Standing {
    pub(super) fn of(date: NaiveDate, state: DayState, span: &Span) -> Self {
        match state.quality() {
            Quality::Complete => Self::Complete,
            Quality::DailyOnly => Self::DailyOnly,
            Quality::Partial => Self::Partial { is_final: state.closed },
            Quality::Absent => Self::Absent,
            Quality::Missing if date < portal_floor(span.today) => Self::Forgotten,
            Quality::Missing if date < span.begins => Self::Before,
            Quality::Missing if span.until.is_some_and(|until| date > until) => Self::After,
            Quality::Missing if span.awaits(date) => Self::Awaited { arrives: span.arrives(date) },
            Quality::Missing if state.intervals.count == 0 && state.totals.count == 0 => Self::Unasked,
            Quality::Missing => Self::Late,
        }
    }

    /// The class of a column's background.
    pub(super) const fn class(self) -> Option<&'static str> {
        match self {
            Self::Complete => None,
            Self::DailyOnly => Some("daily-only"),
            Self::Partial { .. } => Some("partial"),
            Self::Awaited { .. } | Self::Unasked => Some("awaited"),
            Self::Late => Some("missing"),
            Self::Absent | Self::Forgotten | Self::Before | Self::After => Some("absent"),
        }
    }

    /// Whether all of the day is known.
    pub(super) const fn is_known(self) -> bool {
        matches!(self, Self::Complete | Self::DailyOnly)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::MeterKind;
    use crate::ledger::Answers;
    use crate::web::tests::{date, span};

    fn known(finest: Option<u32>) -> DayState {
        DayState { finest, has_amounts: true, ..DayState::default() }
    }

    /// A day for which the portal has given nothing.
    fn empty() -> DayState {
        DayState { totals: Answers { count: 1, last: None }, ..DayState::default() }
    }

    #[test]
    fn what_is_known_tells_before_what_is_expected() {
        let of = |state| Standing::of(date("2026-11-20"), state, &span(MeterKind::Electricity));
        assert_eq!(of(known(Some(900))), Standing::Complete);
        assert_eq!(of(known(Some(86_400))), Standing::DailyOnly);
        assert_eq!(of(known(None)), Standing::Partial { is_final: false });
        assert_eq!(of(DayState { closed: true, ..known(None) }), Standing::Partial { is_final: true });
        assert_eq!(of(DayState { absent: true, ..DayState::default() }), Standing::Absent);
    }

    #[test]
    fn a_day_without_anything_is_awaited_until_the_first_poll_that_could_bring_it_and_late_from_then_on() {
        let of = |day: &str, span: Span| Standing::of(date(day), empty(), &span);
        let power = span(MeterKind::Electricity);
        assert_eq!(of("2026-11-23", power), Standing::Late);
        let early = Span { now: date("2026-11-24").and_hms_opt(6, 19, 0).unwrap(), ..power };
        assert_eq!(of("2026-11-23", early), Standing::Awaited { arrives: date("2026-11-24") });
        assert_eq!(of("2026-11-24", power), Standing::Awaited { arrives: date("2026-11-25") }, "the day that runs");
        assert_eq!(Standing::of(date("2026-11-23"), DayState::default(), &power), Standing::Unasked);
        let gas = span(MeterKind::Gas);
        assert_eq!(of("2026-11-20", gas), Standing::Late);
        assert_eq!(of("2026-11-21", gas), Standing::Awaited { arrives: date("2026-11-25") });
    }

    #[test]
    fn days_that_nobody_asks_for_are_not_missing() {
        let ended = Span { until: Some(date("2026-11-10")), ..span(MeterKind::Electricity) };
        let of = |day: &str| Standing::of(date(day), empty(), &ended);
        assert_eq!(of("2026-10-31"), Standing::Before);
        assert_eq!(["2026-11-11", "2026-11-24"].map(of), [Standing::After; 2]);
        assert_eq!(of("2026-11-10"), Standing::Late);
    }

    #[test]
    fn a_day_that_the_portal_does_not_keep_is_not_missing_either() {
        let long = Span { begins: date("2020-01-01"), ..span(MeterKind::Electricity) };
        let of = |day: &str, state| Standing::of(date(day), state, &long);
        assert_eq!(of("2023-11-24", DayState::default()), Standing::Unasked, "the portal still has it");
        assert_eq!([DayState::default(), empty()].map(|state| of("2023-11-23", state)), [Standing::Forgotten; 2]);
        assert_eq!(of("2023-11-23", known(Some(900))), Standing::Complete);
    }

    #[test]
    fn a_hole_before_the_history_is_before_it_although_older_days_are_known() {
        let known = Some((date("2026-10-01"), date("2026-11-23")));
        let span = Span { known, ..span(MeterKind::Electricity) };
        assert_eq!(Standing::of(date("2026-10-02"), DayState::default(), &span), Standing::Before);
        assert_eq!((span.first(), span.last()), (date("2026-10-01"), date("2026-11-23")));
    }
}
