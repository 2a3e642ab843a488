//! Remembers the last requests, without their secrets.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aig_codegen::{OperationInfo, SERVER_PREFIX, ValueKind};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, Uri, header};
use jiff::Timestamp;
use serde::Serialize;
use tokio::{sync::watch, time::Instant};

use crate::{
    clock::Clock,
    faults::{Matched, Struck},
};

const KEPT: usize = 10_000;
/// Parameters of object storage and OAuth that say nothing about anybody. Of the API's own, the document tells.
const PLAIN: [&str; 7] = ["list-type", "prefix", "delimiter", "max-keys", "partNumber", "uploads", "response_type"];

/// One request, as far as it may be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// Grows by one from request to request.
    pub number: u64,
    /// By the sandbox's clock.
    pub at: Timestamp,
    /// The HTTP method.
    pub method: String,
    /// The path; share tokens and signatures are in queries, never here.
    pub path: String,
    /// The query; values that may be secret read `REDACTED`.
    pub query: String,
    /// The operation of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<&'static str>,
    /// The status of the answer.
    pub status: u16,
    /// Until the head of the answer, in milliseconds.
    pub duration_ms: f64,
    /// What the client calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// `Range`, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// The fault that struck.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<u64>,
}

impl LoggedRequest {
    /// The request as a command for a shell. The token stays a variable.
    pub fn as_curl(&self, root: &str) -> String {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        let url = format!("{root}{}{query}", self.path).replace('\'', "%27");
        let token = if self.path.starts_with(SERVER_PREFIX) { " -H \"Authorization: Bearer $TOKEN\"" } else { "" };
        format!("curl -X {}{token} '{url}'", self.method)
    }
}

/// The last requests.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    kept: Mutex<Kept>,
    /// How many there have been; `None` when there will be no more.
    total: watch::Sender<Option<u64>>,
}

/// Waits for requests to come.
#[derive(Debug)]
pub(crate) struct News(watch::Receiver<Option<u64>>);

impl News {
    /// Whether there are more than when this was asked last; waits until that is so. False at the end.
    pub(crate) async fn more(&mut self) -> bool {
        self.0.changed().await.is_ok() && self.0.borrow().is_some()
    }
}

#[derive(Debug, Default)]
struct Kept {
    total: u64,
    requests: VecDeque<LoggedRequest>,
}

impl RequestLog {
    /// Those after a number, in their order.
    pub(crate) fn after(&self, number: u64) -> Vec<LoggedRequest> {
        self.kept().requests.iter().filter(|request| request.number > number).cloned().collect()
    }

    /// How many requests there were, also those that are not kept any more.
    pub(crate) fn total(&self) -> u64 {
        self.kept().total
    }

    pub(crate) fn clear(&self) {
        self.kept().requests.clear();
    }

    /// From now on.
    pub(crate) fn news(&self) -> News {
        News(self.total.subscribe())
    }

    /// Nobody needs to wait any more.
    pub(crate) fn end(&self) {
        self.total.send_replace(None);
    }

    fn add(&self, mut request: LoggedRequest) {
        let mut kept = self.kept();
        kept.total += 1;
        request.number = kept.total;
        if kept.requests.len() == KEPT {
            kept.requests.pop_front();
        }
        kept.requests.push_back(request);
        let total = kept.total;
        drop(kept);
        self.total.send_replace(Some(total));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the layer needs.
#[derive(Clone, Debug)]
pub(crate) struct Logging {
    pub(crate) log: Arc<RequestLog>,
    pub(crate) clock: Clock,
}

/// Notes every request but those of the sandbox's own pages.
pub(crate) async fn layer(State(logging): State<Logging>, request: Request, next: Next) -> Response {
    let matched = Matched::of(request.method(), request.uri());
    if matched.is_control() {
        return next.run(request).await;
    }
    let mut entry = begun(&matched, request.uri(), request.headers(), logging.clock.now());
    let start = Instant::now();
    let response = next.run(request).await;
    entry.status = response.status().as_u16();
    entry.duration_ms = start.elapsed().as_micros() as f64 / 1000.0;
    entry.fault = response.extensions().get::<Struck>().map(|struck| struck.0);
    logging.log.add(entry);
    response
}

fn begun(matched: &Matched<'_>, uri: &Uri, headers: &HeaderMap, at: Timestamp) -> LoggedRequest {
    let text = |name: header::HeaderName| headers.get(name)?.to_str().ok().map(str::to_owned);
    LoggedRequest {
        number: 0,
        at,
        method: matched.method.to_owned(),
        path: matched.path.to_owned(),
        query: redacted(uri.query().unwrap_or_default(), matched.operation),
        operation: matched.operation.map(|operation| operation.id),
        status: 0,
        duration_ms: 0.0,
        user_agent: text(header::USER_AGENT),
        range: text(header::RANGE),
        fault: None,
    }
}

fn redacted(query: &str, operation: Option<&OperationInfo>) -> String {
    let pair = |part: &str| match part.split_once('=') {
        Some((name, _)) if !is_plain(name, operation) => format!("{name}=REDACTED"),
        _ => part.to_owned(),
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect::<Vec<_>>().join("&")
}

/// Free text may name patients, so only numbers, ids and values of lists are kept.
fn is_plain(name: &str, operation: Option<&OperationInfo>) -> bool {
    match operation {
        Some(operation) => operation.parameter(name).is_some_and(|it| !it.sensitive && it.kind != ValueKind::Text),
        None => PLAIN.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_a_query_are_not_kept() {
        let of_storage = redacted("uploads&X-Amz-Signature=def&prefix=g", None);
        assert_eq!(of_storage, "uploads&X-Amz-Signature=REDACTED&prefix=g");
        let list = aig_codegen::OPERATIONS.iter().find(|operation| operation.id == "list_run_items");
        let of_api = redacted("state=PENDING&share_token=abc&external_id__in=Mr%20X&code=g", list.copied());
        assert_eq!(of_api, "state=PENDING&share_token=REDACTED&external_id__in=REDACTED&code=REDACTED");
    }

    #[test]
    fn old_requests_make_room() {
        let log = RequestLog::default();
        let uri: Uri = "/x".parse().unwrap();
        let entry = begun(&Matched::of(&http::Method::GET, &uri), &uri, &HeaderMap::new(), Timestamp::UNIX_EPOCH);
        (0..KEPT + 5).for_each(|_| log.add(entry.clone()));
        let kept = log.after(0);
        assert_eq!((kept.len(), kept[0].number), (KEPT, 6));
        assert_eq!(log.after(KEPT as u64 + 4).len(), 1);
    }
}
