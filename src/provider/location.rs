//! Where the shared files are.

use std::path::PathBuf;
use std::prelude::rust_2024::*;

use super::Environment;

/// The config file's path: `AWS_CONFIG_FILE`, else `~/.aws/config`.
pub fn config_file(environment: &Environment) -> Option<PathBuf> {
    shared_file(environment, "AWS_CONFIG_FILE", "config")
}

/// The credentials file's path: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.
pub fn credentials_file(environment: &Environment) -> Option<PathBuf> {
    shared_file(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials")
}

fn shared_file(environment: &Environment, variable: &str, name: &str) -> Option<PathBuf> {
    if let Some(path) = environment.variable(variable) {
        return Some(expand(environment, &path));
    }
    Some(environment.home()?.join(".aws").join(name))
}

/// `$NAME` and `${NAME}` replaced where the variable is set, then a leading `~`.
pub(super) fn expand(environment: &Environment, path: &str) -> PathBuf {
    let path = expand_variables(environment, path);
    let rest = match path.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with(['/', std::path::MAIN_SEPARATOR]) => rest,
        _ => return PathBuf::from(path),
    };
    match environment.home() {
        Some(home) => home.join(rest.trim_start_matches(['/', std::path::MAIN_SEPARATOR])),
        None => PathBuf::from(path),
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
