//! The `Retry-After` header: seconds or a date (RFC 9110 section 10.2.3).

use std::time::Duration;

use ::http::{HeaderMap, header};

use crate::clock::{Clock as _, SystemClock, elapsed};

/// The wait that `headers` ask for. A date is compared with the server's own clock where it tells that.
pub(super) fn of(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = server_time(headers).unwrap_or_else(|| SystemClock::new().now());
    Some(elapsed(now, parse(text)?))
}

/// What the server's clock showed when it answered.
pub(super) fn server_time(headers: &HeaderMap) -> Option<jiff::Timestamp> {
    parse(headers.get(header::DATE)?.to_str().ok()?)
}

fn parse(date: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(header::HeaderName, &str)]) -> Option<Duration> {
        of(&headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect())
    }

    #[test]
    fn seconds_and_dates_are_understood_and_junk_is_not() {
        const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
        let at = |text: &str| wait(&[(header::RETRY_AFTER, text), (header::DATE, DATE)]);
        assert_eq!(at("120"), Some(Duration::from_secs(120)));
        assert_eq!(at("Sun, 06 Nov 1994 08:50:07 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(at("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait(&[(header::RETRY_AFTER, DATE)]), Some(Duration::ZERO));
        for junk in ["", "soon", "-1", "1e3", "1.5", "99999999999999999999999"] {
            assert_eq!(at(junk), None, "{junk}");
        }
    }
}
