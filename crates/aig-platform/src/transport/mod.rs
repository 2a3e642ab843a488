//! How requests travel: a trait of our own, so that nothing above it knows an HTTP client.

mod body;
mod error;
mod message;
mod peer;
mod recording;
mod reqwest_transport;
mod roots;

use std::{fmt, net::IpAddr};

use async_trait::async_trait;
use url::{Host, Url};

pub use aig_auth::http::ProxyFailure;
pub use body::Body;
pub use error::{TransportError, TransportErrorKind};
pub use message::{Request, Response};
pub use recording::{RecordedRequest, RecordingTransport, Reply};
pub use reqwest_transport::{HttpOptions, ReqwestTransport};

/// Sends one request and gives one answer: no retries, no redirects, no credentials of its own.
#[async_trait]
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends `request`. Any answer of the server is an `Ok`, whatever its status.
    ///
    /// # Errors
    /// When there is no answer; [`TransportError::was_sent`] says whether the server can have seen the request.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}

/// Whether the address is this machine's: traffic to it stays here.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}
