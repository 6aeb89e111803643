//! What the pages show, for programs. A key without a value is absent; instants have the offset of the house.

mod days;
mod status;

use chrono::{DateTime, Offset as _, Utc};
pub(super) use days::days;
pub(super) use status::status;

use super::page::Context;
use crate::energy::MeterKind;

fn kind(kind: MeterKind) -> &'static str {
    match kind {
        MeterKind::Electricity => "electricity",
        MeterKind::Gas => "gas",
    }
}

fn local(context: &Context<'_>, at: DateTime<Utc>) -> String {
    let at = at.with_timezone(&context.service.house);
    at.with_timezone(&at.offset().fix()).to_rfc3339_opts(chrono::SecondsFormat::Secs, false)
}
