//! The bridge: polls the portal, keeps what comes in the ledger, and shows the ledger on MQTT.
//!
//! This room owns the order of things: one poll, the back-fill between polls, when the next poll is due, the start and the
//! orderly stop. It is the only one that knows all the others, and it knows no wire, no table and no payload.

mod backfill;
mod board;
mod fetch;
mod home;
mod once;
mod peaks;
mod plan;
mod poll;
mod publish;
mod report;
mod schedule;
mod service;
mod statistics;
mod supervisor;
mod visit;

pub use backfill::{Ended, Progress, span};
pub use fetch::{Asker, MeterAnswer, Span, session_folder};
pub use home::{Bridge, Error, lock};
pub use once::Outcome;
