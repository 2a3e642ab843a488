//! A string that must not be seen: redacted in Debug, wiped on drop, never printed by accident.

use std::fmt;

use zeroize::Zeroizing;

/// A secret string: a token, a key, a password.
///
/// `Debug` prints `[redacted]`, there is no `Display` and no `Serialize`, and the memory is wiped when the value is
/// dropped. [`Secret::expose`] is the only way to the text, so that every use can be found by that word.
///
/// ```
/// let key = aig_auth::Secret::new("hunter2");
/// assert_eq!(format!("{key:?}"), "[redacted]");
/// assert_eq!(key.expose(), "hunter2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text into custody.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
