use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use tracing::warn;

use super::backfill::Progress;
use super::publish::Display;
use crate::clock::Clock;
use crate::config::{Config, Meter, ReadingCodes};
use crate::energy::{MeterDay, MeterKind, Unit};
use crate::ledger::{self, Ledger, MeterId, publication_days};
use crate::mqtt::{self, Status, Topics};
use crate::portal::{self, Portal};
use crate::supervisor;

/// Held by the process that uses the data directory.
const LOCK: &str = "lock";

/// History before a meter's first run that is fetched when nothing else is asked for, in days.
const FIRST_DAYS: Days = Days::new(31);

/// Why the bridge can't start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data directory can't be used.
    #[error("the data directory {path} can't be used: {cause}. Make it, or set data_dir to a folder that this user can write", path = .path.display())]
    DataDir {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Another process has it.
    #[error("the data directory {path} is in use by another fluvius2mqtt; stop that one, or give this one a data_dir of its own", path = .0.display())]
    InUse(PathBuf),
    /// The ledger can't be used.
    #[error(transparent)]
    Ledger(#[from] ledger::Error),
    /// The session's files or HTTPS can't be used.
    #[error(transparent)]
    Portal(#[from] portal::Error),
    /// The connection to the broker can't be set up.
    #[error(transparent)]
    Mqtt(#[from] mqtt::SetupError),
    /// HTTP to the Supervisor can't be set up.
    #[error(transparent)]
    Supervisor(#[from] supervisor::Error),
}

/// A meter, and how it fares.
pub(super) struct Watched {
    pub(super) settings: Meter,
    pub(super) id: MeterId,
    pub(super) status: Status,
    /// How far a back-fill has come, while one is needed.
    pub(super) progress: Option<Progress>,
    /// The portal gave no monthly peaks the last time, and that was told.
    pub(super) lacks_peaks: bool,
}

impl Watched {
    /// The meter day that runs.
    pub(super) fn today(&self, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
        MeterDay::today(self.settings.kind, now, zone)
    }

    /// The newest day that can be complete: yesterday, or the end of the meter's history.
    pub(super) fn newest(&self, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
        self.days_ago(1, now, zone)
    }

    /// The newest day that should be published by now, or the end of the meter's history.
    pub(super) fn expected(&self, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
        self.days_ago(publication_days(self.settings.kind), now, zone)
    }

    fn days_ago(&self, days: u64, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
        let today = self.today(now, zone);
        let day = today.checked_sub_days(Days::new(days)).unwrap_or(today);
        self.settings.history_until.map_or(day, |until| until.min(day))
    }
}

/// All that a poll needs, with the data directory to itself.
pub struct Bridge {
    pub(super) config: Config,
    pub(super) clock: Clock,
    pub(super) display: Display,
    pub(super) ledger: Ledger,
    pub(super) portal: Portal,
    pub(super) meters: Vec<Watched>,
    _lock: File,
}

impl Bridge {
    /// Opens the data directory, making it if need be, and enters the meters. Nothing is sent yet.
    ///
    /// # Errors
    /// When the data directory, the ledger or the session's files can't be used.
    pub fn open(config: Config, clock: Clock) -> Result<Self, Error> {
        let lock = lock(&config.data_dir)?;
        let mut ledger = Ledger::open(&config.data_dir, config.fluvius.timezone)?;
        let was_swapped = ledger.follow_reading_codes(way(config.fluvius.reading_codes))?;
        if was_swapped {
            warn!("fluvius.reading_codes was changed: consumption and injection of all readings were put right");
        }
        let portal = Portal::new(&config.fluvius, config.poll.pause, &config.data_dir, clock)?;
        let meters = watched(&ledger, &config, clock)?;
        let mut has_other_kind = false;
        for meter in &meters {
            if let Some((kind, unit)) = ledger.follow_meter(meter.id)? {
                has_other_kind |= kind != meter.settings.kind;
                tell_change(&meter.settings, kind, unit);
            }
        }
        let topics = Topics::new(&config.mqtt);
        let display = Display {
            topics,
            zone: config.fluvius.timezone,
            clock,
            has_statistics: config.home_assistant.is_some(),
            takes_back: was_swapped || has_other_kind,
        };
        Ok(Self { config, clock, display, ledger, portal, meters, _lock: lock })
    }
}

/// The configured meters, entered in the ledger if they are new.
pub(super) fn watched(ledger: &Ledger, config: &Config, clock: Clock) -> Result<Vec<Watched>, ledger::Error> {
    let mut meters = Vec::new();
    for settings in &config.meters {
        let today = MeterDay::today(settings.kind, clock.now(), config.fluvius.timezone);
        // A history that ends on a day has its default length until that.
        let after = settings.history_until.and_then(|until| until.succ_opt()).map_or(today, |after| after.min(today));
        let first = after.checked_sub_days(FIRST_DAYS).unwrap_or(after);
        let id = ledger.meter(&settings.ean, settings.kind, settings.unit, first)?.ending(settings.history_until);
        let settings = settings.clone();
        meters.push(Watched { settings, id, status: Status::Starting, progress: None, lacks_peaks: false });
    }
    Ok(meters)
}

/// Says that a meter counts in another way than it did.
fn tell_change(meter: &Meter, kind: MeterKind, unit: Unit) {
    if kind == meter.kind {
        warn!(
            "{meter}: gas counts in {} from now on, and no longer in {}. This is a new series over the same days, made of the \
             readings in {}; nothing is converted. If Home Assistant's repairs ask what to do with what it has counted from \
             the sensor in the old unit, let it be deleted",
            meter.unit.symbol(),
            unit.symbol(),
            meter.unit.symbol(),
        );
    } else {
        warn!("{meter}: `kind` was changed, so that its days begin at another time; all of them are asked for again");
    }
}

fn way(codes: ReadingCodes) -> &'static str {
    match codes {
        ReadingCodes::Auto | ReadingCodes::TIsDirection => "t_is_direction",
        ReadingCodes::DcIsDirection => "dc_is_direction",
    }
}

/// Takes a data directory for this process, until the lock is dropped, and makes it if need be.
///
/// # Errors
/// [`Error::InUse`] while another process has it, or [`Error::DataDir`].
pub fn lock(folder: &Path) -> Result<File, Error> {
    let unusable = |cause| Error::DataDir { path: folder.to_owned(), cause };
    // What is in it tells when somebody is at home.
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(unusable)?;
    let lock = File::options().create(true).append(true).open(folder.join(LOCK)).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(folder.to_owned())),
        Err(TryLockError::Error(cause)) => Err(unusable(cause)),
    }
}
