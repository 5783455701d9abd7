//! The body that -d and -T name.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use sigv4_kit::send::Body;

use super::exit::Failure;
use super::options::Id;
use super::parse::Arguments;
use super::sink::create_beside;

/// A body, and the temporary file that must live as long as it is being sent.
pub struct Given {
    pub body: Body,
    pub spool: Option<Spool>,
}

/// More of standard input than this is kept in a temporary file instead of memory.
const IN_MEMORY: u64 = 1024 * 1024;

/// The body; `None` where neither -d nor -T is given.
pub fn given(arguments: &Arguments) -> Result<Option<Given>, Failure> {
    let mut data = arguments.all(Id::Data);
    let mut files = arguments.all(Id::UploadFile);
    let (source, more) = match (data.next(), files.next()) {
        (None, None) => return Ok(None),
        (Some(text), None) => (Source::of_data(text), data.next().is_some()),
        (None, Some(file)) => (Source::of_file(file), files.next().is_some()),
        (Some(_), Some(_)) => return Err(Failure::usage("-d and -T both name a body")),
    };
    if more {
        return Err(Failure::usage("the body is given twice")
            .hint("put it into a file, or pipe it in with -d @-"));
    }
    source.open(arguments.has(Id::UnsignedPayload)).map(Some)
}

enum Source {
    Text(Vec<u8>),
    File(PathBuf),
    StandardInput,
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
        match name == "-" {
            true => Source::StandardInput,
            false => Source::File(name.into()),
        }
    }

    fn open(self, is_unsigned: bool) -> Result<Given, Failure> {
        let (body, spool) = match self {
            Source::Text(bytes) if is_unsigned => (unsigned_bytes(bytes), None),
            Source::Text(bytes) => (Body::bytes(bytes), None),
            Source::File(path) if is_unsigned => (unsigned_file(&path)?, None),
            Source::File(path) => (Body::file(path), None),
            Source::StandardInput => {
                let failed = |error| Failure::usage(format!("standard input: {error}"));
                let mut bytes = Vec::new();
                let mut input = io::stdin().lock();
                let read = input.by_ref().take(IN_MEMORY).read_to_end(&mut bytes);
                match read.map_err(failed)? as u64 {
                    IN_MEMORY => {
                        let spool = Spool::fill(&bytes, &mut input).map_err(failed)?;
                        let body = match is_unsigned {
                            true => unsigned_file(&spool.path)?,
                            false => Body::file(&spool.path),
                        };
                        (body, Some(spool))
                    }
                    _ if is_unsigned => (unsigned_bytes(bytes), None),
                    _ => (Body::bytes(bytes), None),
                }
            }
        };
        Ok(Given { body, spool })
    }
}

fn unsigned_bytes(bytes: Vec<u8>) -> Body {
    let length = bytes.len() as u64;
    Body::unsigned_reader(Cursor::new(bytes), length)
}

fn unsigned_file(path: &Path) -> Result<Body, Failure> {
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
    match opened {
        Ok((length, file)) => Ok(Body::unsigned_reader(file, length)),
        Err(error) => Err(Failure::usage(format!("{}: {error}", path.display()))),
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

/// Standard input in a temporary file that only its owner can read, since a body is hashed before it is sent.
pub struct Spool {
    path: PathBuf,
}

impl Spool {
    fn fill(start: &[u8], rest: &mut impl Read) -> io::Result<Self> {
        let directory = std::env::temp_dir();
        let (mut file, path) = create_beside(&directory.join("sigv4-body"), &mut private())?;
        let spool = Spool { path };
        file.write_all(start)?;
        io::copy(rest, &mut file)?;
        file.flush()?;
        Ok(spool)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Readable by its owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
