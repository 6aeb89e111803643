use chrono::{DateTime, Utc};
use chrono_tz::Europe::Brussels;
use proptest::prelude::*;

use super::*;

const JANUARY: &str = r#"[{"d":"2025-12-31T23:00:00Z","de":"2026-01-31T23:00:00Z","v":[
 {"v":5.432,"sst":"2026-01-14T11:00:00Z","set":"2026-01-14T11:15:00Z"}]}]"#;

/// The peaks of an answer as month, start and millionths of a kW, and whether all of it was understood.
fn read(body: &str) -> (Vec<(String, String, i64)>, bool) {
    let (peaks, is_whole) = decode(body.as_bytes(), Brussels).unwrap();
    let seen = |peak: &Peak| {
        assert_eq!(peak.quarter.seconds(), 900);
        (peak.month.to_string(), peak.quarter.start().to_rfc3339(), peak.power.millionths())
    };
    (peaks.iter().map(seen).collect(), is_whole)
}

/// A row from `d` until `de` with these values.
fn row(d: &str, de: &str, values: &str) -> String {
    format!(r#"{{"d":"{d}","de":"{de}","v":{values}}}"#)
}

fn january(values: &str) -> String {
    row("2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z", values)
}

fn seen(month: &str, start: &str, millionths: i64) -> (String, String, i64) {
    (month.to_owned(), start.to_owned(), millionths)
}

#[test]
fn a_month_has_its_power_and_its_quarter_hour() {
    assert_eq!(read(JANUARY), (vec![seen("2026-01-01", "2026-01-14T11:00:00+00:00", 5_432_000)], true));
    assert_eq!(read("[]"), (vec![], true));
}

#[test]
fn months_begin_and_end_at_local_midnight_over_both_changes_of_the_clocks() {
    let spike = |start: &str| format!(r#"[{{"v":1,"sst":"{start}"}}]"#);
    let rows = [
        row("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z", &spike("2026-03-31T21:45:00Z")),
        row("2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z", &spike("2026-03-31T22:00:00Z")),
        row("2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z", &spike("2026-10-31T22:45:00Z")),
        row("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z", &spike("2026-10-31T23:00:00Z")),
    ];
    let (peaks, is_whole) = read(&format!("[{}]", rows.join(",")));
    let months: Vec<_> = peaks.iter().map(|(month, ..)| month.as_str()).collect();
    assert_eq!((months, is_whole), (vec!["2026-03-01", "2026-04-01", "2026-10-01", "2026-11-01"], true));
}

#[test]
fn missing_is_not_zero() {
    for values in ["null", "[]", r#"[{"v":null,"sst":null,"set":null}]"#, r#"[{"sst":"2026-01-14T11:00:00Z"}]"#] {
        assert_eq!(read(&format!("[{}]", january(values))), (vec![], true), "{values}");
    }
    assert_eq!(read(r#"[{"d":"2025-12-31T23:00:00Z","de":"2026-01-31T23:00:00Z"}]"#), (vec![], true));
    let (zero, _) = read(&format!("[{}]", january(r#"[{"v":0,"sst":"2026-01-14T11:00:00Z"}]"#)));
    assert_eq!(zero, [seen("2026-01-01", "2026-01-14T11:00:00+00:00", 0)], "an empty home");
}

#[test]
fn what_is_not_understood_is_left_out_and_told_and_holds_up_nothing() {
    let right = r#"{"v":2.5,"sst":"2026-01-14T11:00:00Z","set":"2026-01-14T11:15:00Z","st":0,"new":{}}"#;
    let with = |value: &str| format!("[{}]", january(&format!("[{value},{right}]")));
    let rows = |other: &str| format!("[{other},{}]", january(&format!("[{right}]")));
    for body in [
        with("17"),
        with("null"),
        with(r#"{"v":"2,5","sst":"2026-01-14T11:00:00Z"}"#),
        with(r#"{"v":-9,"sst":"2026-01-14T11:00:00Z"}"#),
        with(r#"{"v":1e99,"sst":"2026-01-14T11:00:00Z"}"#),
        with(r#"{"v":9}"#),
        with(r#"{"v":9,"sst":"gisteren"}"#),
        with(r#"{"v":9,"sst":17}"#),
        with(r#"{"v":9,"sst":"2026-01-31T23:00:00Z"}"#),
        with(r#"{"v":9,"sst":"2025-12-31T22:45:00Z"}"#),
        with(r#"{"v":9,"sst":"+262142-12-31T23:59:59"}"#),
        rows("null"),
        rows("[]"),
        rows("{}"),
        rows(r#"{"d":null,"de":null,"v":[]}"#),
        rows(&row("gisteren", "2026-01-31T23:00:00Z", "[]")),
        rows(&row("2026-01-31T23:00:00Z", "2025-12-31T23:00:00Z", "[]")),
        rows(&row("2024-12-31T23:00:00Z", "2025-12-31T23:00:00Z", r#"[{"v":9,"sst":"2025-01-14T11:00:00Z"}]"#)),
        rows(&row("2026-01-15T23:00:00Z", "2026-02-14T23:00:00Z", r#"[{"v":9,"sst":"2026-02-02T11:00:00Z"}]"#)),
        rows(&row("2026-01-15T23:00:00Z", "2026-02-14T23:00:00Z", r#"{"v":9}"#)),
    ] {
        assert_eq!(read(&body), (vec![seen("2026-01-01", "2026-01-14T11:00:00+00:00", 2_500_000)], false), "{body}");
    }
}

#[test]
fn the_highest_of_several_values_of_a_month_counts() {
    let values = r#"[{"v":2.5,"sst":"2026-01-14T11:00:00Z"},{"v":3.5,"sst":"2026-01-20T11:00:00Z"}]"#;
    let lower = row("2026-01-01T00:00:00", "2026-01-02T00:00:00", r#"[{"v":3,"sst":"2026-01-01T11:00:00"}]"#);
    let (peaks, is_whole) = read(&format!("[{},{lower}]", january(values)));
    assert_eq!((peaks, is_whole), (vec![seen("2026-01-01", "2026-01-20T11:00:00+00:00", 3_500_000)], true));
}

#[test]
fn other_answers_than_a_list_are_errors_that_say_so_and_hold_nothing_of_the_answer() {
    let text = |body: &str| NoPeaks::from(decode(body.as_bytes(), Brussels).unwrap_err()).to_string();
    assert_eq!(text("<html>Onderhoud</html>"), "the answer is no JSON");
    assert_eq!(text(&JANUARY[..90]), "the answer is cut off");
    assert_eq!(text(""), "the answer is cut off");
    assert_eq!(text(r#"{"message":"541448860000000011"}"#), "the answer is no list of peaks");
    assert_eq!(text("null"), "the answer is no list of peaks");
}

proptest! {
    #[test]
    fn no_answer_panics(
        body in ".*",
        instants in any::<[i64; 3]>(),
        power in any::<f64>(),
        cut in 0_usize..200,
    ) {
        let _ = decode(body.as_bytes(), Brussels);
        let [d, de, sst] = instants.map(|at| {
            let at = DateTime::<Utc>::from_timestamp(at % 9_000_000_000_000, 0).unwrap_or_default();
            format!("{:?}", at.naive_utc())
        });
        for [d, de, sst] in [
            [d.as_str(), &de, &sst],
            ["2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z", &sst],
            ["2025-12-31T23:00:00Z", "2026-01-31T23:00:00Z", "2026-01-14T11:00:00Z"],
        ] {
            let body = format!("[{}]", row(d, de, &format!(r#"[{{"v":{power:e},"sst":"{sst}"}}]"#)));
            let _ = decode(body.as_bytes(), Brussels);
            let _ = decode(body.get(..cut).unwrap_or(&body).as_bytes(), Brussels);
        }
    }

    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&body, Brussels);
    }

    #[test]
    fn what_is_right_comes_out_whatever_is_broken_beside_it(
        months in proptest::collection::btree_map(0_u32..30, 0_i64..300_000, 1..20),
        broken in proptest::collection::vec(".*", 0..5),
    ) {
        let mut rows: Vec<String> = broken.iter().map(|text| serde_json::to_string(text).unwrap()).collect();
        let mut expected = Vec::new();
        for (number, ten_thousandths) in &months {
            let (year, month) = (2024 + number / 12, number % 12 + 1);
            let kilowatts = format!("{}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000);
            let start = format!("{year}-{month:02}-14T11:00:00");
            let values = format!(r#"[{{"v":{kilowatts},"sst":"{start}Z"}}]"#);
            rows.push(row(&format!("{year}-{month:02}-01T00:00:00Z"), &format!("{year}-{month:02}-28T00:00:00Z"), &values));
            expected.push(seen(&format!("{year}-{month:02}-01"), &format!("{start}+00:00"), ten_thousandths * 100));
        }
        let turn = rows.len() / 2;
        rows.rotate_left(turn);
        prop_assert_eq!(read(&format!("[{}]", rows.join(","))), (expected, broken.is_empty()));
    }
}
