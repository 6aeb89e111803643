//! From the ledger to the topics.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Offset as _, Utc};
use chrono_tz::Tz;
use tracing::{info, warn};

use super::home::{Bridge, Watched, newest_day};
use crate::clock::Clock;
use crate::energy::{Amount, MeterDay};
use crate::ledger::{self, Adopted, Ledger, Snapshot};
use crate::mqtt::{Connection, Features, MeterState, Retained, Status, Topics, announcement};

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
        let newest = newest_day(meter.settings.kind, self.clock.now(), self.zone);
        let snapshot = ledger.snapshot(meter.id, newest)?;
        let features = Features {
            injects: snapshot.injects,
            has_tariffs: snapshot.has_tariffs,
            has_peaks: snapshot.peak.is_some(),
            has_statistics: self.has_statistics,
            takes_back: self.takes_back,
        };
        let ean = &meter.settings.ean;
        let state = state(&snapshot, ledger.last_sync(meter.id)?, meter.status, self.zone);
        Ok([
            (self.topics.discovery(ean), announcement(&meter.settings, &self.topics, features)),
            (self.topics.state(ean), state.payload()),
        ])
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

    /// Starts the connection to the broker, asking it for the states of meters whose anchor isn't decided.
    pub(super) fn connect(&self) -> Result<Connection, super::Error> {
        let topics = &self.display.topics;
        let mut asked = Vec::new();
        let mut watched = Vec::new();
        for meter in &self.meters {
            watched.push(topics.discovery(&meter.settings.ean));
            if self.ledger.anchor(meter.id)?.is_none() {
                asked.push(topics.state(&meter.settings.ean));
            }
        }
        let made = || format!("fluvius2mqtt_{:08x}", rand::random::<u32>());
        let client_id = match &self.config.mqtt.client_id {
            Some(client_id) => client_id.clone(),
            None => self.ledger.setting("client_id", made)?,
        };
        Ok(Connection::open(&self.config.mqtt, topics, &client_id, asked, watched)?)
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
            match left.and_then(|payload| adopted(&Retained::read(payload)?, meter, self.display.zone)) {
                Some(adopted) => {
                    info!("{}: the totals go on from those that the broker still holds", meter.settings);
                    self.ledger.adopt(meter.id, &adopted)?;
                    has_adopted = true;
                }
                None => decide_anchor(&self.ledger, meter)?,
            }
            let newest = newest_day(meter.settings.kind, self.clock.now(), self.display.zone);
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

fn adopted(left: &Retained, meter: &Watched, zone: Tz) -> Option<Adopted> {
    let from = left.totals_from.with_timezone(&Utc);
    Some(Adopted {
        anchor: MeterDay::containing(meter.settings.kind, from, zone)?.date(),
        last_day: left.day,
        injects: left.has("injection_total"),
        has_tariffs: left.has("consumption_high"),
        sums: left.sums.iter().map(|(key, sum)| ((*key).to_owned(), *sum)).collect(),
    })
}

fn state(snapshot: &Snapshot, last_sync: Option<DateTime<Utc>>, status: Status, zone: Tz) -> MeterState {
    let local = |at: DateTime<Utc>| -> DateTime<FixedOffset> {
        let at = at.with_timezone(&zone);
        at.with_timezone(&at.offset().fix())
    };
    let totals = snapshot.totals;
    let injection = totals.and_then(|totals| totals.injection);
    let net = |consumption: Option<Amount>, injection: Option<Amount>| match (consumption, injection) {
        (Some(consumption), Some(injection)) => Some(consumption.minus(injection)),
        // A meter that never injected has nothing to take off; one that did, and whose amount is missing, has no net.
        (Some(consumption), None) if !snapshot.injects => Some(consumption),
        _ => None,
    };
    let consumption_total = totals.map(|totals| totals.consumption.total);
    let injection_total = injection.map(|sums| sums.total);
    let day_consumption = snapshot.day.and_then(|day| day.consumption);
    let day_injection = snapshot.day.and_then(|day| day.injection);
    MeterState {
        consumption_total,
        consumption_high: totals.and_then(|totals| totals.consumption.high),
        consumption_low: totals.and_then(|totals| totals.consumption.low),
        injection_total,
        injection_high: injection.and_then(|sums| sums.high),
        injection_low: injection.and_then(|sums| sums.low),
        net_total: net(consumption_total, injection_total),
        day: snapshot.day.map(|day| day.date),
        day_consumption,
        day_injection,
        day_net: net(day_consumption, day_injection),
        month_peak: snapshot.peak.map(|peak| peak.power),
        month_peak_at: snapshot.peak.map(|peak| local(peak.quarter.start())),
        average_peak: snapshot.average_peak,
        totals_from: totals.map(|totals| local(totals.from)),
        complete_until: snapshot.complete_until.map(local),
        last_sync: last_sync.map(local),
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
        assert_eq!(state(&snapshot, None, Status::Ok, Brussels).day_net, None);
        snapshot.injects = false;
        assert_eq!(state(&snapshot, None, Status::Ok, Brussels).day_net, Some(kwh(5)));
        snapshot.day = Some(DayAmounts { injection: Some(kwh(8)), ..day });
        assert_eq!(state(&snapshot, None, Status::Ok, Brussels).day_net, Some(kwh(-3)));
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
        let state = state(&snapshot, None, Status::Ok, Brussels);
        assert_eq!(state.totals_from.unwrap().to_rfc3339(), "2026-10-24T00:00:00+02:00");
        assert_eq!(state.complete_until.unwrap().to_rfc3339(), "2026-11-24T00:00:00+01:00");
    }
}
