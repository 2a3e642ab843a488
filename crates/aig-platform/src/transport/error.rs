//! Why there is no answer.

use std::fmt;

/// No answer, or only a part of one. Holds no URL.
#[derive(Debug, Clone)]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
}

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: name, route, refusal, proxy. The server saw nothing.
    Connect,
    /// No trust: certificate or protocol of TLS. The server saw nothing of the request.
    Tls,
    /// The request could not be built.
    Request,
    /// The allowed time passed; the server may have seen the request.
    Timeout,
    /// The connection broke; the server may have seen the request.
    Interrupted,
    /// The answer is larger than may be read.
    TooLarge,
}

impl TransportError {
    /// An error of `kind`; `message` must hold no URL with a query.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What failed.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// Whether the server can have seen the request.
    pub fn was_sent(&self) -> bool {
        !matches!(self.kind, TransportErrorKind::Connect | TransportErrorKind::Tls | TransportErrorKind::Request)
    }

    /// Whether another try may do better.
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, TransportErrorKind::Connect | TransportErrorKind::Timeout | TransportErrorKind::Interrupted)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TransportError {}
