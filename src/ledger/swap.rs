use rusqlite::Connection;

use super::imported::FIRST_FETCH;
use super::merge::{settle_day, stored};
use super::{Error, Ledger, MeterId, codes};
use crate::energy::{MeterDay, Unit};

impl Ledger {
    /// Makes the ledger follow the way in which the portal's two reading codes are understood. When that way has
    /// changed, the direction and the register of all readings change places, just as if they had been read so from the
    /// start.
    ///
    /// Returns whether anything was changed.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn follow_reading_codes(&mut self, way: &str) -> Result<bool, Error> {
        if self.setting("reading_codes", || way.to_owned())? == way {
            return Ok(false);
        }
        let transaction = self.db.transaction()?;
        // Through negative numbers, so that no row meets the key of one that is still to change. Imports never were in
        // codes: they stay, unless the portal has the same interval.
        transaction.execute(
            "UPDATE reading SET direction = -register, register = -direction WHERE register IN (1, 2) AND fetched_at >= ?1",
            [FIRST_FETCH],
        )?;
        transaction.execute_batch(
            "UPDATE OR REPLACE reading SET direction = -direction, register = -register WHERE direction < 0;
             UPDATE meter SET injects = 0, has_tariffs = 0;
             DELETE FROM day_amount;",
        )?;
        for (meter, date) in days(&transaction)? {
            let day = MeterDay::new(meter.kind, date, self.zone).ok_or(Error::Damaged("date"))?;
            let readings: Vec<_> =
                stored(&transaction, meter, day)?.into_values().map(|(reading, _)| reading).collect();
            settle_day(&transaction, meter, day, &readings)?;
        }
        transaction.execute("UPDATE setting SET value = ?1 WHERE name = 'reading_codes'", [way])?;
        transaction.commit()?;
        Ok(true)
    }
}

fn days(db: &Connection) -> Result<Vec<(MeterId, chrono::NaiveDate)>, Error> {
    let mut select =
        db.prepare("SELECT m.id, m.kind, d.date FROM day AS d JOIN meter AS m ON m.id = d.meter ORDER BY d.date")?;
    let mut rows = select.query([])?;
    let mut days = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = codes::kind(&row.get::<_, String>(1)?)?;
        days.push((
            MeterId { row: row.get(0)?, kind, unit: Unit::KilowattHour },
            codes::date(&row.get::<_, String>(2)?)?,
        ));
    }
    Ok(days)
}
