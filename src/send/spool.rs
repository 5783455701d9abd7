//! A body of unknown length or hash, on its way to where it can be sent from: memory, or a temporary file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;
use std::prelude::rust_2024::*;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, mem, process, vec};

use sha2::{Digest, Sha256};

use super::SendError;
use super::measured::{BUFFER, Treatment};

/// How much stays in memory.
const IN_MEMORY: usize = 1024 * 1024;

/// What is written into a spool, compressed if asked for.
pub(super) struct Spool {
    writer: Writer,
    last: Option<u8>,
}

enum Writer {
    Plain(Store),
    #[cfg(feature = "gzip")]
    Gzip(Box<flate2::write::GzEncoder<Store>>),
}

/// Hashes what it is given, and keeps it.
struct Store {
    hasher: Sha256,
    length: u64,
    kept: Spooled,
}

/// What was spooled.
pub(super) enum Spooled {
    Memory(Vec<u8>),
    File(Temporary),
}

impl Spool {
    pub fn new(treatment: &Treatment) -> Result<Self, SendError> {
        let store = Store {
            hasher: Sha256::new(),
            length: 0,
            kept: Spooled::Memory(Vec::new()),
        };
        let writer = match treatment.compress {
            false => Writer::Plain(store),
            #[cfg(feature = "gzip")]
            true => Writer::Gzip(Box::new(flate2::write::GzEncoder::new(
                store,
                flate2::Compression::fast(),
            ))),
            #[cfg(not(feature = "gzip"))]
            true => {
                return Err(SendError::Setting {
                    name: "compression",
                    allowed: "off: this build has none",
                });
            }
        };
        Ok(Spool { writer, last: None })
    }

    pub fn fill(&mut self, mut reader: impl Read) -> Result<(), SendError> {
        let mut buffer = vec![0; BUFFER];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => {
                    self.last = Some(buffer[read - 1]);
                    self.write(&buffer[..read])?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Err(cause) => return Err(SendError::Body { cause }),
            }
        }
    }

    pub fn finish(mut self, treatment: &Treatment) -> Result<(Spooled, u64, [u8; 32]), SendError> {
        if treatment.final_newline && self.last.is_some_and(|last| last != b'\n') {
            self.write(b"\n")?;
        }
        let store = match self.writer {
            Writer::Plain(store) => store,
            #[cfg(feature = "gzip")]
            Writer::Gzip(encoder) => encoder.finish().map_err(failed)?,
        };
        Ok((store.kept, store.length, store.hasher.finalize().into()))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SendError> {
        match &mut self.writer {
            Writer::Plain(store) => store.write_all(bytes),
            #[cfg(feature = "gzip")]
            Writer::Gzip(encoder) => encoder.write_all(bytes),
        }
        .map_err(failed)
    }
}

/// What could not be written was the temporary file.
fn failed(error: io::Error) -> SendError {
    SendError::File {
        path: env::temp_dir(),
        kind: error.kind(),
    }
}

impl Write for Store {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Spooled::Memory(kept) = &mut self.kept
            && kept.len() + bytes.len() > IN_MEMORY
        {
            let kept = mem::take(kept);
            let mut file = Temporary::new()?;
            file.file.write_all(&kept)?;
            self.kept = Spooled::File(file);
        }
        match &mut self.kept {
            Spooled::Memory(kept) => kept.extend_from_slice(bytes),
            Spooled::File(temporary) => temporary.file.write_all(bytes)?,
        }
        self.hasher.update(bytes);
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Spooled {
    /// The bytes, where they are in memory.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Spooled::Memory(bytes) => Some(bytes),
            Spooled::File(_) => None,
        }
    }

    /// The bytes, or the file from its start.
    pub fn open(&mut self) -> io::Result<Result<&[u8], &File>> {
        match self {
            Spooled::Memory(bytes) => Ok(Ok(bytes)),
            Spooled::File(temporary) => {
                temporary.file.rewind()?;
                Ok(Err(&temporary.file))
            }
        }
    }
}

/// A file that only this user can read, and that goes away with this value.
pub(super) struct Temporary {
    file: File,
    /// `None` where the name is gone already.
    path: Option<PathBuf>,
}

impl Temporary {
    fn new() -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        for _ in 0..100 {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = std::format!("sigv4-kit-{}-{count}.spool", process::id());
            let path = env::temp_dir().join(name);
            match options.open(&path) {
                Ok(file) => {
                    // Where a file may lose its name while it is open, not even a crash leaves it behind.
                    let gone = cfg!(unix) && fs::remove_file(&path).is_ok();
                    let path = (!gone).then_some(path);
                    return Ok(Temporary { file, path });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}
