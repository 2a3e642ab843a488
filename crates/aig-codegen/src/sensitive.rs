//! Knows how a secret text is held: in memory and on the wire, never in a debug print.

use std::fmt;

/// A text that must not reach a log or an error: a key, a token, a signed URL.
///
/// It has no `Display`, and its `Debug` says nothing of the content. On the wire it is the plain text.
///
/// ```
/// use aig_codegen::Sensitive;
///
/// let token = Sensitive::from("s3cret");
/// assert_eq!(format!("{token:?}"), "[redacted]");
/// assert_eq!(token.expose(), "s3cret");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sensitive(String);

impl Sensitive {
    /// The text itself. Whoever calls this answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text itself, taken out.
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for Sensitive {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Sensitive {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

crate::newtype!(Sensitive);
