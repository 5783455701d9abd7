//! `sigv4 presign`: prints a presigned URL, and nothing else.

use sigv4_kit::provider::{Chain, Clock};
use sigv4_kit::signing::{Date, Payload, Presigned, Request, Signer};
use sigv4_kit::url::Url;
use sigv4_kit::{Credentials, endpoint};

use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::print;
use super::parse::Arguments;
use super::{asked, explain, setup};

/// How long a URL is good for unless --expires says otherwise: an hour.
const EXPIRES_SECONDS: u64 = 3600;

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let terms = Terms::of_options(arguments)?;
    let headers = terms.headers(asked::headers(arguments)?);
    let presigned = terms.presign(&headers)?;
    let url = terms.url.with_wire_query(presigned.query());
    print(format!("{url}\n"))?;
    Ok(Exit::Done)
}

/// What a signature in query form is made of.
pub struct Terms<'a> {
    pub method: &'a str,
    pub url: Url,
    pub host: String,
    pub region: String,
    pub service: String,
    pub date: Date,
    pub expires_seconds: u32,
    pub credentials: Credentials,
}

impl<'a> Terms<'a> {
    /// Those of the options, of the host, of environment and profile.
    pub fn of_options(arguments: &'a Arguments) -> Result<Self, Failure> {
        let (method, url) = arguments.method_and_url()?;
        let url = parse(url)?;
        let chain = Chain::new(setup::context(arguments));
        let host = host(arguments, &url);
        let (region, service) = scope(arguments, &chain, &host)?;
        let date = match explain::date(arguments)? {
            Some(date) => date,
            None => {
                Date::from_unix_seconds(Clock::system().now()).map_err(|error| usage(&error))?
            }
        };
        let seconds = arguments.number(Id::Expires).unwrap_or(EXPIRES_SECONDS);
        let expires_seconds = u32::try_from(seconds).map_err(|_| {
            Failure::usage(format!("expires is {seconds} seconds; the limit is 604800"))
        })?;
        let found = chain
            .resolve()
            .map_err(|error| setup::of_provider(&error))?;
        Ok(Terms {
            method,
            url,
            host,
            region,
            service,
            date,
            expires_seconds,
            credentials: found.credentials,
        })
    }

    pub fn headers<'h>(&'h self, given: Vec<(&'h str, &'h str)>) -> Vec<(&'h str, &'h str)> {
        let mut headers = vec![("host", self.host.as_str())];
        headers.extend(given);
        headers
    }

    pub fn presign(&self, headers: &[(&str, &str)]) -> Result<Presigned, Failure> {
        let (path, query) = (self.url.path(), self.url.query());
        let request = Request::new(self.method, path, query, headers, Payload::Bytes(b""));
        Signer::new(&self.credentials, &self.region, &self.service)
            .map_err(|error| usage(&error))?
            .presign(
                &request.map_err(|error| usage(&error))?,
                self.date,
                self.expires_seconds,
            )
            .map_err(|error| usage(&error))
    }
}

pub fn parse(url: &str) -> Result<Url, Failure> {
    Url::parse(url).map_err(|error| usage(&error))
}

pub fn usage(error: &dyn std::fmt::Display) -> Failure {
    Failure::usage(error.to_string())
}

pub fn host(arguments: &Arguments, url: &Url) -> String {
    match arguments.text(Id::SignHost) {
        Some(host) => host.to_ascii_lowercase(),
        None => url.host_header(),
    }
}

/// Region and service: the options', the host's, the configured region.
fn scope(arguments: &Arguments, chain: &Chain, host: &str) -> Result<(String, String), Failure> {
    let inferred = endpoint::infer(host);
    let given_service = arguments.text(Id::Service);
    if let (Some(scope), None) = (&inferred, given_service) {
        scope
            .require_v4()
            .map_err(|error| Failure::usage(error.to_string()))?;
    }
    let service = given_service
        .map(String::from)
        .or_else(|| inferred.as_ref().map(|scope| scope.service.clone()));
    let region = match (
        arguments.text(Id::Region),
        inferred.map(|scope| scope.region),
    ) {
        (Some(region), _) => Some(region.into()),
        (None, Some(endpoint::Region::Known(region))) => Some(region),
        (None, inferred) => {
            let configured = chain.region().map_err(|error| setup::of_provider(&error))?;
            match (configured, inferred) {
                (Some(found), _) => Some(found.name),
                (None, Some(endpoint::Region::Unknown { default })) => Some(default.into()),
                _ => None,
            }
        }
    };
    match (region, service) {
        (Some(region), Some(service)) => Ok((region, service)),
        _ => Err(Failure::usage(format!(
            "the host {host} does not tell service and region to sign for"
        ))
        .hint("pass --service and --region, such as --service s3 --region eu-west-1")),
    }
}
