//! Host name to signing service and region.
//!
//! [`infer`] reads a host from the right: DNS suffix, region label, then the labels that name the service; all it
//! knows beyond this shape stands in one table, `table.rs`. It answers `None` for every host that is not AWS's own
//! (custom domains, addresses, look-alikes) and for hosts of AWS that take no signature (load balancers, databases,
//! websites): there the caller states service and region.
//!
//! ```
//! use sigv4_kit::endpoint::infer;
//!
//! let scope = infer("search-movies-abc123.us-west-2.es.amazonaws.com").unwrap();
//! assert_eq!(scope.service, "es");
//! assert_eq!(scope.region(None), "us-west-2");
//! assert_eq!(infer("es.amazonaws.com.evil.example"), None);
//! ```

mod table;

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;
use table::{Partition, Suffix};

/// What a host name says about signing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Scope {
    /// The signing name of the service, as in the credential scope: `es`, `s3`, `execute-api`.
    pub service: String,
    /// The region, or that the host does not tell it.
    pub region: Region,
    /// How the host authenticates requests.
    pub scheme: Scheme,
}

/// The region of a [`Scope`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// The host names it, or every request to this host is signed for it (`us-east-1` at `iam.amazonaws.com`).
    /// It is `*` where [`Scheme::V4a`] signs for every region.
    Known(String),
    /// The host serves buckets of several regions: the configured region applies, and this one where none is
    /// configured. The server names the right region when the choice was wrong.
    Unknown {
        /// The partition's global region.
        default: &'static str,
    },
}

/// How a host authenticates requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scheme {
    /// AWS Signature Version 4.
    V4,
    /// AWS Signature Version 4A, asymmetric: signed for several regions at once.
    V4a,
    /// AWS Signature Version 2.
    V2,
    /// A bearer token.
    Bearer,
}

/// A host that does not accept Signature Version 4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemeError {
    service: String,
    scheme: Scheme,
}

impl Scope {
    /// The region to sign for: the one that the host tells, else `configured`, else the partition's global region.
    #[must_use]
    pub fn region<'a>(&'a self, configured: Option<&'a str>) -> &'a str {
        match &self.region {
            Region::Known(region) => region,
            Region::Unknown { default } => configured.unwrap_or(default),
        }
    }

    /// Whether a Signature Version 4 can be accepted by this host.
    ///
    /// # Errors
    /// The scheme that the host wants instead.
    pub fn require_v4(&self) -> Result<(), SchemeError> {
        match self.scheme {
            Scheme::V4 => Ok(()),
            scheme => Err(SchemeError {
                service: self.service.clone(),
                scheme,
            }),
        }
    }
}

impl fmt::Display for SchemeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wanted = match self.scheme {
            Scheme::V4 => "AWS Signature Version 4",
            Scheme::V4a => "AWS Signature Version 4A (asymmetric)",
            Scheme::V2 => "AWS Signature Version 2",
            Scheme::Bearer => "a bearer token",
        };
        let service = &self.service;
        write!(
            f,
            "this {service} endpoint takes {wanted}, not AWS Signature Version 4"
        )
    }
}

impl core::error::Error for SchemeError {}

/// The signing service and region of `host`, which may carry a port and a final dot.
///
/// ```
/// use sigv4_kit::endpoint::{infer, Region};
///
/// let scope = infer("bucket.s3.amazonaws.com").unwrap();
/// assert_eq!(scope.region, Region::Unknown { default: "us-east-1" });
/// assert_eq!(scope.region(Some("eu-west-1")), "eu-west-1");
/// assert!(infer("id.accesspoint.s3-global.amazonaws.com").unwrap().require_v4().is_err());
/// ```
#[must_use]
pub fn infer(host: &str) -> Option<Scope> {
    let host = bare(host)?;
    let (labels, dns_suffix, kind) = split_suffix(&host)?;
    let labels: Vec<&str> = labels.split('.').collect();

    // `service.region`, `id.service.region`, `id.region.service`; a region further left is part of a bucket's name.
    let region_label = labels
        .iter()
        .rposition(|label| partition_of(label).is_some());
    if let Some(at) = region_label {
        let (left, region, right) = (&labels[..at], labels[at], &labels[at + 1..]);
        let name = match right {
            [] | ["vpce" | "us-gov"] if kind != Suffix::SignIn => name(left),
            [service] if is_region_first(service, kind) => name(right),
            _ => String::new(),
        };
        if !name.is_empty() {
            let partition = partition_of(region)?;
            return scope(&name, partition, Region::Known(region.to_owned()));
        }
    }
    if kind == Suffix::Resource {
        return None;
    }
    scope_without_region(&labels, dns_suffix, kind)
}

