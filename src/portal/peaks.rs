//! `GET /verbruik/api/meter-measurement-spikes/{EAN}`: the monthly peaks of an electricity meter.
//!
//! They come beside the energy and must never be in its way. So a request is sent once, with the access token in use and
//! no other, and whatever comes of it, the session, the budget of logins and the portal's wish for rest stay as they are.
//!
//! The shape is the one that a public client has observed: a bare array of months `{d, de, v: [{v, sst, set}]}`, with the
//! power in kW and the start and end of its quarter-hour.

use chrono_tz::Tz;
use reqwest::header::ACCEPT;
use serde::Deserialize;
use serde_json::Value;
use tracing::debug;

use super::decode::{Oddity, instant, list};
use super::error::{Error, Step};
use super::history::Portal;
use crate::config::Meter;
use crate::energy::{Interval, MeterDay, Peak, Peaks, Power, month_of};

/// Why the portal gave no monthly peaks, in a few words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoPeaks(String);

impl From<Error> for NoPeaks {
    fn from(error: Error) -> Self {
        Self(match error {
            Error::Unavailable { why, .. } => why,
            Error::Changed { what, .. } => what,
            other => other.to_string(),
        })
    }
}

impl Portal {
    /// The monthly peaks that the portal has published of an electricity meter, from the month that begins with `first`
    /// until the one in which `last` lies; none at all is a normal answer.
    ///
    /// # Errors
    /// [`NoPeaks`] tells why there are none. It asks for nothing and says nothing about energy.
    pub async fn peaks(&mut self, meter: &Meter, first: MeterDay, last: MeterDay) -> Result<Peaks, NoPeaks> {
        let url = self.url_of(Step::Peaks, "meter-measurement-spikes", meter, [first, last])?;
        let Some(access) = self.key.access_in_hand() else {
            return Err(NoPeaks("the session has just ended".to_owned()));
        };
        self.keep_pace().await;
        let request = self.http.get(url).header(ACCEPT, "application/json").bearer_auth(access.expose());
        let answer = self.http.send(Step::Peaks, request).await?;
        if !answer.status.is_success() {
            return Err(NoPeaks(format!("HTTP {}", answer.status.as_u16())));
        }
        let (peaks, is_whole) = decode(&answer.body, self.zone)?;
        debug!("meter {}: {} monthly peaks", meter.ean, peaks.iter().count());
        if !is_whole {
            self.tell(meter, Oddity::Peak);
        }
        Ok(peaks)
    }
}

#[derive(Deserialize)]
struct Row {
    d: String,
    de: String,
    v: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Spike {
    v: Option<f64>,
    sst: Option<String>,
}

/// Decodes an answer, and tells whether all of it was understood. What isn't, or has no power, doesn't hold up the rest.
fn decode(body: &[u8], zone: Tz) -> Result<(Peaks, bool), Error> {
    let rows: Vec<Value> = list(body, Step::Peaks, "peaks")?;
    let mut peaks = Peaks::default();
    let mut is_whole = true;
    for row in rows {
        let understood = serde_json::from_value::<Row>(row).ok().and_then(|row| Some((interval(&row)?, row.v)));
        let Some((of_row, values)) = understood else {
            is_whole = false;
            continue;
        };
        for value in values.into_iter().flatten() {
            match serde_json::from_value::<Spike>(value) {
                Ok(Spike { v: None, .. }) => {}
                Ok(spike) => match peak(spike, of_row, zone) {
                    Some(peak) => peaks.add(peak),
                    None => is_whole = false,
                },
                Err(_) => is_whole = false,
            }
        }
    }
    Ok((peaks, is_whole))
}

fn interval(row: &Row) -> Option<Interval> {
    Interval::new(instant(&row.d)?, instant(&row.de)?).ok()
}

/// The peak of a row. Its quarter-hour tells the month, and must begin in the row, which begins in the same month.
fn peak(spike: Spike, of_row: Interval, zone: Tz) -> Option<Peak> {
    let peak = Peak::new(Power::from_kilowatts(spike.v?)?, instant(&spike.sst?)?, zone)?;
    let begins_in_row = of_row.start() <= peak.quarter.start() && peak.quarter.start() < of_row.end();
    (begins_in_row && month_of(of_row.start(), zone) == Some(peak.month)).then_some(peak)
}

#[cfg(test)]
#[path = "peaks_tests.rs"]
mod tests;
