//! The server's clock, from what it says.

use std::format;
use std::prelude::rust_2024::*;

use time::{Date, Month};

use super::answer::{Answer, header};

/// After a longer wait a `Date` says too little: half of it is the error, and 4 minutes are the tolerance.
const SLOWEST_ANSWER_SECONDS: u64 = 300;
/// A clock that is off by no more is not what a server refuses.
const TOLERATED_SKEW_SECONDS: u64 = 240;

/// How far the server's clock is ahead of ours, in seconds, by the `Date` header of any answer.
///
/// `sent_at` and `received_at` are our clock's seconds since 1970-01-01T00:00:00Z; the server's date is taken to be from
/// the middle between them. `None` without a readable `Date`, for an answer that a cache kept (`Age`), and for one that
/// took more than 300 seconds. A client that adds this to its clock before it signs keeps in step with the server.
///
/// ```
/// let headers = [("Date", "Thu, 01 Jan 2026 00:05:01 GMT")];
/// let skew = sigv4_kit::diagnose::measured_skew(&headers, 1_767_225_600, 1_767_225_602);
/// assert_eq!(skew, Some(300));
/// ```
pub fn measured_skew(headers: &[(&str, &str)], sent_at: i64, received_at: i64) -> Option<i64> {
    let elapsed_seconds = u64::try_from(received_at.checked_sub(sent_at)?).ok()?;
    let server = trusted_date(headers, elapsed_seconds)?;
    server.checked_sub(sent_at.checked_add(i64::try_from(elapsed_seconds / 2).ok()?)?)
}

/// The server's time by a `Date` that can be believed, if the date that was signed is too far from it.
pub(super) fn intolerable(answer: &Answer<'_>) -> Option<(i64, i64)> {
    let (ours, servers) = (answer.refusal.signed_at?, date_header(answer)?);
    (ours.abs_diff(servers) > TOLERATED_SKEW_SECONDS).then_some((ours, servers))
}

/// The server's time in seconds since 1970: from the message, from `<ServerTime>`, else from the `Date` header.
pub(super) fn server_time(answer: &Answer<'_>) -> Option<i64> {
    bracketed(&answer.message)
        .or_else(|| extended(&answer.server_time))
        .or_else(|| date_header(answer))
}

fn date_header(answer: &Answer<'_>) -> Option<i64> {
    trusted_date(answer.refusal.headers, answer.refusal.elapsed_seconds)
}

fn trusted_date(headers: &[(&str, &str)], elapsed_seconds: u64) -> Option<i64> {
    if header(headers, "age").is_some() || elapsed_seconds > SLOWEST_ANSWER_SECONDS {
        return None;
    }
    imf_fixdate(header(headers, "date")?)
}

/// `this clock is 5 min 23 s behind the server's`.
pub(super) fn skew_in_words(ours: i64, servers: i64) -> String {
    let seconds = ours.abs_diff(servers);
    let amount = match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min {} s", seconds / 60, seconds % 60),
        7200..=172_799 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => format!("{} days", seconds / 86_400),
    };
    let side = if ours < servers { "behind" } else { "ahead of" };
    format!("this clock is {amount} {side} the server's")
}

// (20151221T201950Z - 5 min.)  or  (20180404T064916Z + 15 min.)
fn bracketed(message: &str) -> Option<i64> {
    let rest = message.split('(').skip(1).find(|rest| {
        rest.get(16..)
            .is_some_and(|tail| tail.starts_with(" - ") || tail.starts_with(" + "))
    })?;
    basic(rest.get(..16)?)
}

// 20151221T201950Z
fn basic(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    unix(
        digits(text.get(..4)?)?,
        digits(text.get(4..6)?)?,
        digits(text.get(6..8)?)?,
        [text.get(9..11)?, text.get(11..13)?, text.get(13..15)?],
    )
}

