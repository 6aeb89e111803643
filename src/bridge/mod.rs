//! The bridge: polls the portal, keeps what comes in the ledger, and shows the ledger on MQTT.
//!
//! This room owns the order of things: one poll, when the next one is due, the start and the orderly stop. It is the only
//! one that knows all the others, and it knows no wire, no table and no payload.

mod home;
mod once;
mod peaks;
mod poll;
mod publish;
mod report;
mod schedule;
mod service;
mod statistics;
mod visit;

pub use home::{Bridge, Error};
pub use once::Outcome;
