//! Home Assistant's statistics hold gas in the hours in which it was burnt, in the unit that is asked for, with its cost.

use chrono::{Days, NaiveDate};
use fluvius2mqtt::bridge::{Bridge, Outcome};
use fluvius2mqtt::clock::Clock;
use fluvius2mqtt::simulator::{SimulatedMeter, Sums};
use fluvius2mqtt::statistics::Row;
use fluvius2mqtt::statistics::fake::FakeHomeAssistant;
use serde_json::json;

use crate::gas::{GAS_EAN, GAS_SERIAL, ago, amount, daily, home, last_day, meter};
use crate::support::{EAN, Home, Mosquitto, SERIAL, before, day, retained, until, yesterday};

const GAS: &str = "fluvius2mqtt:541448860000000028_gas";
const COST: &str = "fluvius2mqtt:541448860000000028_cost";

/// A Home Assistant of a version, which the bridge of a home uses.
async fn with_home_assistant(home: &mut Home, version: &str) -> FakeHomeAssistant {
    let home_assistant = FakeHomeAssistant::start(version).await.unwrap();
    home.settings["home_assistant"] =
        json!({"url": home_assistant.url().as_str(), "token": home_assistant.token().expose()});
    home_assistant
}

/// The rows of these days, an hour each.
fn hourly(home: &Home, unit: &str, first: NaiveDate, last: NaiveDate) -> Vec<Row> {
    let burnt = |sums: &Sums| if unit == "kwh" { sums.gas_energy } else { sums.gas_volume };
    let mut sum = 0;
    let days = first.iter_days().take_while(|date| *date <= last);
    let slots = days.flat_map(|date| home.portal.truth(GAS_EAN, date).unwrap().slots);
    let row = slots.map(|slot| {
        let state = burnt(&slot.sums);
        sum += state;
        Row { start: slot.start, state, sum }
    });
    row.collect()
}

/// The rows of the days of a first run.
fn expected(home: &Home, unit: &str) -> Vec<Row> {
    hourly(home, unit, ago(30), last_day())
}

fn cleared(home_assistant: &FakeHomeAssistant) -> usize {
    home_assistant.edit(|state| state.commands.iter().filter(|one| *one == "recorder/clear_statistics").count())
}

