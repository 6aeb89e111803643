use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize, Serializer};

use crate::energy::{Amount, Power};

/// How a meter fares, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The first poll since the start is still to come.
    Starting,
    /// Everything until yesterday is there.
    Ok,
    /// The portal answers, and hasn't published yesterday yet.
    Waiting,
    /// The portal refuses the login; the user must act.
    LoginRefused,
    /// Enough logins for now; the next one comes by itself.
    LoginPaused,
    /// The portal can't be reached or asks to wait.
    PortalUnavailable,
    /// The portal answers in a way that this version doesn't know.
    PortalChanged,
    /// The portal refuses this meter.
    MeterFailed,
    /// The bridge's own files fail.
    BridgeFailed,
}

impl Status {
    /// All of them, in the order in which Home Assistant lists them.
    pub const ALL: [Self; 9] = [
        Self::Starting,
        Self::Ok,
        Self::Waiting,
        Self::LoginRefused,
        Self::LoginPaused,
        Self::PortalUnavailable,
        Self::PortalChanged,
        Self::MeterFailed,
        Self::BridgeFailed,
    ];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ok => "ok",
            Self::Waiting => "waiting",
            Self::LoginRefused => "login_refused",
            Self::LoginPaused => "login_paused",
            Self::PortalUnavailable => "portal_unavailable",
            Self::PortalChanged => "portal_changed",
            Self::MeterFailed => "meter_failed",
            Self::BridgeFailed => "bridge_failed",
        }
    }

    /// Whether it is one that the user should hear of.
    #[must_use]
    pub const fn is_problem(self) -> bool {
        !matches!(self, Self::Starting | Self::Ok | Self::Waiting)
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// The values of one meter, as its state topic carries them: energy in kWh, gas in the unit in which its meter counts, power
/// in kW, instants with the local offset. What a meter doesn't have, or isn't known yet, is absent.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the fields are the state keys of the public contract, and discovery names each")]
pub struct MeterState {
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub consumption_total: Option<Amount>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub consumption_high: Option<Amount>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub consumption_low: Option<Amount>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub injection_total: Option<Amount>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub injection_high: Option<Amount>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub injection_low: Option<Amount>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub net_total: Option<Amount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub day_consumption: Option<Amount>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub day_injection: Option<Amount>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub day_net: Option<Amount>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub gas_total: Option<Amount>,
    #[serde(serialize_with = "units", skip_serializing_if = "Option::is_none")]
    pub day_gas: Option<Amount>,
    #[serde(serialize_with = "kilowatts", skip_serializing_if = "Option::is_none")]
    pub month_peak: Option<Power>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub month_peak_at: Option<DateTime<FixedOffset>>,
    #[serde(serialize_with = "kilowatts", skip_serializing_if = "Option::is_none")]
    pub average_peak: Option<Power>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals_from: Option<DateTime<FixedOffset>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete_until: Option<DateTime<FixedOffset>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sync: Option<DateTime<FixedOffset>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backfill: Option<Backfill>,
    pub status: Status,
}

/// How far the history that is older than what polls read has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Backfill {
    /// Days that need no more requests.
    pub days_done: usize,
    /// Days that do, at most.
    pub days_left: usize,
    /// When the last of them will be in, by the pace so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready_at: Option<DateTime<FixedOffset>>,
}

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn units<S: Serializer>(amount: &Option<Amount>, serializer: S) -> Result<S::Ok, S::Error> {
    amount.map(Amount::to_units).serialize(serializer)
}

#[expect(clippy::ref_option, reason = "the signature that serde asks for")]
fn kilowatts<S: Serializer>(power: &Option<Power>, serializer: S) -> Result<S::Ok, S::Error> {
    power.map(Power::to_kilowatts).serialize(serializer)
}

