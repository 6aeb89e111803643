//! Questions to the portal itself, past the ledger and the sinks.

use std::fs::File;
use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::home::{Error, lock};
use crate::clock::Clock;
use crate::config::{DEFAULT_DATA_DIR, Fluvius, Meter, Question};
use crate::energy::{MeterDay, Reading};
use crate::ledger::Ledger;
use crate::portal::{DAILY, DAILY_DAYS, Portal};
use crate::secret::Secret;

/// The days that are asked for, by their local dates. What isn't named is filled in for each meter.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The first day; by default so many days before the last.
    pub from: Option<NaiveDate>,
    /// The last day; by default the last one that is over.
    pub to: Option<NaiveDate>,
    /// How many days there are when nothing says which one is the first.
    pub days: u64,
}

/// What the portal has of one meter.
#[derive(Debug)]
pub struct MeterAnswer {
    /// The meter.
    pub meter: Meter,
    /// Each day that was asked for, with its readings, in order of time.
    pub days: Vec<(MeterDay, Vec<Reading>)>,
    /// The rows that the readings come from, byte for byte as the portal wrote them, in order of time.
    pub rows: Vec<Box<RawValue>>,
}

/// The way to the portal for a few questions.
pub struct Asker<'a> {
    question: &'a Question,
    portal: Portal,
    clock: Clock,
    /// Held while the session of the folder is in use.
    _lock: Option<File>,
}

impl<'a> Asker<'a> {
    /// With a token that the user has brought along. Nobody logs in, and nothing is kept.
    ///
    /// # Errors
    /// When HTTPS can't be set up.
    pub fn with_token(question: &'a Question, token: Secret, clock: Clock) -> Result<Self, Error> {
        let portal = Portal::with_token(&question.fluvius, question.pause, token)?;
        Ok(Self { question, portal, clock, _lock: None })
    }

    /// With the session of a folder, which is made if need be. While another process has it, with a session beside that
    /// one, which ends with this process. The memory of logins is the same for all.
    ///
    /// # Errors
    /// When the folder or the session's files can't be used.
    pub fn with_login(question: &'a Question, folder: &Path, clock: Clock) -> Result<Self, Error> {
        let (account, pause) = (&question.fluvius, question.pause);
        let (portal, lock) = match lock(folder) {
            Ok(lock) => (Portal::new(account, pause, folder, clock)?, Some(lock)),
            Err(Error::InUse(_)) => (Portal::beside(account, pause, folder, clock)?, None),
            Err(error) => return Err(error),
        };
        Ok(Self { question, portal, clock, _lock: lock })
    }

    /// The requests that a question takes, each for the days from one until another.
    #[must_use]
    pub fn requests(&self, span: Span, code: u8) -> Vec<(&'a Meter, Vec<MeterDay>)> {
        // Only daily totals come for several days at once.
        let at_once = if code == DAILY { DAILY_DAYS } else { 1 };
        let of_meter = |meter: &'a Meter| {
            let days = span.of(meter, self.question, self.clock);
            days.chunks(at_once).map(|days| (meter, days.to_vec())).collect::<Vec<_>>()
        };
        self.question.meters.iter().flat_map(of_meter).collect()
    }

    /// Asks, one request after the other, and tells after each that it is answered.
    ///
    /// # Errors
    /// The first that occurs. What came before it is dropped.
    pub async fn ask(&mut self, span: Span, code: u8, answered: impl Fn()) -> Result<Vec<MeterAnswer>, Error> {
        let mut answers: Vec<MeterAnswer> = Vec::new();
        for (meter, days) in self.requests(span, code) {
            let (Some(first), Some(last)) = (days.first(), days.last()) else { continue };
            let came = self.portal.answer(meter, *first, *last, code).await?;
            answered();
            let of_day = |day: &MeterDay| {
                let interval = day.interval();
                let is_in = |at| interval.start() <= at && at < interval.end();
                let readings = came.readings.iter().filter(|reading| is_in(reading.interval.start()));
                (*day, readings.copied().collect())
            };
            let days = days.iter().map(of_day);
            match answers.last_mut().filter(|answer| answer.meter.ean == meter.ean) {
                Some(answer) => {
                    answer.days.extend(days);
                    answer.rows.extend(came.rows());
                }
                None => answers.push(MeterAnswer { meter: meter.clone(), days: days.collect(), rows: came.rows() }),
            }
        }
        Ok(answers)
    }
}

impl Span {
    /// The days of a meter.
    fn of(self, meter: &Meter, question: &Question, clock: Clock) -> Vec<MeterDay> {
        let zone = question.fluvius.timezone;
        let today = MeterDay::containing(meter.kind, clock.now(), zone).map(MeterDay::date);
        let over = today.and_then(|today| today.pred_opt()).unwrap_or_default();
        // A first day that isn't over yet is asked for all the same.
        let last = self.to.unwrap_or_else(|| self.from.map_or(over, |from| over.max(from)));
        let first = self.from.or_else(|| last.checked_sub_days(Days::new(self.days.saturating_sub(1)))).unwrap_or(last);
        let dates = first.iter_days().take_while(|date| *date <= last);
        dates.filter_map(|date| MeterDay::new(meter.kind, date, zone)).collect()
    }
}

/// Where the session and the memory of logins live: in the data directory, if one is named or the one that the bridge
/// uses by default is there; otherwise in a folder of the account's own below `state`, since the working directory of a
/// single question is no place for them.
#[must_use]
pub fn session_folder(question: &Question, state: Option<&Path>) -> Option<PathBuf> {
    // A folder of this name may be anything, unless a ledger is in it.
    let is_ours = |folder: &PathBuf| folder.join(Ledger::FILE).is_file();
    let default = || Some(PathBuf::from(DEFAULT_DATA_DIR)).filter(is_ours);
    let own = || Some(state?.join("fluvius2mqtt").join(name(&question.fluvius)));
    question.data_dir.clone().or_else(default).or_else(own)
}

/// A name for an account that doesn't tell whose it is.
fn name(account: &Fluvius) -> String {
    let digest = Sha256::digest(format!("{}\0{}", account.url, account.email));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