fn is_region_first(service: &str, kind: Suffix) -> bool {
    let service = without_fips(service);
    match kind {
        Suffix::SignIn => service == "signin",
        _ => table::REGION_FIRST.contains(&service),
    }
}

/// The DNS suffix of regional endpoints in `region`: `amazonaws.com`, `amazonaws.com.cn`, …
///
/// A region that matches no partition's pattern is taken for one of the partition `aws`, as AWS's SDKs do.
#[must_use]
pub fn dns_suffix(region: &str) -> &'static str {
    let partition = partition_of(region).unwrap_or(&table::PARTITIONS[0]);
    partition.suffixes[Suffix::Classic as usize]
}

/// The DNS suffix of dual-stack (IPv4 and IPv6) endpoints in `region`: `api.aws`, `api.amazonwebservices.com.cn`, …
#[must_use]
pub fn dual_stack_dns_suffix(region: &str) -> &'static str {
    let partition = partition_of(region).unwrap_or(&table::PARTITIONS[0]);
    partition.suffixes[Suffix::DualStack as usize]
}

/// The DNS suffix of the sign-in service's endpoints in `region`: `aws.amazon.com`, `amazonaws.cn`, …
#[must_use]
pub fn sign_in_dns_suffix(region: &str) -> &'static str {
    let partition = partition_of(region).unwrap_or(&table::PARTITIONS[0]);
    partition.suffixes[Suffix::SignIn as usize]
}

/// Hosts that name no region: services of a whole partition, and S3's older forms.
fn scope_without_region(labels: &[&str], dns_suffix: &str, kind: Suffix) -> Option<Scope> {
    let (left, mark) = match labels {
        [left @ .., mark @ ("global" | "aws-global" | "us-gov")] => (left, Some(*mark)),
        _ => (labels, None),
    };
    let partition = partition_without_region(dns_suffix, kind, mark)?;
    let global = Region::Known(partition.global_region.to_owned());
    let default = partition.global_region;
    let name = name(left);
    if kind == Suffix::SignIn {
        return if name == "signin" {
            scope(&name, partition, global)
        } else {
            None
        };
    }
    if matches_any(table::SEVERAL_REGIONS, &name) {
        return scope(&name, partition, Region::Unknown { default });
    }
    if let Some(region) = s3_dash_region(&name) {
        return scope(
            "s3",
            partition_of(region)?,
            Region::Known(region.to_owned()),
        );
    }
    let is_global =
        |pattern: &&str| *pattern == name || pattern.starts_with('*') && matches(pattern, &name);
    if mark.is_some() || table::GLOBAL.iter().any(is_global) {
        return scope(&name, partition, global);
    }
    None
}

/// AWS GovCloud (US) shares its suffixes with the partition `aws`. Its hosts without a region have the label `us-gov`,
/// or are dual-stack without any label: `cloudfront.api.aws`, where `aws` has `cloudfront.global.api.aws`.
fn partition_without_region(
    dns_suffix: &str,
    kind: Suffix,
    mark: Option<&str>,
) -> Option<&'static Partition> {
    let mut partitions = table::PARTITIONS
        .iter()
        .filter(|partition| partition.suffixes[kind as usize] == dns_suffix);
    match mark {
        Some("us-gov") => partitions.next_back(),
        None if kind == Suffix::DualStack => partitions.next_back(),
        _ => partitions.next(),
    }
}

/// The region in S3's older form `s3-eu-west-1.amazonaws.com`, `bucket.s3-fips-us-gov-west-1.amazonaws.com`.
fn s3_dash_region(name: &str) -> Option<&str> {
    let label = name.rsplit('.').next()?.strip_prefix("s3-")?;
    let region = label.strip_prefix("fips-").unwrap_or(label);
    partition_of(region).map(|_| region)
}

