//! The shared config and credentials files: grammar, location, and what profiles say.
#![cfg(feature = "client")]

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::{Map, Value};
use sigv4_kit::provider::location::{Platform, config_file, credentials_file};
use sigv4_kit::provider::{
    Chain, Clock, Context, Environment, FileError, ParseErrorKind, Profiles, ProviderError, Source,
    Warning,
};

const PARSER: &str = include_str!("../test-vectors/shared-files/profile-parser-tests.json");
const LOCATION: &str = include_str!("../test-vectors/shared-files/file-location-tests.json");

fn cases(text: &str) -> Vec<Map<String, Value>> {
    let document: Value = serde_json::from_str(text).unwrap();
    only_keys(document.as_object().unwrap(), &["description", "tests"]);
    let tests = document["tests"].as_array().unwrap();
    tests
        .iter()
        .map(|test| test.as_object().unwrap().clone())
        .collect()
}

fn only_keys(object: &Map<String, Value>, known: &[&str]) {
    for key in object.keys() {
        assert!(
            known.contains(&key.as_str()),
            "unknown key {key:?} in {object:?}"
        );
    }
}

/// The words of the published cases, and what they are here.
fn kind_of(published: &str) -> ParseErrorKind {
    match published {
        "Profile definition must end with ']'" => ParseErrorKind::NoClosingBracket,
        "Expected a profile definition" => ParseErrorKind::OutsideSection,
        "Property did not have a name" => ParseErrorKind::NoPropertyName,
        "Expected an '=' sign defining a property" => ParseErrorKind::NoEqualsSign,
        "Expected a property definition" | "Expected a property definition, found continuation" => {
            ParseErrorKind::ContinuationOutsideProperty
        }
        "Expected an '=' sign defining a sub-property" => ParseErrorKind::NoEqualsSignInSubProperty,
        "Sub-property did not have a name" => ParseErrorKind::NoSubPropertyName,
        other => panic!("unknown error in the published cases: {other}"),
    }
}

fn as_map<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    Value::Object(
        pairs
            .map(|(k, v)| (k.to_string(), Value::from(v)))
            .collect(),
    )
}

#[test]
fn the_65_published_parser_cases_pass() {
    let cases = cases(PARSER);
    assert_eq!(cases.len(), 65);
    for case in &cases {
        only_keys(case, &["name", "input", "output"]);
        let name = case["name"].as_str().unwrap();
        let input = case["input"].as_object().unwrap();
        only_keys(input, &["configFile", "credentialsFile"]);
        let text = |key: &str| input.get(key).map_or("", |text| text.as_str().unwrap());
        let parsed = Profiles::parse(text("configFile"), text("credentialsFile"));
        let output = case["output"].as_object().unwrap();
        only_keys(output, &["config", "errorContaining"]);
        if let Some(published) = output.get("errorContaining") {
            let error = parsed.expect_err(name);
            assert_eq!(error.kind, kind_of(published.as_str().unwrap()), "{name}");
            continue;
        }
        let profiles = parsed.expect(name);
        let config = output["config"].as_object().unwrap();
        only_keys(config, &["profiles", "sso_sessions"]);
        let found: Map<String, Value> = profiles
            .names()
            .iter()
            .map(|one| {
                let settings = profiles.profile(one).unwrap().settings();
                (one.to_string(), as_map(settings.into_iter()))
            })
            .collect();
        assert_eq!(Value::Object(found), config["profiles"], "{name}");
        if let Some(expected) = config.get("sso_sessions") {
            let found: Map<String, Value> = profiles
                .sso_session_names()
                .map(|one| {
                    (
                        one.to_string(),
                        as_map(profiles.sso_session(one).unwrap().iter()),
                    )
                })
                .collect();
            assert_eq!(&Value::Object(found), expected, "{name}");
        }
    }
}

