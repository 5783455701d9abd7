//! A file that appears under its name only when it is whole.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::prelude::rust_2024::*;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{io, process};

use super::SendError;

/// A file that appears under its name only when it is whole: written under a temporary name beside it, and moved into
/// place by [`PartFile::keep`]. Dropped before that nothing of it stays, and an older file does.
///
/// A device or pipe is written as it is.
#[derive(Debug)]
pub struct PartFile {
    file: File,
    /// `None` once it has its name, and for what is no regular file.
    part: Option<PathBuf>,
    path: PathBuf,
}

impl PartFile {
    /// The file that is to become `path`. It is made in the same folder, so that the move is one step.
    ///
    /// # Errors
    /// [`SendError::File`].
    pub fn beside(path: impl AsRef<Path>) -> Result<Self, SendError> {
        let path = path.as_ref();
        static COUNT: AtomicU64 = AtomicU64::new(0);
        // A link stays a link: what it leads to is replaced.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        let path = real.as_path();
        let fails = |kind| SendError::File {
            path: path.into(),
            kind,
        };
        let Some(name) = path.file_name() else {
            return Err(fails(io::ErrorKind::InvalidFilename));
        };
        if path.is_dir() {
            return Err(fails(io::ErrorKind::IsADirectory));
        }
        // A device or pipe is written, never replaced.
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
            let file = OpenOptions::new().write(true).open(path);
            return Ok(PartFile {
                file: file.map_err(|error| fails(error.kind()))?,
                part: None,
                path: path.into(),
            });
        }
        for _ in 0..100 {
            let mut part = std::ffi::OsString::from(".");
            part.push(name);
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            part.push(std::format!(".{}-{count}.part", process::id()));
            let part = path.with_file_name(part);
            match OpenOptions::new().write(true).create_new(true).open(&part) {
                Ok(file) => {
                    return Ok(PartFile {
                        file,
                        part: Some(part),
                        path: path.into(),
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
                Err(error) => return Err(fails(error.kind())),
            }
        }
        Err(fails(io::ErrorKind::AlreadyExists))
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// [`SendError::File`]; nothing of it stays then.
    pub fn keep(mut self) -> Result<(), SendError> {
        let Some(part) = self.part.take() else {
            return Ok(());
        };
        fs::rename(&part, &self.path).map_err(|error| {
            let _ = fs::remove_file(&part);
            SendError::File {
                path: self.path.clone(),
                kind: error.kind(),
            }
        })
    }
}

impl io::Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            let _ = fs::remove_file(part);
        }
    }
}
