//! The ledger.

mod snapshot;

pub use snapshot::{DayAmounts, RegisterSums, Snapshot, Totals};
