//! Token caches on disk: JSON that other tools share, read whole and replaced whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::prelude::rust_2024::*;

use super::http::ANSWER_LIMIT;
use super::json::Document;
use super::unique::uuid4;
use super::{AnswerError, Environment, FileError, ProviderError};

/// The object in the file; `None` where there is no such file.
pub(super) fn read(
    environment: &Environment,
    path: &Path,
) -> Result<Option<Document>, ProviderError> {
    match environment.read(path, ANSWER_LIMIT as u64) {
        Ok(bytes) => Document::parse(&bytes)
            .map(Some)
            .map_err(|cause| failed(path, of_file(cause))),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            kind => Err(failed(path, FileError::Io(kind))),
        },
    }
}

/// A new content for a file, which is there whole or not at all.
///
/// It is prepared before the request whose answer it will hold: where the file cannot be written, a token that is good
/// for one use is not spent.
pub(super) struct Replacement {
    path: PathBuf,
    temporary: PathBuf,
    file: File,
}

impl Replacement {
    /// Makes an empty file beside `path`, readable by its owner alone.
    pub(super) fn prepare(environment: &Environment, path: &Path) -> Result<Self, ProviderError> {
        if !environment.is_on_disk(path) {
            return Err(failed(
                path,
                FileError::Io(io::ErrorKind::ReadOnlyFilesystem),
            ));
        }
        // What a link points to is replaced, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.into());
        let temporary = path.with_file_name(std::format!(".{}.tmp", uuid4()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&temporary) {
            Ok(file) => Ok(Replacement {
                path,
                temporary,
                file,
            }),
            Err(error) => Err(failed(&path, FileError::Io(error.kind()))),
        }
    }

    /// Puts `content` in the place of the file's.
    pub(super) fn commit(mut self, content: &[u8]) -> Result<(), ProviderError> {
        self.file
            .write_all(content)
            .and_then(|()| self.file.sync_all())
            .and_then(|()| fs::rename(&self.temporary, &self.path))
            .map_err(|error| failed(&self.path, FileError::Io(error.kind())))
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // After a commit there is none.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// What is wrong with a file's content, said of a file.
pub(super) fn of_file(cause: AnswerError) -> FileError {
    match cause {
        AnswerError::Empty => FileError::Empty,
        AnswerError::NotUtf8 => FileError::NotUtf8,
        AnswerError::Missing(name) => FileError::Missing(name),
        AnswerError::Field { name, expected } => FileError::Field { name, expected },
        _ => FileError::NotJson,
    }
}

pub(super) fn failed(path: &Path, cause: FileError) -> ProviderError {
    ProviderError::File {
        path: path.into(),
        cause,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{Replacement, read};
    use crate::provider::Environment;
    use crate::provider::unique::uuid4;

    struct Directory(PathBuf);

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn directory() -> Directory {
        let path = std::env::temp_dir().join(std::format!("sigv4-kit-{}", uuid4()));
        fs::create_dir(&path).expect("a directory of its own");
        Directory(path)
    }

    #[test]
    fn a_replacement_is_seen_whole_or_not_at_all_and_leaves_nothing_behind() {
        let directory = directory();
        let path = directory.0.join("token.json");
        let environment = Environment::empty().with_disk();
        fs::write(&path, "{\"old\":1}").expect("a file");
        drop(Replacement::prepare(&environment, &path).expect("prepared"));
        assert_eq!(fs::read(&path).ok().as_deref(), Some(&b"{\"old\":1}"[..]));
        let replacement = Replacement::prepare(&environment, &path).expect("prepared");
        replacement.commit(b"{\"new\":1}").expect("written");
        assert_eq!(fs::read(&path).ok().as_deref(), Some(&b"{\"new\":1}"[..]));
        assert_eq!(
            fs::read_dir(&directory.0).map(Iterator::count).ok(),
            Some(1)
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).map(|data| data.permissions().mode() & 0o777);
            assert_eq!(mode.ok(), Some(0o600));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let directory = directory();
        let (path, link) = (
            directory.0.join("token.json"),
            directory.0.join("link.json"),
        );
        fs::write(&path, "{}").expect("a file");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        let environment = Environment::empty().with_disk();
        let replacement = Replacement::prepare(&environment, &link).expect("prepared");
        replacement.commit(b"{\"a\":1}").expect("written");
        assert!(fs::symlink_metadata(&link).is_ok_and(|data| data.is_symlink()));
        assert_eq!(fs::read(&path).ok().as_deref(), Some(&b"{\"a\":1}"[..]));
    }

    #[test]
    fn what_is_not_on_disk_is_not_written_and_what_is_no_object_is_named() {
        let given = Environment::empty().with_file("/t.json", "[1]");
        let path = PathBuf::from("/t.json");
        let error = Replacement::prepare(&given, &path)
            .err()
            .map(|error| std::format!("{error}"));
        assert!(error.is_some_and(|error| error.starts_with("/t.json: read-only")));
        let error = read(&given, &path)
            .err()
            .map(|error| std::format!("{error}"));
        assert_eq!(error.as_deref(), Some("/t.json: not a JSON object"));
        assert!(matches!(
            read(&given, &PathBuf::from("/none.json")),
            Ok(None)
        ));
    }
}
