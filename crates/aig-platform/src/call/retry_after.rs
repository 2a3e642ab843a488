//! The `Retry-After` header (RFC 9110, section 10.2.3): seconds, a date, or nonsense.

use std::time::Duration;

use http::{HeaderMap, header};
use jiff::{Timestamp, fmt::rfc2822};

/// The longest wait that a server may ask for in the middle of a call.
const LONGEST: Duration = Duration::from_secs(60);

/// The wait that the server asks for. A date is measured against the server's own clock where it tells it, so that a
/// wrong clock here changes nothing. What cannot be read is no wish.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let served_at = headers.get(header::DATE).and_then(|value| date(value.to_str().ok()?)).unwrap_or(now);
    headers.get_all(header::RETRY_AFTER).iter().filter_map(|value| wait(value.to_str().ok()?.trim(), served_at)).next()
}

fn wait(text: &str, now: Timestamp) -> Option<Duration> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text.parse().map_or(LONGEST, Duration::from_secs).min(LONGEST));
    }
    let wait = date(text)?.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO).min(LONGEST))
}

fn date(text: &str) -> Option<Timestamp> {
    static PARSER: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new();
    PARSER.parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(values: &[&str], served_at: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        values.iter().for_each(|value| {
            headers.append(header::RETRY_AFTER, value.parse().unwrap());
        });
        if let Some(date) = served_at {
            headers.insert(header::DATE, date.parse().unwrap());
        }
        retry_after(&headers, "2026-11-22T03:00:00Z".parse().unwrap()).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_dates_and_nonsense_are_told_apart_and_clamped() {
        for (value, expected) in [
            ("0", Some(0)),
            ("5", Some(5)),
            (" 7 ", Some(7)),
            ("1000000000", Some(60)),
            ("99999999999999999999999999", Some(60)),
            ("-1", None),
            ("1e3", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
            ("Sun, 22 Nov 2026 03:00:09 GMT", Some(9)),
            ("Sun, 22 Nov 2026 02:00:00 GMT", Some(0)),
            ("Mon, 22 Nov 2027 03:00:00 GMT", Some(60)),
            ("Sun, 99 Nov 2026 03:00:00 GMT", None),
        ] {
            assert_eq!(asked(&[value], None), expected, "{value:?}");
        }
    }

    #[test]
    fn of_two_the_first_that_can_be_read_counts() {
        assert_eq!(asked(&["nonsense", "4", "9"], None), Some(4));
        assert_eq!(asked(&[], None), None);
    }

    #[test]
    fn a_date_is_measured_against_the_clock_of_the_server() {
        let skewed = Some("Sun, 22 Nov 2026 08:00:00 GMT");
        assert_eq!(asked(&["Sun, 22 Nov 2026 08:00:10 GMT"], skewed), Some(10));
    }
}
