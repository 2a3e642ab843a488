//! The access token: a bearer credential that shows itself to nobody.

use std::{fmt, sync::Arc};

use jiff::Timestamp;

use crate::Secret;

/// An access token (RFC 6750), with its expiry where that is known.
///
/// Cheap to clone. Opaque: nothing here looks inside it.
///
/// ```
/// use aig_auth::AccessToken;
///
/// let token = AccessToken::new("bearer  abc.def")?;
/// assert_eq!(token.expose(), "abc.def");
/// assert_eq!(format!("{token:?}"), "AccessToken { secret: [redacted], expires_at: None }");
/// # Ok::<(), aig_auth::InvalidToken>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    secret: Arc<Secret>,
    expires_at: Option<Timestamp>,
}

/// The text is no token that could travel in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// Nothing, or nothing but the word `Bearer`.
    #[error("the token is empty")]
    Empty,
    /// A character that RFC 6750 section 2.1 does not allow: white space, a control character, or beyond ASCII.
    #[error("the token has a character that cannot be sent in a header")]
    Character,
}

impl AccessToken {
    /// A token from its text, which may already say `Bearer ` in any case and spacing: the scheme is taken off.
    ///
    /// # Errors
    /// When nothing is left, or when the text could not travel in a header.
    pub fn new(text: &str) -> Result<Self, InvalidToken> {
        let bare = without_scheme(text.trim());
        if bare.is_empty() {
            return Err(InvalidToken::Empty);
        }
        if !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidToken::Character);
        }
        Ok(Self { secret: Arc::new(Secret::new(bare)), expires_at: None })
    }

    /// The same token, known to end at `expires_at`.
    #[must_use]
    pub fn with_expiry(mut self, expires_at: Timestamp) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// The text, without a scheme.
    pub fn expose(&self) -> &str {
        self.secret.expose()
    }

    /// When it ends, where that is known. A personal access token may have no end.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }
}

fn without_scheme(text: &str) -> &str {
    const SCHEME: &str = "bearer";
    match text.get(..SCHEME.len()) {
        Some(head) if head.eq_ignore_ascii_case(SCHEME) => {
            let rest = &text[SCHEME.len()..];
            if rest.is_empty() || rest.starts_with(char::is_whitespace) { rest.trim_start() } else { text }
        }
        _ => text,
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("secret", &self.secret).field("expires_at", &self.expires_at).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_taken_off_once_in_any_case_and_spacing() {
        for (text, bare) in [
            ("abc", "abc"),
            ("Bearer abc", "abc"),
            ("bearer abc", "abc"),
            ("BEARER \t abc\n", "abc"),
            ("  abc  ", "abc"),
            ("bearerabc", "bearerabc"),
        ] {
            assert_eq!(AccessToken::new(text).unwrap().expose(), bare, "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_refused() {
        for text in ["", "  ", "Bearer", "bearer   "] {
            assert_eq!(AccessToken::new(text), Err(InvalidToken::Empty), "{text:?}");
        }
        for text in ["a b", "a\r\nX-Evil: 1", "tökén", "Bearer a b", "a\0b"] {
            assert_eq!(AccessToken::new(text), Err(InvalidToken::Character), "{text:?}");
        }
    }
}
