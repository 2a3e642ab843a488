//! Knows the body of a request: its media type and its bytes.

use std::borrow::Cow;
use std::fmt;

use serde_core::Serialize;

use crate::form;
use crate::json::{EncodeError, encode};

/// A body, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Body {
    /// The value of the `Content-Type` header.
    pub content_type: Cow<'static, str>,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Body {
    /// A body of any media type.
    pub fn new(content_type: impl Into<Cow<'static, str>>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { content_type: content_type.into(), bytes: bytes.into() }
    }

    /// A value as JSON.
    ///
    /// # Errors
    /// When the value has no JSON form, which no generated model is.
    pub fn json(content_type: &'static str, value: &impl Serialize) -> Result<Self, EncodeError> {
        Ok(Self::new(content_type, encode(value)?))
    }

    /// A value as a form: lists repeat their key.
    ///
    /// # Errors
    /// When the value has no JSON form, which no generated model is.
    pub fn form(value: &impl Serialize) -> Result<Self, EncodeError> {
        let text = form::write(&serde_json::to_value(value).map_err(EncodeError::new)?);
        Ok(Self::new("application/x-www-form-urlencoded", text))
    }
}

// A body may hold signed URLs, so only its size is told.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("content_type", &self.content_type).field("bytes", &self.bytes.len()).finish()
    }
}
