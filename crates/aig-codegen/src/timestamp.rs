//! Knows an instant as the wire has it: the time on the clock, and that clock's offset from UTC.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::Offset;

use crate::InvalidText;
use crate::by_text::by_text;

/// An instant that remembers the offset it was written with (RFC 3339).
///
/// Two of them are equal, and ordered, as the instants that they are: the offset is how an instant is told, not which one
/// it is. On the wire the offset and every digit of the fraction that counts are kept; `Z` stays `Z`.
///
/// ```
/// use aig_codegen::Timestamp;
///
/// let told: Timestamp = "2026-05-11T11:30:12.000001+02:00".parse()?;
/// assert_eq!(told.to_string(), "2026-05-11T11:30:12.000001+02:00");
/// assert_eq!(told.instant().to_string(), "2026-05-11T09:30:12.000001Z");
/// assert_eq!(told, "2026-05-11T09:30:12.000001Z".parse::<Timestamp>()?);
/// # Ok::<(), aig_codegen::InvalidText>(())
/// ```
#[derive(Clone, Copy)]
pub struct Timestamp {
    /// What the clock shows. Not an instant yet, so that the last day of the year 9999, which Python writes for "never",
    /// survives: [`jiff::Timestamp`] ends a day before.
    clock: DateTime,
    /// `None` for `Z`.
    offset: Option<Offset>,
}

impl Timestamp {
    /// The instant, in UTC. On the first and the last day that can be written, the nearest instant that jiff has.
    pub fn instant(&self) -> jiff::Timestamp {
        let end = if self.clock.year() < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        self.offset.unwrap_or(Offset::UTC).to_timestamp(self.clock).unwrap_or(end)
    }

    /// The offset it was written with; `None` when it was written in UTC, as `Z`.
    pub const fn offset(&self) -> Option<Offset> {
        self.offset
    }

    /// The same instant, told with an offset.
    #[must_use]
    pub fn with_offset(self, offset: Offset) -> Self {
        Self { clock: offset.to_datetime(self.instant()), offset: Some(offset) }
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self { clock: Offset::UTC.to_datetime(instant), offset: None }
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.instant()
    }
}

impl FromStr for Timestamp {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        read(text).ok_or_else(|| InvalidText::expected(EXPECTED))
    }
}

const EXPECTED: &str = "an instant such as 2026-01-31T12:00:00Z";

fn read(text: &str) -> Option<Timestamp> {
    let pieces = Pieces::parse(text).ok()?;
    let clock = pieces.date().to_datetime(pieces.time()?);
    let offset = match pieces.offset()? {
        // `-00:00` says no more than `Z` does (RFC 9557, section 2).
        PiecesOffset::Numeric(offset) if !(offset.is_negative() && offset.offset().is_zero()) => Some(offset.offset()),
        _ => None,
    };
    Some(Timestamp { clock, offset })
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pieces = Pieces::from(self.clock);
        match self.offset {
            Some(offset) => write!(f, "{}", pieces.with_offset(offset)),
            None => write!(f, "{}", pieces.with_offset(PiecesOffset::Zulu)),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.instant().cmp(&other.instant())
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.instant().hash(state);
    }
}

impl PartialEq<jiff::Timestamp> for Timestamp {
    fn eq(&self, other: &jiff::Timestamp) -> bool {
        self.instant() == *other
    }
}

impl PartialOrd<jiff::Timestamp> for Timestamp {
    fn partial_cmp(&self, other: &jiff::Timestamp) -> Option<Ordering> {
        self.instant().partial_cmp(other)
    }
}

by_text!(Timestamp, EXPECTED);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_was_written_is_written_again() {
        for text in [
            "2026-05-11T09:30:12Z",
            "2026-05-11T09:30:12.25Z",
            "2026-05-11T11:30:12.000001+02:00",
            "2026-05-11T11:30:12.123456789-11:30",
            "2026-05-11T11:30:12+00:00",
            "9999-12-31T23:59:59.999999Z",
            "9999-12-31T23:59:59.999999+00:00",
            "0001-01-01T00:00:00+14:00",
        ] {
            assert_eq!(at(text).to_string(), text);
            assert_eq!(serde_json::to_value(at(text)).unwrap(), text);
            assert_eq!(serde_json::from_value::<Timestamp>(text.into()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_ways_of_writing_are_read() {
        for (text, written) in [
            ("2026-05-11T09:30:12.250000Z", "2026-05-11T09:30:12.25Z"),
            ("2026-05-11t09:30:12z", "2026-05-11T09:30:12Z"),
            ("2026-05-11 09:30:12+00:00", "2026-05-11T09:30:12+00:00"),
            ("2026-05-11T09:30:12-00:00", "2026-05-11T09:30:12Z"),
            ("2026-05-11T09:30:12+0530", "2026-05-11T09:30:12+05:30"),
            ("2026-06-30T23:59:60Z", "2026-06-30T23:59:59Z"),
        ] {
            assert_eq!(at(text).to_string(), written);
        }
    }

    #[test]
    fn what_is_no_instant_is_refused_without_repeating_it() {
        for text in ["", "soon", "2026-05-11", "2026-05-11T09:30:12", "2026-02-30T00:00:00Z", "1747042212", "T10:00Z"] {
            let error = serde_json::from_value::<Timestamp>(text.into()).unwrap_err();
            assert_eq!(error.to_string(), "is not an instant such as 2026-01-31T12:00:00Z", "{text}");
        }
        assert!(serde_json::from_str::<Timestamp>("1747042212").is_err());
    }

    #[test]
    fn two_are_compared_as_instants() {
        let (here, there) = (at("2026-05-11T11:30:12+02:00"), at("2026-05-11T09:30:12Z"));
        assert_eq!(here, there);
        assert_eq!(std::collections::HashSet::from([here, there]).len(), 1);
        assert!(at("2026-05-11T11:30:12+03:00") < there);
        assert!(here == there.instant() && here > at("2026-05-11T09:30:11.999999999Z").instant());
        assert!(at("9999-12-31T23:59:59Z") > here && at("9999-12-31T23:59:59Z").instant() == jiff::Timestamp::MAX);
        let told = there.with_offset(jiff::tz::offset(2));
        assert_eq!((told, told.to_string()), (there, "2026-05-11T11:30:12+02:00".to_owned()));
        assert_eq!(Timestamp::from(here.instant()).to_string(), "2026-05-11T09:30:12Z");
    }
}
