//! What a source said of the end of its token, in JSON: a moment, a lifetime, or something nobody understands.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::expiry::{parse_expiry, since_1970};

/// What a source said of the end of a token.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Said<'a> {
    /// The moment.
    pub(crate) at: Option<&'a Value>,
    /// The seconds from the question on.
    pub(crate) within: Option<&'a Value>,
}

impl Said<'_> {
    /// The end of a token that was asked for at `asked_at`. What `origin` said and nobody understands is unknown, with
    /// a warning: the end of an earlier token says nothing about this one.
    pub(crate) fn end(self, asked_at: Timestamp, origin: &str) -> Option<Timestamp> {
        let lifetime = || self.within.and_then(seconds).and_then(|seconds| later(asked_at, seconds));
        let end = self.at.and_then(moment).or_else(lifetime);
        if end.is_none() && (self.at.is_some() || self.within.is_some()) {
            tracing::warn!(origin, "the expiry of the token cannot be understood: taken as unknown");
        }
        end
    }
}

/// A moment as a JSON string or number.
pub(crate) fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => parse_expiry(text).ok(),
        _ => seconds(value).and_then(since_1970),
    }
}

/// A number, or a string that is one. Infinity and its kind are neither.
fn seconds(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.trim().parse().ok().filter(|seconds: &f64| seconds.is_finite()),
        _ => value.as_f64(),
    }
}

fn later(from: Timestamp, seconds: f64) -> Option<Timestamp> {
    /// A lifetime beyond a century is no lifetime.
    const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);
    let life = Duration::try_from_secs_f64(seconds).ok().filter(|life| *life < LONGEST)?;
    from.checked_add(SignedDuration::try_from(life).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ASKED_AT: Timestamp = Timestamp::UNIX_EPOCH;

    fn end(at: Value, within: Value) -> Option<String> {
        let said = |value: Value| (!value.is_null()).then_some(value);
        let (at, within) = (said(at), said(within));
        let said = Said { at: at.as_ref(), within: within.as_ref() };
        said.end(ASKED_AT, "the test").map(|end| end.to_string())
    }

    /// A4.
    #[test]
    fn a_moment_is_a_string_or_a_number_and_nothing_else() {
        for value in [json!(1_767_225_600), json!(1_767_225_600.0), json!("1767225600"), json!("2026-01-01T00:00:00Z")]
        {
            assert_eq!(moment(&value).unwrap().to_string(), "2026-01-01T00:00:00Z", "{value}");
        }
        for value in [json!(-1), json!(1e300), json!(true), json!([1]), json!({})] {
            assert_eq!(moment(&value), None, "{value}");
        }
    }

    #[test]
    fn a_moment_goes_before_a_lifetime_and_a_lifetime_before_nothing() {
        let lifetime = "1970-01-01T01:00:00Z";
        assert_eq!(end(json!(60), json!(3_600)).unwrap(), "1970-01-01T00:01:00Z");
        assert_eq!(end(Value::Null, json!(3_600)).unwrap(), lifetime);
        assert_eq!(end(Value::Null, json!("3600")).unwrap(), lifetime);
        assert_eq!(end(json!("junk"), json!(3_600.0)).unwrap(), lifetime);
        assert_eq!(end(Value::Null, Value::Null), None);
    }

    /// A4.
    #[test]
    fn what_is_not_understood_is_unknown() {
        for junk in [json!("soon"), json!(-1), json!(u64::MAX), json!(1e300), json!("inf"), json!("NaN"), json!({})] {
            assert_eq!(end(Value::Null, junk.clone()), None, "within {junk}");
            assert_eq!(end(junk.clone(), Value::Null), None, "at {junk}");
        }
    }
}
