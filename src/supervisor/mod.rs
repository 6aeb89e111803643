//! The Supervisor of Home Assistant, whose app this program may be: the broker that it knows, and what it passes on to
//! Home Assistant.
//!
//! This room owns the Supervisor's API and the words of the notifications that go through it. It knows secrets and the
//! configuration; it must not know what a broker or a portal is used for.

mod client;
mod error;
mod notices;
#[cfg(test)]
mod tests;
mod words;

pub use client::Supervisor;
pub use error::Error;
pub use notices::{Notices, Problem};
