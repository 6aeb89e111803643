//! The portal's own export of history: a CSV file that the user downloads at Verbruik, under "Rapport downloaden".
//!
//! This room owns the file's words in all languages, its way of writing numbers, and the instants that its local times
//! mean. It is pure and knows `energy` alone; it must not know where a file lies or what becomes of its readings.
//!
//! The shapes are those of files that users have published, in Dutch (`Van (datum)`, `Afname Nacht`, 22-10-2023) and in
//! English (`From (date)`, `Offtake Night`, 22/10/2023). French and German files were not seen; their words are a guess.
//! Files that a spreadsheet has saved again are read too, as long as nothing is lost in them.

mod cells;
mod clock;
mod columns;
mod error;
mod meters;
mod read;
mod rows;
mod text;
mod words;

pub use error::Error;
pub use meters::{Meter, meters};
pub use read::{History, read};
