use super::*;
use crate::statistics::fake::FakeHomeAssistant;

const OLD: &str = "2026.2.3";
const NEW: &str = "2026.3.0";

fn meter(name: &str) -> Grid {
    Grid {
        consumption: format!("fluvius2mqtt:{name}_consumption"),
        injection: Some(format!("fluvius2mqtt:{name}_injection")),
        cost: Some(format!("fluvius2mqtt:{name}_cost")),
        compensation: Some(format!("fluvius2mqtt:{name}_compensation")),
    }
}

fn plain(name: &str) -> Grid {
    Grid { consumption: format!("fluvius2mqtt:{name}_consumption"), injection: None, cost: None, compensation: None }
}

/// Sources of other kinds, with keys that this program doesn't know and a number that is hard to print.
fn others() -> Value {
    json!([
        {"type": "solar", "stat_energy_from": "sensor.sun", "config_entry_solar_forecast": ["a"], "later": {"z": [1, null]}},
        {"type": "gas", "stat_energy_from": "sensor.gas", "number_energy_price": 0.123_456_789_012_345_67},
        {"type": "battery", "stat_energy_from": "sensor.out", "stat_energy_to": "sensor.in"},
    ])
}

fn gas(name: &str) -> Gas {
    Gas { gas: format!("fluvius2mqtt:{name}_gas"), cost: Some(format!("fluvius2mqtt:{name}_cost")) }
}

fn grids(meters: &[Grid]) -> Sources {
    Sources { grid: meters.to_vec(), gas: Vec::new() }
}

fn with(sources: Value, version: &str, ours: &Sources) -> (Dashboard, Vec<Value>) {
    with_sources(&json!({"energy_sources": sources}), &Version::parse(version).unwrap(), ours)
}

/// What becomes of electricity meters.
fn decide(sources: Value, version: &str, meters: &[Grid]) -> Shown {
    let (dashboard, all) = with(sources.clone(), version, &grids(meters));
    assert_eq!(dashboard.gas, Shown::AlreadyOurs, "there is none");
    assert_eq!(dashboard.grid == Shown::Added, json!(all) != sources);
    dashboard.grid
}

fn saved(sources: Value, version: &str, meters: &[Grid]) -> Vec<Value> {
    let (dashboard, sources) = with(sources, version, &grids(meters));
    assert_eq!(dashboard.grid, Shown::Added);
    sources
}

#[test]
fn a_new_one_gets_a_pair_for_each_meter() {
    let sources = saved(json!([]), NEW, &[meter("a"), plain("b")]);
    assert_eq!(
        sources,
        [
            json!({"type": "grid", "stat_energy_from": "fluvius2mqtt:a_consumption",
                "stat_energy_to": "fluvius2mqtt:a_injection", "stat_cost": "fluvius2mqtt:a_cost",
                "entity_energy_price": null, "number_energy_price": null,
                "stat_compensation": "fluvius2mqtt:a_compensation", "entity_energy_price_export": null,
                "number_energy_price_export": null, "cost_adjustment_day": 0}),
            json!({"type": "grid", "stat_energy_from": "fluvius2mqtt:b_consumption", "stat_energy_to": null,
                "stat_cost": null, "entity_energy_price": null, "number_energy_price": null,
                "stat_compensation": null, "entity_energy_price_export": null,
                "number_energy_price_export": null, "cost_adjustment_day": 0}),
        ]
    );
}

#[test]
fn an_old_one_gets_one_source_with_flows() {
    let sources = saved(json!([]), OLD, &[meter("a"), plain("b")]);
    assert_eq!(
        sources,
        [json!({"type": "grid", "cost_adjustment_day": 0,
        "flow_from": [
            {"stat_energy_from": "fluvius2mqtt:a_consumption", "stat_cost": "fluvius2mqtt:a_cost",
                "entity_energy_price": null, "number_energy_price": null},
            {"stat_energy_from": "fluvius2mqtt:b_consumption", "stat_cost": null,
                "entity_energy_price": null, "number_energy_price": null},
        ],
        "flow_to": [
            {"stat_energy_to": "fluvius2mqtt:a_injection", "stat_compensation": "fluvius2mqtt:a_compensation",
                "entity_energy_price": null, "number_energy_price": null},
        ]})]
    );
}

