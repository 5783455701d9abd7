//! `sigv4 whoami`: asks STS who the credentials belong to.

use serde_json::json;
use sigv4_kit::provider::sts::caller_identity;
use sigv4_kit::provider::{Chain, ProviderError};

use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::print;
use super::parse::Arguments;
use super::setup;

pub fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let context = setup::context(arguments);
    let chain = Chain::new(context.clone());
    let found = chain
        .resolve()
        .map_err(|error| setup::of_provider(&error))?;
    let identity = caller_identity(&context, &found).map_err(|error| refusal(&error))?;
    print(match arguments.has(Id::Json) {
        true => format!(
            "{}\n",
            json!({ "Account": identity.account, "Arn": identity.arn, "UserId": identity.user_id })
        ),
        false => format!(
            "account {}\narn     {}\nuser ID {}\n",
            identity.account, identity.arn, identity.user_id
        ),
    })?;
    Ok(Exit::Done)
}

/// STS was asked with credentials in hand: what went wrong is its answer, or the way there.
fn refusal(error: &ProviderError) -> Failure {
    let exit = match error {
        ProviderError::Http { .. } | ProviderError::Malformed { .. } => Exit::Network,
        ProviderError::Status { status: 500.., .. } => Exit::ServerError,
        ProviderError::Status { code, .. } if code.as_deref().is_some_and(is_of_signature) => {
            Exit::Refused
        }
        ProviderError::Status { .. } => Exit::ClientError,
        _ => return setup::of_provider(error),
    };
    Failure::new(exit, error.to_string())
}

/// Error codes of STS that refuse key, token or signature.
fn is_of_signature(code: &str) -> bool {
    matches!(
        code,
        "SignatureDoesNotMatch"
            | "InvalidClientTokenId"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
            | "AuthFailure"
            | "RequestExpired"
    )
}
