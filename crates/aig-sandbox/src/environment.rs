//! The variables by which programs find a sandbox.

use std::fmt;

/// Names and values, in a fixed order. `Debug` shows the names.
#[derive(Clone, PartialEq, Eq)]
pub struct Environment(Vec<(&'static str, String)>);

impl Environment {
    pub(crate) fn new(variables: Vec<(&'static str, String)>) -> Self {
        Self(variables)
    }

    /// Each name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(given, _)| *given == name).map(|(_, value)| value)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
