//! Knows how numbers are held against numbers without losing a digit.

use std::cmp::Ordering;
use std::fmt;

/// A number that limits others: exact where it is whole.
///
/// A float has 53 bits, so that it cannot tell 9007199254740993 from its neighbour; whole numbers stay whole here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// A whole number.
    Whole(i128),
    /// A number with a fraction, or one beyond 128 bits.
    Real(f64),
}

impl Bound {
    /// Which is larger. Of a whole number and one with a fraction, which is always below 2^53, rounding the first
    /// changes nothing.
    pub(crate) fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => one.partial_cmp(&other),
            (one, other) => one.float().partial_cmp(&other.float()),
        }
    }

    /// Whether it is a multiple: exactly among whole numbers, else within the precision of a float (0.3 is one of 0.1).
    pub(crate) fn is_multiple_of(self, step: Self) -> bool {
        if let (Self::Whole(number), Self::Whole(step)) = (self, step) {
            return number.checked_rem(step) == Some(0);
        }
        let times = self.float() / step.float();
        (times - times.round()).abs() <= 1e-9 * times.abs().max(1.0)
    }

    #[expect(clippy::cast_precision_loss, reason = "asked for only beside a number that has a fraction")]
    const fn float(self) -> f64 {
        match self {
            Self::Whole(number) => number as f64,
            Self::Real(number) => number,
        }
    }
}

impl From<i64> for Bound {
    fn from(number: i64) -> Self {
        Self::Whole(number.into())
    }
}

impl From<u64> for Bound {
    fn from(number: u64) -> Self {
        Self::Whole(number.into())
    }
}

/// A float without a fraction is a whole number (JSON Schema Core, section 6.3).
impl From<f64> for Bound {
    #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and at most 126 bits")]
    fn from(number: f64) -> Self {
        let is_whole = number.fract() == 0.0 && number.abs() < 2_f64.powi(126);
        if is_whole { Self::Whole(number as i128) } else { Self::Real(number) }
    }
}

/// Beyond 64 bits it is a float, and so as exact as that.
impl From<&serde_json::Number> for Bound {
    fn from(number: &serde_json::Number) -> Self {
        number.as_i128().map_or_else(|| Self::from(number.as_f64().unwrap_or(f64::NAN)), Self::Whole)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(number) => number.fmt(f),
            Self::Real(number) => number.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checker, Limits};

    /// 2^53 and its neighbour, the first whole number that a float cannot hold.
    const EDGE: i64 = 9_007_199_254_740_992;
    const BEYOND: i64 = EDGE + 1;

    fn keeps(check: impl FnOnce(&mut Checker)) -> bool {
        let mut checker = Checker::default();
        check(&mut checker);
        checker.is_clean()
    }

    fn integer(number: i64, limits: Limits) -> bool {
        keeps(|checker| checker.integer(number, &limits))
    }

    fn unsigned(number: u64, limits: Limits) -> bool {
        keeps(|checker| checker.unsigned(number, &limits))
    }

    fn minimum(bound: impl Into<Bound>) -> Limits {
        Limits { minimum: Some(bound.into()), ..Limits::NONE }
    }

    fn maximum(bound: impl Into<Bound>) -> Limits {
        Limits { maximum: Some(bound.into()), ..Limits::NONE }
    }

    fn above(bound: impl Into<Bound>) -> Limits {
        Limits { exclusive_minimum: Some(bound.into()), ..Limits::NONE }
    }

    fn below(bound: impl Into<Bound>) -> Limits {
        Limits { exclusive_maximum: Some(bound.into()), ..Limits::NONE }
    }

    fn step(bound: impl Into<Bound>) -> Limits {
        Limits { multiple_of: Some(bound.into()), ..Limits::NONE }
    }

    #[test]
    fn limits_hold_to_the_last_digit() {
        let signed = [
            (EDGE, minimum(BEYOND), false),
            (BEYOND, minimum(BEYOND), true),
            (BEYOND, maximum(EDGE), false),
            (-BEYOND, minimum(-EDGE), false),
            (BEYOND, above(EDGE), true),
            (BEYOND, above(BEYOND), false),
            (EDGE, below(BEYOND), true),
            (BEYOND, below(BEYOND), false),
            (BEYOND, step(BEYOND), true),
            (BEYOND, step(EDGE), false),
            (BEYOND, step(2_i64), false),
            (i64::MAX, maximum(i64::MAX - 1), false),
            (i64::MIN, minimum(i64::MIN), true),
            (i64::MAX, below(u64::MAX), true),
        ];
        for (number, limits, wanted) in signed {
            assert_eq!(integer(number, limits), wanted, "{number} {limits:?}");
        }
        let ends = [
            (u64::MAX, maximum(u64::MAX), true),
            (u64::MAX, maximum(u64::MAX - 1), false),
            (u64::MAX, below(u64::MAX), false),
            (u64::MAX - 1, below(u64::MAX), true),
            (u64::MAX, above(u64::MAX - 1), true),
            (u64::MAX, step(u64::MAX - 1), false),
            (0, minimum(-1_i64), true),
        ];
        for (number, limits, wanted) in ends {
            assert_eq!(unsigned(number, limits), wanted, "{number} {limits:?}");
        }
    }

    /// The table above can fail: with floats, as these limits once were, its edges are none.
    #[test]
    #[expect(clippy::cast_precision_loss, reason = "that is the fault")]
    fn floats_would_take_neighbours_for_one() {
        let (edge, beyond) = (EDGE as f64, BEYOND as f64);
        assert!(edge >= beyond, "a minimum would let the neighbour pass");
        assert!(u64::MAX as f64 <= (u64::MAX - 1) as f64);
        assert!((beyond / edge).fract() == 0.0, "the neighbour would be a multiple");
    }

    #[test]
    fn whole_numbers_beyond_64_bits_have_limits_too() {
        let big = |text: &str, limits: Limits| {
            let number: serde_json::Number = serde_json::from_str(text).unwrap();
            keeps(|checker| checker.big_integer(&number, &limits))
        };
        let (edge, far) = (u64::MAX, Bound::Real(2_f64.powi(128)));
        assert!(big("18446744073709551615", maximum(edge)) && !big("18446744073709551615", below(edge)));
        assert!(big("18446744073709551616", above(edge)) && !big("18446744073709551616", maximum(edge)));
        assert!(big("9007199254740993", minimum(BEYOND)) && !big("9007199254740992", minimum(BEYOND)));
        assert!(big("1e38", maximum(far)) && !big("1e39", maximum(far)) && !big("-1e39", minimum(0_i64)));
        assert!(big("-3", maximum(far)) && !big("1.5", maximum(far)), "a fraction is no whole number");
    }

    #[test]
    fn fractions_and_whole_numbers_are_compared_too() {
        let cases =
            [(0, minimum(-0.5), true), (-1, minimum(-0.5), false), (BEYOND, minimum(0.5), true), (3, step(1.5), true)];
        for (number, limits, wanted) in cases {
            assert_eq!(integer(number, limits), wanted, "{number} {limits:?}");
        }
        let number = |number: f64, limits: Limits| keeps(|checker| checker.number(number, &limits));
        assert!(number(0.3, step(0.1)) && !number(0.25, step(0.1)) && !number(2.5, step(2_i64)));
        assert!(!number(9_007_199_254_740_992.0, minimum(BEYOND)), "the float is smaller than the limit");
        assert!(!number(f64::NAN, minimum(0_i64)) && number(1e300, minimum(u64::MAX)) && !integer(1, step(0_i64)));
    }
}
