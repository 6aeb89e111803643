//! Prometheus' own parser reads metrics in tests, and refuses what is wrong: else what it reads would prove nothing.

use serde_json::json;

use crate::support::open_metrics;

const METRICS: &str = "# HELP energy_kwh Energy used.
# TYPE energy_kwh counter
# UNIT energy_kwh kwh
energy_kwh_total{register=\"high\"} 1.25 1767225600.5
";

#[test]
fn metrics_are_read_strictly() {
    let read = open_metrics(&format!("{METRICS}# EOF\n"));
    let sample = json!({
        "name": "energy_kwh_total", "labels": {"register": "high"}, "value": 1.25, "timestamp": 1_767_225_600.5,
    });
    let family = json!({
        "name": "energy_kwh", "type": "counter", "unit": "kwh", "help": "Energy used.", "samples": [sample],
    });
    assert_eq!(read, json!([family]));
}

#[test]
#[should_panic(expected = "Missing # EOF at end")]
fn metrics_without_an_end_are_refused() {
    open_metrics(METRICS);
}
