//! Points in time as credential sources write them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What [`parse`] understands.
pub(crate) const EXPECTED: &str = "an RFC 3339 time with its offset, such as 2026-01-31T12:00:00Z";

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

/// The same the other way: `2026-01-31T12:00:00Z`; `None` outside the years 0 to 9999.
pub fn format(unix_seconds: i64) -> Option<std::string::String> {
    let at = OffsetDateTime::from_unix_timestamp(unix_seconds).ok()?;
    (0..=9999).contains(&at.year()).then(|| {
        let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
        let (hour, minute, second) = at.to_hms();
        std::format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    })
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn a_formatted_time_parses_back() {
        for seconds in [0, -1, 951_782_400, 1_763_510_400, 253_402_300_799] {
            assert_eq!(format(seconds).as_deref().and_then(parse), Some(seconds));
        }
        assert_eq!(
            format(1_763_511_300).as_deref(),
            Some("2025-11-19T00:15:00Z")
        );
        assert_eq!(format(253_402_300_800), None);
        assert_eq!(format(i64::MAX), None);
    }
}
