//! Knows how a request is held against the limits of the document, and names the place of what breaks them.

use std::cmp::Ordering::{Equal, Greater, Less};
use std::collections::BTreeMap;
use std::fmt;

use crate::{Bound, Limits, Location};

/// A value that has limits.
pub trait Validate {
    /// Notes every broken limit.
    fn check(&self, checker: &mut Checker);

    /// Checks the value as the body of a request.
    ///
    /// # Errors
    /// Every limit that is broken, with its JSON pointer.
    fn validate(&self) -> Result<(), Violations> {
        let mut checker = Checker::default();
        checker.at(Location::Body, |checker| self.check(checker));
        checker.finish()
    }
}

/// One broken limit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The part of the request.
    pub location: Location,
    /// The place in that part (RFC 6901): `/items/0/external_id` in a body, `/page_size` in a query.
    pub pointer: String,
    /// What is wrong, without the value.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}: {}", self.location, self.pointer, self.message)
    }
}

/// Every broken limit of a request; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// Each broken limit, in the order of the document.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{violation}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

/// Walks a request and collects what breaks its limits.
#[derive(Debug)]
pub struct Checker {
    location: Location,
    pointer: String,
    found: Vec<Violation>,
}

impl Default for Checker {
    fn default() -> Self {
        Self { location: Location::Body, pointer: String::new(), found: Vec::new() }
    }
}

impl Checker {
    /// Goes to a part of the request.
    pub fn at(&mut self, location: Location, check: impl FnOnce(&mut Self)) {
        self.location = location;
        self.pointer.clear();
        check(self);
    }

    /// Goes one step down, by the name of a field or the position in a list.
    pub fn field(&mut self, token: impl fmt::Display, check: impl FnOnce(&mut Self)) {
        let depth = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&token.to_string().replace('~', "~0").replace('/', "~1"));
        check(self);
        self.pointer.truncate(depth);
    }

    /// Goes through a list.
    pub fn each<T>(&mut self, items: &[T], mut check: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            self.field(index, |checker| check(checker, item));
        }
    }

    /// Goes through a map.
    pub fn entries<T>(&mut self, map: &BTreeMap<String, T>, mut check: impl FnMut(&mut Self, &T)) {
        for (key, value) in map {
            self.field(key, |checker| check(checker, value));
        }
    }

    /// Notes what is wrong here.
    pub fn violation(&mut self, message: impl Into<String>) {
        let (location, pointer) = (self.location, self.pointer.clone());
        self.found.push(Violation { location, pointer, message: message.into() });
    }

    /// Notes what is wrong at a place that is already known.
    pub(crate) fn at_pointer(&mut self, location: Location, pointer: &str, message: String) {
        self.found.push(Violation { location, pointer: pointer.to_owned(), message });
    }

    /// Checks a text. Lengths are in characters, as JSON Schema counts them.
    pub fn text(&mut self, text: &str, limits: &Limits) {
        let length = text.chars().count();
        if limits.min_length.is_some_and(|least| length < least) {
            self.violation(format!("is {length} characters long, fewer than {}", shown(limits.min_length)));
        }
        if limits.max_length.is_some_and(|most| length > most) {
            self.violation(format!("is {length} characters long, more than {}", shown(limits.max_length)));
        }
        if limits.pattern.is_some_and(|pattern| !matches(pattern, text)) {
            self.violation(format!("does not match {}", shown(limits.pattern)));
        }
    }

    /// Checks a whole number.
    pub fn integer(&mut self, number: i64, limits: &Limits) {
        if !limits.one_of.is_empty() && !limits.one_of.contains(&number) {
            self.violation(format!("is {number}, none of {:?}", limits.one_of));
        }
        self.bounds(number.into(), limits);
    }

    /// Checks a whole number.
    pub fn unsigned(&mut self, number: u64, limits: &Limits) {
        self.bounds(number.into(), limits);
    }

    /// Checks a number.
    pub fn number(&mut self, number: f64, limits: &Limits) {
        self.bounds(number.into(), limits);
    }

    /// Checks a whole number that may be larger than 64 bits hold.
    pub fn big_integer(&mut self, number: &serde_json::Number, limits: &Limits) {
        match Bound::from(number) {
            Bound::Real(fraction) if fraction.fract() != 0.0 => self.violation(format!("is {number}, no whole number")),
            bound => self.bounds(bound, limits),
        }
    }

    fn bounds(&mut self, number: Bound, limits: &Limits) {
        let bounds = [
            (limits.minimum, "less than", [Greater, Equal].as_slice()),
            (limits.maximum, "more than", &[Less, Equal]),
            (limits.exclusive_minimum, "not more than", &[Greater]),
            (limits.exclusive_maximum, "not less than", &[Less]),
        ];
        for (bound, wrong, allowed) in bounds {
            let Some(bound) = bound else { continue };
            if !number.order(bound).is_some_and(|order| allowed.contains(&order)) {
                self.violation(format!("is {number}, {wrong} {bound}"));
            }
        }
        if let Some(step) = limits.multiple_of.filter(|step| !number.is_multiple_of(*step)) {
            self.violation(format!("is {number}, no multiple of {step}"));
        }
    }

    /// Checks a list as a whole.
    pub fn list<T: PartialEq>(&mut self, list: &[T], limits: &Limits) {
        self.count(list.len(), limits);
        let twin = |(index, item)| list.iter().skip(index + 1).any(|other| other == item);
        if limits.unique && list.iter().enumerate().any(twin) {
            self.violation("has the same entry twice");
        }
    }

    /// Checks how many entries a list or a map has.
    pub fn count(&mut self, count: usize, limits: &Limits) {
        if limits.min_items.is_some_and(|least| count < least) {
            self.violation(format!("has {count} entries, fewer than {}", shown(limits.min_items)));
        }
        if limits.max_items.is_some_and(|most| count > most) {
            self.violation(format!("has {count} entries, more than {}", shown(limits.max_items)));
        }
    }

    /// Whether nothing was found so far.
    pub const fn is_clean(&self) -> bool {
        self.found.is_empty()
    }

    /// The outcome of the walk.
    ///
    /// # Errors
    /// When anything was found.
    pub fn finish(self) -> Result<(), Violations> {
        if self.found.is_empty() { Ok(()) } else { Err(Violations(self.found)) }
    }
}

fn shown(limit: Option<impl fmt::Display>) -> String {
    limit.map(|limit| limit.to_string()).unwrap_or_default()
}

/// Whether the pattern is found in the text. `\w` and `\d` mean ASCII, as in ECMA-262, whose patterns JSON Schema takes.
/// A pattern that cannot be read limits nothing; the generator lets none through.
fn matches(pattern: &str, text: &str) -> bool {
    regex_lite::Regex::new(pattern).map_or(true, |regex| regex.is_match(text))
}
