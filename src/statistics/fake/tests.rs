use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::json;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use super::*;

fn import() -> Value {
    json!({
        "id": 1, "type": "recorder/import_statistics",
        "metadata": {"has_sum": true, "mean_type": 0, "name": null, "source": "a_1", "statistic_id": "a_1:b_2",
            "unit_class": "energy", "unit_of_measurement": "kWh"},
        "stats": [{"start": "2026-10-25T02:00:00+02:00", "state": 1, "sum": 1.5}],
    })
}

fn answer(state: &mut State, command: &Value) -> Value {
    state.receive(command, &mut 0).unwrap()
}

#[test]
fn it_is_as_strict_as_the_real_one() {
    let mut state = State::new("2026.11.0");
    assert_eq!(answer(&mut state, &import())["success"], true);
    for (place, value, code) in [
        ("/stats/0/start", json!("2026-10-25T02:15:00+02:00"), "home_assistant_error"),
        ("/stats/0/start", json!("2026-10-25T02:00:00"), "home_assistant_error"),
        ("/stats/0/start", json!(1_603_584_000), "invalid_format"),
        ("/stats/0/sum", json!(null), "invalid_format"),
        ("/stats/0/state", json!("1"), "invalid_format"),
        ("/stats/0", json!({"start": "2026-10-25T02:00:00Z", "state": 1, "sum": 1, "change": 1}), "invalid_format"),
        ("/metadata/statistic_id", json!("a_1:B"), "home_assistant_error"),
        ("/metadata/statistic_id", json!("a_1:b-2"), "home_assistant_error"),
        ("/metadata/statistic_id", json!("a_1:b__2"), "home_assistant_error"),
        ("/metadata/statistic_id", json!("a_1:b_"), "home_assistant_error"),
        ("/metadata/statistic_id", json!("a_1:b:c"), "home_assistant_error"),
        ("/metadata/statistic_id", json!("sensor.x"), "home_assistant_error"),
        ("/metadata/source", json!("other"), "home_assistant_error"),
        ("/metadata/unit_class", json!("money"), "home_assistant_error"),
        ("/metadata/unit_of_measurement", json!("EUR"), "home_assistant_error"),
        ("/metadata/mean_type", json!(3), "invalid_format"),
        ("/metadata/has_sum", json!("yes"), "invalid_format"),
        ("/metadata", json!({}), "invalid_format"),
        ("/type", json!("recorder/import"), "unknown_command"),
    ] {
        let mut command = import();
        *command.pointer_mut(place).unwrap() = value;
        let refused = answer(&mut state, &command);
        assert_eq!(refused["error"]["code"], code, "{place}: {refused}");
    }
    assert_eq!(state.statistics.len(), 1);
}

#[test]
fn another_unit_is_taken_and_converts_nothing_that_is_there() {
    let mut state = State::new("2026.11.0");
    answer(&mut state, &import());
    let mut command = import();
    command["metadata"]["unit_class"] = json!("volume");
    let refused = answer(&mut state, &command);
    assert_eq!(refused["error"]["message"], "Unsupported unit_of_measurement for unit_class 'volume'");
    command["metadata"]["unit_of_measurement"] = json!("m³");
    command["stats"] = json!([{"start": "2026-10-25T04:00:00+01:00", "state": 3, "sum": 4.5}]);
    assert_eq!(answer(&mut state, &command)["success"], true);
    let period = |units: Value| {
        json!({"id": 1, "type": "recorder/statistics_during_period", "start_time": "2026-10-01T00:00:00Z",
            "statistic_ids": ["a_1:b_2"], "period": "hour", "types": ["sum"], "units": units})
    };
    let mut sums = |units: Value| {
        let rows = answer(&mut state, &period(units))["result"]["a_1:b_2"].clone();
        rows.as_array().unwrap().iter().map(|row| row["sum"].as_f64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(sums(json!({"energy": "kWh", "volume": "m³"})), [1.5, 4.5], "the first row was kWh");
    assert_eq!(sums(json!({"volume": "L"})), [1_500.0, 4_500.0]);
    assert_eq!(answer(&mut state, &period(json!({"energy": "m³"})))["error"]["code"], "invalid_format");
    let metadata = json!({"id": 1, "type": "recorder/get_statistics_metadata", "statistic_ids": ["a_1:b_2", "x:y"]});
    let known = answer(&mut state, &metadata)["result"].clone();
    assert_eq!(known.as_array().unwrap().len(), 1);
    assert_eq!(known[0]["statistics_unit_of_measurement"], "m³");
}

#[test]
fn ids_have_to_increase() {
    let mut state = State::new("2026.11.0");
    let mut last_id = 0;
    let mut give = |id: u64| {
        let answer = state.receive(&json!({"id": id, "type": "recorder/list_statistic_ids"}), &mut last_id).unwrap();
        answer["error"]["code"].as_str().map(str::to_owned)
    };
    assert_eq!(give(3), None);
    assert_eq!(give(4), None);
    assert_eq!(give(4).unwrap(), "id_reuse");
    assert_eq!(give(2).unwrap(), "id_reuse");
    assert_eq!(give(0).unwrap(), "invalid_format");
    assert_eq!(give(10), None);
}

#[test]
fn an_hour_that_comes_again_is_replaced_and_both_hours_of_october_are_kept() {
    let mut state = State::new("2026.11.0");
    let mut command = import();
    answer(&mut state, &command);
    command["stats"] = json!([
        {"start": "2026-10-25T02:00:00+02:00", "state": 2, "sum": 2},
        {"start": "2026-10-25T02:00:00+01:00", "state": 3, "sum": 5},
    ]);
    answer(&mut state, &command);
    let sums: Vec<i64> = state.statistics["a_1:b_2"].rows.values().map(|row| row.sum).collect();
    assert_eq!(sums, [2_000_000, 5_000_000]);
}

#[test]
fn a_success_can_be_ahead_of_the_rows() {
    let mut state = State::new("2026.11.0");
    state.failures.commit = Duration::from_secs(3600);
    assert_eq!(answer(&mut state, &import())["success"], true);
    assert!(state.statistics.is_empty());
    state.commit(Instant::now() + Duration::from_secs(3601));
    assert_eq!(state.statistics.len(), 1);

    let mut state = State::new("2026.11.0");
    state.failures.lost = true;
    assert_eq!(answer(&mut state, &import())["success"], true);
    state.commit(Instant::now() + Duration::from_secs(3601));
    assert!(state.statistics.is_empty());
}

#[tokio::test]
async fn answers_can_come_in_reverse() {
    for (failure, expected) in [(None, [1, 2, 3]), (Some(Failure::Reversed), [3, 2, 1])] {
        let home = FakeHomeAssistant::start("2026.11.0").await.unwrap();
        failure.into_iter().for_each(|failure| home.fail(failure));
        let (mut line, _) = connect_async(format!("ws://{}/api/websocket", home.address)).await.unwrap();
        let login = json!({"type": "auth", "access_token": home.token().expose()});
        line.send(Message::text(login.to_string())).await.unwrap();
        for id in 1..=3 {
            let command = json!({"id": id, "type": "recorder/list_statistic_ids"});
            line.send(Message::text(command.to_string())).await.unwrap();
        }
        let mut ids = Vec::new();
        while ids.len() < 3 {
            let text = line.next().await.unwrap().unwrap().into_text().unwrap();
            ids.extend(serde_json::from_str::<Value>(&text).unwrap()["id"].as_u64());
        }
        assert_eq!(ids, expected);
    }
}
