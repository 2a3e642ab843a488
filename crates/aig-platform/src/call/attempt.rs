//! One attempt: the request with its credentials, and the whole of its answer.

use std::time::Duration;

use aig_auth::AccessToken;
use http::{HeaderMap, HeaderValue, header};

use crate::{
    call::{Answer, Prepared, Wire},
    transport::{Request, TransportError, TransportErrorKind},
};

/// The most that an answer of the API may hold. A page of a hundred items with their links is about one megabyte.
const LARGEST_ANSWER: usize = 16 << 20;

/// One attempt.
pub(crate) struct Attempt<'a> {
    pub(crate) request: &'a Prepared,
    pub(crate) token: &'a AccessToken,
    /// The time allowed, to the last byte of the answer.
    pub(crate) timeout: Duration,
}

impl Attempt<'_> {
    /// Sends, and reads the whole answer. An answer that breaks off is no answer.
    pub(crate) async fn run(&self, wire: &Wire) -> Result<Answer, TransportError> {
        let exchange = async {
            let response = wire.transport.send(self.outgoing(wire)?).await?;
            let body = response.body.bytes(LARGEST_ANSWER).await?;
            Ok(Answer { status: response.status, headers: response.headers, body, attempts: 0 })
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(outcome) => outcome,
            Err(_) => {
                let message = format!("no whole answer within {} s", self.timeout.as_secs_f64());
                Err(TransportError::new(TransportErrorKind::Timeout, message))
            }
        }
    }

    fn outgoing(&self, wire: &Wire) -> Result<Request, TransportError> {
        let mut request = Request::new(self.request.method.clone(), self.request.url.clone());
        request.headers = self.headers(wire)?;
        request.body = self.request.body.clone();
        request.timeout = Some(self.timeout);
        Ok(request)
    }

    fn headers(&self, wire: &Wire) -> Result<HeaderMap, TransportError> {
        let unsendable = |_| TransportError::new(TransportErrorKind::Request, "the token cannot be sent in a header");
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", self.token.expose())).map_err(unsendable)?;
        bearer.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, bearer);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(header::USER_AGENT, wire.user_agent.clone());
        if let Some(content_type) = self.request.content_type.clone() {
            headers.insert(header::CONTENT_TYPE, content_type);
        }
        Ok(headers)
    }
}
