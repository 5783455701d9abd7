//! The EC2 instance metadata service, version 2; version 1 only where it is asked for.

use std::hash::{BuildHasher, RandomState};
use std::prelude::rust_2024::*;
use std::time::Duration;

use ureq::http::Uri;
use zeroize::Zeroizing;

use super::container::role_credentials;
use super::http::{Attempt, Http, HttpAnswer, retry, without_query};
use super::json::Document;
use super::{Answer, AnswerError, Context, HttpError, Provider, ProviderError, Setting, Source};
use crate::Credentials;

const SOURCE: Source = Source::Imds;
const TOKEN_PATH: &str = "/latest/api/token";
const ROLE_PATH: &str = "/latest/meta-data/iam/security-credentials/";
const REGION_PATH: &str = "/latest/meta-data/placement/region";

/// The credentials of the instance's role: a session token is fetched, then the role's name, then its credentials.
///
/// Version 1 is used only where `AWS_EC2_METADATA_V1_DISABLED` (or the profile's `ec2_metadata_v1_disabled`) is
/// `false`. Credentials that have expired are taken as valid for another 17 to 25 minutes, because AWS goes on accepting
/// them while the service cannot renew them. No proxy is used and no redirect followed.
#[derive(Debug, Clone, Copy)]
pub struct InstanceMetadata;

impl Provider for InstanceMetadata {
    fn source(&self) -> Source {
        SOURCE
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        let imds = match Imds::open(context)? {
            Ok(imds) => imds,
            Err(reason) => return Ok(Answer::Nothing(reason)),
        };
        let list = match imds.get(ROLE_PATH)? {
            Ok(list) if list.status == 404 => {
                return Ok(Answer::nothing("the instance has no role"));
            }
            Ok(list) => list,
            Err(reason) => return Ok(Answer::Nothing(reason)),
        };
        let role = imds.line(ROLE_PATH, "role name", list)?;
        let answer = match imds.get(&std::format!("{ROLE_PATH}{role}"))? {
            Ok(answer) => answer,
            Err(reason) => return Ok(Answer::Nothing(reason)),
        };
        if answer.status != 200 {
            return Err(imds.refused(ROLE_PATH, &answer));
        }
        let document = Document::parse(&answer.body).map_err(malformed)?;
        let credentials = role_credentials(&document, SOURCE)?;
        Ok(Answer::Credentials(extended(
            credentials,
            context.clock().now(),
        )))
    }
}

/// The region the instance is in; `None` where the service does not tell it.
///
/// # Errors
/// Settings of the service that are not allowed.
pub(super) fn region(context: &Context) -> Result<Option<String>, ProviderError> {
    let Ok(imds) = Imds::open(context)? else {
        return Ok(None);
    };
    match imds.get(REGION_PATH) {
        Ok(Ok(answer)) if answer.status == 200 => {
            imds.line(REGION_PATH, "region", answer).map(Some)
        }
        _ => Ok(None),
    }
}

/// When the service cannot renew credentials in time it hands out expired ones, which AWS goes on accepting: they are
/// taken as valid for another 17 to 25 minutes, a different while on each instance.
fn extended(credentials: Credentials, now: i64) -> Credentials {
    match credentials.expires_at() {
        Some(expires_at) if expires_at <= now => {
            let jitter = RandomState::new().hash_one(now) % (8 * 60);
            let extension = 17 * 60 + i64::try_from(jitter).unwrap_or(0);
            credentials.with_expiry(now.saturating_add(extension))
        }
        _ => credentials,
    }
}

fn malformed(cause: AnswerError) -> ProviderError {
    ProviderError::Malformed {
        source: SOURCE,
        cause,
    }
}

/// The service, reached and with its session token.
struct Imds<'a> {
    context: &'a Context,
    settings: Settings,
    http: Http,
    token: Option<Zeroizing<String>>,
}

