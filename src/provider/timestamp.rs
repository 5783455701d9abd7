//! Points in time as credential sources write them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What [`parse`] understands.
pub const EXPECTED: &str = "an RFC 3339 time with its offset, such as 2026-01-31T12:00:00Z";

/// RFC 3339 to seconds since 1970-01-01T00:00:00Z, a fraction dropped. `UTC` may stand for `Z`, as the AWS CLI writes
/// it in its token cache.
pub fn parse(text: &str) -> Option<i64> {
    let parsed = match text.strip_suffix("UTC") {
        Some(stem) => {
            let mut with_z = std::string::String::from(stem);
            with_z.push('Z');
            OffsetDateTime::parse(&with_z, &Rfc3339)
        }
        None => OffsetDateTime::parse(text, &Rfc3339),
    };
    Some(parsed.ok()?.unix_timestamp())
}
