//! Gas counts in the unit that is asked for, from six to six, and never twice.

use std::ops::RangeInclusive;

use chrono::{Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Europe::Brussels;
use fluvius2mqtt::bridge::{Bridge, Outcome};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::energy::Unit;
use fluvius2mqtt::simulator::{Rows, SimulatedMeter, Sums};
use serde_json::{Value, json};

use crate::support::{
    Asked, EAN, Home, Listener, Mosquitto, OTHER_EAN, SERIAL, asked_since, assert_totals, before, day, first_days,
    retained, yesterday,
};

pub(crate) const GAS_EAN: &str = OTHER_EAN;
pub(crate) const GAS_SERIAL: &str = "7FLO1100000028";

/// All keys of a gas meter's state.
const KEYS: [&str; 7] = ["complete_until", "day", "day_gas", "gas_total", "last_sync", "status", "totals_from"];

/// The last gas day that is over.
pub(crate) fn last_day() -> NaiveDate {
    (Utc::now().with_timezone(&Brussels).naive_local() - TimeDelta::hours(6)).date() - Days::new(1)
}

/// So many days before the last one.
pub(crate) fn ago(days: u64) -> NaiveDate {
    last_day() - Days::new(days)
}

/// The days of a first run.
fn days() -> RangeInclusive<NaiveDate> {
    ago(30)..=last_day()
}

/// A gas meter whose days until yesterday are published.
pub(crate) fn meter() -> SimulatedMeter {
    let mut meter = SimulatedMeter::gas(GAS_EAN, GAS_SERIAL, before(400));
    meter.published_until = Some(yesterday());
    meter
}

/// A meter of which the portal has daily totals only.
pub(crate) fn daily() -> SimulatedMeter {
    let mut meter = meter();
    meter.codes = [(3, Rows::Days), (4, Rows::Days)].into();
    meter
}

/// A home with this gas meter alone, which counts in a unit.
pub(crate) async fn home(meter: SimulatedMeter, unit: &str) -> Home {
    let mut home = Home::with(Clock::system(), vec![meter], Mosquitto::start().await).await;
    home.settings["meters"][0]["kind"] = json!("gas");
    home.settings["meters"][0]["gas_unit"] = json!(unit);
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    home
}

/// What was burnt, in a unit of the configuration.
pub(crate) fn amount(unit: &str, sums: &Sums) -> i64 {
    assert!(sums.gas_volume > 0 && sums.gas_energy > 11 * sums.gas_volume, "{sums:?}");
    match unit {
        "kwh" => sums.gas_energy,
        _ => sums.gas_volume,
    }
}

pub(crate) fn six(date: NaiveDate) -> String {
    date.and_hms_opt(6, 0, 0).unwrap().and_local_timezone(Brussels).unwrap().to_rfc3339()
}

/// The state holds these days in a unit, and nothing of electricity.
async fn assert_gas(home: &Home, unit: &str, days: RangeInclusive<NaiveDate>) {
    let state = home.state(GAS_EAN).await;
    let keys: Vec<_> = state.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = KEYS.to_vec();
    expected.sort_unstable();
    let mut found = keys.clone();
    found.sort_unstable();
    assert_eq!(found, expected, "{state}");
    let last = *days.end();
    assert_eq!(state["gas_total"], Home::kwh(amount(unit, &home.portal.expected(GAS_EAN, days.clone()))), "{unit}");
    assert_eq!(state["day_gas"], Home::kwh(amount(unit, &home.portal.expected(GAS_EAN, last..=last))));
    assert_eq!(state["day"], last.to_string());
    assert_eq!(state["totals_from"], six(*days.start()));
    assert_eq!(state["complete_until"], six(last + Days::new(1)));
    assert_eq!(state["status"], "ok");
}

/// What is announced for a meter.
async fn announced(home: &Home, ean: &str) -> Value {
    let held = retained(home.broker.port).await;
    let (_, payload) = held.iter().find(|(topic, _)| *topic == Home::discovery_topic(ean)).unwrap();
    serde_json::from_str(payload).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_and_daily_totals_add_up_exactly_in_either_unit() {
    for (unit, symbol, class) in [("kwh", "kWh", "energy"), ("m3", "m³", "gas")] {
        for meter in [meter(), daily()] {
            let rows = if meter.codes.contains_key(&2) { 2 * 24 * 20 } else { 2 * 31 };
            let home = home(meter, unit).await;
            home.once_well().await;
            assert_gas(&home, unit, days()).await;
            for code in [3, 5] {
                let kept = home.ledger_count(&format!("SELECT count(*) FROM reading WHERE unit = {code}"));
                assert!(kept >= rows / 2, "both units are kept: {kept} rows");
            }
            let announced = announced(&home, GAS_EAN).await;
            assert_eq!(announced["device"]["model"], "Digital gas meter");
            let mut keys: Vec<_> = announced["components"].as_object().unwrap().keys().cloned().collect();
            keys.retain(|key| !["backfill", "problem", "refresh"].contains(&key.as_str()));
            assert_eq!(keys, KEYS);
            for (key, state_class) in [("gas_total", json!("total")), ("day_gas", Value::Null)] {
                let component = &announced["components"][key];
                assert_eq!(component["unit_of_measurement"], symbol, "{key}");
                assert_eq!(component["device_class"], class, "{key}");
                assert_eq!(component["state_class"], state_class, "{key}");
                assert_eq!(component["unique_id"], format!("fluvius2mqtt_{GAS_EAN}_{key}"));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_with_both_meters_has_the_sensors_of_each() {
    let mut electricity = SimulatedMeter::electricity(EAN, SERIAL, before(400));
    electricity.published_until = Some(yesterday());
    let mut home = Home::with(Clock::system(), vec![electricity, meter()], Mosquitto::start().await).await;
    home.settings["meters"][1]["kind"] = json!("gas");
    home.once_well().await;
    assert_gas(&home, "kwh", days()).await;
    let state = home.state(EAN).await;
    assert_totals(&state, home.portal.expected(EAN, first_days()));
    assert!(!state.to_string().contains("gas") && !announced(&home, EAN).await.to_string().contains("gas"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_day_and_a_correction_change_the_total_by_what_they_are() {
    for unit in ["kwh", "m3"] {
        let home = home(meter(), unit).await;
        home.portal.edit_meter(GAS_EAN, |meter| meter.withheld.insert(last_day()));
        home.once_well().await;
        let state = home.state(GAS_EAN).await;
        let sums = home.portal.expected(GAS_EAN, ago(30)..=ago(1));
        assert_eq!((&state["gas_total"], &state["day"]), (&Home::kwh(amount(unit, &sums)), &json!(ago(1))));
        home.portal.edit_meter(GAS_EAN, |meter| {
            meter.withheld.clear();
            meter.corrections.insert(ago(1), -40);
            meter.corrections.insert(ago(2), 70);
        });
        home.once_well().await;
        assert_gas(&home, unit, days()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_unit_is_a_new_series_from_the_same_day_made_of_what_is_there() {
    let mut home = home(meter(), "kwh").await;
    home.once_well().await;
    let [energy, volume] = ["kwh", "m3"].map(|unit| Home::kwh(amount(unit, &home.portal.expected(GAS_EAN, days()))));
    home.let_an_hour_pass();
    let listener = Listener::connect(home.broker.port).await;
    let requests = home.portal.requests().len();
    home.settings["meters"][0]["gas_unit"] = json!("m3");
    let bridge = home.run();
    bridge.logs("Next poll").await;
    let log = bridge.stop().await.log;
    assert!(
        log.contains("meter …0028: gas counts in m³ from now on, and no longer in kWh. This is a new series"),
        "{log}"
    );
    let oldest = asked_since(&home.portal, requests).iter().map(|asked| asked.day()).min();
    assert!(oldest.is_some_and(|day| day > ago(15)), "{oldest:?}: the past is not asked for again");
    assert_gas(&home, "m3", days()).await;
    let totals: Vec<_> = listener
        .heard_on(&Home::state_topic(GAS_EAN))
        .iter()
        .map(|message| message.json()["gas_total"].clone())
        .collect();
    assert!(totals.contains(&volume) && totals.iter().all(|total| *total == energy || *total == volume), "{totals:?}");

    let log = home.once_well().await.log;
    assert!(!log.contains("new series"), "{log}");
    home.settings["meters"][0]["gas_unit"] = json!("kwh");
    home.once_well().await;
    assert_gas(&home, "kwh", days()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_with_one_unit_only_is_told_once_with_the_setting_that_helps() {
    for (only, wrong, right) in [(Unit::KilowattHour, "m3", "kwh"), (Unit::CubicMetre, "kwh", "m3")] {
        let mut meter = meter();
        meter.only_unit = Some(only);
        let mut home = home(meter, wrong).await;
        let log = home.once_well().await.log;
        let advice = format!("set gas_unit: {right} for this meter");
        assert_eq!(log.matches(&advice).count(), 1, "{log}");
        assert!(!log.contains("the portal has nothing for this meter"), "{log}");
        let state = home.state(GAS_EAN).await;
        assert!(state.get("gas_total").is_none() && state.get("day").is_none(), "{state}");

        home.settings["meters"][0]["gas_unit"] = json!(right);
        let log = home.once_well().await.log;
        assert!(!log.contains("set gas_unit"), "{log}");
        let sums = home.portal.expected(GAS_EAN, days());
        let total = sums.gas_energy + sums.gas_volume;
        assert!(sums.gas_energy == 0 || sums.gas_volume == 0);
        let state = home.state(GAS_EAN).await;
        assert_eq!((&state["gas_total"], &state["status"]), (&Home::kwh(total), &json!("ok")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gas_meter_that_was_taken_for_one_of_electricity_is_put_right_by_its_kind() {
    let mut home = Home::with(Clock::system(), vec![meter()], Mosquitto::start().await).await;
    let log = home.once_well().await.log;
    assert_eq!(log.matches("its readings are those of gas; set kind: gas for this meter").count(), 1, "{log}");
    home.settings["meters"][0]["kind"] = json!("gas");
    let log = home.once_well().await.log;
    assert!(log.contains("`kind` was changed") && !log.contains("set kind: gas"), "{log}");
    assert_gas(&home, "kwh", before(30)..=last_day()).await;
    let components = announced(&home, GAS_EAN).await["components"].clone();
    assert_eq!(components["consumption_total"], json!({"platform": "sensor"}), "what was announced is taken away");
    assert_eq!(components["gas_total"]["unit_of_measurement"], "kWh");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_ledger_goes_on_from_the_total_on_the_broker_unless_that_is_in_another_unit() {
    for unit in ["kwh", "m3"] {
        let mut home = home(meter(), "m3").await;
        home.settings["meters"][0]["history_from"] = json!(ago(44));
        home.once_well().await;
        home.settings["meters"][0].as_object_mut().unwrap().remove("history_from");
        let old = home.state(GAS_EAN).await;
        let whole = home.portal.expected(GAS_EAN, ago(44)..=last_day());
        assert_eq!(old["gas_total"], Home::kwh(whole.gas_volume));

        std::fs::remove_dir_all(home.data_dir()).unwrap();
        home.portal.edit_meter(GAS_EAN, |meter| meter.history_from = ago(9));
        home.settings["meters"][0]["gas_unit"] = json!(unit);
        home.once_well().await;
        let state = home.state(GAS_EAN).await;
        assert_eq!(state["totals_from"], old["totals_from"]);
        let expected = match unit {
            "m3" => whole.gas_volume,
            _ => home.portal.expected(GAS_EAN, ago(9)..=last_day()).gas_energy,
        };
        assert_eq!(state["gas_total"], Home::kwh(expected), "{unit}");
    }
}

/// Polls in the morning of a day, with a history from another one on.
async fn poll(now: &str, first: NaiveDate, meter: impl Fn(&mut SimulatedMeter), unit: &str) -> Home {
    let clock = Clock::starting_at(now.parse().unwrap());
    let mut simulated = SimulatedMeter::gas(GAS_EAN, GAS_SERIAL, first - Days::new(30));
    // The morning after, as if gas were as fast as electricity.
    simulated.published_until = Some(clock.now().date_naive() - Days::new(1));
    meter(&mut simulated);
    let mut home = Home::with(clock, vec![simulated], Mosquitto::start().await).await;
    home.settings["meters"][0]["kind"] = json!("gas");
    home.settings["meters"][0]["gas_unit"] = json!(unit);
    home.settings["meters"][0]["history_from"] = json!(first);
    assert_eq!(Bridge::open(home.config(), clock).unwrap().once().await.unwrap(), Outcome::Done);
    home
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_on_which_the_clocks_change_are_whole() {
    // The clocks change on a Sunday at night, which is still the gas day of Saturday.
    for (now, changed, hours, offsets) in [
        ("2026-03-31T06:00:00Z", "2026-03-28", 23, ["+01:00", "+02:00"]),
        ("2026-10-27T06:00:00Z", "2026-10-24", 25, ["+02:00", "+01:00"]),
    ] {
        let (changed, first) = (day(changed), day(changed) - Days::new(3));
        let last = changed + Days::new(2);
        for unit in ["kwh", "m3"] {
            for is_daily in [false, true] {
                let only_days = |meter: &mut SimulatedMeter| meter.codes = [(4, Rows::Days)].into();
                let home = poll(
                    now,
                    first,
                    |meter| {
                        if is_daily {
                            only_days(meter)
                        }
                    },
                    unit,
                )
                .await;
                assert_gas(&home, unit, first..=last).await;
                let state = home.state(GAS_EAN).await;
                assert_eq!(state["totals_from"], format!("{first}T06:00:00{}", offsets[0]));
                assert_eq!(state["complete_until"], format!("{}T06:00:00{}", last + Days::new(1), offsets[1]));
                let truth = home.portal.truth(GAS_EAN, changed).unwrap();
                assert_eq!(truth.slots.len(), hours);
                let of_day = home.ledger_count(&format!("SELECT sum(amount) FROM day_amount WHERE date = '{changed}'"));
                assert_eq!(of_day, amount(unit, &truth.sums));
                let code = if is_daily { "4" } else { "2" };
                let asked = asked_since(&home.portal, 0);
                let holds = |asked: &&Asked| if is_daily { asked.day() <= changed } else { asked.day() == changed };
                let that_day = asked.iter().filter(holds).find(|asked| asked.granularity == code).unwrap();
                assert!(that_day.from.ends_with(&format!("T06:00:00.000{}", offsets[0])), "{that_day:?}");
                assert!(that_day.until.ends_with(&format!("T05:59:59.999{}", offsets[1])), "{that_day:?}");
                assert!(home.portal.requests().iter().all(|request| request.status.is_some_and(|status| status < 400)));
            }
        }
    }
}
