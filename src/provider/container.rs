//! The credential endpoint of a container: ECS tasks, EKS Pod Identity, and what speaks like them.

use std::net::IpAddr;
use std::path::Path;
use std::prelude::rust_2024::*;
use std::time::Duration;

use ureq::http::Uri;
use zeroize::Zeroizing;

use super::http::{ANSWER_LIMIT, Attempt, Http, HttpAnswer, retry};
use super::json::Document;
use super::{
    Answer, AnswerError, Context, FileError, HttpError, Provider, ProviderError, Source, timestamp,
};
use crate::Credentials;

const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);
const SOURCE: Source = Source::Container;

/// The endpoint that `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `AWS_CONTAINER_CREDENTIALS_FULL_URI` names.
///
/// `http` is allowed only to loopback addresses and to the fixed addresses of ECS and EKS. Where one of the variables
/// is set and the endpoint fails, the look stops.
#[derive(Debug, Clone)]
pub struct ContainerEndpoint {
    base: String,
}

impl ContainerEndpoint {
    /// A relative URI is one of `http://169.254.170.2`.
    pub fn new() -> Self {
        ContainerEndpoint::relative_to("http://169.254.170.2")
    }

    /// A relative URI is one of `base`.
    pub fn relative_to(base: &str) -> Self {
        ContainerEndpoint { base: base.into() }
    }
}

impl Default for ContainerEndpoint {
    fn default() -> Self {
        ContainerEndpoint::new()
    }
}

impl Provider for ContainerEndpoint {
    fn source(&self) -> Source {
        SOURCE
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        let environment = context.environment();
        let url = if let Some(path) = environment.variable(RELATIVE) {
            if !path.starts_with('/') {
                return Err(ProviderError::Setting {
                    name: RELATIVE.into(),
                    expected: "a path that starts with /",
                });
            }
            std::format!("{}{}", self.base, path.as_str())
        } else if let Some(url) = environment.variable(FULL) {
            if !is_allowed(&url) {
                return Err(ProviderError::Setting {
                    name: FULL.into(),
                    expected: "an https URL, or an http URL of a loopback address, 169.254.170.2, 169.254.170.23 \
                               or fd00:ec2::23",
                });
            }
            url.as_str().into()
        } else {
            return Ok(Answer::Nothing(std::format!(
                "neither {RELATIVE} nor {FULL} is set"
            )));
        };
        let http = Http::metadata(Duration::from_secs(2));
        let credentials = retry(context.clock(), ATTEMPTS, PAUSE, || {
            // The token file is read for every attempt: the kubelet replaces it.
            let token = match authorization(context) {
                Ok(token) => token,
                Err(error) => return Attempt::Stands(Err(error)),
            };
            attempt(&http, &url, token.as_deref().map(String::as_str))
        })?;
        Ok(Answer::Credentials(credentials))
    }
}

/// Whether role credentials may be asked for at this URL.
fn is_allowed(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return false;
    };
    if authority.as_str().contains('@') {
        return false;
    }
    let host = authority.host();
    let bare = host
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(host);
    match scheme {
        "https" => !bare.is_empty(),
        "http" => match bare.parse::<IpAddr>() {
            Ok(address) => {
                address.is_loopback()
                    || ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]
                        .iter()
                        .any(|known| known.parse() == Ok(address))
            }
            Err(_) => bare.eq_ignore_ascii_case("localhost"),
        },
        _ => false,
    }
}

/// The value of the Authorization header: the token file's, else the variable's.
fn authorization(context: &Context) -> Result<Option<Zeroizing<String>>, ProviderError> {
    let environment = context.environment();
    let Some(path) = environment.variable(TOKEN_FILE) else {
        let token = environment.variable(TOKEN);
        if token.as_ref().is_some_and(|token| has_line_end(token)) {
            return Err(ProviderError::Setting {
                name: TOKEN.into(),
                expected: "one line; it has a line end in it, at its end perhaps",
            });
        }
        return Ok(token);
    };
    let path = Path::new(path.as_str());
    let failed = |cause| ProviderError::File {
        path: path.into(),
        cause,
    };
    let bytes = environment
        .read(path, ANSWER_LIMIT as u64)
        .map_err(|error| failed(FileError::Io(error.kind())))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| failed(FileError::NotUtf8))?;
    if has_line_end(text) {
        return Err(failed(FileError::LineEnd));
    }
    Ok(Some(Zeroizing::new(text.into())))
}

