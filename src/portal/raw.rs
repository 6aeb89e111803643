//! The rows of an answer as the portal wrote them, for whoever wants to see the wire itself.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode::instant;

/// What is read of a row, and nothing else of it.
#[derive(Deserialize)]
struct Start {
    d: String,
}

/// The rows of an answer that could be decoded, each byte for byte, in order of time.
pub(super) fn rows(body: &[u8]) -> Vec<Box<RawValue>> {
    let mut rows: Vec<Box<RawValue>> = serde_json::from_slice(body).unwrap_or_default();
    rows.sort_by_cached_key(|row| start(row));
    rows
}

fn start(row: &RawValue) -> Option<DateTime<Utc>> {
    let row: Start = serde_json::from_str(row.get()).ok()?;
    instant(&row.d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stay_as_they_were_written_and_come_in_order_of_time() {
        let (late, early) = (
            r#"{"d":"2026-06-09T22:00:00Z", "v":[{"v":3.4120,"x":null}]}"#,
            r#"{ "v" : null, "d":"2026-06-08T22:00:00Z" }"#,
        );
        let rows = rows(format!("[{late} ,\n {early}]").as_bytes());
        assert_eq!(rows.iter().map(|row| row.get()).collect::<Vec<_>>(), [early, late]);
    }
}
