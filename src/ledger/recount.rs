//! Settling days anew when their readings count in another way than they did.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use rusqlite::Connection;

use super::codes::{self, kind_name, unit_code};
use super::merge::{settle_day, stored};
use super::{Error, Ledger, MeterId};
use crate::energy::{MeterDay, MeterKind, Unit};

impl Ledger {
    /// Makes a meter count in the unit, and in the days of the kind, that it has now. When it counted otherwise before, all
    /// that it counts is then made from its readings anew, as a series of its own: nothing is converted, and no adopted sum
    /// goes into it. The anchor stays. A meter of another kind has its days still to be asked for, since those had other
    /// ends.
    ///
    /// Returns how it counted before, if that was otherwise.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn follow_meter(&mut self, meter: MeterId) -> Result<Option<(MeterKind, Unit)>, Error> {
        let sql = "SELECT id, kind, unit FROM meter WHERE id = ?1";
        let before = self.db.query_row(sql, [meter.row], |row| Ok(counting(row)))??;
        if (before.kind, before.unit) == (meter.kind, meter.unit) {
            return Ok(None);
        }
        let transaction = self.db.transaction()?;
        let (kind, unit) = (kind_name(meter.kind), unit_code(meter.unit));
        transaction.execute("UPDATE meter SET kind = ?2, unit = ?3 WHERE id = ?1", (meter.row, kind, unit))?;
        for sql in [
            "DELETE FROM day_amount WHERE meter = ?1",
            "DELETE FROM adopted WHERE meter = ?1",
            "DELETE FROM carried WHERE meter = ?1",
            "UPDATE day SET finest = NULL, complete = 0 WHERE meter = ?1",
        ] {
            transaction.execute(sql, [meter.row])?;
        }
        if before.kind != meter.kind {
            transaction.execute("DELETE FROM day WHERE meter = ?1", [meter.row])?;
            // Sums over days that had other ends, which can't be divided among those of now.
            transaction.execute("DELETE FROM correction WHERE meter = ?1", [meter.row])?;
            transaction.execute(
                "UPDATE meter SET released = 0, injects = 0, has_tariffs = 0, code = NULL, code_seconds = NULL,
                    last_sync = NULL WHERE id = ?1",
                [meter.row],
            )?;
        }
        recount(&transaction, meter, self.zone)?;
        // A day that was given up stays so, with what is there of it in the new unit.
        transaction.execute(
            "UPDATE day SET complete = max(complete, closed AND has), absent = (absent OR closed) AND NOT has
             FROM (SELECT d.date AS known, EXISTS
                (SELECT 1 FROM day_amount AS a WHERE a.meter = d.meter AND a.date = d.date) AS has
                FROM day AS d WHERE d.meter = ?1)
             WHERE meter = ?1 AND date = known",
            [meter.row],
        )?;
        transaction.commit()?;
        Ok(Some((before.kind, before.unit)))
    }
}

/// All meters, as they counted last.
pub(super) fn meters(db: &Connection) -> Result<Vec<MeterId>, Error> {
    let mut select = db.prepare("SELECT id, kind, unit FROM meter")?;
    let mut rows = select.query([])?;
    let mut meters = Vec::new();
    while let Some(row) = rows.next()? {
        meters.push(counting(row)?);
    }
    Ok(meters)
}

fn counting(row: &rusqlite::Row<'_>) -> Result<MeterId, Error> {
    let kind = codes::kind(&row.get::<_, String>(1)?)?;
    Ok(MeterId { row: row.get(0)?, kind, unit: codes::unit(row.get(2)?)?, until: None })
}

/// Settles every day of which a meter has readings, oldest first.
pub(super) fn recount(db: &Connection, meter: MeterId, zone: Tz) -> Result<(), Error> {
    let mut select = db.prepare("SELECT DISTINCT start FROM reading WHERE meter = ?1")?;
    let mut rows = select.query([meter.row])?;
    let mut days = BTreeSet::new();
    while let Some(row) = rows.next()? {
        days.extend(MeterDay::containing(meter.kind, codes::instant(row.get(0)?)?, zone));
    }
    for day in days {
        let readings: Vec<_> = stored(db, meter, day)?.into_values().map(|(reading, _)| reading).collect();
        settle_day(db, meter, day, &readings)?;
    }
    Ok(())
}