#[test]
fn everything_else_is_kept_in_its_order() {
    for version in [OLD, NEW] {
        let sources = saved(others(), version, &[meter("a")]);
        assert_eq!(sources[..3], others().as_array().unwrap()[..]);
        assert_eq!(sources.len(), 4);
    }
}

#[test]
fn what_is_there_already_is_not_added_again() {
    for version in [OLD, NEW] {
        // What one version saved, the other one may find when Home Assistant has been updated or put back.
        for version_before in [OLD, NEW] {
            let before = saved(others(), version_before, &[meter("a"), plain("b")]);
            assert_eq!(decide(before.clone().into(), version, &[meter("a"), plain("b")]), Shown::AlreadyOurs);
            assert_eq!(decide(before.clone().into(), version, &[plain("b")]), Shown::AlreadyOurs);
            assert_eq!(decide(before.into(), version, &[meter("a"), plain("c")]), Shown::Occupied);
        }
    }
    assert_eq!(decide(others(), NEW, &[]), Shown::AlreadyOurs);
}

#[test]
fn another_source_for_the_grid_is_left_alone() {
    for version in [OLD, NEW] {
        for theirs in [
            json!({"type": "grid", "stat_energy_from": "sensor.p1", "cost_adjustment_day": 0}),
            json!({"type": "grid", "stat_energy_from": null, "stat_rate": "sensor.power", "cost_adjustment_day": 0}),
            json!({"type": "grid", "flow_from": [{"stat_energy_from": "sensor.p1"}], "flow_to": []}),
            json!({"type": "grid"}),
        ] {
            assert_eq!(decide(json!([theirs]), version, &[meter("a")]), Shown::Occupied, "{theirs}");
        }
        // Our id in another kind of source is no source for the grid.
        let solar = json!([{"type": "solar", "stat_energy_from": "fluvius2mqtt:a_consumption"}]);
        assert_eq!(saved(solar, version, &[meter("a")]).len(), 2);
    }
}

#[test]
fn gas_and_the_grid_do_not_stand_in_the_way_of_each_other() {
    let our_gas = json!({"type": "gas", "stat_energy_from": "fluvius2mqtt:g_gas", "stat_cost": "fluvius2mqtt:g_cost",
        "entity_energy_price": null, "number_energy_price": null});
    let theirs = |kind| json!({"type": kind, "stat_energy_from": "sensor.theirs", "cost_adjustment_day": 0});
    let ours = Sources { grid: vec![plain("a")], gas: vec![gas("g")] };
    for version in [OLD, NEW] {
        let (dashboard, sources) = with(json!([]), version, &ours);
        assert_eq!(dashboard, Dashboard { grid: Shown::Added, gas: Shown::Added });
        assert_eq!((sources.len(), &sources[1]), (2, &our_gas));
        let (dashboard, again) = with(sources.clone().into(), version, &ours);
        assert_eq!(dashboard, Dashboard { grid: Shown::AlreadyOurs, gas: Shown::AlreadyOurs });
        assert_eq!(again, sources);

        let (dashboard, sources) = with(json!([theirs("grid")]), version, &ours);
        assert_eq!(dashboard, Dashboard { grid: Shown::Occupied, gas: Shown::Added });
        assert_eq!(sources, [theirs("grid"), our_gas.clone()]);

        let (dashboard, sources) = with(json!([theirs("gas")]), version, &ours);
        assert_eq!(dashboard, Dashboard { grid: Shown::Added, gas: Shown::Occupied });
        assert_eq!(sources.len(), 2);
        assert_eq!((&sources[0], &sources[1]["type"]), (&theirs("gas"), &json!("grid")));

        let alone = Sources { grid: Vec::new(), gas: vec![Gas { cost: None, ..gas("g") }] };
        let (dashboard, sources) = with(json!([]), version, &alone);
        assert_eq!(dashboard, Dashboard { grid: Shown::AlreadyOurs, gas: Shown::Added });
        assert_eq!((sources.len(), &sources[0]["stat_cost"]), (1, &Value::Null));
    }
}

