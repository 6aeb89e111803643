//! Files that only their owner may read: tokens, the memory of logins, and readings with what tells whose they are.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a value as JSON with mode 0600. The new content takes the place of the old in one step and is on the disk when
/// this returns, so that a crash leaves either the old or the new.
///
/// # Errors
/// When the folder can't be written or the disk is full.
pub fn write<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    write_bytes(path, &serde_json::to_vec(value)?)
}

/// The same for content of any kind.
///
/// # Errors
/// As those of [`write()`].
pub fn write_bytes(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    fs::File::open(folder)?.sync_all()
}

/// Reads a value written by [`write()`]; `None` when there is no such file.
///
/// # Errors
/// When it can't be read or holds something else.
pub fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a file that [`write()`] made, if it is there.
///
/// # Errors
/// When the folder can't be written.
pub fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The folder in which a file is.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    // The parent of a bare name is the empty path, which can't be opened.
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}
