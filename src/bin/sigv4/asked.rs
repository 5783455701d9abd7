//! The request that the command line asks for, as `request` and `explain` build it.

use sigv4_kit::send::{Client, RequestBuilder};

use super::body::{self, Given};
use super::exit::Failure;
use super::options::Id;
use super::parse::Arguments;

/// A request that can be built.
pub struct Asked<'a> {
    arguments: &'a Arguments,
    pub method: &'a str,
    pub url: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    given: Option<Given>,
}

impl<'a> Asked<'a> {
    /// Reads what the command line says, and standard input where that is the body.
    pub fn of(arguments: &'a Arguments) -> Result<Self, Failure> {
        let (method, url) = arguments.method_and_url()?;
        let headers = headers(arguments)?;
        let given = body::given(arguments)?;
        let posts = arguments.has(Id::SearchPost) && given.is_some();
        let method = match posts && method == "GET" && is_search(url) {
            true => "POST",
            false => method,
        };
        Ok(Asked {
            arguments,
            method,
            url,
            headers,
            given,
        })
    }

    /// The request, as often as it is needed.
    pub fn builder(&self, client: &Client) -> Result<RequestBuilder, Failure> {
        let arguments = self.arguments;
        let mut builder = client.request(self.method, self.url);
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        if let Some(collection) = arguments.text(Id::Collection) {
            builder = builder.header("x-amz-aoss-collection-name", collection);
        }
        if let Some(host) = arguments.text(Id::SignHost) {
            builder = builder.sign_host(host);
        }
        if arguments.has(Id::NoContentSha256) {
            builder = builder.no_content_sha256();
        }
        // As with curl's -T: the bytes are what they are.
        if arguments.has(Id::UploadFile) {
            builder = builder.no_default_content_type();
        }
        if let Some(given) = &self.given {
            builder = builder.body(given.body()?);
        }
        Ok(builder)
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

/// Whether a path's last part is a call of OpenSearch that reads its query from a body.
fn is_search(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next();
    matches!(
        last,
        Some(
            "_search"
                | "_msearch"
                | "_count"
                | "_validate"
                | "_explain"
                | "_analyze"
                | "_field_caps"
                | "_mget"
        )
    )
}
