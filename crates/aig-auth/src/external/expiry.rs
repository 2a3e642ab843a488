//! When a foreign token ends, in whatever notation its source uses: one reading for all of them.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The text names no moment at which a token could end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the expiry is neither RFC 3339 with an offset, nor seconds since 1970")]
#[non_exhaustive]
pub struct InvalidExpiry;

/// The moment that `text` names: RFC 3339 with `Z` or an offset, with or without a fraction, or seconds since 1970.
///
/// A closure that gets an expiry as text reads it with this. One that cannot be read is best treated as unknown, as all
/// sources of this crate do: the token is then asked for again at an interval.
///
/// ```
/// use aig_auth::external::parse_expiry;
///
/// let moment = parse_expiry("2026-01-01T01:00:00.5+01:00")?;
/// assert_eq!(moment, parse_expiry("1767225600.5")?);
/// assert!(parse_expiry("tomorrow").is_err());
/// # Ok::<(), aig_auth::external::InvalidExpiry>(())
/// ```
///
/// # Errors
/// When it names none. A time without an offset is no moment.
pub fn parse_expiry(text: &str) -> Result<Timestamp, InvalidExpiry> {
    let text = text.trim();
    let seconds = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let moment = if seconds { text.parse().ok().and_then(since_1970) } else { text.parse().ok() };
    moment.ok_or(InvalidExpiry)
}

/// The moment so many seconds after the beginning of 1970, if a calendar has it.
pub(super) fn since_1970(seconds: f64) -> Option<Timestamp> {
    let since = SignedDuration::try_from(Duration::try_from_secs_f64(seconds).ok()?).ok()?;
    Timestamp::UNIX_EPOCH.checked_add(since).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// A4.
        #[test]
        fn every_moment_is_read_back_from_every_offset(second in 0i64..4_102_444_800, ms in 0i32..1_000, hours in -12i8..=14) {
            let moment = Timestamp::new(second, ms * 1_000_000).unwrap();
            let there = moment.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(hours)));
            prop_assert_eq!(parse_expiry(&there.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()), Ok(moment));
            prop_assert_eq!(parse_expiry(&moment.to_string()), Ok(moment));
            prop_assert_eq!(parse_expiry(&second.to_string()), Ok(Timestamp::from_second(second).unwrap()));
        }

        #[test]
        fn no_text_panics(text in "[-+0-9TtZz:. e]{0,40}|.*") {
            let _ = parse_expiry(&text);
        }
    }

    /// A4.
    #[test]
    fn a_moment_is_read_with_z_with_an_offset_with_a_fraction_and_as_seconds() {
        for text in [
            "2026-01-01T00:00:00Z",
            "2026-01-01t00:00:00z",
            "2026-01-01T00:00:00.000Z",
            "2026-01-01T00:00:00.000000000Z",
            "2026-01-01T01:00:00+01:00",
            "2025-12-31T18:30:00-05:30",
            "2026-01-01 00:00:00+00:00",
            "  2026-01-01T00:00:00Z\n",
            "1767225600",
            "1767225600.0",
        ] {
            assert_eq!(parse_expiry(text).unwrap().to_string(), "2026-01-01T00:00:00Z", "{text:?}");
        }
    }

    /// A4.
    #[test]
    fn what_names_no_moment_is_refused() {
        for text in [
            "",
            "never",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-13-01T00:00:00Z",
            "Thu, 01 Jan 2026 00:00:00 GMT",
            "inf",
            "nan",
            "-1",
            "1e9",
            "1.2.3",
            ".",
            "99999999999999999999",
            "1767225600000",
        ] {
            assert_eq!(parse_expiry(text), Err(InvalidExpiry), "{text:?}");
        }
    }
}
