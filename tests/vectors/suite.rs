//! AWS's suite: a folder a case, every file of it read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sigv4_kit::Credentials;
use sigv4_kit::signing::{Date, PathRule, Rules, TokenRule};

use crate::case::{Case, Expected};
use crate::json::Object;
use crate::wire::WireRequest;

/// The two ways to carry a signature, named as the suite's files are.
#[derive(Clone, Copy, PartialEq)]
pub enum Form {
    Header,
    Query,
}

/// One case of the suite: its files, by name.
pub struct SuiteCase {
    pub name: String,
    files: BTreeMap<String, String>,
}

/// Every case below a folder, by name.
pub fn read(folder: &Path) -> Vec<SuiteCase> {
    sorted_entries(folder)
        .into_iter()
        .map(|case| {
            let files = sorted_entries(&case);
            let text = |file: &PathBuf| {
                fs::read_to_string(file).unwrap_or_else(|error| panic!("{file:?}: {error}"))
            };
            SuiteCase {
                name: file_name(&case),
                files: files
                    .iter()
                    .map(|file| (file_name(file), text(file)))
                    .collect(),
            }
        })
        .collect()
}

impl SuiteCase {
    /// The cases that the folder holds: in header form and, where its files are there, in query form.
    ///
    /// # Panics
    /// If a file or a key is left over.
    pub fn cases(mut self) -> Vec<Case> {
        let request = self
            .take("request.txt")
            .unwrap_or_else(|| panic!("{}: no request.txt", self.name));
        let context = self
            .take("context.json")
            .unwrap_or_else(|| panic!("{}: no context.json", self.name));
        let mut cases = Vec::new();
        for (form, prefix) in [(Form::Header, "header"), (Form::Query, "query")] {
            let mut take = |what: &str| self.take(&format!("{prefix}-{what}.txt"));
            let expected = Expected {
                canonical_request: take("canonical-request"),
                string_to_sign: take("string-to-sign").map(|text| text.trim_end().to_owned()),
                signature: take("signature"),
                signed_request: take("signed-request"),
            };
            if expected.canonical_request.is_some() {
                cases.extend(split_by_date(
                    self.case(form, &request, &context, expected),
                    &context,
                ));
            }
        }
        assert!(
            self.files.is_empty(),
            "{}: unread files {:?}",
            self.name,
            self.files.keys()
        );
        cases
    }

    fn take(&mut self, file: &str) -> Option<String> {
        self.files.remove(file)
    }

    fn case(&self, form: Form, request: &str, context: &str, expected: Expected) -> Case {
        let request = WireRequest::parse(request);
        let mut context = Object::new(serde_json::from_str(context).unwrap(), &self.name);
        let mut key = context.object("credentials");
        let mut credentials = Credentials::new(
            &key.string("access_key_id"),
            &key.string("secret_access_key"),
        )
        .unwrap();
        if let Some(token) = key.optional_string("token") {
            credentials = credentials.with_session_token(&token).unwrap();
        }
        key.finish();
        let service = context.string("service");
        let mut rules = Rules::for_service(&service);
        if !context.bool("normalize") {
            rules.path = PathRule::Encode;
        }
        let sign_body = context.bool("sign_body");
        assert!(
            sign_body || request.body.is_empty(),
            "{}: a body that is not signed",
            self.name
        );
        rules.content_sha256_header = sign_body;
        if context.optional_bool("omit_session_token") == Some(true) {
            rules.token = TokenRule::AppendedAfterSigning;
        }
        let expires_seconds = context.optional_number("expiration_in_seconds").unwrap() as u32;
        let case = Case {
            name: format!(
                "{} {}",
                self.name,
                if form == Form::Header {
                    "header"
                } else {
                    "query"
                }
            ),
            method: request.method,
            path: request.path,
            query: request.query,
            headers: without_date(request.headers),
            body: request.body,
            payload: None,
            credentials,
            date: date(&context.string("timestamp")),
            region: context.string("region"),
            service,
            rules,
            expires_seconds: (form == Form::Query).then_some(expires_seconds),
            expected,
        };
        context.optional("canonical_request_timestamp");
        context.finish();
        case
    }
}

/// `double-encode-path` signs at one date and shows the canonical request of another: two cases.
fn split_by_date(mut case: Case, context: &str) -> Vec<Case> {
    let mut context = Object::new(serde_json::from_str(context).unwrap(), &case.name);
    let Some(timestamp) = context.optional_string("canonical_request_timestamp") else {
        return vec![case];
    };
    let canonical_request = case.expected.canonical_request.take();
    let other = Case {
        name: format!("{} (its canonical request)", case.name),
        date: date(&timestamp),
        expected: Expected {
            canonical_request,
            ..Expected::default()
        },
        ..case.clone()
    };
    vec![case, other]
}

/// The signer is told the date and adds the header.
fn without_date(mut headers: Vec<(String, String)>) -> Vec<(String, String)> {
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case("x-amz-date"));
    headers
}

/// `2015-08-30T12:36:00Z`
fn date(timestamp: &str) -> Date {
    Date::parse(&timestamp.replace(['-', ':'], "")).unwrap()
}

fn sorted_entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
