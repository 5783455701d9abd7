//! `sigv4 explain` of a signature in query form: one to be made, or that of a presigned URL.

use sigv4_kit::Credentials;
use sigv4_kit::explain::Explanation;
use sigv4_kit::provider::{Chain, Clock};
use sigv4_kit::signing::{
    Authorization, CredentialScope, Presigned, SIGNING_PARAMETERS, SignatureLocation,
};
use sigv4_kit::url::Url;

use super::exit::{Exit, Failure};
use super::options::{self, Id};
use super::output::{note, print};
use super::parse::Arguments;
use super::presign::{Terms, host, parse, usage};
use super::{asked, setup};

/// Whether `sigv4 explain` is to explain a signature in query form: --expires asks for one, or the URL has one.
pub fn is_asked_for(arguments: &Arguments) -> bool {
    let has_one = |(_, url): (&str, &str)| Url::parse(url).is_ok_and(|url| is_presigned(&url));
    arguments.number(Id::Expires).is_some() || arguments.method_and_url().is_ok_and(has_one)
}

/// The steps of a signature in query form. One that the URL has already is compared with it.
pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    refuse_options(arguments, &NOT_IN_QUERY_FORM, "goes into no presigned URL")?;
    let url = parse(arguments.method_and_url()?.1)?;
    let given = match is_presigned(&url) {
        true => Some(Authorization::from_query(url.query()).map_err(|error| usage(&error))?),
        false => None,
    };
    let mut headers = asked::headers(arguments)?;
    let terms = match &given {
        None => Terms::of_options(arguments)?,
        Some(given) => {
            refuse_options(
                arguments,
                &TOLD_BY_URL,
                "is told by the URL, which is signed",
            )?;
            headers.retain(|(name, _)| given.signed_headers().any(|signed| same(signed, name)));
            let is_given = |name: &&str| headers.iter().any(|(header, _)| same(name, header));
            let mut others = given.signed_headers().filter(|name| *name != "host");
            if let Some(missing) = others.find(|name| !is_given(name)) {
                return Err(
                    Failure::usage(format!("the URL signs the header {missing}"))
                        .hint(format!("give it as it is sent: -H '{missing}: VALUE'")),
                );
            }
            of_presigned(arguments, url, given)?
        }
    };
    let headers = terms.headers(headers);
    let presigned = terms.presign(&headers)?;
    let mut explanation = Explanation::of_presigned(&presigned, &headers);
    if arguments.has(Id::ShowSecrets) {
        let secret = terms.credentials.secret_access_key();
        let scope = CredentialScope {
            day: terms.date.day(),
            region: &terms.region,
            service: &terms.service,
        };
        explanation = explanation.with_secrets(secret, &scope);
    }
    print(match arguments.has(Id::Json) {
        true => explanation.json() + "\n",
        false => explanation.text(),
    })?;
    match given {
        None => Ok(Exit::Done),
        Some(given) => compare(&given, &presigned),
    }
}

/// Whether the URL has the signature that its own terms and our secret give.
fn compare(given: &Authorization, ours: &Presigned) -> Result<Exit, Failure> {
    let theirs = given.signature().to_hex();
    if theirs != ours.signature().to_hex() {
        return Err(Failure::new(
            Exit::Refused,
            format!("the URL has another signature: {theirs}"),
        )
        .hint("the secret is another, or method, host, path, query or a signed header changed since it was signed"));
    }
    note("note: the URL has this signature");
    if let SignatureLocation::Query { expires_seconds } = given.location() {
        let end = given.date().unix_seconds() + i64::from(expires_seconds);
        let over = Clock::system().now().saturating_sub(end);
        if over >= 0 {
            note(&format!("note: it expired {over} seconds ago"));
        }
    }
    Ok(Exit::Done)
}

/// The terms that a presigned URL tells, with the secret of its key.
fn of_presigned<'a>(
    arguments: &'a Arguments,
    url: Url,
    given: &Authorization,
) -> Result<Terms<'a>, Failure> {
    let found = Chain::new(setup::context(arguments))
        .resolve()
        .map_err(|error| setup::of_provider(&error))?;
    let (theirs, ours) = (given.access_key_id(), found.credentials.access_key_id());
    if theirs != ours {
        let message = format!(
            "the URL is signed with the key {theirs}; the credentials found have the key {ours}"
        );
        return Err(Failure::new(Exit::NoCredentials, message).hint(setup::NO_CREDENTIALS));
    }
    let mut credentials = Credentials::new(ours, found.credentials.secret_access_key())
        .map_err(|error| usage(&error))?;
    if let Some(token) = given.session_token() {
        credentials = credentials
            .with_session_token(token)
            .map_err(|error| usage(&error))?;
    }
    let SignatureLocation::Query { expires_seconds } = given.location() else {
        return Err(Failure::usage("the URL is not presigned"));
    };
    let unsigned: Vec<&str> = url
        .query()
        .split('&')
        .filter(|pair| !is_signing(pair))
        .collect();
    let unsigned = unsigned.join("&");
    let scope = given.scope();
    Ok(Terms {
        method: arguments.method_and_url()?.0,
        host: host(arguments, &url),
        url: url.with_wire_query(&unsigned),
        region: scope.region.into(),
        service: scope.service.into(),
        date: given.date(),
        expires_seconds,
        credentials,
    })
}

/// Options of `explain` that say nothing of a presigned URL.
const NOT_IN_QUERY_FORM: [Id; 7] = [
    Id::Data,
    Id::UploadFile,
    Id::Compress,
    Id::Collection,
    Id::SearchPost,
    Id::NoContentSha256,
    Id::UnsignedPayload,
];

const TOLD_BY_URL: [Id; 3] = [Id::Date, Id::Expires, Id::Service];

fn refuse_options(arguments: &Arguments, refused: &[Id], why: &str) -> Result<(), Failure> {
    match refused.iter().find(|id| arguments.has(**id)) {
        None => Ok(()),
        Some(id) => {
            let name = options::by_id(*id).long;
            Err(Failure::usage(format!("--{name} {why}")))
        }
    }
}

fn is_presigned(url: &Url) -> bool {
    let mut names = url
        .query()
        .split('&')
        .filter_map(|pair| pair.split('=').next());
    names.any(|name| name == "X-Amz-Signature")
}

/// Whether a parameter is one that presigning adds.
fn is_signing(pair: &str) -> bool {
    SIGNING_PARAMETERS.contains(&pair.split('=').next().unwrap_or_default())
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