impl MeterState {
    /// The payload of the state topic.
    #[must_use]
    pub fn payload(&self) -> Vec<u8> {
        // It can't fail: the fields are numbers, dates and one word.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// What an earlier run left on a state topic, as far as totals go.
#[derive(Clone, Debug, PartialEq)]
pub struct Retained {
    /// The start of the first meter day in the totals.
    pub totals_from: DateTime<FixedOffset>,
    /// The newest day in the totals.
    pub day: Option<NaiveDate>,
    /// The sums that are there, by state key.
    pub sums: Vec<(&'static str, Amount)>,
}

impl Retained {
    /// Reads a state payload; `None` when it holds no totals.
    #[must_use]
    pub fn read(payload: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Left {
            totals_from: DateTime<FixedOffset>,
            day: Option<NaiveDate>,
            consumption_total: Option<f64>,
            consumption_high: Option<f64>,
            consumption_low: Option<f64>,
            injection_total: Option<f64>,
            injection_high: Option<f64>,
            injection_low: Option<f64>,
            gas_total: Option<f64>,
        }
        let left: Left = serde_json::from_slice(payload).ok()?;
        let sums = [
            ("consumption_total", left.consumption_total),
            ("consumption_high", left.consumption_high),
            ("consumption_low", left.consumption_low),
            ("injection_total", left.injection_total),
            ("injection_high", left.injection_high),
            ("injection_low", left.injection_low),
            ("gas_total", left.gas_total),
        ];
        let sums = sums.into_iter().filter_map(|(key, sum)| Some((key, Amount::from_units(sum?).ok()?))).collect();
        Some(Self { totals_from: left.totals_from, day: left.day, sums })
    }

    /// Whether a sum was shown.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.sums.iter().any(|(found, _)| *found == key)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn full() -> MeterState {
        let kwh = |millionths| Some(Amount::from_millionths(millionths));
        let at = |text| DateTime::parse_from_rfc3339(text).ok();
        MeterState {
            consumption_total: kwh(310_123_400),
            consumption_high: kwh(110_000_000),
            consumption_low: kwh(200_123_400),
            injection_total: kwh(0),
            injection_high: kwh(0),
            injection_low: kwh(0),
            net_total: kwh(310_123_400),
            day: "2026-11-23".parse().ok(),
            day_consumption: kwh(12_300_000),
            day_injection: kwh(0),
            day_net: kwh(12_300_000),
            gas_total: None,
            day_gas: None,
            month_peak: Some(Power::from_millionths(5_432_000)),
            month_peak_at: at("2026-11-14T12:00:00+01:00"),
            average_peak: Some(Power::from_millionths(3_833_333)),
            totals_from: at("2026-10-24T00:00:00+02:00"),
            complete_until: at("2026-11-24T00:00:00+01:00"),
            last_sync: at("2026-11-24T06:21:13+01:00"),
            backfill: Some(Backfill { days_done: 120, days_left: 975, ready_at: at("2026-11-24T07:00:00+01:00") }),
            status: Status::Ok,
        }
    }

    pub(crate) fn gas() -> MeterState {
        MeterState {
            gas_total: Some(Amount::from_millionths(1_204_123_400)),
            day_gas: Some(Amount::from_millionths(5_083_000)),
            day: full().day,
            totals_from: DateTime::parse_from_rfc3339("2026-10-24T06:00:00+02:00").ok(),
            complete_until: DateTime::parse_from_rfc3339("2026-11-24T06:00:00+01:00").ok(),
            last_sync: full().last_sync,
            backfill: full().backfill,
            status: Status::Ok,
            ..empty()
        }
    }

    fn empty() -> MeterState {
        MeterState {
            consumption_total: None,
            consumption_high: None,
            consumption_low: None,
            injection_total: None,
            injection_high: None,
            injection_low: None,
            net_total: None,
            day: None,
            day_consumption: None,
            day_injection: None,
            day_net: None,
            gas_total: None,
            day_gas: None,
            month_peak: None,
            month_peak_at: None,
            average_peak: None,
            totals_from: None,
            complete_until: None,
            last_sync: None,
            backfill: None,
            status: Status::Starting,
        }
    }

    #[test]
    fn what_is_not_known_is_absent_and_nothing_is_null() {
        assert_eq!(String::from_utf8(empty().payload()).unwrap(), r#"{"status":"starting"}"#);
    }

    #[test]
    fn amounts_are_kwh_powers_kilowatts_and_instants_carry_their_offset() {
        let json: serde_json::Value = serde_json::from_slice(&full().payload()).unwrap();
        assert_eq!(json["consumption_total"].to_string(), "310.1234");
        assert_eq!(json["injection_total"].to_string(), "0.0");
        assert_eq!(json["totals_from"], "2026-10-24T00:00:00+02:00");
        assert_eq!(json["day"], "2026-11-23");
        assert_eq!(json["month_peak"].to_string(), "5.432");
        assert_eq!(json["month_peak_at"], "2026-11-14T12:00:00+01:00");
        assert_eq!(json["average_peak"].to_string(), "3.833333");
        assert_eq!(json["status"], "ok");
    }

    #[test]
    fn a_retained_state_gives_back_what_was_counted() {
        let retained = Retained::read(&full().payload()).unwrap();
        assert_eq!(Some(retained.totals_from), full().totals_from);
        assert_eq!(retained.day, full().day);
        assert!(retained.sums.contains(&("consumption_low", Amount::from_millionths(200_123_400))));
        assert!(retained.has("injection_total"));
        let of_gas = Retained::read(&gas().payload()).unwrap();
        assert_eq!(of_gas.sums, [("gas_total", Amount::from_millionths(1_204_123_400))]);
        assert_eq!(Retained::read(&empty().payload()), None);
        for junk in [&b""[..], b"[]", b"{\"totals_from\":1}", b"{\"totals_from\":\"yesterday\"}", b"\xff\xfe"] {
            assert_eq!(Retained::read(junk), None);
        }
    }
}
