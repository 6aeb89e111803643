//! MQTT: how the meters look to Home Assistant, and the connection to the broker.
//!
//! This room owns the names of the topics, the discovery and state payloads, a connection that brings the broker back to
//! what it should hold whenever it is reached, and a try of the settings. It knows `energy` and the settings of the broker. It must not
//! know where values come from, and a payload is a pure function of what is passed in.

mod components;
mod connection;
mod discovery;
mod keeper;
mod probe;
mod state;
mod tls;
mod topics;
mod trouble;

pub use connection::{Connection, Event, Link, Renew, SetupError, options};
pub use discovery::{Features, announced_gas_unit, announcement};
pub use probe::{ProbeError, probe};
pub use state::{Backfill, MeterState, Retained, Status};
pub use topics::Topics;
pub use trouble::{Trouble, TroubleKind};