impl<'a> Imds<'a> {
    /// Asks for the session token. The inner error is a reason to pass the service over.
    fn open(context: &'a Context) -> Result<Result<Self, String>, ProviderError> {
        let disabled = context.environment().variable("AWS_EC2_METADATA_DISABLED");
        if disabled.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return Ok(Err("AWS_EC2_METADATA_DISABLED is true".into()));
        }
        let settings = Settings::read(context)?;
        let http = Http::metadata(settings.timeout);
        let mut imds = Imds {
            context,
            settings,
            http,
            token: None,
        };
        let ttl = [("x-aws-ec2-metadata-token-ttl-seconds", "21600")];
        let reason = match imds.ask("PUT", TOKEN_PATH, &ttl, Some(&[])) {
            Ok(answer) if answer.status == 200 => {
                imds.token = Some(Zeroizing::new(imds.line(TOKEN_PATH, "token", answer)?));
                return Ok(Ok(imds));
            }
            Ok(answer) if answer.status == 400 => {
                return Ok(Err("the token request was answered with 400".into()));
            }
            Ok(answer) if imds.settings.v1 == Some(false) => {
                return Err(imds.refused(TOKEN_PATH, &answer));
            }
            Ok(answer) => std::format!(
                "the token request was answered with {}; IMDSv1 is used only where AWS_EC2_METADATA_V1_DISABLED is \
                 false",
                answer.status
            ),
            Err(cause) => imds.no_answer(TOKEN_PATH, cause)?,
        };
        match imds.settings.v1 {
            Some(true) => Ok(Ok(imds)),
            _ => Ok(Err(reason)),
        }
    }

    /// Status 200 or 404, or a reason to pass the service over.
    fn get(&self, path: &str) -> Result<Result<HttpAnswer, String>, ProviderError> {
        let token = self.token.as_ref().map(|token| token.as_str());
        let headers: Vec<(&str, &str)> = token
            .into_iter()
            .map(|token| ("x-aws-ec2-metadata-token", token))
            .collect();
        match self.ask("GET", path, &headers, None) {
            Ok(answer) if matches!(answer.status, 200 | 404) => Ok(Ok(answer)),
            Ok(answer) => Err(self.refused(path, &answer)),
            Err(cause) => self.no_answer(path, cause).map(Err),
        }
    }

    fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<HttpAnswer, HttpError> {
        let url = self.url(path);
        let clock = self.context.clock();
        retry(
            clock,
            self.settings.attempts,
            Duration::from_secs(1),
            || match self.http.send(method, &url, headers, body) {
                Ok(answer) if answer.status < 500 => Attempt::Stands(Ok(answer)),
                other => Attempt::Again(other),
            },
        )
    }

    fn url(&self, path: &str) -> String {
        std::format!("{}{path}", self.settings.base)
    }

    /// That nothing is there is a reason to pass the service over; that something else answers is an error.
    fn no_answer(&self, path: &str, cause: HttpError) -> Result<String, ProviderError> {
        let seconds = self.settings.timeout.as_secs();
        let base = without_query(&self.settings.base);
        Ok(match cause {
            HttpError::Timeout("connection") => {
                std::format!("no connection to {base} in {seconds} s")
            }
            HttpError::Timeout(_) => std::format!(
                "no answer from {base} in {seconds} s; in a container raise the hop limit"
            ),
            HttpError::Connection(_) | HttpError::HostNotFound => std::format!("{base}: {cause}"),
            cause => {
                return Err(ProviderError::Http {
                    source: SOURCE,
                    url: without_query(&self.url(path)),
                    cause,
                });
            }
        })
    }

    fn refused(&self, path: &str, answer: &HttpAnswer) -> ProviderError {
        ProviderError::Status {
            source: SOURCE,
            url: without_query(&self.url(path)),
            status: answer.status,
            code: None,
        }
    }

    /// The first line of an answer that is one word.
    fn line(
        &self,
        path: &str,
        name: &'static str,
        answer: HttpAnswer,
    ) -> Result<String, ProviderError> {
        if answer.status != 200 {
            return Err(self.refused(path, &answer));
        }
        let text = answer.text().ok_or(malformed(AnswerError::NotUtf8))?;
        let line = text.lines().next().unwrap_or_default().trim();
        if line.is_empty() {
            return Err(malformed(AnswerError::Empty));
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@_-/".contains(&b);
        match line.bytes().all(plain) {
            true => Ok(line.into()),
            false => Err(malformed(AnswerError::Field {
                name,
                expected: "one word of letters, digits and +=,.@_-/",
            })),
        }
    }
}

struct Settings {
    /// Without a slash at its end.
    base: String,
    timeout: Duration,
    attempts: u32,
    /// What `AWS_EC2_METADATA_V1_DISABLED` says: used, not used, or (unset) not used.
    v1: Option<bool>,
}

