//! Faults that a test orders: an outage, an answer that is lost or torn, a refusal out of the blue.

use std::time::Duration;

use serde_json::json;

use super::{Delivery, Dialect, Endpoint, GrantType, Response, endpoint::Arrival};

/// One rule: which requests fail, how often, and how.
///
/// ```
/// use aig_auth::testkit::{Endpoint, Fault, GrantType};
/// use std::time::Duration;
///
/// // The second refresh is done, and its answer never arrives.
/// let lost = Fault::lost().on_grant(GrantType::RefreshToken).skip(1);
/// // Two outages of the key set, with a word when to come back.
/// let outage = Fault::unavailable(503).on(Endpoint::Jwks).times(2).retry_after("2");
/// // Every answer is slow.
/// let slow = Fault::none().delay(Duration::from_secs(20)).always();
/// # drop((lost, outage, slow));
/// ```
#[derive(Debug, Clone)]
pub struct Fault {
    endpoint: Option<Endpoint>,
    grant_type: Option<GrantType>,
    skip: u64,
    left: Option<u64>,
    effect: Effect,
    retry_after: Option<String>,
    before: Duration,
    after: Duration,
}

#[derive(Debug, Clone)]
enum Effect {
    /// In place of the request being done.
    Answer { status: u16, content_type: String, body: Vec<u8> },
    /// In place of the request being done: a refusal with the status of the server's dialect.
    Refuse(String),
    /// Not done, and no answer.
    Drop,
    /// Done; then this happens to the answer.
    Deliver(Delivery),
}

impl Fault {
    /// The request is done, and its answer is lost on the way.
    pub fn lost() -> Self {
        Self::new(Effect::Deliver(Delivery::Lost))
    }

    /// The request is done, and its answer ends after this many bytes of the body.
    pub fn torn(bytes: usize) -> Self {
        Self::new(Effect::Deliver(Delivery::Torn(bytes)))
    }

    /// The request is not done, and nobody answers.
    pub fn dropped() -> Self {
        Self::new(Effect::Drop)
    }

    /// The request is not done; the answer is a page of a proxy with this status.
    pub fn unavailable(status: u16) -> Self {
        Self::answer(status, "text/html", "<html><body><h1>Service unavailable</h1></body></html>")
    }

    /// The request is not done; this is the answer.
    pub fn answer(status: u16, content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self::new(Effect::Answer { status, content_type: content_type.into(), body: body.into() })
    }

    /// The request is not done; the answer is this error code of RFC 6749 or RFC 8628.
    pub fn oauth(code: impl Into<String>) -> Self {
        Self::new(Effect::Refuse(code.into()))
    }

    /// Nothing is wrong. For a [`Fault::delay`] alone.
    pub fn none() -> Self {
        Self::new(Effect::Deliver(Delivery::Whole))
    }

    fn new(effect: Effect) -> Self {
        Self {
            endpoint: None,
            grant_type: None,
            skip: 0,
            left: Some(1),
            effect,
            retry_after: None,
            before: Duration::ZERO,
            after: Duration::ZERO,
        }
    }

    /// Only requests to this place.
    #[must_use]
    pub fn on(mut self, endpoint: Endpoint) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// Only token requests of this kind.
    #[must_use]
    pub fn on_grant(mut self, grant_type: GrantType) -> Self {
        self.grant_type = Some(grant_type);
        self
    }

    /// Lets this many matching requests through first.
    #[must_use]
    pub fn skip(mut self, requests: u64) -> Self {
        self.skip = requests;
        self
    }

    /// This many times. Without it: once.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.left = Some(times);
        self
    }

    /// Until the faults are cleared.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.left = None;
        self
    }

    /// With this `Retry-After`: seconds, a date, or rubbish.
    #[must_use]
    pub fn retry_after(mut self, value: impl Into<String>) -> Self {
        self.retry_after = Some(value.into());
        self
    }

    /// Waits before the request is done.
    #[must_use]
    pub fn delay(mut self, duration: Duration) -> Self {
        self.before = duration;
        self
    }

    /// Waits between the doing and the answer.
    #[must_use]
    pub fn delay_answer(mut self, duration: Duration) -> Self {
        self.after = duration;
        self
    }

    fn matches(&self, arrival: &Arrival) -> bool {
        self.endpoint.is_none_or(|endpoint| endpoint == arrival.endpoint)
            && self.grant_type.is_none_or(|grant_type| Some(grant_type) == arrival.grant_type)
    }

    /// Whether it strikes now; counts down.
    fn strikes(&mut self, arrival: &Arrival) -> bool {
        if self.left == Some(0) || !self.matches(arrival) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        true
    }

    pub(super) fn before(&self) -> Duration {
        self.before
    }

    pub(super) fn after(&self) -> Duration {
        self.after
    }

    /// The answer in place of the request being done.
    pub(super) fn instead(&self, dialect: Dialect) -> Option<Response> {
        let response = match &self.effect {
            Effect::Answer { status, content_type, body } => {
                let mut response = Response::empty(*status).with_header("content-type", content_type);
                response.body.clone_from(body);
                response
            }
            Effect::Refuse(code) => Response::of_json(dialect.status(code), &json!({ "error": code })),
            Effect::Drop => Response { delivery: Delivery::Lost, ..Response::empty(503) },
            Effect::Deliver(_) => return None,
        };
        Some(self.with_retry_after(response))
    }

    /// What happens to the answer of a request that was done.
    pub(super) fn spoil(&self, mut response: Response) -> Response {
        if let Effect::Deliver(delivery) = self.effect {
            response.delivery = delivery;
        }
        self.with_retry_after(response)
    }

    fn with_retry_after(&self, response: Response) -> Response {
        match &self.retry_after {
            Some(value) => response.with_header("retry-after", value),
            None => response,
        }
    }
}

/// The first of the rules that strikes.
pub(super) fn strike(faults: &mut Vec<Fault>, arrival: &Arrival) -> Option<Fault> {
    let struck = faults.iter_mut().find_map(|fault| fault.strikes(arrival).then(|| fault.clone()));
    faults.retain(|fault| fault.left != Some(0));
    struck
}
