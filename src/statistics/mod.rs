//! Home Assistant's long-term statistics: each kWh and each euro in the hour to which it belongs.
//!
//! This room owns the hourly rows with their running sums, what they cost, and the websocket over which Home Assistant is
//! brought to hold exactly these rows. The planner and the costs are pure. It knows `energy` and the settings of Home
//! Assistant; it must not know the ledger, nor where the hours come from. Home Assistant is a sink: everything here can be
//! sent again from the hours alone.

mod costs;
mod dashboard;
mod error;
#[cfg(any(test, feature = "simulator"))]
pub mod fake;
mod hours;
mod importer;
mod once;
mod planner;
mod probe;
mod redact;
mod rows;
mod sender;
mod series;
mod socket;
mod version;
mod way;

pub use costs::{costs, gas_costs};
pub use dashboard::{Dashboard, Shown};
pub use error::Error;
pub use hours::HourOf;
pub use importer::{Importer, Link};
pub use once::{Comparison, clear, compare, send};
pub use planner::{plan, plan_gas, without_idle_injection};
pub use probe::{Probe, probe};
pub use sender::Import;
pub use series::{Kind, Row, Series};
use socket::Socket;
use version::Version;
