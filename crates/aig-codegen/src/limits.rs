//! Knows the limits that the document sets on a value, as data.

use crate::Bound;

/// What a value must keep to. Unset members set no limit; build one from [`Limits::NONE`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The smallest number.
    pub minimum: Option<Bound>,
    /// The largest number.
    pub maximum: Option<Bound>,
    /// A number below every allowed one.
    pub exclusive_minimum: Option<Bound>,
    /// A number above every allowed one.
    pub exclusive_maximum: Option<Bound>,
    /// A number that divides every allowed one.
    pub multiple_of: Option<Bound>,
    /// The fewest characters.
    pub min_length: Option<usize>,
    /// The most characters.
    pub max_length: Option<usize>,
    /// A regular expression that is found in every allowed text.
    pub pattern: Option<&'static str>,
    /// The fewest entries of a list or a map.
    pub min_items: Option<usize>,
    /// The most entries of a list or a map.
    pub max_items: Option<usize>,
    /// The only numbers allowed; any number when empty.
    pub one_of: &'static [i64],
    /// Whether the entries of a list must differ.
    pub unique: bool,
}

impl Limits {
    /// No limit at all.
    pub const NONE: Self = Self {
        minimum: None,
        maximum: None,
        exclusive_minimum: None,
        exclusive_maximum: None,
        multiple_of: None,
        min_length: None,
        max_length: None,
        pattern: None,
        min_items: None,
        max_items: None,
        one_of: &[],
        unique: false,
    };
}
