//! Every folder of `test-vectors/credentials/cases` against a service that is as strict as its `exchange.json`, and the
//! table of source profiles against a service for all roles. A new case needs no code.
#![cfg(feature = "client")]

mod assume_role_table;
mod case;
#[cfg(feature = "login")]
mod dpop;
mod mfa;
#[path = "../common/server.rs"]
mod server;
mod strict;
mod token_files;
mod whoami;

use std::collections::BTreeSet;
use std::path::Path;

use case::Case;

/// How many folders there are: one that is lost is noticed.
const CASES: usize = 131;

#[test]
fn every_case_folder_gives_what_it_expects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors/credentials/cases");
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).expect("the cases") {
        names.insert(entry.expect("an entry").file_name());
    }
    assert_eq!(names.len(), CASES, "update CASES when a case comes or goes");
    let mut failures = Vec::new();
    let mut ran = 0;
    for name in &names {
        let case = Case::read(&folder.join(name));
        if !case.applies() {
            continue;
        }
        ran += 1;
        if let Err(failure) = case.run() {
            failures.push(format!("{}: {failure}", name.display()));
        }
    }
    println!("{ran} of {} cases ran", names.len());
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
