//! The domain: what a digital meter measures and when, in the words of the field.
//!
//! This room owns the meaning of a reading, of a meter day and of an amount of energy. It is pure: it knows no wire
//! code, no store, no clock and no sink, and it imports nothing of the other rooms.

mod amount;
mod day;
mod ean;
mod interval;
mod peak;
mod power;
mod reading;

pub use amount::{Amount, AmountError};
pub use day::{MeterDay, MeterKind, local_to_utc};
pub use ean::{Ean, EanError};
pub use interval::{Interval, IntervalError};
pub use peak::{AveragePeak, Peak, Peaks, month_of};
pub use power::Power;
pub use reading::{Direction, Reading, Register, Resolution, Unit};
