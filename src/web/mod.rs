//! What the bridge tells over HTTP about itself, on `web.listen`.
//!
//! This room owns the listener, which requests are let in, and the pages; today that is `/health` alone. It must not know the
//! portal, the ledger or the broker: that one of them is out of order is no illness of the service. It changes nothing, so
//! that nobody has to log in.

mod health;
mod host;
mod pulse;
mod server;

pub use health::{Unwell, ask};
pub use pulse::Pulse;
pub use server::{Server, start};
