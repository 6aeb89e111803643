//! Taking over what a lost ledger had counted, so that the totals go on where they were.

use chrono::NaiveDate;

use super::totals::sum_names;
use super::{Error, Ledger, MeterId, RegisterSums, Totals, codes};
use crate::energy::{Amount, Direction};

/// What a sink still shows of a ledger that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// The first day that its totals counted.
    pub anchor: NaiveDate,
    /// The newest day in them.
    pub last_day: Option<NaiveDate>,
    /// The sums that it showed, by state key.
    pub sums: Vec<(String, Amount)>,
    /// Whether it showed injection.
    pub injects: bool,
    /// Whether it showed high and low registers.
    pub has_tariffs: bool,
}

impl Ledger {
    /// Takes over the anchor and the sums of a lost ledger, unless this one has an anchor already.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub fn adopt(&mut self, meter: MeterId, adopted: &Adopted) -> Result<(), Error> {
        if self.anchor(meter)?.is_some() {
            return Ok(());
        }
        let transaction = self.db.transaction()?;
        transaction.execute(
            "UPDATE meter SET anchor = ?2, injects = max(injects, ?3), has_tariffs = max(has_tariffs, ?4) WHERE id = ?1",
            (meter.row, adopted.anchor.to_string(), adopted.injects, adopted.has_tariffs),
        )?;
        if let Some(last_day) = adopted.last_day {
            for (name, amount) in &adopted.sums {
                transaction.execute(
                    "INSERT OR REPLACE INTO adopted (meter, name, amount, last_day) VALUES (?1, ?2, ?3, ?4)",
                    (meter.row, name, amount.millionths(), last_day.to_string()),
                )?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The adopted sums as they were shown, and the newest day in them. They stand until the history is in again: without
    /// them the sink would hold nothing to adopt, should this ledger be lost before that.
    pub(super) fn adopted_totals(
        &self,
        meter: MeterId,
        anchor: NaiveDate,
    ) -> Result<Option<(Totals, NaiveDate)>, Error> {
        let sums = |direction| -> Result<Option<(RegisterSums, NaiveDate)>, Error> {
            let names = sum_names(meter.kind, direction);
            let adopted = |place: usize| names.get(place).map_or(Ok(None), |name| self.adopted(meter, name));
            let Some((total, last_day)) = adopted(0)? else { return Ok(None) };
            let amount = |place| Ok::<_, Error>(adopted(place)?.map(|(amount, _)| amount));
            Ok(Some((RegisterSums { total, high: amount(1)?, low: amount(2)? }, last_day)))
        };
        let Some((consumption, last_day)) = sums(Direction::Consumption)? else { return Ok(None) };
        let injection = sums(Direction::Injection)?.map(|(sums, _)| sums);
        Ok(Some((Totals { from: self.start_of(meter, anchor)?, consumption, injection }, last_day)))
    }

    /// What the totals must hold beside this ledger's own days, so that they go on from the adopted sums: nothing when
    /// every day that was in them is here again, since then the days themselves tell.
    pub(super) fn to_carry(&self, meter: MeterId, anchor: NaiveDate) -> Result<Vec<(String, Amount)>, Error> {
        let mut carried = Vec::new();
        for direction in [Direction::Consumption, Direction::Injection] {
            for (name, own) in sum_names(meter.kind, direction).iter().zip([0_usize, 1, 2]) {
                let Some((adopted, last_day)) = self.adopted(meter, name)? else { continue };
                if self.every_day_is_here(meter, anchor, last_day.min(meter.last_day()))? {
                    continue;
                }
                let sums = self.sums_until(meter, direction, anchor, last_day)?;
                let own = match own {
                    0 => Some(sums.total),
                    1 => sums.high,
                    _ => sums.low,
                };
                carried.push(((*name).to_owned(), adopted.minus(own.unwrap_or_default())));
            }
        }
        Ok(carried)
    }

    fn adopted(&self, meter: MeterId, name: &str) -> Result<Option<(Amount, NaiveDate)>, Error> {
        let mut select =
            self.db.prepare_cached("SELECT amount, last_day FROM adopted WHERE meter = ?1 AND name = ?2")?;
        let mut rows = select.query((meter.row, name))?;
        rows.next()?
            .map(|row| Ok((Amount::from_millionths(row.get(0)?), codes::date(&row.get::<_, String>(1)?)?)))
            .transpose()
    }

    fn every_day_is_here(&self, meter: MeterId, anchor: NaiveDate, last: NaiveDate) -> Result<bool, Error> {
        let days = self.days(meter, anchor)?;
        Ok(anchor
            .iter_days()
            .take_while(|date| *date <= last)
            .all(|date| days.get(&date).is_some_and(|day| day.complete)))
    }
}
