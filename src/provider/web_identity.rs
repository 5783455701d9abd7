//! A web identity token in a file: STS AssumeRoleWithWebIdentity, as pods in Kubernetes use it.

use std::format;
use std::path::Path;
use std::prelude::rust_2024::*;

use super::http::ANSWER_LIMIT;
use super::sts::{SESSION_NAME, Sts, WebIdentityRequest, default_session_name, is_session_name};
use super::{Answer, Context, FileError, Provider, ProviderError, Setting, Source};

const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";

/// The role that `AWS_ROLE_ARN` names, assumed with the token in the file that `AWS_WEB_IDENTITY_TOKEN_FILE` names.
///
/// Each of `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN` and `AWS_ROLE_SESSION_NAME` may stand in the profile instead, as
/// `web_identity_token_file`, `role_arn` and `role_session_name`. The file is read at every renewal and its content is
/// sent as it is, a line end at its end included.
#[derive(Debug, Clone, Copy)]
pub struct WebIdentity;

impl Provider for WebIdentity {
    fn source(&self) -> Source {
        Source::WebIdentity
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        let source = Source::WebIdentity;
        let Some(file) = setting(context, TOKEN_FILE, "web_identity_token_file")? else {
            let name = context.profile_name();
            return Ok(Answer::Nothing(match context.profile_only() {
                true => format!("profile {name} has no web_identity_token_file"),
                false => format!(
                    "{TOKEN_FILE} is not set and profile {name} has no web_identity_token_file"
                ),
            }));
        };
        let Some(role_arn) = setting(context, "AWS_ROLE_ARN", "role_arn")? else {
            return Err(ProviderError::Unusable {
                source,
                cause: format!(
                    "{} names a token and no role goes with it: set AWS_ROLE_ARN or role_arn",
                    file.origin
                ),
            });
        };
        let name = match setting(context, "AWS_ROLE_SESSION_NAME", "role_session_name")? {
            Some(name) if !is_session_name(&name.value) => {
                return Err(ProviderError::Setting {
                    name: name.origin,
                    expected: SESSION_NAME,
                });
            }
            Some(name) => name.value,
            None => default_session_name(context),
        };
        let path = Path::new(&file.value);
        let failed = |cause| ProviderError::File {
            path: path.into(),
            cause,
        };
        let token = context
            .environment()
            .read(path, ANSWER_LIMIT as u64)
            .map_err(|error| failed(FileError::Io(error.kind())))?;
        let token = std::str::from_utf8(&token).map_err(|_| failed(FileError::NotUtf8))?;
        if token.is_empty() {
            return Err(failed(FileError::Empty));
        }
        let sts = Sts::new(source, context)?;
        sts.assume_role_with_web_identity(&WebIdentityRequest {
            role_arn: &role_arn.value,
            role_session_name: &name,
            web_identity_token: token,
        })
        .map(Answer::Credentials)
    }
}

/// The variable, then the profile's key; the key alone where variables are not asked.
fn setting(context: &Context, variable: &str, key: &str) -> Result<Option<Setting>, ProviderError> {
    match context.profile_only() {
        true => context.profile_setting(key),
        false => context.setting(variable, key),
    }
}
