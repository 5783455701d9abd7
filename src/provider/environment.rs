//! Variables, home directory and files, handed in as a value.

use std::path::{Path, PathBuf};
use std::prelude::rust_2024::*;
use std::{fmt, fs, io};

use zeroize::Zeroizing;

use super::location::Platform;
use crate::named::Named;

/// Where variables and files are looked up: the process's own, or what a program or test gives.
///
/// An empty variable counts as unset, everywhere.
#[derive(Clone)]
pub struct Environment {
    variables: Variables,
    files: Vec<(PathBuf, GivenFile)>,
    disk: bool,
}

#[derive(Clone)]
enum Variables {
    Process,
    Given(Named<Zeroizing<String>>),
}

type GivenFile = Result<Zeroizing<Vec<u8>>, io::ErrorKind>;

impl Environment {
    /// The process's variables, looked up when they are needed, and the disk.
    pub fn from_process() -> Self {
        Environment {
            variables: Variables::Process,
            files: Vec::new(),
            disk: true,
        }
    }

    /// Nothing: no variable, no home, no file.
    pub fn empty() -> Self {
        Environment {
            variables: Variables::Given(Named::default()),
            files: Vec::new(),
            disk: false,
        }
    }

    /// The same with a variable. On an environment taken from the process, that process's variables are left out.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        if let Variables::Process = self.variables {
            self.variables = Variables::Given(Named::default());
        }
        if let Variables::Given(given) = &mut self.variables {
            given.insert(name, Zeroizing::new(value.into()));
        }
        self
    }

    /// The same with a file whose content is given.
    #[must_use]
    pub fn with_file(self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        self.with_given(path.into(), Ok(Zeroizing::new(content.into())))
    }

    /// The same with a file that exists and cannot be read.
    #[must_use]
    pub fn with_unreadable_file(self, path: impl Into<PathBuf>, why: io::ErrorKind) -> Self {
        self.with_given(path.into(), Err(why))
    }

    fn with_given(mut self, path: PathBuf, file: GivenFile) -> Self {
        self.files.retain(|(held, _)| *held != path);
        self.files.push((path, file));
        self
    }

    fn given(&self, path: &Path) -> Option<&GivenFile> {
        let found = self.files.iter().find(|(held, _)| held == path);
        found.map(|(_, file)| file)
    }

    /// The same with the disk's files, beneath the given ones.
    #[must_use]
    pub fn with_disk(mut self) -> Self {
        self.disk = true;
        self
    }

    /// A variable's value; `None` where it is unset or empty. Bytes that are no UTF-8 are replaced (U+FFFD): no name
    /// and no key has that character, so that they are refused instead of passed over.
    pub fn variable(&self, name: &str) -> Option<Zeroizing<String>> {
        let value = match &self.variables {
            Variables::Process => {
                let value = std::env::var_os(name)?.into_string();
                Zeroizing::new(value.unwrap_or_else(|bytes| bytes.to_string_lossy().into_owned()))
            }
            Variables::Given(given) => given.get(name)?.clone(),
        };
        (!value.is_empty()).then_some(value)
    }

    /// The home directory: `HOME`; on Windows then `USERPROFILE`, then `HOMEDRIVE` with `HOMEPATH`; for the process
    /// itself also what the system's user table says.
    pub fn home(&self, platform: Platform) -> Option<String> {
        if let Some(home) = self.variable("HOME") {
            return Some(home.as_str().into());
        }
        if platform == Platform::Windows {
            if let Some(profile) = self.variable("USERPROFILE") {
                return Some(profile.as_str().into());
            }
            if let (Some(drive), Some(path)) =
                (self.variable("HOMEDRIVE"), self.variable("HOMEPATH"))
            {
                return Some(std::format!("{}{}", drive.as_str(), path.as_str()));
            }
        }
        match self.variables {
            Variables::Process => std::env::home_dir()?.into_os_string().into_string().ok(),
            Variables::Given(_) => None,
        }
    }

    /// A file's bytes.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::InvalidInput`] for what is there and is no regular file, and
    /// [`io::ErrorKind::FileTooLarge`] for one beyond `limit` bytes.
    pub fn read(&self, path: &Path, limit: u64) -> io::Result<Zeroizing<Vec<u8>>> {
        let too_large = || io::Error::from(io::ErrorKind::FileTooLarge);
        if let Some(given) = self.given(path) {
            let bytes = given.clone().map_err(io::Error::from)?;
            return match bytes.len() as u64 > limit {
                true => Err(too_large()),
                false => Ok(bytes),
            };
        }
        if !self.disk {
            return Err(io::ErrorKind::NotFound.into());
        }
        let metadata = fs::metadata(path)?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if metadata.len() > limit {
            return Err(too_large());
        }
        // Room for all of it: a buffer that grows leaves copies behind that nobody wipes.
        let room = usize::try_from(metadata.len())
            .unwrap_or(0)
            .saturating_add(1);
        let mut bytes = Zeroizing::new(Vec::with_capacity(room));
        let file = fs::File::open(path)?;
        io::Read::read_to_end(
            &mut io::Read::take(file, limit.saturating_add(1)),
            &mut bytes,
        )?;
        match bytes.len() as u64 > limit {
            true => Err(too_large()),
            false => Ok(bytes),
        }
    }

    /// Whether this path means the disk's file.
    pub(super) fn is_on_disk(&self, path: &Path) -> bool {
        self.disk && self.given(path).is_none()
    }

    /// The permission bits of a file on disk that its group or others may read; `None` where they may not.
    #[cfg(unix)]
    pub(super) fn readable_by_others(&self, path: &Path) -> Option<u32> {
        use std::os::unix::fs::PermissionsExt;
        if !self.disk || self.given(path).is_some() {
            return None;
        }
        let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
        (mode & 0o044 != 0).then_some(mode)
    }

    #[cfg(not(unix))]
    pub(super) fn readable_by_others(&self, _path: &Path) -> Option<u32> {
        None
    }

    /// Whether this is the process's own environment, so that its proxy settings apply as well.
    pub(super) fn is_process(&self) -> bool {
        matches!(self.variables, Variables::Process)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("process", &self.is_process())
            .field("disk", &self.disk)
            .finish_non_exhaustive()
    }
}
