use std::io::ErrorKind;
use std::path::Path;

use sigv4_kit::provider::{
    Chain, Clock, Context, Environment, FileError, Found, Profiles, ProviderError, Source, Warning,
    chain, region,
};

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

fn resolve(context: Context) -> Result<Found, ProviderError> {
    Chain::of(context, chain::profile_providers()).resolve()
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
fn default_too_must_exist_where_it_is_named() {
    let other = credentials("[other]\naws_access_key_id = A\naws_secret_access_key = s\n");
    let named = other.clone().with_variable("AWS_PROFILE", "default");
    let error = context(named).profile().unwrap_err();
    assert!(
        matches!(error, ProviderError::ProfileNotFound { profile, .. } if profile == "default")
    );
    assert!(context(other).profile().unwrap().is_none());
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
    let region = region::configured(&context(environment)).unwrap().unwrap();
    assert_eq!(region.name, "eu-west-1");
    assert_eq!(region.origin, "region of profile default");
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
