//! Mijn Fluvius to Home Assistant: the map of the crate.

pub mod bridge;
pub mod cli;
pub mod clock;
pub mod config;
pub mod energy;
pub mod history_csv;
pub mod ledger;
pub mod mqtt;
pub mod portal;
pub mod private_file;
pub mod secret;
#[cfg(feature = "simulator")]
pub mod simulator;
pub mod statistics;
pub mod supervisor;
pub mod web;
