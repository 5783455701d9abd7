//! The request's date: one moment, in the two forms that a signature uses.

use core::{fmt, str};

use time::{Month, OffsetDateTime, Time};

use super::error::DateError;

/// The moment of signing, to the second: `20150830T123600Z`, whose first eight digits are the day of the scope.
///
/// Years 0000 to 9999. There is no way to read the clock here: the date is an argument.
///
/// AWS: "Date handling in Signature Version 4", ISO 8601 basic format, UTC.
///
/// ```
/// use sigv4_kit::signing::Date;
/// let date = Date::parse("20150830T123600Z")?;
/// assert_eq!((date.day(), date.unix_seconds()), ("20150830", 1440938160));
/// assert_eq!(Date::from_unix_seconds(1440938160)?.as_str(), "20150830T123600Z");
/// # Ok::<(), sigv4_kit::signing::DateError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    text: [u8; 16],
    unix_seconds: i64,
}

impl Date {
    /// Seconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// A moment outside the years 0000 to 9999.
    pub fn from_unix_seconds(unix_seconds: i64) -> Result<Self, DateError> {
        let moment =
            OffsetDateTime::from_unix_timestamp(unix_seconds).map_err(|_| DateError::OutOfRange)?;
        let (year, month, day) = moment.to_calendar_date();
        let year = u32::try_from(year).map_err(|_| DateError::OutOfRange)?;
        let [c, y] = [year / 100, year % 100].map(|part| two_digits(part as u8));
        let [m, d] = [u8::from(month), day].map(two_digits);
        let [h, min, s] = [moment.hour(), moment.minute(), moment.second()].map(two_digits);
        let text = [
            c[0], c[1], y[0], y[1], m[0], m[1], d[0], d[1], b'T', h[0], h[1], min[0], min[1], s[0],
            s[1], b'Z',
        ];
        Ok(Date { text, unix_seconds })
    }

    /// `YYYYMMDDThhmmssZ`, as in the header `x-amz-date`.
    ///
    /// # Errors
    /// Any other form, and a date or time that does not exist (leap seconds included).
    pub fn parse(text: &str) -> Result<Self, DateError> {
        let bytes: [u8; 16] = text.as_bytes().try_into().map_err(|_| DateError::Form)?;
        if bytes[8] != b'T' || bytes[15] != b'Z' {
            return Err(DateError::Form);
        }
        let year = read_digits(&bytes[0..4])?;
        let month =
            Month::try_from(read_digits(&bytes[4..6])? as u8).map_err(|_| DateError::NoSuchDate)?;
        let date =
            time::Date::from_calendar_date(year as i32, month, read_digits(&bytes[6..8])? as u8)
                .map_err(|_| DateError::NoSuchDate)?;
        let time = Time::from_hms(
            read_digits(&bytes[9..11])? as u8,
            read_digits(&bytes[11..13])? as u8,
            read_digits(&bytes[13..15])? as u8,
        )
        .map_err(|_| DateError::NoSuchDate)?;
        let unix_seconds = date.with_time(time).assume_utc().unix_timestamp();
        Ok(Date {
            text: bytes,
            unix_seconds,
        })
    }

    /// `20150830T123600Z`.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.text).expect("a date is made of ASCII digits, T and Z")
    }

    pub(super) fn as_bytes(&self) -> &[u8; 16] {
        &self.text
    }

    /// `20150830`, the day of the credential scope.
    pub fn day(&self) -> &str {
        &self.as_str()[..8]
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A number below 100.
fn two_digits(number: u8) -> [u8; 2] {
    [b'0' + number / 10, b'0' + number % 10]
}

fn read_digits(digits: &[u8]) -> Result<u32, DateError> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'9' => Ok(number * 10 + u32::from(digit - b'0')),
        _ => Err(DateError::Form),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_constructors_agree() {
        for text in [
            "19700101T000000Z",
            "20150830T123600Z",
            "20240229T235959Z",
            "00000101T000000Z",
            "99991231T235959Z",
        ] {
            let date = Date::parse(text).unwrap();
            assert_eq!(
                Date::from_unix_seconds(date.unix_seconds()).unwrap(),
                date,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in [
            "",
            "20150830",
            "20150830T123600",
            "20150830t123600Z",
            "2015-08-30T12:36:00Z",
            "2015083éT12360Z",
        ] {
            assert_eq!(Date::parse(text), Err(DateError::Form), "{text}");
        }
        for text in [
            "20150230T000000Z",
            "20151301T000000Z",
            "20150100T000000Z",
            "20150101T240000Z",
            "20161231T235960Z",
        ] {
            assert_eq!(Date::parse(text), Err(DateError::NoSuchDate), "{text}");
        }
        assert_eq!(
            Date::from_unix_seconds(i64::MAX),
            Err(DateError::OutOfRange)
        );
        assert_eq!(
            Date::from_unix_seconds(-62_167_219_201),
            Err(DateError::OutOfRange)
        );
    }
}
