use proptest::prelude::*;

use super::{Case, assert_one_fault, loaded, with};
use crate::config::{ConsumptionPrice, Euros, Price};

const HOME_ASSISTANT: &str = "home_assistant: {url: 'http://homeassistant.local:8123', token: abc}";

/// A file with these prices and all that they need.
fn file(prices: &str) -> String {
    with(&format!("{HOME_ASSISTANT}\nprices: {prices}"))
}

fn prices(text: &str) -> Vec<Price> {
    loaded(&file(text)).config.prices
}

fn euros(millionths: i64) -> Euros {
    Euros::from_millionths(millionths)
}

#[test]
fn every_key_reaches_the_model() {
    let found = prices(
        "[{from: 2026-02-01, consumption: 0.3, injection: -0.0350, gas: 0}, {from: 2026-01-01, consumption: {high: 0.3120, \
         low: 0.2760}, injection: 0, gas: 0.071, standing_charge: 120.00, capacity: '53.20'}]",
    );
    let first = Price {
        from: "2026-01-01".parse().unwrap(),
        consumption: Some(ConsumptionPrice::HighLow { high: euros(312_000), low: euros(276_000) }),
        injection: Some(euros(0)),
        gas: Some(euros(71_000)),
        standing_charge: Some(euros(120_000_000)),
        capacity: Some(euros(53_200_000)),
    };
    let second = Price {
        from: "2026-02-01".parse().unwrap(),
        consumption: Some(ConsumptionPrice::One(euros(300_000))),
        injection: Some(euros(-35_000)),
        gas: Some(euros(0)),
        standing_charge: None,
        capacity: None,
    };
    assert_eq!(found, [first, second], "in the order of their days");
    assert_eq!(prices("[]"), []);
}

#[test]
fn a_price_is_exact_to_the_millionth() {
    for (text, millionths) in [
        ("0.000001", 1),
        ("1e-6", 1),
        (".31", 310_000),
        ("0.1234560000", 123_456),
        ("'0.1234560000'", 123_456),
        ("' 0.31 '", 310_000),
        ("1", 1_000_000),
        ("'10'", 10_000_000),
        ("-0.0", 0),
    ] {
        let text = format!("[{{from: 2026-01-01, injection: {text}}}]");
        assert_eq!(prices(&text)[0].injection, Some(euros(millionths)), "{text}");
    }
}

#[test]
fn a_number_that_is_no_price_is_told() {
    let too_fine = "has more than 6 decimals; round it to a millionth of a euro";
    let cents = "is more than 10 EUR, and so probably in cents; write EUR per kWh, not cents, such as 0.31";
    for (price, expected) in [
        ("consumption: 0.3120001", format!("prices[0].consumption: {too_fine}")),
        ("injection: 1e-7", format!("prices[0].injection: {too_fine}")),
        ("capacity: '53.1234567'", format!("prices[0].capacity: {too_fine}")),
        ("consumption: 31.2", format!("prices[0].consumption: {cents}")),
        ("consumption: 10.000001", format!("prices[0].consumption: {cents}")),
        ("consumption: {high: 31, low: 0.27}", format!("prices[0].consumption.high: {cents}")),
        ("injection: 10.000001", format!("prices[0].injection: {cents}")),
        ("injection: -11", format!("prices[0].injection: {cents}")),
        ("consumption: 1e300", format!("prices[0].consumption: {cents}")),
        ("injection: -1e300", format!("prices[0].injection: {cents}")),
        ("consumption: -0.000001", "prices[0].consumption: is negative".to_owned()),
        ("standing_charge: -1", "prices[0].standing_charge: is out of range".to_owned()),
        ("capacity: 10000.000001", "prices[0].capacity: is out of range".to_owned()),
        ("capacity: .nan", "prices[0].capacity: is not a number".to_owned()),
        ("capacity: -.inf", "prices[0].capacity: is not a number".to_owned()),
        ("consumption: '0,31'", "prices[0].consumption: is not a number; write EUR with a point".to_owned()),
        ("consumption: ''", "prices[0].consumption: is not a number".to_owned()),
        ("consumption: '0.'", "prices[0].consumption: is not a number".to_owned()),
        ("consumption: '--1'", "prices[0].consumption: is not a number".to_owned()),
        ("consumption: [1]", "prices[0].consumption: expected a price, found a list".to_owned()),
    ] {
        assert_one_fault(&file(&format!("[{{from: 2026-01-01, {price}}}]")), &expected);
    }
}

