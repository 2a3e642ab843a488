//! Knows a day as the wire has it.

use std::fmt;
use std::str::FromStr;

use crate::InvalidText;
use crate::by_text::by_text;

/// A day without a time (RFC 3339, `full-date`): [`jiff::civil::Date`], as it is written in JSON.
///
/// ```
/// use aig_codegen::Date;
///
/// let released: Date = "2026-01-31".parse()?;
/// assert_eq!(released, Date::from(jiff::civil::date(2026, 1, 31)));
/// assert_eq!(released.civil().tomorrow()?.to_string(), "2026-02-01");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(jiff::civil::Date);

impl Date {
    /// The day of the calendar.
    pub const fn civil(self) -> jiff::civil::Date {
        self.0
    }
}

impl From<jiff::civil::Date> for Date {
    fn from(day: jiff::civil::Date) -> Self {
        Self(day)
    }
}

impl From<Date> for jiff::civil::Date {
    fn from(day: Date) -> Self {
        day.0
    }
}

impl FromStr for Date {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        text.parse().map(Self).map_err(|_| InvalidText::expected(EXPECTED))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

const EXPECTED: &str = "a day such as 2026-01-31";
by_text!(Date, EXPECTED);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_written_again() {
        for text in ["2026-01-31", "0001-01-01", "9999-12-31", "2024-02-29"] {
            let day: Date = serde_json::from_value(text.into()).unwrap();
            assert_eq!(day.to_string(), text);
            assert_eq!(serde_json::to_value(day).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_day_is_refused_without_repeating_it() {
        for text in ["", "soon", "2026-02-29", "2026-1-31", "31.01.2026", "1747042212"] {
            let error = serde_json::from_value::<Date>(text.into()).unwrap_err();
            assert_eq!(error.to_string(), "is not a day such as 2026-01-31", "{text}");
        }
        assert!(serde_json::from_str::<Date>("20260131").is_err());
    }
}
