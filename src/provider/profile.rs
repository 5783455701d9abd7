//! Both shared files together: profiles, `sso-session` and `services` sections.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::prelude::rust_2024::*;
use std::{fmt, str};

use zeroize::Zeroizing;

use super::location::{self, Platform};
use super::shared_file::{Kind, SharedFile};
use super::{Environment, FileError, ParseError, ProviderError};
use crate::named::Named;

/// The longest shared file that is read, in bytes.
const FILE_LIMIT: u64 = 16 * 1024 * 1024;

/// The shared config and credentials files.
#[derive(Debug, Clone, Default)]
pub struct Profiles {
    config: SharedFile,
    credentials: SharedFile,
    files: Vec<FileState>,
    warnings: Vec<Warning>,
}

impl Profiles {
    /// Reads both files where [`location`] says they are. A file that does not exist is an empty one.
    ///
    /// # Errors
    /// A file that exists and cannot be read, is no UTF-8, or is outside the grammar.
    pub fn load(environment: &Environment) -> Result<Self, ProviderError> {
        let platform = Platform::current();
        let mut profiles = Profiles::default();
        if let Some(path) = location::config_file(environment, platform) {
            profiles.config = profiles.read(environment, &path, Kind::Config)?;
        }
        if let Some(path) = location::credentials_file(environment, platform) {
            profiles.credentials = profiles.read(environment, &path, Kind::Credentials)?;
        }
        Ok(profiles)
    }

    /// The same of two texts.
    ///
    /// # Errors
    /// A text outside the grammar.
    pub fn parse(config: &str, credentials: &str) -> Result<Self, ParseError> {
        Ok(Profiles {
            config: SharedFile::parse(config, Kind::Config)?,
            credentials: SharedFile::parse(credentials, Kind::Credentials)?,
            ..Profiles::default()
        })
    }

    fn read(
        &mut self,
        environment: &Environment,
        path: &Path,
        kind: Kind,
    ) -> Result<SharedFile, ProviderError> {
        let failed = |cause| ProviderError::File {
            path: path.into(),
            cause,
        };
        let bytes = match environment.read(path, FILE_LIMIT) {
            Ok(bytes) => bytes,
            Err(error) => {
                let what = match error.kind() {
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => "does not exist",
                    io::ErrorKind::InvalidInput => "is not a regular file",
                    kind => return Err(failed(FileError::Io(kind))),
                };
                self.files.push(FileState {
                    path: path.into(),
                    absent: Some(what),
                });
                return Ok(SharedFile::default());
            }
        };
        let text = str::from_utf8(&bytes).map_err(|_| failed(FileError::NotUtf8))?;
        let file =
            SharedFile::parse(text, kind).map_err(|error| failed(FileError::Parse(error)))?;
        let has_secret = |section: &Section| section.get("aws_secret_access_key").is_some();
        if file.profiles.iter().any(|(_, section)| has_secret(section))
            && let Some(mode) = environment.readable_by_others(path)
        {
            self.warnings.push(Warning::ReadableByOthers {
                path: path.into(),
                mode,
            });
        }
        self.files.push(FileState {
            path: path.into(),
            absent: None,
        });
        Ok(file)
    }

    /// The profile of that name, from either file or both.
    pub fn profile(&self, name: &str) -> Option<Profile<'_>> {
        let config = self.config.profiles.get(name);
        let credentials = self.credentials.profiles.get(name);
        if config.is_none() && credentials.is_none() {
            return None;
        }
        Some(Profile {
            name: String::from(name),
            config,
            credentials,
        })
    }

    /// The profiles' names, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .config
            .profiles
            .names()
            .chain(self.credentials.profiles.names())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// `[sso-session NAME]` of the config file.
    pub fn sso_session(&self, name: &str) -> Option<&Section> {
        self.config.sso_sessions.get(name)
    }

    /// The names of all `[sso-session NAME]` sections.
    pub fn sso_session_names(&self) -> impl Iterator<Item = &str> {
        self.config.sso_sessions.names()
    }

    /// `[services NAME]` of the config file.
    pub fn services(&self, name: &str) -> Option<&Section> {
        self.config.services.get(name)
    }

    /// The files that were looked for, and whether they are there.
    pub fn files(&self) -> &[FileState] {
        &self.files
    }

    /// What a careful user should be told about these files.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// One profile: the credentials file's settings over the config file's.
#[derive(Debug, Clone)]
pub struct Profile<'a> {
    name: String,
    config: Option<&'a Section>,
    credentials: Option<&'a Section>,
}

impl<'a> Profile<'a> {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A setting, the credentials file's before the config file's. It may be empty.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.in_credentials_file(key)
            .or_else(|| self.in_config_file(key))
    }

    /// A setting that is not empty, which counts as unset.
    pub fn value(&self, key: &str) -> Option<&'a str> {
        self.get(key).filter(|value| !value.is_empty())
    }

    /// A setting as the credentials file has it.
    pub fn in_credentials_file(&self, key: &str) -> Option<&'a str> {
        self.credentials?.get(key)
    }

    /// A setting as the config file has it.
    pub fn in_config_file(&self, key: &str) -> Option<&'a str> {
        self.config?.get(key)
    }

    /// All settings, merged, sorted by name. Secrets are among them.
    pub fn settings(&self) -> BTreeMap<&'a str, &'a str> {
        let config = self.config.into_iter().flat_map(Section::iter);
        let credentials = self.credentials.into_iter().flat_map(Section::iter);
        config.chain(credentials).collect()
    }
}

/// The settings of one section. `Debug` shows their names only; the values are wiped on drop. What `rust-ini` holds while
/// a file is read is not wiped.
#[derive(Clone, Default)]
pub struct Section(Named<Zeroizing<String>>);

impl Section {
    /// A setting by its lower-case name.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(|value| value.as_str())
    }

    /// A setting of a nested value: `endpoint_url` in `s3 =` followed by an indented `endpoint_url = …`.
    pub fn nested(&self, key: &str, sub_key: &str) -> Option<&str> {
        let lines = self.get(key)?.strip_prefix('\n')?.lines();
        lines
            .filter_map(|line| line.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case(sub_key))
            .map(|(_, value)| value.trim())
    }

    /// All settings, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name, value.as_str()))
    }

    pub(super) fn insert(&mut self, key: &str, value: &str) {
        self.0.insert(key, Zeroizing::new(value.into()));
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.names()).finish()
    }
}

/// A shared file that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileState {
    /// Where.
    pub path: PathBuf,
    /// `None` where it was read, else why it is not there.
    pub absent: Option<&'static str>,
}

impl fmt::Display for FileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.absent {
            Some(what) => write!(f, "{} {what}", self.path.display()),
            None => write!(f, "{} was read", self.path.display()),
        }
    }
}

/// Something that works and should not stay so.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A file with a secret access key that its group or everybody may read.
    ReadableByOthers {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::ReadableByOthers { path, mode } => write!(
                f,
                "{} holds a secret access key and can be read by others (mode {mode:03o})",
                path.display()
            ),
        }
    }
}
