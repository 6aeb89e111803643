use chrono::{DateTime, Utc};

use super::{Error, Ledger, MeterId, codes};

/// What Home Assistant was last seen to hold of a statistic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// The last part of its id, such as `consumption`.
    pub statistic: String,
    /// The start of the last hour.
    pub last_hour: DateTime<Utc>,
    /// How many hours there are.
    pub hours: u64,
    /// The sum at the last hour, in millionths.
    pub sum: i64,
    /// When that was seen.
    pub at: DateTime<Utc>,
}

impl Ledger {
    /// Notes what Home Assistant was seen to hold.
    ///
    /// # Errors
    /// When the store fails.
    pub fn confirm(&self, meter: MeterId, seen: &Confirmed) -> Result<(), Error> {
        self.db.execute(
            "INSERT OR REPLACE INTO confirmed (meter, statistic, last_hour, hours, sum, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (
                meter.row,
                &seen.statistic,
                seen.last_hour.timestamp(),
                i64::try_from(seen.hours).unwrap_or(i64::MAX),
                seen.sum,
                seen.at.timestamp(),
            ),
        )?;
        Ok(())
    }

    /// What Home Assistant was last seen to hold of a meter's statistics.
    ///
    /// # Errors
    /// When the store fails.
    pub fn confirmed(&self, meter: MeterId) -> Result<Vec<Confirmed>, Error> {
        let mut select = self.db.prepare_cached(
            "SELECT statistic, last_hour, hours, sum, at FROM confirmed WHERE meter = ?1 ORDER BY statistic",
        )?;
        let mut rows = select.query([meter.row])?;
        let mut confirmed = Vec::new();
        while let Some(row) = rows.next()? {
            confirmed.push(Confirmed {
                statistic: row.get(0)?,
                last_hour: codes::instant(row.get(1)?)?,
                hours: u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
                sum: row.get(3)?,
                at: codes::instant(row.get(4)?)?,
            });
        }
        Ok(confirmed)
    }
}
