//! A fault: which requests, what happens to them, how often.

use std::time::Duration;

use aig_codegen::{Method, OPERATIONS, OperationInfo, SERVER_PREFIX, route};
use http::{HeaderValue, Uri};
use serde::{Deserialize, Serialize};

/// Those that a rule can be about.
pub(crate) const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Something that shall go wrong.
///
/// ```
/// use aig_sandbox::faults::{Effect, Fault};
///
/// let outage = Fault::new(Effect::status(503).retry_after("1")).on_operation("get_run").times(2);
/// let json = serde_json::to_value(&outage)?;
/// assert_eq!(json["effect"]["answer"]["status"], 503);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    operation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    pub(super) effect: Effect,
    /// Before anything else happens, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) latency: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    /// Dice of its own, in place of the sandbox's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip)]
    dice: Option<u64>,
    #[serde(default)]
    skip: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u64>,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Effect {
    /// The request is not done; this is the answer.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The body; by default FastAPI's shape with a sentence, or object storage's XML.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
        /// The value of `Retry-After`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<String>,
    },
    /// The answer comes later by so many milliseconds.
    Delay(u64),
    /// The request is not done, and the connection closes without an answer.
    Drop,
    /// The request is done, and the connection closes without an answer.
    Lose,
    /// The connection closes after so many bytes of the answer's body.
    Cut(u64),
    /// After so many bytes of the answer's body nothing more comes, and the connection stays open.
    Stall(u64),
    /// The byte at this place of the answer's body is another.
    Corrupt(u64),
    /// The checksum in the answer's headers is another than the content's.
    WrongChecksum,
    /// The request is not done; the answer is that of a signed URL whose time is over.
    ExpiredUrl,
    /// The entity tag is another, as if the object had been replaced; `If-Range` never holds.
    Replaced,
}

impl Effect {
    /// An answer of this status.
    pub fn status(status: u16) -> Self {
        Self::Answer { status, body: None, retry_after: None }
    }

    /// With this `Retry-After`; without effect on anything but an answer.
    #[must_use]
    pub fn retry_after(self, value: impl Into<String>) -> Self {
        match self {
            Self::Answer { status, body, .. } => Self::Answer { status, body, retry_after: Some(value.into()) },
            other => other,
        }
    }

    /// With this body; without effect on anything but an answer.
    #[must_use]
    pub fn body(self, body: impl Into<String>) -> Self {
        match self {
            Self::Answer { status, retry_after, .. } => Self::Answer { status, body: Some(body.into()), retry_after },
            other => other,
        }
    }
}

impl Fault {
    /// On every request, for ever.
    pub fn new(effect: Effect) -> Self {
        Self {
            operation: None,
            path: None,
            method: None,
            effect,
            latency: None,
            probability: None,
            seed: None,
            dice: None,
            skip: 0,
            times: None,
        }
    }

    /// On this operation of the API only, by its id in the document, such as `get_run`.
    #[must_use]
    pub fn on_operation(self, id: impl Into<String>) -> Self {
        Self { operation: Some(id.into()), ..self }
    }

    /// On paths that begin so only, such as `/storage/`.
    #[must_use]
    pub fn on_path(self, prefix: impl Into<String>) -> Self {
        Self { path: Some(prefix.into()), ..self }
    }

    /// On this HTTP method only.
    #[must_use]
    pub fn on_method(self, method: impl Into<String>) -> Self {
        Self { method: Some(method.into()), ..self }
    }

    /// With this probability, 0 to 1; the sandbox's seed decides the sequence.
    #[must_use]
    pub fn with_probability(self, probability: f64) -> Self {
        Self { probability: Some(probability), ..self }
    }

    /// With dice of its own: which of the matching requests it strikes depends on nothing else.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Whatever happens, it happens so much later.
    #[must_use]
    pub fn with_latency(self, latency: Duration) -> Self {
        Self { latency: u64::try_from(latency.as_millis()).ok(), ..self }
    }

