use super::imported::FIRST_FETCH;
use super::recount::{meters, recount};
use super::{Error, Ledger};

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
             UPDATE correction SET direction = -register, register = -direction WHERE register IN (1, 2);
             UPDATE correction SET direction = -direction, register = -register WHERE direction < 0;
             UPDATE meter SET injects = 0, has_tariffs = 0;
             DELETE FROM day_amount;",
        )?;
        for meter in meters(&transaction)? {
            recount(&transaction, meter, self.zone)?;
        }
        transaction.execute("UPDATE setting SET value = ?1 WHERE name = 'reading_codes'", [way])?;
        transaction.commit()?;
        Ok(true)
    }
}
