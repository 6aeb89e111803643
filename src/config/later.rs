//! What the configuration can say already and this version can't do yet. It is checked in full, so that a typo is found
//! now, and then refused, so that nobody waits for what doesn't come.

use super::fault::Wrong;
use super::reader::{Reader, Table};
use super::{keys, values};

/// The section `web`.
pub(super) fn web<'a>(reader: &mut Reader<'a>, top: &Table<'a>) {
    let Some(table) = reader.section(top, "web", keys::WEB) else { return };
    if reader.optional(&table, "listen", values::listen).flatten().is_some() {
        let wrong = Wrong::new("the status page is not part of this version yet", "remove the key, or set it to off");
        reader.fault(&table.at("listen"), wrong);
    }
}
