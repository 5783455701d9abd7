//! Where an answer's body goes.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::exit::Failure;
use super::progress::Progress;

/// Standard output, standard error, or a file that gets its name when it is whole.
pub enum Sink {
    StandardOutput,
    StandardError,
    /// A device or a pipe, which is written as it is.
    Device(File, PathBuf),
    File(Box<Partial>),
}

/// A file that is being written, under another name.
pub struct Partial {
    file: File,
    written_as: PathBuf,
    wanted: PathBuf,
    is_whole: bool,
    progress: Progress,
}

impl Sink {
    pub fn standard_output() -> Self {
        Sink::StandardOutput
    }

    pub fn standard_error() -> Self {
        Sink::StandardError
    }

    /// A file; a device or a pipe is written as it is.
    pub fn file(name: &OsStr, progress: Progress) -> Result<Self, Failure> {
        let wanted = PathBuf::from(name);
        let failed = |error| of_file(Path::new(name), &error);
        let there = match fs::metadata(&wanted) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            let file = OpenOptions::new()
                .write(true)
                .open(&wanted)
                .map_err(failed)?;
            return Ok(Sink::Device(file, wanted));
        }
        // A link stays, and what it points to is replaced.
        let wanted = match there {
            Some(_) => fs::canonicalize(&wanted).map_err(failed)?,
            None => wanted,
        };
        let (file, written_as) = create_beside(&wanted, &mut OpenOptions::new()).map_err(failed)?;
        if let Some(there) = there {
            file.set_permissions(there.permissions()).map_err(failed)?;
        }
        Ok(Sink::File(Box::new(Partial {
            file,
            written_as,
            wanted,
            is_whole: false,
            progress,
        })))
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Sink::StandardOutput => Ok(io::stdout().lock().write_all(bytes)?),
            Sink::StandardError => {
                let _ = io::stderr().lock().write_all(bytes);
                Ok(())
            }
            Sink::Device(file, path) => {
                file.write_all(bytes).map_err(|error| of_file(path, &error))
            }
            Sink::File(partial) => {
                partial.progress.add(bytes.len());
                let written = partial.file.write_all(bytes);
                written.map_err(|error| of_file(&partial.wanted, &error))
            }
        }
    }

    /// Everything was written: the file gets its name.
    pub fn finish(self) -> Result<(), Failure> {
        match self {
            Sink::StandardOutput => Ok(io::stdout().lock().flush()?),
            Sink::StandardError | Sink::Device(..) => Ok(()),
            Sink::File(mut partial) => {
                partial.progress.finish();
                fs::rename(&partial.written_as, &partial.wanted)
                    .map_err(|error| of_file(&partial.wanted, &error))?;
                partial.is_whole = true;
                Ok(())
            }
        }
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.is_whole {
            self.progress.finish();
            let _ = fs::remove_file(&self.written_as);
        }
    }
}

/// A new file beside `path`, under a name that was free.
pub fn create_beside(path: &Path, options: &mut OpenOptions) -> io::Result<(File, PathBuf)> {
    options.write(true).create_new(true);
    let mut attempt = 0_u32;
    loop {
        let mut name = OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}-{attempt}.part", std::process::id()));
        let candidate = path.with_file_name(name);
        match options.open(&candidate) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => {
                attempt += 1;
            }
            outcome => return outcome.map(|file| (file, candidate)),
        }
    }
}

fn of_file(path: &Path, error: &io::Error) -> Failure {
    Failure::usage(format!("{}: {error}", path.display()))
}