/// An amount of gas in money, both in millionths.
fn priced(amount: i64, price: i64) -> i64 {
    i64::try_from((i128::from(amount) * i128::from(price) + 500_000) / 1_000_000).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_hour_holds_what_was_burnt_in_it_with_every_version() {
    for version in ["2024.11.0", "2025.11.0", "2026.11.0"] {
        for (unit, symbol, class) in [("kwh", "kWh", "energy"), ("m3", "m³", "volume")] {
            let mut home = home(meter(), unit).await;
            let home_assistant = with_home_assistant(&mut home, version).await;
            home.once_well().await;
            assert_eq!(home_assistant.rows(GAS), expected(&home, unit), "{version} {unit}");
            assert_eq!(home_assistant.edit(|state| state.warnings.clone()), Vec::<String>::new());
            assert_eq!(home_assistant.edit(|state| state.statistics.len()), 1, "nothing of electricity");
            let metadata = home_assistant.edit(|state| state.statistics[GAS].metadata.clone());
            assert_eq!(
                (&metadata["name"], &metadata["unit_of_measurement"]),
                (&json!("Fluvius 0028 gas"), &json!(symbol))
            );
            if version != "2024.11.0" {
                assert_eq!(metadata["unit_class"], class);
            }
            let held = retained(home.broker.port).await;
            let announced = &held.iter().find(|(topic, _)| topic.ends_with("/config")).unwrap().1;
            assert!(announced.contains("gas_total") && !announced.contains("state_class"), "{announced}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_known_as_a_total_is_in_its_first_hour() {
    let mut home = home(daily(), "m3").await;
    let home_assistant = with_home_assistant(&mut home, "2026.11.0").await;
    home.once_well().await;
    let rows = home_assistant.rows(GAS);
    assert_eq!(rows.len(), 31);
    let all = hourly(&home, "m3", ago(30), last_day());
    assert_eq!((rows[0].start, rows.last().unwrap().sum), (all[0].start, all.last().unwrap().sum));
    let of_last = home.portal.expected(GAS_EAN, last_day()..=last_day());
    assert_eq!(rows[30].state, of_last.gas_volume);
}

#[tokio::test(flavor = "multi_thread")]
async fn gas_costs_its_own_price_and_electricity_costs_nothing_of_it() {
    for (unit, price, millionths) in [("kwh", 0.0710, 71_000), ("m3", 0.8123, 812_300)] {
        let mut electricity = SimulatedMeter::electricity(EAN, SERIAL, before(400));
        electricity.published_until = Some(yesterday());
        let mut home = Home::with(Clock::system(), vec![meter(), electricity], Mosquitto::start().await).await;
        home.settings["meters"][0]["kind"] = json!("gas");
        home.settings["meters"][0]["gas_unit"] = json!(unit);
        let home_assistant = with_home_assistant(&mut home, "2026.11.0").await;
        let (consumption, charge) = (json!(0.3), json!(120.0));
        home.settings["prices"] = json!([
            {"from": before(60), "gas": price, "consumption": consumption, "standing_charge": charge, "capacity": 53.2},
        ]);
        home.once_well().await;
        let burnt = amount(unit, &home.portal.expected(GAS_EAN, ago(30)..=last_day()));
        let cost = home_assistant.rows(COST);
        assert_eq!(cost.last().unwrap().sum, priced(burnt, millionths), "{unit}");
        assert_eq!(cost.len(), home_assistant.rows(GAS).len());
        let unit_of_cost = home_assistant.edit(|state| state.statistics[COST].metadata["unit_of_measurement"].clone());
        assert_eq!(unit_of_cost, "EUR");

        let of_power = format!("fluvius2mqtt:{EAN}_cost");
        let with_gas = home_assistant.rows(&of_power);
        home.settings["prices"][0].as_object_mut().unwrap().remove("gas");
        home.once_well().await;
        assert_eq!(home_assistant.rows(&of_power), with_gas);

        home.settings["prices"] = json!([{"from": before(60), "gas": price}]);
        home_assistant.edit(|state| state.statistics.clear());
        home.once_well().await;
        assert_eq!(home_assistant.rows(COST), cost);
        assert_eq!(home_assistant.rows(&of_power), [], "electricity has no price here");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_unit_is_a_new_statistic_with_new_costs_and_said_so() {
    let mut home = home(meter(), "kwh").await;
    let home_assistant = with_home_assistant(&mut home, "2026.11.0").await;
    home.settings["meters"][0]["history_from"] = json!(ago(40));
    home.settings["prices"] = json!([{"from": before(60), "gas": 0.07}]);
    home.once_well().await;
    let whole = hourly(&home, "kwh", ago(40), last_day());
    assert_eq!(home_assistant.rows(GAS), whole);

    // The hours before these are of a ledger that was lost.
    std::fs::remove_dir_all(home.data_dir()).unwrap();
    home.portal.edit_meter(GAS_EAN, |meter| meter.history_from = ago(9));
    home.once_well().await;
    assert_eq!(cleared(&home_assistant), 0);
    let held = home_assistant.rows(GAS);
    assert_eq!((held.len(), held.last().unwrap().sum), (whole.len(), whole.last().unwrap().sum));

    home.settings["meters"][0]["gas_unit"] = json!("m3");
    home.settings["prices"] = json!([{"from": before(60), "gas": 0.8}]);
    let log = home.once_well().await.log;
    let says = "the statistic \"Fluvius 0028 gas\" was in kWh; it is removed and made anew in m³, as well as its costs";
    assert!(log.contains(says), "{log}");
    let volume = hourly(&home, "m3", ago(9), last_day());
    assert_eq!(home_assistant.rows(GAS), volume, "no kWh is left, since nothing is converted");
    assert_eq!(home_assistant.rows(COST).last().unwrap().sum, priced(volume.last().unwrap().sum, 800_000));
    assert_eq!(home_assistant.rows(COST).len(), volume.len());
    assert_eq!(cleared(&home_assistant), 1);

    let log = home.once_well().await.log;
    assert!(!log.contains("was in kWh"), "{log}");
    assert_eq!((cleared(&home_assistant), home_assistant.rows(GAS)), (1, volume));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_told_another_unit_puts_right_what_home_assistant_holds() {
    let mut home = home(meter(), "m3").await;
    let home_assistant = with_home_assistant(&mut home, "2026.11.0").await;
    home.once_well().await;
    home.settings["meters"][0]["gas_unit"] = json!("kwh");
    let bridge = home.run();
    let energy = expected(&home, "kwh");
    until("it is in kWh", || (home_assistant.rows(GAS) == energy).then_some(())).await;
    // A backup of before that comes back.
    let volume = expected(&home, "m3");
    home_assistant.edit(|state| {
        let statistic = state.statistics.get_mut(GAS).unwrap();
        statistic.metadata["unit_of_measurement"] = json!("m³");
        statistic.rows = volume.iter().map(|row| (row.start, *row)).collect();
    });
    home_assistant.hang_up();
    until("it is in kWh again", || (home_assistant.rows(GAS) == energy).then_some(())).await;
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_energy_dashboard_gets_gas_whatever_feeds_its_grid() {
    let flows = json!({"type": "grid", "flow_from": [], "flow_to": [], "cost_adjustment_day": 0});
    let pair = json!({"type": "grid", "stat_energy_from": "sensor.p1", "cost_adjustment_day": 0});
    for (version, grid) in [("2026.2.3", flows), ("2026.11.0", pair)] {
        let mut home = home(meter(), "m3").await;
        let home_assistant = with_home_assistant(&mut home, version).await;
        home.settings["home_assistant"]["energy_dashboard"] = json!(true);
        home.settings["prices"] = json!([{"from": before(60), "gas": 0.8}]);
        home_assistant.edit(|state| state.prefs = Some(json!({"energy_sources": [grid]})));
        let saved = || home_assistant.edit(|state| state.prefs.clone().unwrap()["energy_sources"].clone());
        let log = home.once_well().await.log;
        assert!(log.contains("the Energy dashboard shows the meters now") && !log.contains("another source"), "{log}");
        let ours = json!({"type": "gas", "stat_energy_from": GAS, "stat_cost": COST, "entity_energy_price": null,
            "number_energy_price": null});
        assert_eq!(saved(), json!([grid, ours]));

        // Nothing but the gas of somebody else.
        let theirs = json!({"type": "gas", "stat_energy_from": "sensor.gas"});
        home_assistant.edit(|state| state.prefs = Some(json!({"energy_sources": [theirs]})));
        let log = home.once_well().await.log;
        assert!(log.contains("has another source for gas"), "{log}");
        assert_eq!(saved(), json!([theirs]));
        home_assistant.edit(|state| state.prefs = None);
        home.once_well().await;
        assert_eq!(saved()[0]["stat_energy_from"], GAS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_whose_data_comes_later_is_added_to_the_dashboard_then() {
    let mut electricity = SimulatedMeter::electricity(EAN, SERIAL, before(400));
    electricity.published_until = Some(yesterday());
    let mut gas = meter();
    gas.published_until = Some(before(100));
    let mut home = Home::with(Clock::system(), vec![electricity, gas], Mosquitto::start().await).await;
    home.settings["meters"][1]["kind"] = json!("gas");
    home.settings["poll"]["at"] = json!([Home::far_from_now()]);
    let home_assistant = with_home_assistant(&mut home, "2026.11.0").await;
    home.settings["home_assistant"]["energy_dashboard"] = json!(true);
    let bridge = home.run();
    bridge.logs("the Energy dashboard shows the meters now").await;
    home.portal.edit_meter(GAS_EAN, |meter| meter.published_until = Some(yesterday()));
    bridge.logs("Next poll").await;
    let listener = crate::support::Listener::connect(home.broker.port).await;
    listener.publish("fluvius2mqtt/command/refresh", "PRESS", false).await;
    let sources = || home_assistant.edit(|state| state.prefs.clone().unwrap()["energy_sources"].clone());
    until("gas is there", || (sources()[1]["stat_energy_from"] == GAS).then_some(())).await;
    assert_eq!(sources().as_array().unwrap().len(), 2);
    bridge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hours_of_a_gas_day_on_which_the_clocks_change_are_all_there() {
    for (now, changed, hours) in
        [("2026-03-31T10:00:00Z", "2026-03-28", 23), ("2026-10-27T10:00:00Z", "2026-10-24", 25)]
    {
        let (clock, changed) = (Clock::starting_at(now.parse().unwrap()), day(changed));
        let mut meter = SimulatedMeter::gas(GAS_EAN, GAS_SERIAL, changed - Days::new(30));
        meter.published_until = Some(changed + Days::new(2));
        let mut home = Home::with(clock, vec![meter], Mosquitto::start().await).await;
        let home_assistant = with_home_assistant(&mut home, "2026.11.0").await;
        home.settings["meters"][0]["kind"] = json!("gas");
        home.settings["meters"][0]["gas_unit"] = json!("m3");
        home.settings["meters"][0]["history_from"] = json!(changed);
        assert_eq!(Bridge::open(home.config(), clock).unwrap().once().await.unwrap(), Outcome::Done);
        let rows = home_assistant.rows(GAS);
        assert_eq!(rows, hourly(&home, "m3", changed, changed + Days::new(2)));
        assert_eq!(rows.len(), hours + 2 * 24);
    }
}
