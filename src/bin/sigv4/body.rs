//! The body that -d and -T name.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use sigv4_kit::send::Body;

use super::exit::Failure;
use super::options::Id;
use super::parse::Arguments;

/// Where the body is.
pub enum Source {
    Text(Vec<u8>),
    File(PathBuf),
    /// What is no regular file, such as a shell's `<(…)`.
    Pipe(PathBuf),
    StandardInput,
}

/// The body's place; `None` where neither -d nor -T is given.
pub fn source(arguments: &Arguments) -> Result<Option<Source>, Failure> {
    let mut data = arguments.all(Id::Data);
    let mut files = arguments.all(Id::UploadFile);
    let (source, more) = match (data.next(), files.next()) {
        (None, None) => return Ok(None),
        (Some(text), None) => (Source::of_data(text), data.next().is_some()),
        (None, Some(file)) => (Source::of_file(file), files.next().is_some()),
        (Some(_), Some(_)) => return Err(Failure::usage("-d and -T both name a body")),
    };
    match more {
        false => Ok(Some(source)),
        true => Err(Failure::usage("the body is given twice")
            .hint("put it into a file, or pipe it in with -d @-")),
    }
}

impl Source {
    /// `-d`: text, or `@` and a file's name.
    fn of_data(value: &OsStr) -> Self {
        match after_at(value) {
            None => Source::Text(value.as_encoded_bytes().into()),
            Some(name) => Source::of_file(&name),
        }
    }

    fn of_file(name: &OsStr) -> Self {
        if name == "-" {
            return Source::StandardInput;
        }
        let path = PathBuf::from(name);
        match fs::metadata(&path) {
            Ok(there) if !there.is_file() && !there.is_dir() => Source::Pipe(path),
            _ => Source::File(path),
        }
    }

    pub fn body(&self) -> Result<Body, Failure> {
        Ok(match self {
            Source::Text(bytes) => Body::bytes(bytes.clone()),
            Source::File(path) if path.is_dir() => {
                return Err(Failure::usage(format!("{} is a directory", path.display())));
            }
            Source::File(path) => Body::file(path),
            Source::Pipe(path) => {
                let opened = File::open(path);
                Body::spooled(
                    opened
                        .map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?,
                )
            }
            Source::StandardInput => Body::spooled(io::stdin()),
        })
    }
}

/// What follows an `@`.
#[cfg(unix)]
fn after_at(value: &OsStr) -> Option<OsString> {
    use std::os::unix::ffi::OsStrExt;
    let name = value.as_bytes().strip_prefix(b"@")?;
    Some(OsStr::from_bytes(name).into())
}

#[cfg(not(unix))]
fn after_at(value: &OsStr) -> Option<OsString> {
    Some(value.to_str()?.strip_prefix('@')?.into())
}
