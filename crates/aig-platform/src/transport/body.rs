//! The body of an answer: a stream with a cap, never read whole without one.

use std::{fmt, pin::Pin};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::{StreamExt as _, stream};

use crate::transport::{TransportError, TransportErrorKind};

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// The bytes of an answer as they come.
pub struct Body(Chunks);

impl Body {
    /// A body from a stream of pieces.
    pub fn from_stream(chunks: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static) -> Self {
        Self(Box::pin(chunks))
    }

    /// A body that is already here.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        Self::from_stream(stream::iter([Ok(bytes.into())]))
    }

    /// The next piece.
    ///
    /// # Errors
    /// When the connection breaks or stalls.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        self.0.next().await.transpose()
    }

    /// All of it, if that is no more than `cap` bytes.
    ///
    /// # Errors
    /// When there is more, or when the connection breaks.
    pub async fn bytes(mut self, cap: usize) -> Result<Bytes, TransportError> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if whole.len() + chunk.len() > cap {
                let message = format!("the answer is larger than {cap} bytes");
                return Err(TransportError::new(TransportErrorKind::TooLarge, message));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body(..)")
    }
}