#[test]
fn the_9_published_location_cases_pass() {
    let cases = cases(LOCATION);
    assert_eq!(cases.len(), 9);
    for case in &cases {
        only_keys(
            case,
            &[
                "name",
                "environment",
                "platform",
                "profile",
                "configLocation",
                "credentialsLocation",
            ],
        );
        let name = case["name"].as_str().unwrap();
        let mut environment = Environment::empty();
        for (variable, value) in case["environment"].as_object().unwrap() {
            environment = environment.with_variable(variable, value.as_str().unwrap());
        }
        let platform = match case["platform"].as_str().unwrap() {
            "linux" => Platform::Unix,
            "windows" => Platform::Windows,
            other => panic!("unknown platform {other}"),
        };
        let path = |key: &str| Some(Path::new(case[key].as_str().unwrap()).to_path_buf());
        assert_eq!(
            config_file(&environment, platform),
            path("configLocation"),
            "{name}"
        );
        assert_eq!(
            credentials_file(&environment, platform),
            path("credentialsLocation"),
            "{name}"
        );
        if let Some(profile) = case.get("profile") {
            let context = Context::new(environment, Clock::fixed(0));
            assert_eq!(context.profile_name(), profile.as_str().unwrap(), "{name}");
        }
    }
}

fn home() -> Environment {
    Environment::empty().with_variable("HOME", "/home/me")
}

fn config(text: &str) -> Environment {
    home().with_file("/home/me/.aws/config", text)
}

fn credentials(text: &str) -> Environment {
    home().with_file("/home/me/.aws/credentials", text)
}

fn context(environment: Environment) -> Context {
    Context::new(environment, Clock::fixed(0))
}

fn resolve(context: Context) -> Result<sigv4_kit::provider::Found, ProviderError> {
    Chain::of(context, sigv4_kit::provider::chain::profile_providers()).resolve()
}

fn default_settings(text: &str) -> BTreeMap<String, String> {
    let profiles = Profiles::parse(text, "").unwrap();
    let profile = profiles.profile("default").unwrap();
    let settings = profile.settings().into_iter();
    settings
        .map(|(k, v)| (k.to_string(), v.to_string()))
        .collect()
}

#[test]
fn case_01_a_backslash_at_a_lines_end_keeps_the_next_key_intact() {
    let environment = credentials(
        "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = abc\\\nregion = us-east-1\n",
    );
    let context = context(environment);
    let found = resolve(context.clone()).unwrap();
    assert_eq!(found.credentials.secret_access_key(), "abc\\");
    assert_eq!(found.source, Source::SharedCredentialsFile);
    let profile = context.profile().unwrap().unwrap();
    assert_eq!(profile.get("region"), Some("us-east-1"));
}

#[test]
fn case_02_a_nested_value_is_not_a_setting_of_the_profile() {
    for ending in ["\n", "\r\n"] {
        let text = [
            "[default]",
            "s3 =",
            "  endpoint_url = http://n",
            "# x",
            "  addressing = path",
            "",
        ];
        let settings = default_settings(&text.join(ending));
        assert_eq!(settings.len(), 1);
        assert_eq!(
            settings["s3"],
            "\nendpoint_url = http://n\naddressing = path"
        );
        let services =
            Profiles::parse(&text.join(ending).replace("default", "services s"), "").unwrap();
        let section = services.services("s").unwrap();
        assert_eq!(section.nested("s3", "endpoint_url"), Some("http://n"));
        assert_eq!(section.nested("s3", "endpoint"), None);
    }
}

#[test]
fn case_04_a_profile_that_is_named_and_does_not_exist_stops_the_look() {
    let environment = credentials("[default]\naws_access_key_id = A\naws_secret_access_key = s\n")
        .with_variable("AWS_PROFILE", "typo");
    // The whole chain: neither the default profile nor an instance is asked.
    let error = Chain::new(context(environment)).resolve().unwrap_err();
    assert!(
        matches!(&error, ProviderError::ProfileNotFound { profile, named_by, .. }
        if profile == "typo" && named_by == "AWS_PROFILE")
    );
    assert_eq!(
        error.to_string(),
        "there is no profile \"typo\", which AWS_PROFILE names; /home/me/.aws/config does not exist, \
         /home/me/.aws/credentials was read"
    );
}

