//! From the ledger to the topics.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound as _, FixedOffset, Offset as _, TimeDelta, Utc};
use chrono_tz::Tz;
use tracing::{info, warn};

use super::backfill::Progress;
use super::home::{Bridge, Watched};
use crate::clock::Clock;
use crate::energy::{Amount, MeterDay, MeterKind, Unit};
use crate::ledger::{self, Adopted, Ledger, Snapshot};
use crate::mqtt::{
    Backfill, Connection, Features, MeterState, Retained, Status, Topics, announced_gas_unit, announcement,
};

/// What is needed to show a meter.
pub(super) struct Display {
    pub(super) topics: Topics,
    pub(super) zone: Tz,
    pub(super) clock: Clock,
    /// Home Assistant's statistics are kept by the bridge.
    pub(super) has_statistics: bool,
    /// The way of reading was changed, so that sensors which were announced may not exist.
    pub(super) takes_back: bool,
}

impl Display {
    /// What is to stand on a meter's topics: first the announcement, then the state.
    pub(super) fn messages(&self, ledger: &Ledger, meter: &Watched) -> Result<[(String, Vec<u8>); 2], ledger::Error> {
        let newest = meter.newest(self.clock.now(), self.zone);
        let snapshot = ledger.snapshot(meter.id, newest)?;
        let features = Features {
            injects: snapshot.injects,
            has_tariffs: snapshot.has_tariffs,
            has_peaks: snapshot.peak.is_some(),
            has_statistics: self.has_statistics,
            takes_back: self.takes_back,
        };
        let ean = &meter.settings.ean;
        let mut state = state(meter.settings.kind, &snapshot, ledger.last_sync(meter.id)?, meter.status, self.zone);
        state.backfill = meter.progress.map(|progress| self.backfill(progress));
        Ok([
            (self.topics.discovery(ean), announcement(&meter.settings, &self.topics, features)),
            (self.topics.state(ean), state.payload()),
        ])
    }

    fn backfill(&self, progress: Progress) -> Backfill {
        let Progress { done, left, rest } = progress;
        let ready_at = TimeDelta::from_std(rest).ok().and_then(|rest| self.clock.now().checked_add_signed(rest));
        let local = |at: DateTime<Utc>| local(at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at), self.zone);
        Backfill { days_done: done, days_left: left, ready_at: ready_at.filter(|_| left > 0).map(local) }
    }

    /// Shows a meter as it is now. One whose anchor isn't decided waits, since its retained state may hold the anchor.
    pub(super) fn show(&self, ledger: &Ledger, meter: &Watched, broker: Option<&Connection>) {
        let Some(broker) = broker else { return };
        let messages = ledger.anchor(meter.id).and_then(|anchor| match anchor {
            Some(_) => self.messages(ledger, meter).map(Vec::from),
            None => Ok(Vec::new()),
        });
        match messages {
            Ok(messages) => messages.into_iter().for_each(|(topic, payload)| broker.hold(topic, payload)),
            Err(error) => warn!("{} can't be shown: {error}", meter.settings),
        }
    }
}

impl Bridge {
    /// Shows all meters.
    pub(super) fn show_all(&self, broker: &Connection) {
        for meter in &self.meters {
            self.display.show(&self.ledger, meter, Some(broker));
        }
    }

    /// Starts the connection to the broker, asking it for what it holds of meters whose anchor isn't decided.
    pub(super) fn connect(&self) -> Result<Connection, super::Error> {
        let topics = &self.display.topics;
        let mut asked = Vec::new();
        let mut watched = Vec::new();
        for meter in &self.meters {
            watched.push(topics.discovery(&meter.settings.ean));
            if self.ledger.anchor(meter.id)?.is_none() {
                asked.push(topics.state(&meter.settings.ean));
                // The state of gas doesn't tell its unit, the announcement does.
                asked.push(topics.discovery(&meter.settings.ean));
            }
        }
        let made = || format!("fluvius2mqtt_{:08x}", rand::random::<u32>());
        let client_id = match &self.config.mqtt.client_id {
            Some(client_id) => client_id.clone(),
            None => self.ledger.setting("client_id", made)?,
        };
        Ok(Connection::open(&self.config.mqtt, topics, &client_id, asked, watched, self.renew()?)?)
    }

