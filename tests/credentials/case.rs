//! One case: a folder with `case.json`, and `env`, `home/` and `exchange.json` where they are needed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};
use sigv4_kit::provider::{Chain, Clock, Context, Environment, MfaPrompt, Report, timestamp};

use crate::strict::Exchange;

pub struct Case {
    folder: PathBuf,
    settings: Map<String, Value>,
    variables: Vec<(String, String)>,
    home: BTreeMap<PathBuf, String>,
    exchange: Vec<Exchange>,
}

/// The keys of `case.json`.
const SETTINGS: &[&str] = &[
    "about", "now", "profile", "region", "mfa", "feature", "expect",
];
/// The keys of `expect`.
const EXPECT: &[&str] = &[
    "source",
    "access_key_id",
    "secret_access_key",
    "session_token",
    "account_id",
    "expires_at",
    "error",
    "error_start",
    "region",
    "region_origin",
    "passed_over",
    "prompts",
    "files",
];

impl Case {
    pub fn read(folder: &Path) -> Case {
        let mut case = Case {
            folder: folder.into(),
            settings: Map::new(),
            variables: Vec::new(),
            home: BTreeMap::new(),
            exchange: Vec::new(),
        };
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.file_name().and_then(|name| name.to_str()) {
                Some("case.json") => case.settings = object(&path, parse(&path)),
                Some("env") => case.variables = variables(&text(&path)),
                Some("home") => files(&path, &path, &mut case.home),
                Some("exchange.json") => {
                    let Value::Array(items) = parse(&path) else {
                        panic!("{}: no array", path.display())
                    };
                    case.exchange = items.into_iter().map(Exchange::read).collect();
                }
                _ => panic!("{} belongs to no case", path.display()),
            }
        }
        for key in case.settings.keys() {
            assert!(
                SETTINGS.contains(&key.as_str()),
                "{}: {key}",
                folder.display()
            );
        }
        for key in case.expect().keys() {
            assert!(
                EXPECT.contains(&key.as_str()),
                "{}: {key}",
                folder.display()
            );
        }
        case
    }

    /// Whether this build has (or has not) the feature that the case is about.
    pub fn applies(&self) -> bool {
        match self.setting("feature") {
            Some("login") => cfg!(feature = "login"),
            Some("no login") => !cfg!(feature = "login"),
            Some(other) => panic!("{}: feature {other}", self.folder.display()),
            None => true,
        }
    }

    pub fn run(&self) -> Result<(), String> {
        let now = self.setting("now").unwrap_or("2026-01-01T00:00:00Z");
        let now = timestamp::parse(now).ok_or("now is no time")?;
        let failures = Arc::new(Mutex::new(Vec::new()));
        let server = Exchange::serve(self.exchange.clone(), now, failures.clone());
        let name = self.folder.file_name().ok_or("a folder has a name")?;
        let home = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("credentials")
            .join(name);
        let fill = |text: &str| {
            let home = home.display().to_string();
            text.replace("{server}", &server.url())
                .replace("{home}", &home)
        };
        let mut laid_out = self.home.clone();
        laid_out
            .values_mut()
            .for_each(|content| *content = fill(content));
        lay_out(&home, &laid_out).map_err(|error| error.to_string())?;

        let mut environment = Environment::empty()
            .with_disk()
            .with_variable("HOME", &home.display().to_string())
            .with_variable("AWS_EC2_METADATA_DISABLED", "true");
        for (name, value) in &self.variables {
            environment = environment.with_variable(name, &fill(value));
        }
        let mut context = Context::new(environment, Clock::fixed(now));
        if let Some(profile) = self.setting("profile") {
            context = context.with_profile(profile);
        }
        if let Some(region) = self.setting("region") {
            context = context.with_region(region);
        }
        let prompts = Arc::new(Mutex::new(Vec::new()));
        if let Some(code) = self.setting("mfa") {
            let (code, prompts) = (code.to_string(), prompts.clone());
            context = context.with_mfa_prompt(MfaPrompt::new(move |serial| {
                prompts.lock().unwrap().push(Value::from(serial));
                Ok(code.clone().into())
            }));
        }

        let report = Chain::new(context).report();
        if let Err(error) = &report.credentials {
            let shown = format!("{error} {error:?}");
            if shown.contains("hunter2") {
                return Err(format!("a secret is shown: {shown}"));
            }
        }
        let mut expected = self.expect().clone();
        for name in ["error", "error_start"] {
            if let Some(Value::String(error)) = expected.get_mut(name) {
                *error = fill(error);
            }
        }
        let mut got = match &report.credentials {
            Err(error) => Map::from_iter([("error".into(), error.to_string().into())]),
            Ok(found) => describe(found),
        };
        describe_way(&report, &mut expected, &mut got);
        if self.expect().contains_key("prompts") {
            got.insert("prompts".into(), prompts.lock().unwrap().clone().into());
        }
        let expected_files = expected.remove("files");
        let failures = failures.lock().unwrap().join("\n  ");
        if !failures.is_empty() {
            return Err(format!(
                "the service refused:\n  {failures}\n  and then got: {got:?}"
            ));
        }
        let asked = server.requests().len();
        if asked != self.exchange.len() {
            return Err(format!(
                "{asked} of {} requests came; got: {got:?}",
                self.exchange.len()
            ));
        }
        if got != expected {
            return Err(format!("\n  expected: {expected:?}\n  got:      {got:?}"));
        }
        check_files(&home, &laid_out, expected_files)?;
        let _ = fs::remove_dir_all(&home);
        Ok(())
    }

    fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name)?.as_str()
    }

    fn expect(&self) -> &Map<String, Value> {
        self.settings["expect"]
            .as_object()
            .expect("expect is an object")
    }
}

