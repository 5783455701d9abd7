//! The direction of dependencies: a module uses only what stands before it, and the signing process is pure.

use std::fs;
use std::path::{Path, PathBuf};

/// Top-level modules, each using only those before it. The command uses the public API, so it stands apart.
const LAYERS: &[&str] = &[
    "credentials",
    "base64",
    "named",
    "signing",
    "url",
    "http_request",
    "aws_chunked",
    "explain",
    "diagnose",
    "endpoint",
    "tls",
    "provider",
    "send",
    "serve",
];

/// The files of the signing process in reading order: inputs, canonical request, signature, the two sides, and what
/// builds on a signature.
const SIGNING: &[&str] = &[
    "error",
    "text",
    "encode",
    "date",
    "scope",
    "rules",
    "hmac",
    "payload",
    "request",
    "canonical_uri",
    "canonical_query_string",
    "canonical_headers",
    "canonical_request",
    "string_to_sign",
    "signature",
    "signing_key",
    "signer",
    "presign",
    "authorization",
    "verify",
    "chunk_signatures",
    "post_policy",
];

#[test]
fn a_module_uses_only_the_modules_before_it() {
    for (module, text) in files(Path::new("src")) {
        if module == "lib" || module == "bin" {
            continue;
        }
        let own = position(LAYERS, &module);
        for used in names_after(&text, "crate::") {
            // Re-exports at the root, such as crate::Credentials, begin with a capital letter.
            if used.starts_with(|first: char| first.is_ascii_lowercase()) {
                assert!(
                    position(LAYERS, &used) <= own,
                    "{module} uses {used}, which comes later"
                );
            }
        }
    }
}

#[test]
fn a_step_of_signing_uses_only_the_steps_before_it() {
    for (step, text) in files(Path::new("src/signing")) {
        if step == "mod" {
            continue;
        }
        let own = position(SIGNING, &step);
        for used in names_after(&text, "super::") {
            if SIGNING.contains(&used.as_str()) {
                assert!(
                    position(SIGNING, &used) < own,
                    "{step} uses {used}, which comes later"
                );
            }
        }
    }
}

#[test]
fn signing_is_pure() {
    for (step, text) in files(Path::new("src/signing")) {
        let code: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect();
        let code = code.join("\n");
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for impure in [
            "std::",
            "SystemTime",
            "Instant",
            "println!",
            "env!",
            "crate::send",
            "crate::provider",
        ] {
            assert!(!code.contains(impure), "{step} names {impure}");
        }
    }
}

#[test]
fn only_the_rules_know_the_name_of_a_service() {
    for (step, text) in files(Path::new("src/signing")) {
        if step == "rules" {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            assert!(!line.contains("\"s3"), "{step} asks for a service: {line}");
        }
    }
}

fn position(order: &[&str], name: &str) -> usize {
    let found = order.iter().position(|known| *known == name);
    found.unwrap_or_else(|| panic!("{name} has no place in the order"))
}

/// Every source file below a folder: the name of the module it belongs to, and its text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        let module = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if path.is_dir() {
            found.extend(
                files(&path)
                    .into_iter()
                    .map(|(_, text)| (module.clone(), text)),
            );
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((
                module,
                fs::read_to_string(&path).expect("a source file is text"),
            ));
        }
    }
    found
}

/// The identifiers that follow each occurrence of a path prefix outside comments, those inside `{…}` included.
fn names_after(text: &str, prefix: &str) -> Vec<String> {
    let is_name = |character: &char| character.is_ascii_alphanumeric() || *character == '_';
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n");
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            Some(list) => {
                let list = list.split('}').next().unwrap_or_default();
                names.extend(
                    list.split(',')
                        .map(|item| item.trim().chars().take_while(is_name).collect()),
                );
            }
            None => names.push(rest.chars().take_while(is_name).collect()),
        }
    }
    names.retain(|name: &String| !name.is_empty());
    names
}
