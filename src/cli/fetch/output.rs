//! The file with what the portal wrote.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use crate::bridge::MeterAnswer;
use crate::private_file;

/// Why a path is no place for the output.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("--output {path} is a folder; name a file in it", path = .0.display())]
    Folder(PathBuf),
    #[error("--output {path} can't be written: {cause}. Name a file in a folder that this user can write", path = .path.display())]
    Denied { path: PathBuf, cause: io::Error },
}

/// Where the output goes.
pub(super) enum Output {
    /// A file, which is replaced as a whole.
    File(PathBuf),
    /// A pipe or a device, which can't be replaced.
    Stream(PathBuf),
}

impl Output {
    /// Makes sure that it can be written, before the portal is asked.
    pub(super) fn at(path: &Path) -> Result<Self, Unusable> {
        let denied = |cause| Unusable::Denied { path: path.to_owned(), cause };
        let file = match fs::metadata(path) {
            Ok(found) if found.is_dir() => return Err(Unusable::Folder(path.to_owned())),
            Ok(found) if found.is_file() => fs::canonicalize(path).map_err(denied)?,
            Ok(_) => return Ok(Self::Stream(path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(cause) => return Err(denied(cause)),
        };
        tempfile::tempfile_in(private_file::folder_of(&file)).map_err(denied)?;
        Ok(Self::File(file))
    }

    /// Writes it, readable by its owner only. When that fails, what was there before is still there.
    pub(super) fn write(&self, content: &[u8]) -> io::Result<()> {
        match self {
            Self::File(path) => private_file::replace(path, |file| file.write_all(content)),
            Self::Stream(path) => OpenOptions::new().write(true).open(path)?.write_all(content),
        }
    }
}

/// The portal's rows as a JSON document: those of a single meter as an array, those of several by EAN.
pub(super) fn document(answers: &[MeterAnswer]) -> Vec<u8> {
    let text = match answers {
        [only] => array(&only.rows),
        several => {
            let of_meter = |answer: &MeterAnswer| format!("\"{}\": {}", answer.meter.ean.digits(), array(&answer.rows));
            format!("{{\n{}\n}}", several.iter().map(of_meter).collect::<Vec<_>>().join(",\n"))
        }
    };
    format!("{text}\n").into_bytes()
}

fn array(rows: &[Box<RawValue>]) -> String {
    if rows.is_empty() {
        return "[]".to_owned();
    }
    format!("[\n{}\n]", rows.iter().map(|row| row.get()).collect::<Vec<_>>().join(",\n"))
}