impl Settings {
    fn read(context: &Context) -> Result<Self, ProviderError> {
        let number = |variable: &str, key: &str| match context.setting(variable, key)? {
            None => Ok(1),
            Some(setting) => match setting.value.trim().parse::<u32>() {
                Ok(number @ 1..=3600) => Ok(number),
                _ => Err(ProviderError::Setting {
                    name: setting.origin,
                    expected: "a whole number from 1 to 3600",
                }),
            },
        };
        let v1 = context.setting("AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled")?;
        Ok(Settings {
            base: base(context)?,
            timeout: Duration::from_secs(u64::from(number(
                "AWS_METADATA_SERVICE_TIMEOUT",
                "metadata_service_timeout",
            )?)),
            attempts: number(
                "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
                "metadata_service_num_attempts",
            )?,
            v1: v1.map(|setting| setting.value.eq_ignore_ascii_case("false")),
        })
    }
}

fn base(context: &Context) -> Result<String, ProviderError> {
    let endpoint = context.setting(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "ec2_metadata_service_endpoint",
    )?;
    if let Some(Setting { value, origin }) = endpoint {
        let known = value.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
                && uri.query().is_none()
        });
        return match known {
            true => Ok(value.trim_end_matches('/').into()),
            false => Err(ProviderError::Setting {
                name: origin,
                expected: "an http or https URL",
            }),
        };
    }
    let mode = context.setting(
        "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
        "ec2_metadata_service_endpoint_mode",
    )?;
    let ipv6 = match mode {
        Some(Setting { value, origin }) => match value.to_ascii_lowercase().as_str() {
            "ipv4" => false,
            "ipv6" => true,
            _ => {
                return Err(ProviderError::Setting {
                    name: origin,
                    expected: "ipv4 or ipv6",
                });
            }
        },
        None => context
            .setting("AWS_IMDS_USE_IPV6", "imds_use_ipv6")?
            .is_some_and(|setting| setting.value.eq_ignore_ascii_case("true")),
    };
    Ok(match ipv6 {
        true => "http://[fd00:ec2::254]".into(),
        false => "http://169.254.169.254".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::{Clock, Environment};

    #[test]
    fn the_endpoint_follows_its_settings() {
        let base_of = |variables: &[(&str, &str)]| {
            let environment = variables
                .iter()
                .fold(Environment::empty(), |all, (name, value)| {
                    all.with_variable(name, value)
                });
            base(&Context::new(environment, Clock::fixed(0))).map_err(|error| error.to_string())
        };
        const ENDPOINT: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
        const MODE: &str = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
        assert_eq!(base_of(&[]).unwrap(), "http://169.254.169.254");
        assert_eq!(
            base_of(&[(MODE, "IPv6")]).unwrap(),
            "http://[fd00:ec2::254]"
        );
        assert_eq!(
            base_of(&[(MODE, "ipv4"), ("AWS_IMDS_USE_IPV6", "true")]).unwrap(),
            "http://169.254.169.254"
        );
        assert_eq!(
            base_of(&[("AWS_IMDS_USE_IPV6", "True")]).unwrap(),
            "http://[fd00:ec2::254]"
        );
        assert_eq!(
            base_of(&[(ENDPOINT, "http://h:1/prefix/"), (MODE, "ipv6")]).unwrap(),
            "http://h:1/prefix"
        );
        assert_eq!(
            base_of(&[(MODE, "ipv5")]).unwrap_err(),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is not allowed; it must be ipv4 or ipv6"
        );
        for bad in ["169.254.169.254", "ftp://h", "http://", "http://h/?q"] {
            assert!(base_of(&[(ENDPOINT, bad)]).is_err(), "{bad}");
        }
    }

    #[test]
    fn case_16_and_17_expired_instance_credentials_get_17_to_25_minutes_more() {
        let now = 1_800_000_000;
        let with = |text: &str| {
            let document = std::format!(
                r#"{{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"{text}"}}"#
            );
            let document = Document::parse(document.as_bytes()).unwrap();
            extended(role_credentials(&document, SOURCE).unwrap(), now)
        };
        for expired in ["2027-01-15T07:00:00Z", "2027-01-15T07:00:00.123Z"] {
            let left = with(expired).expires_at().unwrap() - now;
            assert!((17 * 60..25 * 60).contains(&left), "{left}");
        }
        // Valid for another hour: left as it is.
        assert_eq!(with("2027-01-15T09:00:00Z").expires_at(), Some(now + 3600));
    }
}
