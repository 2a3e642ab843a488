//! Which bytes a reader wants: `Range` (RFC 9110, section 14) and the conditions that go before it (section 13).

use http::{HeaderMap, header};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

use super::object::Object;

/// What to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    Whole,
    Part { first: u64, last: u64 },
    Unsatisfiable,
    NotModified,
    Failed,
}

pub(crate) fn select(headers: &HeaderMap, object: &Object) -> Selection {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if text(header::IF_MATCH).is_some_and(|tags| !matches(tags, object)) {
        return Selection::Failed;
    }
    let since = |name| text(name).and_then(moment).map(|moment| object.modified.as_second() > moment.as_second());
    // The dates count where no tags are given.
    if !headers.contains_key(header::IF_MATCH) && since(header::IF_UNMODIFIED_SINCE) == Some(true) {
        return Selection::Failed;
    }
    if text(header::IF_NONE_MATCH).is_some_and(|tags| matches(tags, object)) {
        return Selection::NotModified;
    }
    if !headers.contains_key(header::IF_NONE_MATCH) && since(header::IF_MODIFIED_SINCE) == Some(false) {
        return Selection::NotModified;
    }
    let fresh = text(header::IF_RANGE).is_none_or(|validator| same(validator, object));
    match text(header::RANGE) {
        Some(range) if fresh => parse(range, object.size),
        _ => Selection::Whole,
    }
}

fn matches(tags: &str, object: &Object) -> bool {
    tags.trim() == "*"
        || tags.split(',').any(|tag| tag.trim().trim_start_matches("W/").trim_matches('"') == object.etag)
}

/// `If-Range` takes a strong entity tag or the exact date of the last change.
fn same(validator: &str, object: &Object) -> bool {
    let validator = validator.trim();
    if validator.starts_with('"') { validator.trim_matches('"') == object.etag } else { validator == http_date(object) }
}

/// The form that RFC 9110 wants to be sent, and its older relatives with a zone; anything else is ignored.
fn moment(date: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(date).ok()
}

pub(crate) fn http_date(object: &Object) -> String {
    object.modified.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Several ranges, other units and nonsense are ignored, as the RFC allows: the whole object follows.
fn parse(range: &str, size: u64) -> Selection {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|spec| spec.split_once('-')) else {
        return Selection::Whole;
    };
    let selection = match (first.trim(), last.trim()) {
        ("", suffix) => suffix.parse().ok().map(|length: u64| (size.saturating_sub(length), size, length > 0)),
        (first, "") => first.parse().ok().map(|first: u64| (first, size, true)),
        (first, last) => match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => Some((first, last.saturating_add(1).min(size), true)),
            _ => None,
        },
    };
    match selection {
        None => Selection::Whole,
        Some((first, end, true)) if first < end => Selection::Part { first, last: end - 1 },
        Some(_) => Selection::Unsatisfiable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let part = |first, last| Selection::Part { first, last };
        let table = [
            ("bytes=0-3", part(0, 3)),
            ("bytes=4-", part(4, 9)),
            ("bytes=-3", part(7, 9)),
            ("bytes=-30", part(0, 9)),
            ("bytes=0-99999999999999999999", Selection::Whole),
            ("bytes=8-18446744073709551615", part(8, 9)),
            ("bytes=10-", Selection::Unsatisfiable),
            ("bytes=-0", Selection::Unsatisfiable),
            ("bytes=3-1", Selection::Whole),
            ("bytes=0-1,4-5", Selection::Whole),
            ("lines=0-1", Selection::Whole),
        ];
        for (range, expected) in table {
            assert_eq!(parse(range, 10), expected, "{range}");
        }
    }
}
