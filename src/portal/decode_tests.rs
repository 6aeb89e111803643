use chrono_tz::Europe::Brussels;
use proptest::prelude::*;

use super::*;

const WEEKDAY: &str = r#"[{"d":"2026-06-08T22:00:00Z","de":"2026-06-09T22:00:00Z","v":[
 {"dc":1,"t":1,"st":0,"v":3.412,"vs":2,"u":3,"gcuv":null},{"dc":1,"t":2,"st":0,"v":14.870,"vs":2,"u":3,"gcuv":null},
 {"dc":2,"t":1,"st":0,"v":2.655,"vs":2,"u":3,"gcuv":null},{"dc":2,"t":2,"st":0,"v":0.118,"vs":2,"u":3,"gcuv":null}]}]"#;

fn auto(body: &str) -> Decoded {
    decode(body.as_bytes(), ReadingCodes::Auto, Brussels).unwrap()
}

fn summary(decoded: &Decoded) -> Vec<(Direction, Register, i64)> {
    decoded.readings.iter().map(|row| (row.direction, row.register, row.amount.millionths())).collect()
}

#[test]
fn t_is_the_direction_and_dc_the_register() {
    use Direction::{Consumption, Injection};
    use Register::{High, Low};
    let decoded = auto(WEEKDAY);
    let expected = [
        (Consumption, High, 3_412_000),
        (Injection, High, 14_870_000),
        (Consumption, Low, 2_655_000),
        (Injection, Low, 118_000),
    ];
    assert_eq!(summary(&decoded), expected);
    assert!(decoded.oddities.is_empty());
    let swapped = decode(WEEKDAY.as_bytes(), ReadingCodes::DcIsDirection, Brussels).unwrap();
    assert_eq!(summary(&swapped)[1], (Consumption, Low, 14_870_000));
}

