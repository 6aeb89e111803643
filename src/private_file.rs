//! Files that only their owner may read: tokens, the memory of logins, and what holds the household's readings.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Writes a value as JSON with mode 0600, as [`replace()`] does.
///
/// # Errors
/// When the folder can't be written or the disk is full.
pub fn write<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    replace(path, |file| Ok(serde_json::to_writer(file, value)?))
}

/// Writes a file with mode 0600. The new content takes the place of the old in one step and is on the disk when this
/// returns, so that a crash or a failure leaves either the old or the new.
///
/// # Errors
/// When the folder can't be written, the disk is full, or the content fails.
pub fn replace<E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> Result<(), E>,
) -> Result<(), E> {
    let folder = folder_of(path);
    let file = tempfile::NamedTempFile::new_in(folder)?;
    let mut buffered = BufWriter::new(file.as_file());
    write(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    file.persist(path).map_err(io::Error::from)?;
    File::open(folder)?.sync_all()?;
    Ok(())
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

/// Writes a text with mode 0600 where no file is yet; one that is there stays as it is. It is there as a whole or not at
/// all.
///
/// # Errors
/// When there is one already, the folder can't be written or the disk is full.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let folder = folder_of(path);
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    fs::File::open(folder)?.sync_all()
}

/// The folder in which a file is.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    // The parent of a bare name is the empty path, which can't be opened.
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_new_file_takes_the_place_of_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new");
        write_new(&path, "mine").unwrap();
        assert_eq!(write_new(&path, "other").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }
}
