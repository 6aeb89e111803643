use std::path::PathBuf;

/// Why the ledger can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file can't be opened or is damaged.
    #[error(
        "the ledger {path} can't be opened: {cause}. Check that the folder can be written and the disk isn't full; \
             if the file is damaged, move it away: the history is then fetched again"
    )]
    Open {
        /// The ledger's file.
        path: PathBuf,
        /// What SQLite or the system said.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is none.
    #[error(
        "there is no ledger at {path} yet. Start the bridge, or poll once with `fluvius2mqtt once`, and check that data_dir is \
             the folder that the bridge uses"
    )]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// An older version has written it, and it may only be read.
    #[error("the ledger {path} was written by an older version; start the bridge once, which brings it up to date")]
    Older {
        /// The ledger's file.
        path: PathBuf,
    },
    /// A newer version has written it.
    #[error(
        "the ledger {path} was written by a newer version (schema {found}, this version knows {known}); update fluvius2mqtt"
    )]
    Newer {
        /// The ledger's file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The newest schema version that is known here.
        known: u32,
    },
    /// Reading or writing failed.
    #[error("the ledger failed: {0}. Check that the disk isn't full and that the data directory can be written")]
    Store(#[from] rusqlite::Error),
    /// A row holds a value that this program never writes.
    #[error(
        "the ledger holds a row that can't be understood ({0}); restore it from a backup, or move it away to fetch the history again"
    )]
    Damaged(&'static str),
}

/// What can go wrong while opening.
#[derive(Debug)]
pub(super) enum OpenError {
    Io(std::io::Error),
    Sqlite(rusqlite::Error),
    Older,
    Newer { found: u32, known: u32 },
    Damaged,
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Error {
    pub(super) fn at(path: PathBuf, error: OpenError) -> Self {
        match error {
            OpenError::Io(cause) => Self::Open { path, cause: cause.into() },
            OpenError::Sqlite(cause) => Self::Open { path, cause: cause.into() },
            OpenError::Older => Self::Older { path },
            OpenError::Damaged => Self::Open { path, cause: "the file is damaged".into() },
            OpenError::Newer { found, known } => Self::Newer { path, found, known },
        }
    }
}
