//! Every vector through every entry point; `cargo test --test vectors -- --nocapture` prints the counts.
//!
//! Where the vectors come from, and what is odd about some: test-vectors/README.md.

mod case;
mod change;
mod check;
mod compare;
mod encoding;
mod forgery;
mod json;
mod s3_documentation;
mod signing_key;
mod suite;
mod traps;
mod wire;

use std::fs;
use std::path::PathBuf;

use case::Case;

/// The folder of the vectors, or a path below it.
fn vectors(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("test-vectors")
        .join(path)
}

/// One JSON file of the vectors.
fn read_json(path: &str) -> serde_json::Value {
    let text = fs::read_to_string(vectors(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Runs every case and fails with the first lines that differ, if any do.
fn run(set: &str, cases: &[Case]) {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = cases.len().div_ceil(threads);
    let results: Vec<Result<usize, String>> = std::thread::scope(|scope| {
        let shares: Vec<_> = cases
            .chunks(share)
            .map(|cases| scope.spawn(|| run_share(cases)))
            .collect();
        shares
            .into_iter()
            .flat_map(|share| share.join().expect("a failing case is no panic"))
            .collect()
    });
    let refused: usize = results.iter().flatten().sum();
    let failures: Vec<&String> = results
        .iter()
        .filter_map(|result| result.as_ref().err())
        .collect();
    let passed = cases.len() - failures.len();
    println!(
        "{set}: {passed} of {} cases, {refused} changed requests refused",
        cases.len()
    );
    let shown: Vec<String> = failures
        .iter()
        .take(20)
        .map(|failure| format!("{set}: {failure}"))
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} cases failed\n{}",
        failures.len(),
        cases.len(),
        shown.join("\n")
    );
}

/// One case after the other, into the same buffers.
fn run_share(cases: &[Case]) -> Vec<Result<usize, String>> {
    let mut kept = check::Kept::default();
    cases
        .iter()
        .map(|case| {
            check::check(case, &mut kept).map_err(|failure| format!("{}: {failure}", case.name))
        })
        .collect()
}

/// A JSON file with a list of cases.
fn cases(path: &str) -> Vec<Case> {
    json::list(read_json(path), path)
        .into_iter()
        .map(|case| Case::from_json(case, path))
        .collect()
}

#[test]
fn the_aws_suite_passes_in_both_forms() {
    let cases: Vec<Case> = suite::read(&vectors("aws-suite/v4"))
        .into_iter()
        .flat_map(suite::SuiteCase::cases)
        .collect();
    let (header, query): (Vec<Case>, Vec<Case>) = cases
        .into_iter()
        .partition(|case| case.expires_seconds.is_none());
    assert_eq!((header.len(), query.len()), (38, 38));
    for case in header.iter().chain(&query) {
        let expected = &case.expected;
        let texts = [
            &expected.canonical_request,
            &expected.string_to_sign,
            &expected.signature,
            &expected.signed_request,
        ];
        assert!(
            texts.iter().all(|text| text.is_some()),
            "{}: a file is missing",
            case.name
        );
    }
    run("AWS suite, header form", &header);
    run("AWS suite, query form", &query);
}

#[test]
fn the_two_older_cases_pass_each_at_its_own_date() {
    let folders = suite::read(&vectors("aws-suite/older"));
    assert_eq!(folders.len(), 2);
    let cases: Vec<Case> = folders
        .into_iter()
        .flat_map(suite::SuiteCase::cases)
        .collect();
    // double-encode-path counts twice: its canonical request carries another date than its signed request.
    assert_eq!(cases.len(), 3);
    run("AWS suite, older cases", &cases);
}

#[test]
fn iam_list_users_passes() {
    let cases = cases("iam/requests.json");
    assert_eq!(cases.len(), 1);
    run("IAM ListUsers", &cases);
}

#[test]
fn the_requests_of_the_s3_documentation_pass() {
    let cases = cases("s3-documentation/requests.json");
    assert_eq!(cases.len(), 7);
    run("S3 documentation, requests", &cases);
}

#[test]
fn the_corpus_passes() {
    let path = "corpus/signing.jsonl";
    let text = fs::read_to_string(vectors(path)).unwrap();
    let cases: Vec<Case> = text
        .lines()
        .map(|line| {
            Case::from_json(
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{path}: {error}")),
                path,
            )
        })
        .collect();
    assert_eq!(cases.len(), 2864);
    run("corpus", &cases);
}

#[test]
fn the_traps_that_the_aws_suite_misses_pass() {
    let cases = cases("traps.json");
    assert_eq!(cases.len(), 134);
    run("traps", &cases);
}

/// A file that no test reads proves nothing. Other folders belong to the tests that read them.
#[test]
fn every_file_in_the_folders_of_these_sets_is_read() {
    let read = [
        "README.md",
        "aws-suite/LICENSE",
        "corpus/signing.jsonl",
        "iam/requests.json",
        "iam/signing-key.json",
        "s3-documentation/LICENSE",
        "s3-documentation/chunks.json",
        "s3-documentation/post-policy.json",
        "s3-documentation/requests.json",
        "traps-refused.json",
        "traps.json",
    ];
    for folder in ["", "aws-suite", "corpus", "iam", "s3-documentation"] {
        for entry in fs::read_dir(vectors(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path
                    .strip_prefix(vectors(""))
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                assert!(
                    read.contains(&name.as_str()),
                    "test-vectors/{name} is read by no test"
                );
            }
        }
    }
    let folders = fs::read_dir(vectors("aws-suite"))
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(folders.count(), 2, "aws-suite/v4 and aws-suite/older");
}