    /// Whether it can ever strike.
    ///
    /// # Errors
    /// The field that says what cannot be, and what it may say.
    pub fn check(&self) -> Result<(), String> {
        let known = || OPERATIONS.iter().map(|operation| operation.id).collect::<Vec<_>>().join(", ");
        match self {
            Self { operation: Some(id), .. } if !OPERATIONS.iter().any(|it| it.id == id) => {
                Err(format!("operation: there is no `{id}`; known: {}", known()))
            }
            Self { path: Some(path), .. } if !path.starts_with('/') => {
                Err("path: the beginning of a path, which begins with `/`".to_owned())
            }
            Self { method: Some(method), .. } if !METHODS.iter().any(|it| it.eq_ignore_ascii_case(method)) => {
                Err(format!("method: one of {}", METHODS.join(", ")))
            }
            Self { probability: Some(it), .. } if !(0.0..=1.0).contains(it) => {
                Err("probability: between 0 and 1".to_owned())
            }
            Self { times: Some(0), .. } => Err("times: at least 1".to_owned()),
            Self { effect: Effect::Answer { status, .. }, .. } if !(200..600).contains(status) => {
                Err("effect/answer/status: between 200 and 599".to_owned())
            }
            Self { effect: Effect::Answer { retry_after: Some(text), .. }, .. }
                if text.parse::<HeaderValue>().is_err() =>
            {
                Err("effect/answer/retry_after: the value of a header".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// Lets so many matching requests pass first.
    #[must_use]
    pub fn after(self, skip: u64) -> Self {
        Self { skip, ..self }
    }

    /// Strikes so many times, then is gone.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Whether it strikes this request; counts what it lets pass and what it strikes.
    pub(super) fn strikes(&mut self, request: &Matched<'_>, roll: impl FnOnce() -> f64) -> bool {
        if !self.is_about(request) || self.is_spent() {
            return false;
        }
        let own = self.seed.map(|seed| self.dice.get_or_insert(seed));
        let roll = || own.map_or_else(roll, super::roll);
        if self.probability.is_some_and(|wanted| roll() >= wanted) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.times = self.times.map(|left| left.saturating_sub(1));
        true
    }

    pub(super) fn is_spent(&self) -> bool {
        self.times == Some(0)
    }

    fn is_about(&self, request: &Matched<'_>) -> bool {
        let same = |wanted: &Option<String>, is: &dyn Fn(&str) -> bool| wanted.as_deref().is_none_or(is);
        !request.is_control()
            && same(&self.operation, &|wanted| request.operation.is_some_and(|operation| operation.id == wanted))
            && same(&self.path, &|prefix| request.path.starts_with(prefix))
            && same(&self.method, &|method| method.eq_ignore_ascii_case(request.method))
    }
}

/// What rules are held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Matched<'r> {
    pub(crate) method: &'r str,
    pub(crate) path: &'r str,
    pub(crate) operation: Option<&'static OperationInfo>,
}

impl<'r> Matched<'r> {
    pub(crate) fn of(method: &'r http::Method, uri: &'r Uri) -> Self {
        Self { method: method.as_str(), path: uri.path(), operation: operation(method, uri.path()) }
    }

    pub(crate) fn is_control(&self) -> bool {
        self.path.starts_with(crate::control::PREFIX)
    }
}

fn operation(method: &http::Method, path: &str) -> Option<&'static OperationInfo> {
    let known = [Method::Get, Method::Post, Method::Put, Method::Delete];
    let method = known.into_iter().find(|known| known.as_str() == method.as_str())?;
    route(OPERATIONS, method, path.strip_prefix(SERVER_PREFIX)?).map(|found| found.operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(fault: &mut Fault, method: &str, path: &str) -> bool {
        let uri: Uri = path.parse().unwrap();
        fault.strikes(&Matched::of(&method.parse().unwrap(), &uri), || 0.5)
    }

    #[test]
    fn a_rule_is_about_what_it_names() {
        let run = "/api/v1/runs/6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a10";
        let mut of_operation = Fault::new(Effect::Drop).on_operation("get_run");
        assert!(strikes(&mut of_operation, "GET", run));
        assert!(!strikes(&mut of_operation, "GET", "/api/v1/runs"));
        let mut of_path = Fault::new(Effect::Drop).on_path("/storage/").on_method("put");
        assert!(strikes(&mut of_path, "PUT", "/storage/b/k"));
        assert!(!strikes(&mut of_path, "GET", "/storage/b/k"));
        assert!(!strikes(&mut Fault::new(Effect::Drop), "GET", "/_sandbox/faults"));
    }

    #[test]
    fn it_strikes_after_so_many_so_many_times_and_as_probable_as_asked() {
        let mut fault = Fault::new(Effect::Drop).after(2).times(2);
        let struck: Vec<bool> = (0..6).map(|_| strikes(&mut fault, "GET", "/x")).collect();
        assert_eq!(struck, [false, false, true, true, false, false]);
        assert!(strikes(&mut Fault::new(Effect::Drop).with_probability(0.51), "GET", "/x"));
        assert!(!strikes(&mut Fault::new(Effect::Drop).with_probability(0.5), "GET", "/x"));
    }
}