/// The home directory, written anew for this run.
fn lay_out(home: &Path, laid_out: &BTreeMap<PathBuf, String>) -> std::io::Result<()> {
    let _ = fs::remove_dir_all(home);
    fs::create_dir_all(home)?;
    for (path, content) in laid_out {
        let path = home.join(path);
        fs::create_dir_all(path.parent().unwrap_or(home))?;
        fs::write(&path, content)?;
    }
    Ok(())
}

/// What was to be written was written (mode 0600); all other files are as they were, and there is none besides.
fn check_files(
    home: &Path,
    laid_out: &BTreeMap<PathBuf, String>,
    expected: Option<Value>,
) -> Result<(), String> {
    let mut expected = match expected {
        Some(Value::Object(files)) => files,
        Some(_) => return Err("files is no object".into()),
        None => Map::new(),
    };
    let mut found = BTreeMap::new();
    files(home, home, &mut found);
    for (path, content) in &found {
        let Some(value) = expected.remove(&path.display().to_string()) else {
            match laid_out.get(path) {
                Some(before) if before == content => continue,
                Some(_) => return Err(format!("{} has changed", path.display())),
                None => return Err(format!("{} is new", path.display())),
            }
        };
        let content: Value = serde_json::from_str(content).map_err(|error| error.to_string())?;
        if content != value {
            return Err(format!("{}: {content}", path.display()));
        }
        check_mode(&home.join(path))?;
    }
    match expected.keys().next() {
        Some(path) => Err(format!("{path} was not written")),
        None => Ok(()),
    }
}

/// What a case may say beside the credentials: the start of a long error, the region, places passed over.
fn describe_way(report: &Report, expected: &mut Map<String, Value>, got: &mut Map<String, Value>) {
    if let Some(Value::String(start)) = expected.get("error_start")
        && let Some(Value::String(error)) = got.remove("error")
    {
        let start = match error.starts_with(start.as_str()) {
            true => start.clone(),
            false => error,
        };
        got.insert("error_start".into(), start.into());
    }
    let region = report.region.as_ref().ok().and_then(Option::as_ref);
    if expected.contains_key("region") {
        let name = region.map(|region| region.name.clone());
        got.insert("region".into(), name.into());
    }
    if expected.contains_key("region_origin") {
        let origin = region.map(|region| region.origin.clone());
        got.insert("region_origin".into(), origin.into());
    }
    if let Some(Value::Object(places)) = expected.get("passed_over") {
        let passed = report.passed_over.iter();
        let passed = passed.filter(|one| places.contains_key(one.source.method()));
        let reasons = passed.map(|one| (one.source.method().into(), one.reason.clone().into()));
        got.insert("passed_over".into(), Value::Object(reasons.collect()));
    }
}

fn describe(found: &sigv4_kit::provider::Found) -> Map<String, Value> {
    let credentials = &found.credentials;
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            fields.insert(name.into(), value.into());
        }
    };
    put("source", Some(found.source.method()));
    put("access_key_id", Some(credentials.access_key_id()));
    put("secret_access_key", Some(credentials.secret_access_key()));
    put("session_token", credentials.session_token());
    put("account_id", credentials.account_id());
    let expires_at = credentials.expires_at().and_then(timestamp::format);
    put("expires_at", expires_at.as_deref());
    fields
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    match metadata.permissions().mode() & 0o777 {
        0o600 => Ok(()),
        mode => Err(format!("{} has mode {mode:o}", path.display())),
    }
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<(), String> {
    Ok(())
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parse(path: &Path) -> Value {
    serde_json::from_str(&text(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn object(path: &Path, value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => panic!("{}: no object", path.display()),
    }
}

/// `NAME=value` lines.
fn variables(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once('=').expect("NAME=value");
            (name.into(), value.into())
        })
        .collect()
}

fn files(root: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files(root, &path, found),
            false => {
                let name = path.strip_prefix(root).expect("below the root");
                found.insert(name.into(), text(&path));
            }
        }
    }
}
