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

/// What is to be sent.
pub struct Given {
    content: Content,
    is_unsigned: bool,
}

enum Content {
    Bytes(Vec<u8>),
    File(PathBuf),
    Spooled(Spool),
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
    Ok(Some(Given {
        content: source.open()?,
        is_unsigned: arguments.has(Id::UnsignedPayload),
    }))
}

impl Given {
    /// The body, as often as it is needed.
    pub fn body(&self) -> Result<Body, Failure> {
        match &self.content {
            Content::Bytes(bytes) if self.is_unsigned => {
                let length = bytes.len() as u64;
                Ok(Body::unsigned_reader(Cursor::new(bytes.clone()), length))
            }
            Content::Bytes(bytes) => Ok(Body::bytes(bytes.clone())),
            Content::File(path) | Content::Spooled(Spool { path }) if self.is_unsigned => {
                unsigned_file(path)
            }
            Content::File(path) | Content::Spooled(Spool { path }) => Ok(Body::file(path)),
        }
    }
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

    fn open(self) -> Result<Content, Failure> {
        match self {
            Source::Text(bytes) => Ok(Content::Bytes(bytes)),
            Source::File(path) => Ok(Content::File(path)),
            Source::StandardInput => {
                standard_input().map_err(|error| Failure::usage(format!("standard input: {error}")))
            }
        }
    }
}

fn standard_input() -> io::Result<Content> {
    let mut bytes = Vec::new();
    let mut input = io::stdin().lock();
    let read = input.by_ref().take(IN_MEMORY).read_to_end(&mut bytes)?;
    match read as u64 {
        IN_MEMORY => Ok(Content::Spooled(Spool::fill(&bytes, &mut input)?)),
        _ => Ok(Content::Bytes(bytes)),
    }
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
struct Spool {
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
