//! What the user sets: the model of a checked configuration, the sources it comes from (file, environment), and the
//! check that finds all faults at once.
//!
//! This room owns the names of the keys and every sentence about them. It knows the words of `energy`, and it must not
//! know what the other rooms do with a setting. A value that is or may be secret never enters a message.

mod model;

pub use model::{Config, Fluvius, History, LogLevel, Meter, Mqtt, Poll, ReadingCodes};
