//! `sigv4 presign`: prints a presigned URL, and nothing else.

use sigv4_kit::endpoint;
use sigv4_kit::provider::{Chain, Clock};
use sigv4_kit::signing::{Date, Payload, Request, Signer};
use sigv4_kit::url::Url;

use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::print;
use super::parse::Arguments;
use super::{asked, explain, setup};

/// How long a URL is good for unless --expires says otherwise: an hour.
const EXPIRES_SECONDS: u64 = 3600;

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (method, url) = arguments.method_and_url()?;
    let usage = |error: &dyn std::fmt::Display| Failure::usage(error.to_string());
    let url = Url::parse(url).map_err(|error| usage(&error))?;
    let chain = Chain::new(setup::context(arguments));
    let host = match arguments.text(Id::SignHost) {
        Some(host) => host.to_ascii_lowercase(),
        None => url.host_header(),
    };
    let (region, service) = scope(arguments, &chain, &host)?;
    let mut headers = vec![("host", host.as_str())];
    headers.extend(asked::headers(arguments)?);
    let date = match explain::date(arguments)? {
        Some(date) => date,
        None => Date::from_unix_seconds(Clock::system().now()).map_err(|error| usage(&error))?,
    };
    let seconds = arguments.number(Id::Expires).unwrap_or(EXPIRES_SECONDS);
    let seconds = u32::try_from(seconds).map_err(|_| {
        Failure::usage(format!("expires is {seconds} seconds; the limit is 604800"))
    })?;
    let request = Request::new(
        method,
        url.path(),
        url.query(),
        &headers,
        Payload::Bytes(b""),
    )
    .map_err(|error| usage(&error))?;
    let found = chain
        .resolve()
        .map_err(|error| setup::of_provider(&error))?;
    let presigned = Signer::new(&found.credentials, &region, &service)
        .map_err(|error| usage(&error))?
        .presign(&request, date, seconds)
        .map_err(|error| usage(&error))?;
    let url = url.with_wire_query(presigned.query());
    print(format!("{url}\n"))?;
    Ok(Exit::Done)
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
