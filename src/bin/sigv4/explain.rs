//! `sigv4 explain`: the steps of a request's signature; nothing is sent.

use sigv4_kit::explain::Explanation;
use sigv4_kit::provider::{Cache, Chain, ProvideCredentials};
use sigv4_kit::signing::{CredentialScope, Date};

use super::asked::Asked;
use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::print;
use super::parse::Arguments;
use super::{dry_run, explain_presigned, setup};

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if explain_presigned::is_asked_for(arguments) {
        return explain_presigned::run(arguments);
    }
    let cache = Cache::new(Chain::new(setup::context(arguments)));
    let client = setup::client_of(arguments, cache.clone())?;
    let mut builder = Asked::of(arguments)?.builder(&client)?;
    if let Some(date) = date(arguments)? {
        builder = builder.header("x-amz-date", date.as_str());
    }
    let prepared = builder.prepare().map_err(setup::of_send)?;
    dry_run::tell_changes(arguments, &prepared);
    let headers: Vec<(&str, &str)> = prepared.headers().collect();
    let signed = prepared.signed();
    let mut explanation = Explanation::of(signed, &headers);
    if arguments.has(Id::ShowSecrets) {
        let request_date = signed.string_to_sign().lines()[1].1;
        let scope = CredentialScope {
            day: &request_date[..8],
            region: prepared.region(),
            service: prepared.service(),
        };
        let credentials = cache
            .credentials()
            .map_err(|error| setup::of_provider(&error))?;
        explanation = explanation.with_secrets(credentials.secret_access_key(), &scope);
    }
    print(match arguments.has(Id::Json) {
        true => explanation.json() + "\n",
        false => explanation.text(),
    })?;
    Ok(Exit::Done)
}

/// The date of --date.
pub fn date(arguments: &Arguments) -> Result<Option<Date>, Failure> {
    let Some(text) = arguments.text(Id::Date) else {
        return Ok(None);
    };
    match Date::parse(text) {
        Ok(date) => Ok(Some(date)),
        Err(error) => Err(Failure::usage(format!("--date is {text:?}: {error}"))
            .hint("write it as 20150830T123600Z")),
    }
}
