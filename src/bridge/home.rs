use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use tracing::warn;

use super::publish::Display;
use crate::clock::Clock;
use crate::config::{Config, Meter, ReadingCodes};
use crate::energy::{MeterDay, MeterKind};
use crate::ledger::{self, Ledger, MeterId};
use crate::mqtt::{self, Status, Topics};
use crate::portal::{self, Portal};

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
}

/// A meter, and how it fares.
pub(super) struct Watched {
    pub(super) settings: Meter,
    pub(super) id: MeterId,
    pub(super) status: Status,
    /// The portal gave no monthly peaks the last time, and that was told.
    pub(super) lacks_peaks: bool,
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
        let topics = Topics::new(&config.mqtt);
        let display = Display {
            topics,
            zone: config.fluvius.timezone,
            clock,
            has_statistics: config.home_assistant.is_some(),
            takes_back: was_swapped,
        };
        Ok(Self { config, clock, display, ledger, portal, meters, _lock: lock })
    }
}

/// The configured meters, entered in the ledger if they are new.
pub(super) fn watched(ledger: &Ledger, config: &Config, clock: Clock) -> Result<Vec<Watched>, ledger::Error> {
    let mut meters = Vec::new();
    for settings in &config.meters {
        let today = day(settings.kind, clock.now(), config.fluvius.timezone);
        let first = today.checked_sub_days(FIRST_DAYS).unwrap_or(today);
        let id = ledger.meter(&settings.ean, settings.kind, settings.unit, first)?;
        meters.push(Watched { settings: settings.clone(), id, status: Status::Starting, lacks_peaks: false });
    }
    Ok(meters)
}

/// The newest day of a meter that can be complete: yesterday.
pub(super) fn newest_day(kind: MeterKind, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    let today = day(kind, now, zone);
    today.pred_opt().unwrap_or(today)
}

fn day(kind: MeterKind, now: DateTime<Utc>, zone: Tz) -> NaiveDate {
    MeterDay::containing(kind, now, zone).map_or_else(|| now.date_naive(), MeterDay::date)
}

fn way(codes: ReadingCodes) -> &'static str {
    match codes {
        ReadingCodes::Auto | ReadingCodes::TIsDirection => "t_is_direction",
        ReadingCodes::DcIsDirection => "dc_is_direction",
    }
}

fn lock(folder: &Path) -> Result<File, Error> {
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
