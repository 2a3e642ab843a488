//! Spans of time as people write them.

use jiff::{SignedDuration, Span, SpanRelativeTo};

/// A span forward in time, such as `30d`, `1h 30m` or `PT5M`; days have 24 hours.
pub(crate) fn forward(text: &str) -> Option<SignedDuration> {
    let span = text.parse::<Span>().ok()?.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (!span.is_negative()).then_some(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lead_forward_and_have_days_of_24_hours() {
        for (text, seconds) in [("2d", 172_800), ("1h 30m", 5_400), ("PT5M", 300), ("0s", 0)] {
            assert_eq!(forward(text), Some(SignedDuration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "soon", "90", "-1h", "1mo"] {
            assert_eq!(forward(wrong), None, "{wrong}");
        }
    }
}
