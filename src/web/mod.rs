//! The status page: what is known, what is missing and why, for people and for what watches over the service.
//!
//! This room owns the listener, which requests are let in, the pages with their charts and their words in three languages,
//! `/health`, `/metrics` and the JSON below `/api`. It knows `energy` and the configuration, and reads the `ledger` beside
//! the service for each page, so that a page is a function of the ledger and of what the service tells of itself ([`View`]).
//! How a day stands is decided in one place, `standing`. The room must not know the portal, the broker or Home Assistant:
//! their troubles come as a [`Problem`]. It changes nothing; what somebody asks for with a button is the service's to do or
//! to refuse ([`Press`]).
//!
//! It runs in a thread of its own, with one more for the pages, so that no number of clients, and no slow one, holds up
//! the service. Pages are without script, and all links are relative, so that they work under any base path.

mod api;
mod chart;
mod facts;
mod gate;
mod health;
mod metrics;
mod page;
mod press;
mod problem;
mod pulse;
mod quality;
mod routes;
mod sentence;
mod server;
mod site;
mod span;
mod standing;
mod sums;
#[cfg(test)]
mod tests;
mod view;
mod words;

pub use health::{Unwell, ask};
pub use press::{Answer, Press, Wish};
pub use problem::Problem;
pub use pulse::Pulse;
pub use server::{Server, start};
pub use site::{Content, Site};
pub use view::{Backfill, Counts, Link, MeterView, View};
