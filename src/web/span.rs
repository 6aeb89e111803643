//! Which days of a meter there can be, and when each is to be expected. All but [`Span::read`] is pure.

use std::ops::RangeInclusive;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::site::Service;
use crate::config::Meter;
use crate::energy::{MeterDay, MeterKind};
use crate::ledger::{Error, Ledger, MeterId, portal_floor, publication_days};

/// The days of a meter, at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) kind: MeterKind,
    /// Where the history begins.
    pub(super) begins: NaiveDate,
    /// The last day that is wanted, if there is one.
    pub(super) until: Option<NaiveDate>,
    /// The first and the last day of which anything is known.
    pub(super) known: Option<(NaiveDate, NaiveDate)>,
    /// The meter day that runs.
    pub(super) today: NaiveDate,
    /// By the clock of the house.
    pub(super) now: NaiveDateTime,
    /// By the clock of the house, each day.
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
        Ok(Self {
            kind: meter.kind,
            begins: ledger.history_start(id, meter.history_from)?,
            until: meter.history_until,
            known: ledger.extent(id)?,
            today: MeterDay::today(meter.kind, now, service.zone),
            now: now.with_timezone(&service.house).naive_local(),
            first_poll: service.first_poll,
        })
    }

    /// The first day of the history, or an earlier one of which something is known.
    pub(super) fn first(&self) -> NaiveDate {
        self.known.map_or(self.begins, |(oldest, _)| oldest.min(self.begins))
    }

    /// The newest day that can be known: yesterday, or the last one that is wanted.
    pub(super) fn last(&self) -> NaiveDate {
        self.at_most_until(self.today.pred_opt().unwrap_or(self.today))
    }

    /// The newest day that should be published by now: yesterday, or for gas four days ago; at most the last one that is wanted.
    pub(super) fn expected(&self) -> NaiveDate {
        self.at_most_until(published(self.kind, self.today))
    }

    /// The newest day for which the first poll that could bring it has come.
    pub(super) fn due(&self) -> NaiveDate {
        let expected = self.expected();
        expected.pred_opt().filter(|_| self.awaits(expected)).unwrap_or(expected)
    }

    /// Whether the history ends with [`Self::expected`], as the configuration wants it.
    pub(super) fn is_over(&self) -> bool {
        self.until.is_some_and(|until| until <= published(self.kind, self.today))
    }

    /// The day on which the portal usually has published a day.
    pub(super) fn arrives(&self, date: NaiveDate) -> NaiveDate {
        date.checked_add_days(Days::new(publication_days(self.kind))).unwrap_or(date)
    }

    /// Whether the first poll that could bring a day is still to come.
    pub(super) fn awaits(&self, date: NaiveDate) -> bool {
        self.now < self.could_come(date)
    }

    /// When the first poll that could bring a day is due, by the clock of the house.
    pub(super) fn could_come(&self, date: NaiveDate) -> NaiveDateTime {
        self.arrives(date).and_time(self.first_poll)
    }

    /// The days of which something is to be told: from the first one that is known, or that is wanted and the portal can still
    /// have, until the newest one that is expected or known. `None` when there are none.
    pub(super) fn told(&self) -> Option<RangeInclusive<NaiveDate>> {
        let (mut first, mut last) = (self.begins.max(portal_floor(self.expected())), self.expected());
        if let Some((oldest, newest)) = self.known {
            first = first.min(oldest);
            last = last.max(self.at_most_until(newest).min(self.today));
        }
        (first <= last).then_some(first..=last)
    }

    fn at_most_until(&self, date: NaiveDate) -> NaiveDate {
        self.until.map_or(date, |until| until.min(date))
    }
}

/// The newest day that the portal usually has published on a day.
pub(super) fn published(kind: MeterKind, today: NaiveDate) -> NaiveDate {
    today.checked_sub_days(Days::new(publication_days(kind))).unwrap_or(today)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::tests::{date, span};

    fn told(span: Span) -> Option<[NaiveDate; 2]> {
        span.told().map(|days| [*days.start(), *days.end()])
    }

    #[test]
    fn days_are_told_from_the_history_on_and_as_far_as_any_are_known() {
        let power = span(MeterKind::Electricity);
        assert_eq!(told(power), Some([date("2026-11-01"), date("2026-11-23")]));
        let gas = span(MeterKind::Gas);
        assert_eq!(told(gas), Some([date("2026-11-01"), date("2026-11-20")]));
        let fast = Span { known: Some((date("2026-10-01"), date("2026-11-22"))), ..gas };
        assert_eq!(told(fast), Some([date("2026-10-01"), date("2026-11-22")]), "sooner than expected");
        let ended = Span { until: Some(date("2026-11-10")), ..fast };
        assert_eq!(told(ended), Some([date("2026-10-01"), date("2026-11-10")]));
        assert!(ended.is_over() && !fast.is_over());
        assert_eq!(told(Span { begins: date("2026-11-24"), ..power }), None, "the first day isn't over");
    }

    #[test]
    fn what_is_older_than_the_portal_keeps_is_told_only_when_it_is_known() {
        let long = Span { begins: date("2020-01-01"), ..span(MeterKind::Electricity) };
        assert_eq!(told(long), Some([date("2023-11-23"), date("2026-11-23")]));
        let imported = Span { known: Some((date("2021-05-01"), date("2026-11-23"))), ..long };
        assert_eq!(told(imported), Some([date("2021-05-01"), date("2026-11-23")]));
    }
}
