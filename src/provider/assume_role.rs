//! A profile's `role_arn` with a source: STS AssumeRole, through as many profiles as lead to the first keys.

use std::format;
use std::prelude::rust_2024::*;

use super::mfa::unusable;
use super::role_plan::{Base, Hop, assumes_role, plan};
use super::sts::{AssumeRoleRequest, Sts, default_session_name};
use super::{Answer, Context, Provider, ProviderError, Source, chain, region};
use crate::Credentials;

/// The role that a profile's `role_arn` names, assumed with the credentials of its `source_profile` or
/// `credential_source`.
#[derive(Debug, Clone, Copy)]
pub struct AssumeRole;

const SOURCE: Source = Source::AssumeRole;

impl Provider for AssumeRole {
    fn source(&self) -> Source {
        SOURCE
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        let Some(profile) = context.profile()? else {
            return Ok(Answer::Nothing(super::no_default_profile(context)?));
        };
        if !assumes_role(&profile) {
            let why = match profile.get("role_arn") {
                Some(arn) if !arn.is_empty() => "leaves its role_arn to web identity",
                _ => "has no role_arn",
            };
            return Ok(Answer::Nothing(format!("profile {} {why}", profile.name())));
        }
        let plan = plan(context.profiles()?, profile)?;
        let sts = Sts::new(SOURCE, context)?;
        let last = plan.hops.last().map_or("", |hop| hop.profile.as_str());
        let mut credentials = base(context, plan.base, last)?;
        for hop in plan.hops.iter().rev() {
            credentials = assume(&sts, context, hop, &credentials)?;
        }
        Ok(Answer::Credentials(credentials))
    }
}

fn assume(
    sts: &Sts,
    context: &Context,
    hop: &Hop<'_>,
    credentials: &Credentials,
) -> Result<Credentials, ProviderError> {
    let code = match (hop.mfa_serial, context.mfa_prompt()) {
        (None, _) => None,
        (Some(serial), Some(prompt)) => Some(prompt.code(&hop.profile, serial)?),
        (Some(_), None) => {
            return Err(unusable(format!(
                "profile {} needs an MFA code (mfa_serial) and nobody can be asked for it here",
                hop.profile
            )));
        }
    };
    let default_name = default_session_name(context);
    sts.assume_role(
        credentials,
        &AssumeRoleRequest {
            role_arn: hop.role_arn,
            role_session_name: hop.role_session_name.unwrap_or(&default_name),
            external_id: hop.external_id,
            duration_seconds: hop.duration_seconds,
            mfa: hop.mfa_serial.zip(code.as_ref().map(|code| code.as_str())),
        },
    )
}

/// The credentials that sign the first AssumeRole; `named_by` is the profile that names them.
fn base(context: &Context, base: Base<'_>, named_by: &str) -> Result<Credentials, ProviderError> {
    let (what, asked, seen) = match base {
        Base::Source(source) => {
            let mut asked = chain::providers();
            asked.retain(|provider| provider.source() == source);
            let what = format!("credential_source of profile {named_by}");
            (what, asked, context.asking_variables())
        }
        Base::Profile(name) => {
            let what = format!("source_profile of profile {named_by}");
            let seen = context.for_profile(name, &what);
            (what, chain::profile_providers(), seen)
        }
    };
    // All calls that lead to a role are made in the region of the profile that was asked for.
    let seen = match region::configured(context)? {
        Some(region) => seen.with_region(&region.name),
        None => seen,
    };
    let mut reasons = Vec::new();
    for provider in &asked {
        let source = provider.source();
        match provider.provide(&seen)? {
            Answer::Nothing(reason) => reasons.push(format!("{source}: {reason}")),
            Answer::Credentials(credentials) => {
                return match credentials.expires_at() {
                    Some(expired_at) if expired_at <= context.clock().now() => {
                        Err(ProviderError::Expired { source, expired_at })
                    }
                    _ => Ok(credentials),
                };
            }
        }
    }
    Err(unusable(format!(
        "{what} leads to no credentials: {}",
        reasons.join("; ")
    )))
}
