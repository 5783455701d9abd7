//! The shared config and credentials files: grammar, location, and what profiles say.
#![cfg(feature = "client")]

mod reference;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};
use sigv4_kit::provider::location::{Platform, config_file, credentials_file};
use sigv4_kit::provider::{Clock, Context, Environment, ParseErrorKind, Profiles};

const PARSER: &str = include_str!("../../test-vectors/shared-files/profile-parser-tests.json");
const LOCATION: &str = include_str!("../../test-vectors/shared-files/file-location-tests.json");

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

fn default_settings(text: &str) -> BTreeMap<String, String> {
    let profiles = Profiles::parse(text, "").unwrap();
    let profile = profiles.profile("default").unwrap();
    let settings = profile.settings().into_iter();
    settings
        .map(|(k, v)| (k.to_string(), v.to_string()))
        .collect()
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
fn paths_in_variables_are_expanded() {
    let environment = Environment::empty()
        .with_variable("HOME", "/home/me")
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