async fn connected(home: &FakeHomeAssistant) -> Socket {
    Socket::connect(&home.url(), &home.token()).await.unwrap()
}

/// Adds meters; what became of the grid.
async fn add(socket: &mut Socket, ours: &Sources) -> Shown {
    add_to_dashboard(socket, ours).await.unwrap().grid
}

#[tokio::test]
async fn every_version_takes_gas_beside_the_grid() {
    for version in ["2024.11.0", OLD, NEW, "2026.4.0", "2026.11.0"] {
        let home = FakeHomeAssistant::start(version).await.unwrap();
        let ours = Sources { grid: vec![meter("a")], gas: vec![gas("g"), Gas { cost: None, ..gas("h") }] };
        let dashboard = add_to_dashboard(&mut connected(&home).await, &ours).await.unwrap();
        assert_eq!(dashboard, Dashboard { grid: Shown::Added, gas: Shown::Added }, "{version}");
        let prefs = home.edit(|state| state.prefs.clone()).unwrap();
        assert_eq!(prefs["energy_sources"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn every_version_takes_its_format_and_only_once() {
    for (version, count) in [("2024.11.0", 1), ("2025.11.0", 1), (OLD, 1), (NEW, 2), ("2026.4.0", 2), ("2026.11.0", 2)]
    {
        for prefs in
            [None, Some(json!({"energy_sources": others(), "device_consumption": [{"stat_consumption": "x"}]}))]
        {
            let home = FakeHomeAssistant::start(version).await.unwrap();
            home.edit(|state| state.prefs = prefs.clone());
            let mut socket = connected(&home).await;
            let meters = grids(&[meter("a"), plain("b")]);
            assert_eq!(add(&mut socket, &meters).await, Shown::Added, "{version}");
            let held = home.edit(|state| state.prefs.clone()).unwrap();
            let before = prefs.clone().unwrap_or(json!({"energy_sources": [], "device_consumption": []}));
            let kept = before["energy_sources"].as_array().unwrap();
            let sources = held["energy_sources"].as_array().unwrap();
            assert_eq!(sources[..kept.len()], kept[..]);
            assert_eq!(sources.len() - kept.len(), count);
            assert_eq!(held["device_consumption"], before["device_consumption"]);

            assert_eq!(add(&mut socket, &meters).await, Shown::AlreadyOurs, "{version}");
            assert_eq!(add(&mut socket, &grids(&[meter("c")])).await, Shown::Occupied, "{version}");
            assert_eq!(home.edit(|state| state.prefs.clone()).unwrap(), held);
            assert_eq!(home.edit(|state| state.commands.iter().filter(|one| *one == SAVE).count()), 1);
        }
    }
}

#[tokio::test]
async fn the_formats_refuse_each_other() {
    for (version, format) in [(OLD, NEW), (NEW, OLD)] {
        let home = FakeHomeAssistant::start(version).await.unwrap();
        let sources = saved(json!([]), format, &[meter("a")]);
        let refused = connected(&home).await.call(json!({"type": SAVE, "energy_sources": sources})).await;
        assert!(matches!(refused, Err(Error::Command { .. })), "{version}");
    }
}

#[tokio::test]
async fn what_can_not_be_read_is_not_replaced() {
    let home = FakeHomeAssistant::start(NEW).await.unwrap();
    for strange in [json!({}), json!({"energy_sources": {"grid": []}}), json!([])] {
        home.edit(|state| state.prefs = Some(strange.clone()));
        let refused = add_to_dashboard(&mut connected(&home).await, &grids(&[meter("a")])).await;
        assert!(matches!(refused, Err(Error::Unreadable { .. })), "{strange}");
        assert_eq!(home.edit(|state| state.prefs.clone()), Some(strange));
    }
}