    /// Whether the anchor of each meter is decided.
    pub(super) fn has_anchors(&self) -> Result<bool, ledger::Error> {
        for meter in &self.meters {
            if self.ledger.anchor(meter.id)?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Decides the anchors that aren't: those of states that an earlier ledger left on the broker, or else the start of
    /// history. `true` when totals were taken over, so that the days since they began are wanted.
    pub(super) fn decide_anchors(&mut self, held: &BTreeMap<String, Vec<u8>>) -> Result<bool, ledger::Error> {
        let mut has_adopted = false;
        for meter in &self.meters {
            let left = held.get(&self.display.topics.state(&meter.settings.ean));
            let announced = held.get(&self.display.topics.discovery(&meter.settings.ean));
            let unit = announced.and_then(|payload| announced_gas_unit(payload));
            match left.and_then(|payload| adopted(&Retained::read(payload)?, unit, meter, self.display.zone)) {
                Some(adopted) => {
                    let unit = meter.settings.unit.symbol();
                    if adopted.sums.is_empty() {
                        info!(
                            "{}: the broker holds a total in another unit; the one in {unit} begins on the same day",
                            meter.settings
                        );
                    } else {
                        info!("{}: the totals go on from those that the broker still holds", meter.settings);
                    }
                    self.ledger.adopt(meter.id, &adopted)?;
                    has_adopted = true;
                }
                None => decide_anchor(&self.ledger, meter)?,
            }
            let newest = meter.newest(self.clock.now(), self.display.zone);
            self.ledger.release_totals(meter.id, newest)?;
        }
        Ok(has_adopted)
    }
}

/// Makes the start of history the anchor, unless there is one.
pub(super) fn decide_anchor(ledger: &Ledger, meter: &Watched) -> Result<(), ledger::Error> {
    let start = ledger.history_start(meter.id, meter.settings.history_from)?;
    ledger.set_anchor(meter.id, start)
}

/// What an earlier ledger left, with the unit in which gas was announced: sums in another unit than the meter's are not
/// taken over.
fn adopted(left: &Retained, unit: Option<Unit>, meter: &Watched, zone: Tz) -> Option<Adopted> {
    let from = left.totals_from.with_timezone(&Utc);
    let counts = unit.is_none_or(|unit| unit == meter.settings.unit);
    Some(Adopted {
        anchor: MeterDay::containing(meter.settings.kind, from, zone)?.date(),
        last_day: left.day,
        injects: left.has("injection_total"),
        has_tariffs: left.has("consumption_high"),
        sums: left.sums.iter().filter(|_| counts).map(|(key, sum)| ((*key).to_owned(), *sum)).collect(),
    })
}

fn local(at: DateTime<Utc>, zone: Tz) -> DateTime<FixedOffset> {
    let at = at.with_timezone(&zone);
    at.with_timezone(&at.offset().fix())
}

fn state(
    kind: MeterKind,
    snapshot: &Snapshot,
    last_sync: Option<DateTime<Utc>>,
    status: Status,
    zone: Tz,
) -> MeterState {
    let local = |at| local(at, zone);
    let totals = snapshot.totals;
    // Gas has one register and one direction.
    let by_register = totals.filter(|_| kind == MeterKind::Electricity);
    let injection = by_register.and_then(|totals| totals.injection);
    let net = |consumption: Option<Amount>, injection: Option<Amount>| match (consumption, injection) {
        (Some(consumption), Some(injection)) => Some(consumption.minus(injection)),
        // A meter that never injected has nothing to take off; one that did, and whose amount is missing, has no net.
        (Some(consumption), None) if !snapshot.injects => Some(consumption),
        _ => None,
    };
    let by_kind = |amount: Option<Amount>| match kind {
        MeterKind::Electricity => (amount, None),
        MeterKind::Gas => (None, amount),
    };
    let (consumption_total, gas_total) = by_kind(totals.map(|totals| totals.consumption.total));
    let injection_total = injection.map(|sums| sums.total);
    let (day_consumption, day_gas) = by_kind(snapshot.day.and_then(|day| day.consumption));
    let day_injection = snapshot.day.and_then(|day| day.injection);
    MeterState {
        consumption_total,
        consumption_high: by_register.and_then(|totals| totals.consumption.high),
        consumption_low: by_register.and_then(|totals| totals.consumption.low),
        injection_total,
        injection_high: injection.and_then(|sums| sums.high),
        injection_low: injection.and_then(|sums| sums.low),
        net_total: net(consumption_total, injection_total),
        day: snapshot.day.map(|day| day.date),
        day_consumption,
        day_injection,
        day_net: net(day_consumption, day_injection),
        gas_total,
        day_gas,
        month_peak: snapshot.peak.map(|peak| peak.power),
        month_peak_at: snapshot.peak.map(|peak| local(peak.quarter.start())),
        average_peak: snapshot.average_peak,
        totals_from: totals.map(|totals| local(totals.from)),
        complete_until: snapshot.complete_until.map(local),
        last_sync: last_sync.map(local),
        backfill: None,
        status,
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Brussels;

    use super::*;
    use crate::ledger::{DayAmounts, RegisterSums, Totals};

    fn kwh(units: i64) -> Amount {
        Amount::from_millionths(units * 1_000_000)
    }

    #[test]
    fn net_needs_both_sides_on_a_meter_that_injects() {
        let day = DayAmounts { date: "2026-06-01".parse().unwrap(), consumption: Some(kwh(5)), injection: None };
        let mut snapshot = Snapshot { day: Some(day), injects: true, ..Snapshot::default() };
        assert_eq!(state(MeterKind::Electricity, &snapshot, None, Status::Ok, Brussels).day_net, None);
        snapshot.injects = false;
        assert_eq!(state(MeterKind::Electricity, &snapshot, None, Status::Ok, Brussels).day_net, Some(kwh(5)));
        snapshot.day = Some(DayAmounts { injection: Some(kwh(8)), ..day });
        assert_eq!(state(MeterKind::Electricity, &snapshot, None, Status::Ok, Brussels).day_net, Some(kwh(-3)));
    }

    #[test]
    fn gas_is_neither_consumption_nor_net() {
        let sums = RegisterSums { total: kwh(9), high: Some(kwh(9)), low: None };
        let from = "2026-10-23T22:00:00Z".parse().unwrap();
        let snapshot = Snapshot {
            day: Some(DayAmounts { date: "2026-06-01".parse().unwrap(), consumption: Some(kwh(5)), injection: None }),
            totals: Some(Totals { from, consumption: sums, injection: Some(sums) }),
            ..Snapshot::default()
        };
        let payload = state(MeterKind::Gas, &snapshot, None, Status::Ok, Brussels).payload();
        let expected = r#"{"day":"2026-06-01","gas_total":9.0,"day_gas":5.0,"totals_from":"2026-10-24T00:00:00+02:00","status":"ok"}"#;
        assert_eq!(String::from_utf8(payload).unwrap(), expected);
    }

    #[test]
    fn instants_carry_the_offset_that_the_clocks_show_then() {
        let sums = RegisterSums { total: kwh(1), high: None, low: None };
        let from = "2026-10-23T22:00:00Z".parse().unwrap();
        let snapshot = Snapshot {
            totals: Some(Totals { from, consumption: sums, injection: None }),
            complete_until: "2026-11-23T23:00:00Z".parse().ok(),
            ..Snapshot::default()
        };
        let state = state(MeterKind::Electricity, &snapshot, None, Status::Ok, Brussels);
        assert_eq!(state.totals_from.unwrap().to_rfc3339(), "2026-10-24T00:00:00+02:00");
        assert_eq!(state.complete_until.unwrap().to_rfc3339(), "2026-11-24T00:00:00+01:00");
    }
}
