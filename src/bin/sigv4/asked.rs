//! The request that the command line asks for, as `request` and `explain` build it.

use sigv4_kit::endpoint;
use sigv4_kit::send::{Client, RequestBuilder};
use sigv4_kit::signing::Rules;
use sigv4_kit::url::Url;

use super::body::{self, Source};
use super::exit::Failure;
use super::options::Id;
use super::parse::Arguments;

/// A request that can be built.
pub struct Asked<'a> {
    arguments: &'a Arguments,
    pub method: &'a str,
    pub url: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    source: Option<Source>,
    rules: Option<Rules>,
}

impl<'a> Asked<'a> {
    /// What the command line says.
    pub fn of(arguments: &'a Arguments) -> Result<Self, Failure> {
        let (method, url) = arguments.method_and_url()?;
        Ok(Asked {
            arguments,
            method,
            url,
            headers: headers(arguments)?,
            source: body::source(arguments)?,
            rules: arguments
                .has(Id::UnsignedPayload)
                .then(|| unsigned_payload(arguments, url)),
        })
    }

    /// Whether -H gives this header; `name` in lower case.
    pub fn has_header(&self, name: &str) -> bool {
        let mut names = self.headers.iter().map(|(given, _)| given);
        names.any(|given| given.eq_ignore_ascii_case(name))
    }

    /// The request.
    pub fn builder(&self, client: &Client) -> Result<RequestBuilder, Failure> {
        let arguments = self.arguments;
        let mut builder = client.request(self.method, self.url);
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        if let Some(collection) = arguments.text(Id::Collection) {
            builder = builder.collection(collection);
        }
        if let Some(host) = arguments.text(Id::SignHost) {
            builder = builder.sign_host(host);
        }
        if let Some(rules) = self.rules {
            builder = builder.rules(rules);
        }
        if let Some(source) = &self.source {
            builder = builder.body(source.body()?);
        }
        for (id, apply) in SWITCHES {
            if arguments.has(id) {
                builder = apply(builder);
            }
        }
        Ok(builder)
    }
}

type Switch = fn(RequestBuilder) -> RequestBuilder;

/// The options without a value that shape a request.
const SWITCHES: [(Id, Switch); 4] = [
    (Id::NoContentSha256, RequestBuilder::no_content_sha256),
    (Id::Compress, RequestBuilder::compress),
    (Id::SearchPost, RequestBuilder::search_post),
    // As with curl's -T: the bytes are what they are.
    (Id::UploadFile, RequestBuilder::no_default_content_type),
];

/// The service's rules, but for the body, which the signature leaves out.
fn unsigned_payload(arguments: &Arguments, url: &str) -> Rules {
    let inferred = || {
        let host = match arguments.text(Id::SignHost) {
            Some(host) => host.into(),
            None => Url::parse(url).ok()?.host_header(),
        };
        Some(endpoint::infer(&host)?.service)
    };
    let service = arguments.text(Id::Service).map(String::from);
    Rules {
        payload_unsigned_only: true,
        content_sha256_header: true,
        ..Rules::for_service(&service.or_else(inferred).unwrap_or_default())
    }
}

/// The headers of -H.
pub fn headers(arguments: &Arguments) -> Result<Vec<(&str, &str)>, Failure> {
    arguments.texts(Id::Header).map(header).collect()
}

fn header(line: &str) -> Result<(&str, &str), Failure> {
    let Some((name, value)) = line.split_once(':') else {
        return Err(Failure::usage(format!("the header {line:?} has no colon"))
            .hint("write it as 'NAME: VALUE'"));
    };
    let name = name.trim();
    if name.is_empty() {
        return Err(Failure::usage(format!("the header {line:?} has no name"))
            .hint("write it as 'NAME: VALUE'"));
    }
    const SECRET: [&str; 4] = [
        "authorization",
        "proxy-authorization",
        "x-amz-security-token",
        "x-amz-s3session-token",
    ];
    if SECRET
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
    {
        return Err(Failure::usage(format!(
            "the header {name} is not taken: every user of this machine can read a command line"
        ))
        .hint("the request is signed here, with the credentials and the token of environment or profile"));
    }
    Ok((name, value.trim()))
}