#[test]
fn periods_that_do_not_fit_are_told() {
    for (prices, expected) in [
        ("[{from: 2026-01-01, consumtion: 1}]", "consumtion: no setting has this name; did you mean `consumption`?"),
        ("[{consumption: 1}]", "prices[0].from: is missing; write the first day"),
        ("[{from: 2026-01-01}]", "prices[0]: holds no price; set consumption, injection or gas"),
        (
            "[{from: 2026-01-01, consumption: 1}, {from: 2026-02-01}]",
            "prices[1]: holds no price; set consumption, injection or gas",
        ),
        (
            "[{from: 2026-01-01, injection: 1}, {from: 2026-01-01, injection: 2}]",
            "prices[1].from: another period begins on the same day",
        ),
        (
            "[{from: 2026-01-01, consumption: {high: 1}}]",
            "prices[0].consumption.low: is missing; set both high and low",
        ),
        (
            "[{from: 2026-01-01, consumption: {low: 1}}]",
            "prices[0].consumption.high: is missing; set both high and low",
        ),
        (
            "[{from: 2026-01-01, consumption: 1}, {from: 2026-02-01, capacity: 2}]",
            "prices[1].consumption: is missing, and other periods have it",
        ),
        (
            "[{from: 2026-01-01, capacity: 1}, {from: 2026-02-01, consumption: 2}]",
            "prices[0].consumption: is missing, and other periods have it",
        ),
        (
            "[{from: 2026-01-01, consumption: 1, injection: 1}, {from: 2026-02-01, consumption: 2}]",
            "prices[1].injection: is missing, and other periods have it; set it here as well, as 0",
        ),
        (
            "[{from: 2026-01-01, gas: 0.07}, {from: 2026-02-01, injection: 0.07, gas: 1}]",
            "prices[0].injection: is missing, and other periods have it",
        ),
        (
            "[{from: 2026-01-01, gas: 0.07, consumption: 1}, {from: 2026-02-01, consumption: 1}]",
            "prices[1].gas: is missing, and other periods have it",
        ),
        ("[{from: 2026-01-01, gas: 7100}]", "prices[0].gas: is more than 10 EUR"),
        ("{from: 2026-01-01}", "prices: expected a list"),
    ] {
        let told = super::told(&file(prices));
        assert!(told.iter().any(|line| line.contains(expected)), "{told:#?} for {prices}");
        assert!(told.len() == 1 || expected.starts_with("consumtion"), "{told:#?} for {prices}");
    }
}

#[test]
fn prices_are_of_use_without_home_assistant_too() {
    let config = loaded(&with("prices: [{from: 2026-01-01, consumption: 0.31}]")).config;
    assert_eq!((config.prices.len(), config.home_assistant.is_none()), (1, true));
}

#[test]
fn prices_come_from_the_environment_as_well() {
    let case = |text| Case::file(&with(HOME_ASSISTANT)).var("FLUVIUS2MQTT_PRICES", text);
    let found = case("[{from: 2026-01-01, consumption: 0.3, injection: 0.035}]").loaded().config.prices;
    assert_eq!(found[0].consumption, Some(ConsumptionPrice::One(euros(300_000))));
    assert_eq!(found[0].injection, Some(euros(35_000)));
    let told = case("[{from: 2026-01-01, consumption: 31}]").told();
    assert!(told[0].starts_with("prices[0].consumption (set by FLUVIUS2MQTT_PRICES): is more than 10 EUR"), "{told:?}");
}

proptest! {
    #[test]
    fn every_price_comes_back_as_it_was_written(millionths in 0..=10_000_000_i64, quoted in any::<bool>()) {
        let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
        let text = if quoted { format!("'{text}'") } else { text };
        let found = prices(&format!("[{{from: 2026-01-01, consumption: {text}, injection: {text}}}]"));
        prop_assert_eq!(found[0].consumption, Some(ConsumptionPrice::One(euros(millionths))));
        prop_assert_eq!(found[0].injection, Some(euros(millionths)));
    }

    #[test]
    fn every_charge_comes_back_as_it_was_written(millionths in 0..=10_000_000_000_i64) {
        let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
        let found = prices(&format!("[{{from: 2026-01-01, capacity: {text}}}]"));
        prop_assert_eq!(found[0].capacity, Some(euros(millionths)));
    }
}