fn has_line_end(token: &str) -> bool {
    token.contains(['\r', '\n'])
}

type Outcome = Attempt<Result<Credentials, ProviderError>>;

fn attempt(http: &Http, url: &str, token: Option<&str>) -> Outcome {
    let mut headers = std::vec![("accept", "application/json")];
    headers.extend(token.map(|token| ("authorization", token)));
    let answer = match http.send("GET", url, &headers, None) {
        Ok(answer) => answer,
        Err(cause) => {
            let again = !matches!(cause, HttpError::Request | HttpError::TooLarge);
            let error = Err(ProviderError::Http {
                source: SOURCE,
                url: super::http::without_query(url),
                cause,
            });
            return match again {
                true => Attempt::Again(error),
                false => Attempt::Stands(error),
            };
        }
    };
    match answer.status {
        200 => match credentials(&answer) {
            Ok(credentials) => Attempt::Stands(Ok(credentials)),
            Err(error) => Attempt::Again(Err(error)),
        },
        429 | 500.. => Attempt::Again(Err(refused(url, &answer))),
        _ => Attempt::Stands(Err(refused(url, &answer))),
    }
}

fn refused(url: &str, answer: &HttpAnswer) -> ProviderError {
    ProviderError::Status {
        source: SOURCE,
        url: super::http::without_query(url),
        status: answer.status,
        code: Document::parse(&answer.body)
            .ok()
            .and_then(|document| document.code()),
    }
}

fn credentials(answer: &HttpAnswer) -> Result<Credentials, ProviderError> {
    let malformed = |cause| ProviderError::Malformed {
        source: SOURCE,
        cause,
    };
    let document = Document::parse(&answer.body).map_err(malformed)?;
    role_credentials(&document, SOURCE)
}

/// The document that the container endpoint and the instance metadata service both answer with.
pub(super) fn role_credentials(
    document: &Document,
    source: Source,
) -> Result<Credentials, ProviderError> {
    let malformed = |cause| ProviderError::Malformed { source, cause };
    let refused = |cause| ProviderError::Credentials { source, cause };
    if let Some(code) = document.field("Code").or(document.field("code"))
        && code.as_str() != Some("Success")
    {
        let code = document.code().unwrap_or_else(|| "(not shown)".into());
        return Err(malformed(AnswerError::Code(code)));
    }
    let key_id = document.required("AccessKeyId").map_err(malformed)?;
    let secret = document.required("SecretAccessKey").map_err(malformed)?;
    let token = document.required("Token").map_err(malformed)?;
    let expiry = document.required("Expiration").map_err(malformed)?;
    let expiry = timestamp::parse(expiry).ok_or(malformed(AnswerError::Field {
        name: "Expiration",
        expected: timestamp::EXPECTED,
    }))?;
    let mut credentials = Credentials::new(key_id, secret)
        .and_then(|credentials| credentials.with_session_token(token))
        .map_err(refused)?
        .with_expiry(expiry);
    if let Some(account) = document.text("AccountId").map_err(malformed)? {
        credentials = credentials.with_account_id(account);
    }
    Ok(credentials)
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn http_goes_only_to_loopback_and_the_fixed_addresses() {
        for url in [
            "https://example.com/c",
            "http://127.0.0.1:8080/c",
            "http://127.9.9.9/c",
            "http://[::1]:80/c",
            "http://localhost/c",
            "http://LOCALHOST/c",
            "http://169.254.170.2/c",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
        ] {
            assert!(is_allowed(url), "{url}");
        }
        for url in [
            "http://example.com/c",
            "http://169.254.169.254/c",
            "http://169.254.170.2.example.com/c",
            "http://127.0.0.1@example.com/c",
            "http://localhost.example.com/c",
            "http://[fd00:ec2::24]/c",
            "http://2130706433/c",
            "ftp://127.0.0.1/c",
            "127.0.0.1/c",
            "/c",
            "http:///c",
            "not a url",
        ] {
            assert!(!is_allowed(url), "{url}");
        }
    }
}
