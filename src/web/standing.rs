//! How a day stands, beside its amounts. Pure.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use super::site::Service;
use crate::config::Meter;
use crate::energy::{MeterDay, MeterKind};
use crate::ledger::{DayState, Error, Ledger, MeterId, Quality, publication_days};

/// Which days of a meter there can be, at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) kind: MeterKind,
    /// The first day of the history, or an earlier one of which something is known.
    pub(super) first: NaiveDate,
    /// The newest day that can be known: yesterday, or the last one that is wanted.
    pub(super) last: NaiveDate,
    /// The meter day that runs.
    pub(super) today: NaiveDate,
    /// By the clock of the house.
    pub(super) now: NaiveDateTime,
    pub(super) first_poll: NaiveTime,
}

impl Span {
    pub(super) fn read(
        ledger: &Ledger,
        service: &Service,
        meter: &Meter,
        id: MeterId,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let today = today(meter.kind, now, service.zone);
        let yesterday = today.pred_opt().unwrap_or(today);
        let start = ledger.history_start(id, meter.history_from)?;
        let extent = ledger.extent(id)?;
        Ok(Self {
            kind: meter.kind,
            first: extent.map_or(start, |(known, _)| known.min(start)),
            last: meter.history_until.map_or(yesterday, |until| until.min(yesterday)),
            today,
            now: now.with_timezone(&service.house).naive_local(),
            first_poll: service.first_poll,
        })
    }
}

/// The meter day that runs.
pub(super) fn today(kind: MeterKind, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    MeterDay::containing(kind, now, zone).map_or_else(|| now.date_naive(), MeterDay::date)
}

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
            Quality::Missing if date < span.first => Self::Before,
            Quality::Missing if date > span.last && date < span.today => Self::After,
            Quality::Missing => {
                let arrives = date.checked_add_days(Days::new(publication_days(span.kind))).unwrap_or(date);
                if span.now < arrives.and_time(span.first_poll) {
                    Self::Awaited { arrives }
                } else if state.intervals.count == 0 && state.totals.count == 0 {
                    Self::Unasked
                } else {
                    Self::Late
                }
            }
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
            Self::Absent | Self::Before | Self::After => Some("absent"),
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
    use crate::ledger::Answers;
    use crate::web::tests::date;

    /// Noon on Tuesday 24 November 2026.
    fn span(kind: MeterKind) -> Span {
        Span {
            kind,
            first: date("2026-11-01"),
            last: date("2026-11-23"),
            today: date("2026-11-24"),
            now: date("2026-11-24").and_hms_opt(12, 0, 0).unwrap(),
            first_poll: NaiveTime::from_hms_opt(6, 20, 0).unwrap(),
        }
    }

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
        let ended = Span { last: date("2026-11-10"), ..span(MeterKind::Electricity) };
        let of = |day: &str| Standing::of(date(day), empty(), &ended);
        assert_eq!(of("2026-10-31"), Standing::Before);
        assert_eq!(of("2026-11-11"), Standing::After);
        assert_eq!(of("2026-11-10"), Standing::Late);
    }
}
