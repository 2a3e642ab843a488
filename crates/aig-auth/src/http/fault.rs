//! What can go wrong between this machine and an authorization server, without a URL and without a body.

use std::{error::Error as StdError, time::Duration};

use url::Url;

#[cfg(feature = "oauth")]
use crate::session::Loss;
use crate::{AuthError, AuthErrorKind, Recovery};

/// An exchange that brought no answer of the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HttpFault {
    #[error("cannot connect to {host}")]
    Connect { host: String },
    #[error(
        "cannot reach {host} through the proxy {proxy}: check HTTPS_PROXY and NO_PROXY, or allow direct connections"
    )]
    Proxy { host: String, proxy: String },
    #[error("the certificate of {host} is not trusted: name the CA bundle of your network")]
    Certificate { host: String },
    #[error("{host} did not answer in time")]
    Timeout { host: String },
    #[error("the connection to {host} broke off before the answer was complete")]
    Cut { host: String },
    #[error("the authorization server answered with status {status}")]
    Status { status: u16, retry_after: Option<Duration> },
    #[error("the authorization server answered with a redirect: check the endpoint's URL")]
    Redirected,
    #[error("the answer of the authorization server is too large")]
    TooLarge,
    #[error("the endpoint is neither https nor on loopback")]
    NotSecure,
    #[error("{0}")]
    Setup(String),
}

impl HttpFault {
    pub(super) fn of(error: &reqwest::Error, url: &Url) -> Self {
        let host = url.host_str().unwrap_or("the server").to_owned();
        if is_about_certificates(error) {
            Self::Certificate { host }
        } else if error.is_connect() {
            Self::Connect { host }
        } else if error.is_timeout() {
            Self::Timeout { host }
        } else {
            Self::Cut { host }
        }
    }

    /// The same fault, known to have come when the request was already sent.
    pub(super) fn after_sending(self) -> Self {
        match self {
            Self::Connect { host } => Self::Cut { host },
            other => other,
        }
    }

    /// Whether no connection was made, so that trying again is always safe.
    pub(super) fn sent_nothing(&self) -> bool {
        matches!(self, Self::Connect { .. } | Self::Proxy { .. })
    }

    /// Whether the server may have acted on the request.
    #[cfg(feature = "oauth")]
    pub(crate) fn loss(&self) -> Loss {
        match self {
            Self::Connect { .. } | Self::Proxy { .. } | Self::Certificate { .. } => Loss::Impossible,
            Self::NotSecure | Self::Setup(_) => Loss::Impossible,
            Self::Status { status: 429 | 503, .. } => Loss::Impossible,
            Self::Status { status: 400..=499, .. } | Self::Redirected => Loss::Impossible,
            Self::Timeout { .. } | Self::Cut { .. } | Self::Status { .. } | Self::TooLarge => Loss::Possible,
        }
    }

    pub(crate) fn into_error(self) -> AuthError {
        let recovery = match &self {
            Self::Connect { .. } | Self::Proxy { .. } | Self::Timeout { .. } | Self::Cut { .. } => {
                Recovery::Retry { after: None }
            }
            Self::Status { status: 408 | 425 | 429 | 500.., retry_after } => Recovery::Retry { after: *retry_after },
            Self::Status { .. } | Self::TooLarge => Recovery::Fail,
            Self::Redirected | Self::NotSecure | Self::Certificate { .. } | Self::Setup(_) => Recovery::FixSetup,
        };
        let kind = match (&self, recovery) {
            (_, Recovery::Retry { .. }) => AuthErrorKind::Unavailable,
            (Self::Certificate { .. }, _) => AuthErrorKind::Unavailable,
            (_, Recovery::FixSetup) => AuthErrorKind::Configuration,
            _ => AuthErrorKind::Protocol,
        };
        AuthError::new(kind, recovery, self.to_string())
    }
}

/// The TLS library says what is wrong in words alone by the time its error arrives here.
fn is_about_certificates(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("invalid peer certificate") {
            return true;
        }
        cause = error.source();
    }
    false
}
