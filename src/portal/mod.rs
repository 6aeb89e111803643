//! Mijn Fluvius over HTTP: signing in, keeping the session, and reading a meter's history and monthly peaks.
//!
//! This room owns everything that knows HTTP, Azure AD B2C, cookies, tokens, granularities and wire codes; the wire
//! ends in `decode` and `peaks`, and what leaves the room are readings and peaks of `energy`. It must not know the ledger, nor any sink, nor
//! when it is called.
//!
//! Two files in the data directory are its own: `tokens.json`, the session, and `login.json`, the memory of password
//! logins that keeps a restart loop from becoming a brute force.

mod decode;
mod error;
mod fingerprint;
mod guard;
mod history;
mod http;
mod key;
mod page;
mod peaks;
mod raw;
mod redact;
mod refusal;
mod session;
mod settings;
mod sign_in;
mod tokens;
mod traffic;

pub use error::{Error, Step, refused};
pub use guard::Refusal;
pub use history::{Answer, DAILY, DAILY_DAYS, Login, Portal, interval_codes};
pub use peaks::NoPeaks;
pub use traffic::Traffic;