// 2015-12-21T20:19:50Z, with or without a fraction
fn extended(text: &str) -> Option<i64> {
    let (date, rest) = text.trim().split_once('T')?;
    let rest = rest.strip_suffix('Z')?;
    let mut date = date.splitn(3, '-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let clock = rest.split('.').next()?;
    unix(
        digits(year)?,
        digits(month)?,
        digits(day)?,
        clock_parts(clock)?,
    )
}

/// The seconds that a Retry-After header asks for: a number, or a date less that of the answer. RFC 9110 section 10.2.3.
pub(crate) fn retry_after_seconds(retry_after: &str, date: Option<&str>) -> Option<u64> {
    let retry_after = retry_after.trim();
    if let Ok(seconds) = retry_after.parse() {
        return Some(seconds);
    }
    let wait = imf_fixdate(retry_after)?.checked_sub(imf_fixdate(date?.trim())?)?;
    Some(u64::try_from(wait).unwrap_or_default())
}

// Mon, 21 Dec 2015 20:19:50 GMT (RFC 9110, section 5.6.7)
fn imf_fixdate(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut parts = text.trim().split_once(", ")?.1.splitn(5, ' ');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let clock = parts.next()?;
    if parts.next()? != "GMT" {
        return None;
    }
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    unix(
        digits(year)?,
        month as u32,
        digits(day)?,
        clock_parts(clock)?,
    )
}

fn clock_parts(clock: &str) -> Option<[&str; 3]> {
    let mut parts = clock.splitn(3, ':');
    Some([parts.next()?, parts.next()?, parts.next()?])
}

fn unix(year: u32, month: u32, day: u32, clock: [&str; 3]) -> Option<i64> {
    let small = |text: &str| digits(text).and_then(|n| u8::try_from(n).ok());
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?);
    let time = date
        .ok()?
        .with_hms(small(clock[0])?, small(clock[1])?, small(clock[2])?);
    Some(time.ok()?.assume_utc().unix_timestamp())
}

fn digits(text: &str) -> Option<u32> {
    match text.bytes().all(|b| b.is_ascii_digit()) {
        true => text.parse().ok(),
        false => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_forms_name_the_same_second() {
        let expected = Some(1_450_729_190);
        assert_eq!(
            bracketed("x (y) now earlier (20151221T201950Z - 5 min.)"),
            expected
        );
        assert_eq!(bracketed("(20151221T201950Z + 15 min.)"), expected);
        assert_eq!(extended("2015-12-21T20:19:50Z"), expected);
        assert_eq!(extended("2015-12-21T20:19:50.123Z"), expected);
        assert_eq!(imf_fixdate("Mon, 21 Dec 2015 20:19:50 GMT"), expected);
    }

    #[test]
    fn the_server_may_ask_for_seconds_or_name_a_date() {
        let date = Some("Sun, 30 Aug 2015 12:36:00 GMT");
        for (retry_after, date, seconds) in [
            (" 7 ", None, Some(7)),
            ("Sun, 30 Aug 2015 12:37:30 GMT", date, Some(90)),
            ("Sun, 30 Aug 2015 12:35:00 GMT", date, Some(0)),
            ("Sun, 30 Aug 2015 12:37:30 GMT", None, None),
            ("-1", date, None),
            ("soon", date, None),
        ] {
            assert_eq!(
                retry_after_seconds(retry_after, date),
                seconds,
                "{retry_after}"
            );
        }
    }

    #[test]
    fn what_is_not_a_date_is_not_read() {
        for text in [
            "",
            "(",
            "(20151221T201950Z)",
            "(20151321T201950Z - 5 min.)",
            "(ééééééééé - 5",
        ] {
            assert_eq!(bracketed(text), None, "{text}");
        }
        for text in [
            "",
            "2015-12-21",
            "2015-12-21T20:19:50",
            "2015-13-21T20:19:50Z",
        ] {
            assert_eq!(extended(text), None, "{text}");
        }
        for text in [
            "",
            "Mon, 21 Dec 2015",
            "Mon, 21 Dez 2015 20:19:50 GMT",
            "Mon, 21 Dec 2015 20:19:50 CET",
        ] {
            assert_eq!(imf_fixdate(text), None, "{text}");
        }
    }
}