#[test]
fn case_05_a_broken_file_that_is_not_needed_does_not_break_keys_in_variables() {
    let broken =
        config("[profile other]\nthis line has no equals sign\n[default]\nregion = eu-west-1\n");
    let error = resolve(context(broken.clone())).unwrap_err();
    assert_eq!(
        error.to_string(),
        "/home/me/.aws/config: line 2: a property must have an '='"
    );
    let keys = broken
        .with_variable("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with_variable("AWS_SECRET_ACCESS_KEY", "secret");
    let report = Chain::new(context(keys.clone())).report();
    assert_eq!(report.credentials.unwrap().source, Source::Environment);
    assert!(matches!(report.region, Err(ProviderError::File { .. })));
    let report = Chain::new(context(keys.with_variable("AWS_REGION", "eu-west-2"))).report();
    assert_eq!(report.region.unwrap().unwrap().origin, "AWS_REGION");
}

#[test]
fn case_09_aws_profile_wins_over_aws_default_profile() {
    let environment = home()
        .with_variable("AWS_DEFAULT_PROFILE", "d")
        .with_variable("AWS_PROFILE", "p");
    assert_eq!(context(environment.clone()).profile_name(), "p");
    let emptied = environment.with_variable("AWS_PROFILE", "");
    assert_eq!(context(emptied).profile_name(), "d");
}

#[test]
fn case_10_an_empty_region_variable_counts_as_unset() {
    let environment =
        config("[default]\nregion = eu-west-1\n").with_variable("AWS_DEFAULT_REGION", "");
    let region = sigv4_kit::provider::region::configured(&context(environment))
        .unwrap()
        .unwrap();
    assert_eq!(region.name, "eu-west-1");
    assert_eq!(region.origin, "region of profile default");
}

#[test]
fn case_24_a_comment_with_brackets_after_a_header_is_a_comment() {
    let profiles = Profiles::parse("[profile foo] # see [bar]\nregion = us-east-1\n", "").unwrap();
    assert_eq!(profiles.names(), ["foo"]);
    assert_eq!(
        profiles.profile("foo").unwrap().get("region"),
        Some("us-east-1")
    );
}

#[test]
fn values_stay_as_they_are_written() {
    let text = "[default]\na = \"x\"\nb = 'tis\nc = a\\b\\tc\nd = \\x41zz\ne = #no comment\nf = v # comment\n\
                g = [x]\nh = a:b=c\nI.J = mixed\nk = \\\nl =\nm = \u{1}x\n";
    let settings = default_settings(text);
    let expected = [
        ("a", "\"x\""),
        ("b", "'tis"),
        ("c", "a\\b\\tc"),
        ("d", "\\x41zz"),
        ("e", ""),
        ("f", "v"),
        ("g", "[x]"),
        ("h", "a:b=c"),
        ("i.j", "mixed"),
        ("k", "\\"),
        ("l", ""),
        ("m", "\u{1}x"),
    ];
    for (key, value) in expected {
        assert_eq!(settings.get(key).map(String::as_str), Some(value), "{key}");
    }
    assert_eq!(settings.len(), expected.len());
}

#[test]
fn indentation_makes_a_continuation_only_where_it_is_deeper() {
    let settings = default_settings(
        "[default]\n  region = x\n  output = json\n    more\n # comment\n  last = 1\n",
    );
    assert_eq!(settings["region"], "x");
    assert_eq!(settings["output"], "json\nmore");
    assert_eq!(settings["last"], "1");
    // Plain continuation, and a comment inside it.
    let settings = default_settings("[default]\nk = v1\n  v2\n  # c\nregion = x\n");
    assert_eq!(settings["k"], "v1\nv2");
    assert_eq!(settings["region"], "x");
}

#[test]
fn a_broken_line_is_named_by_its_number_and_cause() {
    for (text, line, kind) in [
        (
            "[default]\nregion = x\n[broken\n",
            3,
            ParseErrorKind::NoClosingBracket,
        ),
        ("[default] region = x", 1, ParseErrorKind::NoClosingBracket),
        ("\n\nfoo = bar", 3, ParseErrorKind::OutsideSection),
        (
            "[default]\nfoo\nregion = x",
            2,
            ParseErrorKind::NoEqualsSign,
        ),
        ("[default]\na = b\rc = d", 2, ParseErrorKind::CarriageReturn),
        ("[profile foo\\]\nx", 2, ParseErrorKind::NoEqualsSign),
    ] {
        let error = Profiles::parse(text, "").unwrap_err();
        assert_eq!((error.line, error.kind), (line, kind), "{text:?}");
    }
    // Sections with a name outside the grammar are left out with all they hold.
    let profiles =
        Profiles::parse("[profile foo[0]]\nregion = a\n[default]\nregion = b\n", "").unwrap();
    assert_eq!(profiles.names(), ["default"]);
    // A byte order mark is no part of the first line.
    assert_eq!(
        Profiles::parse("\u{feff}[default]\n", "").unwrap().names(),
        ["default"]
    );
}

#[test]
fn half_a_pair_in_a_file_is_an_error_that_names_both_halves() {
    let key_only = credentials("[default]\naws_access_key_id = AKIDEXAMPLE\n");
    let error = resolve(context(key_only)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "shared credentials file: aws_access_key_id of profile default is there and its \
         aws_secret_access_key is not"
    );
    let secret_only = config("[default]\naws_secret_access_key = hunter2\n");
    let error = resolve(context(secret_only)).unwrap_err();
    assert!(matches!(
        error,
        ProviderError::HalfKeyPair {
            source: Source::ConfigFile,
            ..
        }
    ));
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn a_pair_split_over_both_files_is_an_error() {
    let environment = config("[default]\naws_secret_access_key = s\n").with_file(
        "/home/me/.aws/credentials",
        "[default]\naws_access_key_id = AKIDEXAMPLE\n",
    );
    let error = resolve(context(environment)).unwrap_err();
    assert!(
        matches!(&error, ProviderError::HalfKeyPair { source: Source::SharedCredentialsFile, missing, .. }
        if missing.contains("in the other file"))
    );
}

#[test]
fn the_credentials_files_keys_come_before_the_config_files() {
    let environment = config(
        "[default]\naws_access_key_id = CONFIG\naws_secret_access_key = c\nregion = eu-west-1\n",
    )
    .with_file(
        "/home/me/.aws/credentials",
        "[default]\nAWS_ACCESS_KEY_ID = FILE\naws_secret_access_key = f\naws_session_token = t\n\
             aws_account_id = 123456789012\n[p]\nregion=x\n",
    );
    let found = resolve(context(environment.clone())).unwrap();
    assert_eq!(found.credentials.access_key_id(), "FILE");
    assert_eq!(found.credentials.session_token(), Some("t"));
    assert_eq!(found.credentials.account_id(), Some("123456789012"));
    let without = environment.with_file("/home/me/.aws/credentials", "");
    assert_eq!(
        resolve(context(without)).unwrap().source,
        Source::ConfigFile
    );
}

#[test]
fn a_file_that_cannot_be_used_is_named_with_its_cause() {
    let path = "/home/me/.aws/credentials";
    for (environment, cause) in [
        (
            home().with_unreadable_file(path, ErrorKind::PermissionDenied),
            FileError::Io(ErrorKind::PermissionDenied),
        ),
        (
            home().with_file(path, b"[default]\nregion = \xff\n"),
            FileError::NotUtf8,
        ),
    ] {
        let error = resolve(context(environment)).unwrap_err();
        assert!(
            matches!(&error, ProviderError::File { path: named, cause: found } if named == Path::new(path) && *found == cause),
            "{error:?}"
        );
    }
    // What is no regular file counts as absent.
    let directory = Environment::empty()
        .with_disk()
        .with_variable("AWS_CONFIG_FILE", "/");
    let profiles = Profiles::load(&directory).unwrap();
    assert_eq!(profiles.files()[0].to_string(), "/ is not a regular file");
}

#[test]
fn paths_in_variables_are_expanded() {
    let environment = home()
        .with_variable("DIR", "/etc/aws")
        .with_variable("AWS_CONFIG_FILE", "~/x/config")
        .with_variable("AWS_SHARED_CREDENTIALS_FILE", "${DIR}/c$UNSET-$DIR");
    let path = |path: &str| Some(Path::new(path).to_path_buf());
    assert_eq!(
        config_file(&environment, Platform::Unix),
        path("/home/me/x/config")
    );
    assert_eq!(
        credentials_file(&environment, Platform::Unix),
        path("/etc/aws/c$UNSET-/etc/aws")
    );
    assert_eq!(config_file(&Environment::empty(), Platform::Unix), None);
}

#[cfg(unix)]
#[test]
fn a_file_with_a_secret_that_others_may_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let path = std::env::temp_dir().join(format!("sigv4-kit-warning-{}", std::process::id()));
    std::fs::write(
        &path,
        "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = s\n",
    )
    .unwrap();
    let environment = Environment::empty()
        .with_disk()
        .with_variable("AWS_SHARED_CREDENTIALS_FILE", path.to_str().unwrap());
    let mut seen = Vec::new();
    for mode in [0o644, 0o600] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        seen.push(Chain::new(context(environment.clone())).report().warnings);
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(seen[0], [Warning::ReadableByOthers { path, mode: 0o644 }]);
    assert!(seen[1].is_empty());
}