#[test]
fn missing_is_not_zero() {
    for value in ["null", "[]", r#"[{"dc":0,"t":1,"v":null,"vs":2,"u":3}]"#, r#"[{"dc":0,"t":1,"vs":2,"u":3}]"#] {
        let body = format!(r#"[{{"d":"2026-06-08T22:00:00Z","de":"2026-06-08T22:15:00Z","v":{value}}}]"#);
        let decoded = auto(&body);
        assert!(decoded.readings.is_empty() && decoded.oddities.is_empty(), "{value}");
    }
    assert!(auto("[]").readings.is_empty());
    assert!(auto(r#"[{"d":"2026-06-08T22:00:00Z","de":"2026-06-08T22:15:00Z"}]"#).readings.is_empty());
}

#[test]
fn unknown_codes_are_left_out_and_told_but_never_guessed() {
    let with = |value: &str| {
        auto(&format!(
            r#"[{{"d":"2026-06-08T22:00:00Z","de":"2026-06-08T22:15:00Z","v":[{value},{{"dc":0,"t":1,"v":1,"vs":2,"u":3}}]}}]"#
        ))
    };
    for (value, oddity) in [
        (r#"{"dc":0,"t":3,"v":1,"vs":2,"u":3}"#, Oddity::Direction(3)),
        (r#"{"dc":7,"t":1,"v":1,"vs":2,"u":3}"#, Oddity::Register(7)),
        (r#"{"dc":0,"t":1,"v":1,"vs":2,"u":9}"#, Oddity::Unit(9)),
        (r#"{"dc":0,"t":1,"v":1e99,"vs":2,"u":3}"#, Oddity::Amount),
        (r#"{"dc":0,"t":1,"v":"1,5","vs":2,"u":3}"#, Oddity::Value),
        (r#"{"t":1,"v":1,"vs":2,"u":3}"#, Oddity::Value),
        ("17", Oddity::Value),
    ] {
        let decoded = with(value);
        assert_eq!((decoded.readings.len(), decoded.oddities.iter().copied().collect()), (1, vec![oddity]), "{value}");
    }
    let unread = with(r#"{"dc":1,"t":1,"v":1.5,"vs":9,"u":3,"new":{}}"#);
    assert_eq!((unread.readings.len(), unread.readings[0].status), (2, 9), "an unknown status keeps its amount");
    assert!(unread.oddities.contains(&Oddity::Status(9)));
}

#[test]
fn other_answers_than_a_list_are_errors_that_say_so() {
    let text = |body: &str| decode(body.as_bytes(), ReadingCodes::Auto, Brussels).unwrap_err().to_string();
    assert!(text("<html>Onderhoud</html>").contains("no JSON"));
    assert!(text(&WEEKDAY[..90]).contains("cut off"));
    assert!(text(r#"{"message":"Er ging iets mis"}"#).contains("no list"));
    assert!(text(r#"[{"d":"gisteren","de":"vandaag","v":[]}]"#).contains("start and end"));
    assert!(text(r#"[{"d":"2026-06-09T00:00:00Z","de":"2026-06-08T00:00:00Z","v":[]}]"#).contains("start and end"));
    assert!(!text(r#"{"message":"541448860000000011"}"#).contains("5414"));
}

/// A quarter of an hour at an instant, with one value a pair of codes.
fn quarter(start: &str, values: &[(u8, u8, f64)]) -> String {
    let start: DateTime<Utc> = start.parse().unwrap();
    let end = start + chrono::TimeDelta::minutes(15);
    let values: Vec<_> =
        values.iter().map(|(dc, t, v)| format!(r#"{{"dc":{dc},"t":{t},"v":{v},"vs":2,"u":3}}"#)).collect();
    format!(r#"[{{"d":"{}","de":"{}","v":[{}]}}]"#, start.to_rfc3339(), end.to_rfc3339(), values.join(","))
}

#[test]
fn swapped_codes_show_at_night_and_in_the_weekend() {
    let contradicts = |body: String| auto(&body).oddities.contains(&Oddity::CodesContradict);
    let (night, saturday, noon) = ("2026-06-09T23:00:00Z", "2026-06-13T10:00:00Z", "2026-06-09T10:00:00Z");
    for low_tariff in [night, saturday] {
        assert!(!contradicts(quarter(low_tariff, &[(2, 1, 0.2), (2, 2, 0.0)])), "as it should be");
        assert!(!contradicts(quarter(low_tariff, &[(0, 1, 0.2), (0, 2, 1.0)])), "a single register");
        assert!(!contradicts(quarter(low_tariff, &[(2, 1, 0.1), (2, 2, 2.0)])), "a battery may inject at night");
        assert!(contradicts(quarter(low_tariff, &[(1, 2, 0.2), (2, 2, 0.0)])), "swapped");
        assert!(contradicts(quarter(low_tariff, &[(1, 2, 0.2)])), "swapped, without panels");
    }
    assert!(!contradicts(quarter(noon, &[(1, 2, 0.2), (1, 1, 0.3)])), "a weekday's noon tells nothing");
    let chosen = decode(quarter(night, &[(1, 2, 0.2)]).as_bytes(), ReadingCodes::TIsDirection, Brussels).unwrap();
    assert!(chosen.oddities.is_empty(), "who has chosen is not warned");
}

proptest! {
    #[test]
    fn no_answer_panics(
        body in ".*",
        start in -5_000_000_000_000_i64..5_000_000_000_000,
        amount in any::<f64>(),
        codes in any::<[i64; 4]>(),
        cut in 0_usize..200,
    ) {
        let _ = decode(body.as_bytes(), ReadingCodes::Auto, Brussels);
        let start = DateTime::from_timestamp(start, 0).map(|at| at.to_rfc3339()).unwrap_or_default();
        let [dc, t, vs, u] = codes;
        let row = format!(r#"[{{"d":"{start}","de":"{start}","v":[{{"dc":{dc},"t":{t},"v":{amount:e},"vs":{vs},"u":{u}}}]}}]"#);
        let _ = decode(row.as_bytes(), ReadingCodes::DcIsDirection, Brussels);
        let _ = decode(row.get(..cut).unwrap_or(&row).as_bytes(), ReadingCodes::Auto, Brussels);
        let row = row.replacen(&start, "2026-06-08T22:00:00Z", 1).replacen(&start, "2026-06-08T22:15:00Z", 1);
        let _ = decode(row.as_bytes(), ReadingCodes::Auto, Brussels);
    }

    #[test]
    fn no_bytes_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode(&body, ReadingCodes::Auto, Brussels);
    }
}

#[test]
fn gas_in_the_other_unit_alone_tells_which_one_to_set() {
    use crate::config::History;
    use crate::energy::Ean;
    let value = |unit| format!(r#"{{"dc":0,"t":1,"st":0,"v":5.083,"vs":2,"u":{unit},"gcuv":null}}"#);
    let readings = |values: &str| {
        auto(&format!(r#"[{{"d":"2026-01-13T05:00:00Z","de":"2026-01-14T05:00:00Z","v":[{values}]}}]"#)).readings
    };
    let (volume, heat) = (readings(&value(5)), readings(&value(3)));
    let both = readings(&format!("{},{}", value(5), value(3)));
    let told = |kind, unit, readings: &[Reading]| {
        let meter = Meter {
            ean: Ean::parse("541448860000000028").unwrap(),
            serial: "7FLO1100000028".to_owned(),
            name: None,
            kind,
            unit,
            resolution: History::Finest,
            history_from: None,
            history_until: None,
        };
        oddity_of_units(&meter, readings).map(|oddity| oddity.to_string()).unwrap_or_default()
    };
    for (kind, unit, readings, setting) in [
        (MeterKind::Gas, Unit::CubicMetre, &heat, "gas_unit: kwh"),
        (MeterKind::Gas, Unit::KilowattHour, &volume, "gas_unit: m3"),
        (MeterKind::Gas, Unit::CubicMetre, &both, ""),
        (MeterKind::Gas, Unit::CubicMetre, &Vec::new(), ""),
        (MeterKind::Electricity, Unit::KilowattHour, &both, "kind: gas"),
        (MeterKind::Electricity, Unit::KilowattHour, &heat, ""),
    ] {
        let told = told(kind, unit, readings);
        assert!(told.contains(setting) && told.is_empty() == setting.is_empty(), "{told}");
    }
}
