//! Where the shared files are.

use std::path::PathBuf;
use std::prelude::rust_2024::*;

use super::Environment;

/// Whose rules say where the home directory is and how a path is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// `HOME`, and `/`.
    Unix,
    /// `HOME`, `USERPROFILE`, `HOMEDRIVE` with `HOMEPATH`, and `\`.
    Windows,
}

impl Platform {
    /// The one this program was built for.
    pub fn current() -> Self {
        match cfg!(windows) {
            true => Platform::Windows,
            false => Platform::Unix,
        }
    }

    fn separator(self) -> char {
        match self {
            Platform::Unix => '/',
            Platform::Windows => '\\',
        }
    }
}

/// The config file's path: `AWS_CONFIG_FILE`, else `~/.aws/config`; `None` without a home directory.
pub fn config_file(environment: &Environment, platform: Platform) -> Option<PathBuf> {
    shared_file(environment, platform, "AWS_CONFIG_FILE", "config")
}

/// The credentials file's path: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`; `None` without a home
/// directory.
pub fn credentials_file(environment: &Environment, platform: Platform) -> Option<PathBuf> {
    shared_file(
        environment,
        platform,
        "AWS_SHARED_CREDENTIALS_FILE",
        "credentials",
    )
}

fn shared_file(
    environment: &Environment,
    platform: Platform,
    variable: &str,
    name: &str,
) -> Option<PathBuf> {
    if let Some(path) = environment.variable(variable) {
        return Some(expand(environment, platform, &path));
    }
    let home = environment.home(platform)?;
    let separator = platform.separator();
    let home = home.trim_end_matches(separator);
    Some(PathBuf::from(std::format!(
        "{home}{separator}.aws{separator}{name}"
    )))
}

/// `$NAME` and `${NAME}` replaced where the variable is set, then a leading `~`.
pub fn expand(environment: &Environment, platform: Platform, path: &str) -> PathBuf {
    let path = expand_variables(environment, path);
    match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with(['/', platform.separator()]) => {
            match environment.home(platform) {
                Some(home) => PathBuf::from(home + rest),
                None => PathBuf::from(path),
            }
        }
        _ => PathBuf::from(path),
    }
}

fn expand_variables(environment: &Environment, path: &str) -> String {
    let mut expanded = String::new();
    let mut rest = path;
    while let Some(dollar) = rest.find('$') {
        expanded.push_str(&rest[..dollar]);
        let after = &rest[dollar + 1..];
        let (name, length) = match after
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        {
            Some((name, _)) => (name, name.len() + 2),
            None => {
                let end = after
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(after.len());
                (&after[..end], end)
            }
        };
        match environment.variable(name) {
            Some(value) if !name.is_empty() => expanded.push_str(&value),
            _ => expanded.push_str(&rest[dollar..dollar + 1 + length]),
        }
        rest = &after[length..];
    }
    expanded.push_str(rest);
    expanded
}
