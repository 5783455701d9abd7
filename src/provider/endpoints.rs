//! Where the services that give out credentials are: a configured endpoint, else the host of the region's partition.

use std::format;
use std::prelude::rust_2024::*;

use super::{Context, ProviderError, Setting};
use crate::endpoint::{dns_suffix, dual_stack_dns_suffix, sign_in_dns_suffix};
use crate::url::Url;

/// A service that gives out credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Api {
    /// AWS Security Token Service.
    Sts,
    /// The portal of IAM Identity Center.
    Sso,
    /// IAM Identity Center's OpenID Connect service.
    SsoOidc,
    /// The sign-in service of `aws login`.
    SignIn,
}

impl Api {
    /// The name in a `services` section; in upper case the end of `AWS_ENDPOINT_URL_…`.
    fn id(self) -> &'static str {
        match self {
            Api::Sts => "sts",
            Api::Sso => "sso",
            Api::SsoOidc => "sso_oidc",
            Api::SignIn => "signin",
        }
    }

    /// The host's labels before the region.
    fn prefix(self) -> &'static str {
        match self {
            Api::Sts => "sts",
            Api::Sso => "portal.sso",
            Api::SsoOidc => "oidc",
            Api::SignIn => "signin",
        }
    }
}

/// The base URL of `api` in `region`.
///
/// In order: `AWS_ENDPOINT_URL_STS` (or `_SSO`, `_SSO_OIDC`, `_SIGNIN`), `AWS_ENDPOINT_URL`, the `endpoint_url` that the
/// profile's `services` section has for the service, the profile's `endpoint_url`; none of them where
/// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` or `ignore_configured_endpoint_urls` is true. Else the partition's own host,
/// as `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT` (or the profile) choose it.
///
/// # Errors
/// A configured endpoint that is no URL, or stands beside a FIPS or dual-stack choice (which could not be kept); a
/// `services` section that is named and does not exist; shared files that cannot be used.
pub fn endpoint(api: Api, context: &Context, region: &str) -> Result<Url, ProviderError> {
    let fips = choice(context, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")?;
    let dual_stack = choice(
        context,
        "AWS_USE_DUALSTACK_ENDPOINT",
        "use_dualstack_endpoint",
    )?;
    if let Some(setting) = configured(api, context)? {
        if let Some(chosen) = fips.or(dual_stack) {
            return Err(ProviderError::Setting {
                name: format!("{} beside {}", chosen.origin, setting.origin),
                expected: "false or unset where an endpoint URL is configured",
            });
        }
        return Url::parse(&setting.value).map_err(|_| ProviderError::Setting {
            name: setting.origin,
            expected: "an http or https URL without userinfo",
        });
    }
    let host = host(api, region, fips.is_some(), dual_stack.is_some());
    Url::parse(&format!("https://{host}")).map_err(|_| ProviderError::Setting {
        name: format!("the region {region:?}"),
        expected: "a region such as eu-west-1: letters, digits and hyphens",
    })
}

/// The rules that AWS publishes for these services' hosts.
fn host(api: Api, region: &str, fips: bool, dual_stack: bool) -> String {
    let prefix = api.prefix();
    let region = match region == GLOBAL && (fips || dual_stack) {
        true => "us-east-1",
        false => region,
    };
    let gov_cloud = region.starts_with("us-gov-");
    match (fips, dual_stack) {
        (false, false) if region == GLOBAL => format!("{prefix}.{}", dns_suffix("us-east-1")),
        (false, false) if api == Api::SignIn => {
            format!("{region}.{prefix}.{}", sign_in_dns_suffix(region))
        }
        (true, false) if api == Api::SignIn && gov_cloud => {
            format!("{region}.{prefix}-fips.{}", sign_in_dns_suffix(region))
        }
        (false, false) => format!("{prefix}.{region}.{}", dns_suffix(region)),
        // GovCloud's plain hosts are its FIPS hosts.
        (true, false) if gov_cloud => format!("{prefix}.{region}.{}", dns_suffix(region)),
        (true, false) => format!("{prefix}-fips.{region}.{}", dns_suffix(region)),
        (false, true) => format!("{prefix}.{region}.{}", dual_stack_dns_suffix(region)),
        (true, true) => format!("{prefix}-fips.{region}.{}", dual_stack_dns_suffix(region)),
    }
}

/// The region name of endpoints that serve every region of the partition `aws`.
pub(super) const GLOBAL: &str = "aws-global";

fn configured(api: Api, context: &Context) -> Result<Option<Setting>, ProviderError> {
    let ignored = choice(
        context,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "ignore_configured_endpoint_urls",
    )?;
    if ignored.is_some() {
        return Ok(None);
    }
    let of_service = format!("AWS_ENDPOINT_URL_{}", api.id().to_ascii_uppercase());
    for variable in [of_service.as_str(), "AWS_ENDPOINT_URL"] {
        if let Some(value) = context.environment().variable(variable) {
            return Ok(Some(Setting {
                value: value.as_str().into(),
                origin: variable.into(),
            }));
        }
    }
    let Some(profile) = context.profile()? else {
        return Ok(None);
    };
    if let Some(name) = profile.value("services") {
        let Some(services) = context.profiles()?.services(name) else {
            return Err(ProviderError::Setting {
                name: format!("services of profile {}", profile.name()),
                expected: "the name of a [services …] section of the config file",
            });
        };
        if let Some(url) = services.nested(api.id(), "endpoint_url")
            && !url.is_empty()
        {
            return Ok(Some(Setting {
                value: url.into(),
                origin: format!("endpoint_url of {} in services {name}", api.id()),
            }));
        }
    }
    let url = profile.value("endpoint_url");
    Ok(url.map(|url| Setting {
        value: url.into(),
        origin: format!("endpoint_url of profile {}", profile.name()),
    }))
}

/// The setting, where it is "true" in any case; everything else is false.
fn choice(context: &Context, variable: &str, key: &str) -> Result<Option<Setting>, ProviderError> {
    let setting = context.setting(variable, key)?;
    Ok(setting.filter(|setting| setting.value.eq_ignore_ascii_case("true")))
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::ToString;

    use super::{Api, endpoint, host};
    use crate::provider::{Clock, Context, Environment, ProviderError};

    const S: Api = Api::Sts;

    #[test]
    fn hosts_follow_partition_fips_and_dual_stack() {
        for (api, region, fips, dual_stack, expected) in [
            (S, "us-east-1", false, false, "sts.us-east-1.amazonaws.com"),
            (
                S,
                "us-west-2",
                true,
                false,
                "sts-fips.us-west-2.amazonaws.com",
            ),
            (S, "us-east-1", true, true, "sts-fips.us-east-1.api.aws"),
            (S, "us-east-1", false, true, "sts.us-east-1.api.aws"),
            (
                S,
                "cn-north-1",
                false,
                false,
                "sts.cn-north-1.amazonaws.com.cn",
            ),
            (
                S,
                "cn-north-1",
                true,
                true,
                "sts-fips.cn-north-1.api.amazonwebservices.com.cn",
            ),
            (
                S,
                "us-gov-east-1",
                true,
                false,
                "sts.us-gov-east-1.amazonaws.com",
            ),
            (
                S,
                "us-gov-east-1",
                true,
                true,
                "sts-fips.us-gov-east-1.api.aws",
            ),
            (
                S,
                "us-iso-east-1",
                false,
                false,
                "sts.us-iso-east-1.c2s.ic.gov",
            ),
            (
                S,
                "us-isob-east-1",
                true,
                false,
                "sts-fips.us-isob-east-1.sc2s.sgov.gov",
            ),
            (
                S,
                "eusc-de-east-1",
                false,
                false,
                "sts.eusc-de-east-1.amazonaws.eu",
            ),
            (S, "aws-global", false, false, "sts.amazonaws.com"),
            (
                S,
                "aws-global",
                true,
                false,
                "sts-fips.us-east-1.amazonaws.com",
            ),
            (
                Api::Sso,
                "eu-west-1",
                false,
                false,
                "portal.sso.eu-west-1.amazonaws.com",
            ),
            (
                Api::Sso,
                "us-east-1",
                true,
                false,
                "portal.sso-fips.us-east-1.amazonaws.com",
            ),
            (
                Api::Sso,
                "us-gov-east-1",
                true,
                false,
                "portal.sso.us-gov-east-1.amazonaws.com",
            ),
            (
                Api::SsoOidc,
                "eu-west-1",
                false,
                false,
                "oidc.eu-west-1.amazonaws.com",
            ),
            (
                Api::SsoOidc,
                "cn-north-1",
                false,
                true,
                "oidc.cn-north-1.api.amazonwebservices.com.cn",
            ),
            (
                Api::SignIn,
                "us-east-1",
                false,
                false,
                "us-east-1.signin.aws.amazon.com",
            ),
            (
                Api::SignIn,
                "cn-north-1",
                false,
                false,
                "cn-north-1.signin.amazonaws.cn",
            ),
            (
                Api::SignIn,
                "us-gov-west-1",
                false,
                false,
                "us-gov-west-1.signin.amazonaws-us-gov.com",
            ),
            (
                Api::SignIn,
                "us-gov-west-1",
                true,
                false,
                "us-gov-west-1.signin-fips.amazonaws-us-gov.com",
            ),
            (
                Api::SignIn,
                "ca-central-1",
                true,
                false,
                "signin-fips.ca-central-1.amazonaws.com",
            ),
            (
                Api::SignIn,
                "eu-west-2",
                false,
                true,
                "signin.eu-west-2.api.aws",
            ),
        ] {
            assert_eq!(host(api, region, fips, dual_stack), expected);
        }
    }

    fn context(config: &str, variables: &[(&str, &str)]) -> Context {
        let mut environment = Environment::empty()
            .with_variable("AWS_CONFIG_FILE", "/config")
            .with_file("/config", config);
        for (name, value) in variables {
            environment = environment.with_variable(name, value);
        }
        Context::new(environment, Clock::fixed(0))
    }

    const CONFIG: &str = "[default]\nservices = s\nendpoint_url = http://profile\n\
        [services s]\nsts =\n  endpoint_url = http://services\ns3 =\n  endpoint_url = http://wrong\n";

    #[test]
    fn a_configured_endpoint_goes_by_service_then_all_and_variables_go_before_the_profile() {
        for (api, variables, expected) in [
            (
                S,
                &[
                    ("AWS_ENDPOINT_URL_STS", "http://one"),
                    ("AWS_ENDPOINT_URL", "http://all"),
                ][..],
                "http://one/",
            ),
            (
                S,
                &[
                    ("AWS_ENDPOINT_URL_SSO", "http://one"),
                    ("AWS_ENDPOINT_URL", "http://all"),
                ],
                "http://all/",
            ),
            (S, &[("AWS_ENDPOINT_URL_STS", "")], "http://services/"),
            (
                Api::SsoOidc,
                &[("AWS_ENDPOINT_URL_SSO", "http://one")],
                "http://profile/",
            ),
            (
                Api::SsoOidc,
                &[("AWS_ENDPOINT_URL_SSO_OIDC", "http://one")],
                "http://one/",
            ),
            (
                S,
                &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE")],
                "https://sts.eu-west-1.amazonaws.com/",
            ),
            (
                S,
                &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "1")],
                "http://services/",
            ),
        ] {
            let url = endpoint(api, &context(CONFIG, variables), "eu-west-1");
            assert_eq!(
                url.map(|url| url.to_string()).as_deref().ok(),
                Some(expected)
            );
        }
    }

    #[test]
    fn what_is_configured_wrongly_says_where_it_stands() {
        for (config, variables, expected) in [
            (
                "",
                &[("AWS_ENDPOINT_URL", "localhost:4566")][..],
                "AWS_ENDPOINT_URL is not allowed",
            ),
            (
                "[default]\nservices = x\n",
                &[],
                "services of profile default is not allowed",
            ),
            (
                "",
                &[
                    ("AWS_ENDPOINT_URL", "http://h"),
                    ("AWS_USE_FIPS_ENDPOINT", "true"),
                ],
                "AWS_USE_FIPS_ENDPOINT beside AWS_ENDPOINT_URL is not allowed",
            ),
        ] {
            let error: Option<ProviderError> =
                endpoint(S, &context(config, variables), "eu-west-1").err();
            let text = error.map(|error| error.to_string()).unwrap_or_default();
            assert!(text.starts_with(expected), "{text}");
        }
        assert_eq!(format!("{:?}", Api::Sts), "Sts");
    }
}