/// The scope of `name`, the labels that stand for the service.
fn scope(name: &str, partition: &Partition, region: Region) -> Option<Scope> {
    let label = name.rsplit('.').next()?;
    if !label.starts_with(|c: char| c.is_ascii_lowercase()) || matches_any(table::UNSIGNED, name) {
        return None;
    }
    let is_it = |pattern: &str| matches(pattern, name);
    let scheme = table::SCHEMES.iter().find(|row| is_it(row.0));
    let scheme = scheme.map_or(Scheme::V4, |row| row.1);
    let alias = table::ALIASES.iter().find(|row| is_it(row.0));
    let service = alias.map_or(label, |row| row.1);
    let mut pinned = table::PINNED.iter().filter(|row| row.1 == partition.name);
    let (service, region) = match pinned.find(|row| is_it(row.0)) {
        _ if scheme == Scheme::V4a => (service, Region::Known("*".to_owned())),
        Some(row) => (row.2, Region::Known(row.3.to_owned())),
        None => (service, region),
    };
    let service = service.to_owned();
    Some(Scope {
        service,
        region,
        scheme,
    })
}

fn matches_any(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, name))
}

/// `pattern` matches the last labels of `name`: `a.b` them alone or with labels in front, `*.a` with labels in front
/// only; `*-a` and `a-*` match the end and the beginning of the last label.
fn matches(pattern: &str, name: &str) -> bool {
    let label = name.rsplit('.').next().unwrap_or(name);
    if let Some(end) = pattern.strip_prefix("*-") {
        return label
            .strip_suffix(end)
            .is_some_and(|front| front.ends_with('-'));
    }
    if let Some(start) = pattern.strip_suffix("-*") {
        return label
            .strip_prefix(start)
            .is_some_and(|rest| rest.starts_with('-'));
    }
    let (end, must_have_front) = match pattern.strip_prefix("*.") {
        Some(end) => (end, true),
        None => (pattern, false),
    };
    match name.strip_suffix(end) {
        Some("") => !must_have_front,
        Some(front) => front.ends_with('.'),
        None => false,
    }
}

/// The labels as one name, without the marks of FIPS and dual-stack variants.
fn name(labels: &[&str]) -> String {
    let kept: Vec<&str> = labels
        .iter()
        .filter(|label| !matches!(**label, "dualstack" | "fips"))
        .map(|label| without_fips(label))
        .collect();
    kept.join(".")
}

fn without_fips(label: &str) -> &str {
    label.strip_suffix("-fips").unwrap_or(label)
}

/// The partition whose region pattern, `geography-word-number`, matches.
fn partition_of(region: &str) -> Option<&'static Partition> {
    let (rest, number) = region.rsplit_once('-')?;
    let (geography, word) = rest.rsplit_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let is_word = !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
    if !is_number || !is_word {
        return None;
    }
    let is_geography = |pattern: &&str| match pattern.strip_suffix("??") {
        Some(start) => geography.len() == pattern.len() && geography.starts_with(start),
        None => geography == *pattern,
    };
    table::PARTITIONS
        .iter()
        .find(|partition| partition.geographies.iter().any(is_geography))
}

/// The host in lower case, without port and final dot; `None` where a label is empty or has a character that host
/// names of AWS never have.
fn bare(host: &str) -> Option<String> {
    let host = match host.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        Some(_) => return None,
        None => host,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        !label.is_empty() && label.bytes().all(is_allowed)
    };
    host.split('.')
        .all(is_label)
        .then(|| host.to_ascii_lowercase())
}

/// The labels in front of the longest known DNS suffix, the suffix, and its kind.
fn split_suffix(host: &str) -> Option<(&str, &'static str, Suffix)> {
    let kinds = [
        Suffix::Classic,
        Suffix::DualStack,
        Suffix::Resource,
        Suffix::SignIn,
    ];
    let mut found: Option<(&str, &'static str, Suffix)> = None;
    for partition in &table::PARTITIONS {
        for kind in kinds {
            let suffix = partition.suffixes[kind as usize];
            let labels = host
                .strip_suffix(suffix)
                .and_then(|rest| rest.strip_suffix('.'));
            let Some(labels) = labels.filter(|_| !suffix.is_empty()) else {
                continue;
            };
            if found.is_none_or(|(_, longest, _)| suffix.len() > longest.len()) {
                found = Some((labels, suffix, kind));
            }
        }
    }
    found
}
