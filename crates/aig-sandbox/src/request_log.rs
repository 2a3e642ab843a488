//! Remembers the last requests, without their secrets.

use std::{
    collections::{VecDeque, vec_deque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aig_codegen::{Method, OPERATIONS, OperationInfo, SERVER_PREFIX, ValueKind, parameters, route};
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
    api::is_sortable,
    clock::Clock,
    faults::{Matched, Struck},
};

const KEPT: usize = 10_000;
/// Of each text of a request; heads may have 64 KiB.
const LONGEST: usize = 2 << 10;
/// Parameters of object storage and OAuth that say nothing about anybody. Of the API's own, the document tells.
const PLAIN: [&str; 7] = ["list-type", "prefix", "delimiter", "max-keys", "partNumber", "uploads", "response_type"];
/// Others of theirs, whose values are not kept. Any other name may be a value itself.
const NAMED: [&str; 18] = [
    "uploadId",
    "delete",
    "location",
    "continuation-token",
    "start-after",
    "response-content-disposition",
    "response-content-type",
    "client_id",
    "redirect_uri",
    "scope",
    "audience",
    "nonce",
    "code",
    "code_challenge",
    "code_challenge_method",
    "login_hint",
    "prompt",
    "user_code",
];
/// What signed URLs have behind `X-Amz-` and `X-Goog-`.
const SIGNED: [&str; 7] =
    ["algorithm", "credential", "date", "expires", "signedheaders", "signature", "security-token"];
/// Path parameters of the catalog: texts that no submitter has written.
const OF_CATALOG: [&str; 3] = [parameters::APPLICATION_ID, parameters::VERSION, parameters::NAME];
const REDACTED: &str = "REDACTED";

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
    /// The path; share tokens and signatures are in queries, never here, and external ids read `REDACTED`. As every text here, it is cut after 2 KiB and
    /// says so: `…(65000 bytes)`.
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
    /// What kind of body there was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// The fault that struck.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<u64>,
}

impl LoggedRequest {
    /// The request as a command for a shell. The token stays a variable, and a body a file: neither is in the log.
    pub fn as_curl(&self, root: &str) -> String {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        let url = format!("{root}{}{query}", self.path);
        let mut words = vec!["curl".to_owned(), how(&self.method)];
        if self.path.starts_with(SERVER_PREFIX) {
            words.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
        }
        words.extend(self.range.iter().map(|range| format!("-H {}", quoted(&format!("Range: {range}")))));
        if let Some(kind) = &self.content_type {
            words.push(format!("-H {} --data-binary @BODY", quoted(&format!("Content-Type: {kind}"))));
        }
        if url.contains(['[', ']', '{', '}']) {
            words.push("--globoff".to_owned());
        }
        words.push(quoted(&url));
        words.join(" ")
    }
}

/// With `-X HEAD` curl would wait for a body.
fn how(method: &str) -> String {
    match method {
        "HEAD" => "--head".to_owned(),
        plain if plain.bytes().all(|byte| byte.is_ascii_alphabetic()) => format!("-X {plain}"),
        odd => format!("-X {}", quoted(odd)),
    }
}

/// For a POSIX shell: single quotes leave everything as it is, save themselves.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
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
    /// Looks at those that are kept, the oldest first, without a copy. Nobody is logged meanwhile, so look quickly.
    pub(crate) fn look<T>(&self, look: impl FnOnce(vec_deque::Iter<'_, LoggedRequest>) -> T) -> T {
        look(self.kept().requests.iter())
    }

    /// Those after a number, in their order.
    pub(crate) fn after(&self, number: u64) -> Vec<LoggedRequest> {
        let kept = self.kept();
        // Numbers have no gaps, so the newest are at the end.
        let new = usize::try_from(kept.total.saturating_sub(number)).unwrap_or(usize::MAX);
        kept.requests.iter().skip(kept.requests.len().saturating_sub(new)).cloned().collect()
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
    let text = |name: header::HeaderName| headers.get(name)?.to_str().ok().map(cut);
    LoggedRequest {
        number: 0,
        at,
        method: cut(matched.method),
        path: cut(&path(matched)),
        query: cut(&redacted(uri.query().unwrap_or_default(), matched.operation)),
        operation: matched.operation.map(|operation| operation.id),
        status: 0,
        duration_ms: 0.0,
        user_agent: text(header::USER_AGENT),
        range: text(header::RANGE),
        content_type: text(header::CONTENT_TYPE),
        fault: None,
    }
}

/// A long text ends in a mark that says how long it was.
fn cut(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(LONGEST);
    format!("{}…({} bytes)", text.get(..end).unwrap_or_default(), text.len())
}

/// Without the texts of a submitter, also where the method does not fit.
fn path(matched: &Matched<'_>) -> String {
    let routed = |below| {
        let methods = [Method::Get, Method::Post, Method::Put, Method::Delete];
        let any = || methods.into_iter().find_map(|method| Some(route(OPERATIONS, method, below)?.operation));
        matched.operation.or_else(any).map(|operation| (below, operation))
    };
    let Some((below, operation)) = matched.path.strip_prefix(SERVER_PREFIX).and_then(routed) else {
        return matched.path.to_owned();
    };
    let shown = |(template, given)| if is_free(template, operation) { REDACTED } else { given };
    let segments = operation.path.split('/').zip(below.split('/')).map(shown);
    format!("{SERVER_PREFIX}{}", segments.collect::<Vec<_>>().join("/"))
}

/// Whether somebody may have written anything in this segment of a path.
fn is_free(template: &str, operation: &OperationInfo) -> bool {
    let within = |name: &str| template.contains(&format!("{{{name}}}"));
    let parameters = operation.parameters.iter().filter(|parameter| within(parameter.name));
    parameters.into_iter().any(|it| it.kind == ValueKind::Text && !OF_CATALOG.contains(&it.name))
}

fn redacted(query: &str, operation: Option<&OperationInfo>) -> String {
    let pair = |part: &str| match part.split_once('=') {
        Some((name, value)) if is_plain(name, operation) || is_order(name, value) => part.to_owned(),
        Some((name, _)) if is_named(name) => format!("{name}={REDACTED}"),
        None if is_plain(part, operation) || is_named(part) => part.to_owned(),
        _ => REDACTED.to_owned(),
    };
    query.split('&').filter(|part| !part.is_empty()).map(pair).collect::<Vec<_>>().join("&")
}

/// Whether anything has a parameter of this name.
fn is_named(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let signed = ["x-amz-", "x-goog-"].into_iter().find_map(|prefix| lower.strip_prefix(prefix));
    PLAIN.contains(&name)
        || NAMED.contains(&name)
        || signed.is_some_and(|rest| SIGNED.contains(&rest))
        || OPERATIONS.iter().any(|operation| operation.parameter(name).is_some())
}

/// Names of fields, by which a listing is put in order.
fn is_order(name: &str, value: &str) -> bool {
    let field = |key: &str| key.is_empty() || is_sortable(key.strip_prefix(['-', '+']).unwrap_or(key));
    name == parameters::SORT && value.split(',').all(field)
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
        let of_storage = redacted("uploads&X-Amz-Signature=def&prefix=g&eyJhbGciOi&eyJhbGci==", None);
        assert_eq!(of_storage, "uploads&X-Amz-Signature=REDACTED&prefix=g&REDACTED&REDACTED");
        let list = aig_codegen::OPERATIONS.iter().find(|operation| operation.id == "list_run_items");
        let of_api = redacted(
            "state=PENDING&share_token=abc&external_id__in=Mr%20X&code=g&sort=-item_id,state&sort=mueller",
            list.copied(),
        );
        assert_eq!(
            of_api,
            "state=PENDING&share_token=REDACTED&external_id__in=REDACTED&code=REDACTED&sort=-item_id,state&sort=REDACTED"
        );
    }

    #[test]
    fn external_ids_in_a_path_are_not_kept_and_ids_of_the_platform_are() {
        let run = "/api/v1/runs/6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a10";
        for (method, path, kept) in [
            ("GET", format!("{run}/items/Mr%20X"), format!("{run}/items/REDACTED")),
            ("PATCH", format!("{run}/items/Mr%20X"), format!("{run}/items/REDACTED")),
            ("PUT", format!("{run}/items/x%2Fy/custom-metadata"), format!("{run}/items/REDACTED/custom-metadata")),
            ("GET", run.to_owned(), run.to_owned()),
            ("GET", "/api/v1/applications/test-app".to_owned(), "/api/v1/applications/test-app".to_owned()),
        ] {
            assert_eq!(entry(method, &path).path, kept);
        }
    }

    fn entry(method: &str, target: &str) -> LoggedRequest {
        let (method, uri): (http::Method, Uri) = (method.parse().unwrap(), target.parse().unwrap());
        begun(&Matched::of(&method, &uri), &uri, &HeaderMap::new(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_command_says_what_a_shell_and_curl_would_read_otherwise() {
        let part = LoggedRequest { range: Some("bytes=0-9".into()), ..entry("GET", "/x") };
        let body = LoggedRequest { content_type: Some("text/it's".into()), ..entry("POST", "/x") };
        for (request, command) in [
            (entry("HEAD", "/x"), "curl --head 'R/x'"),
            (entry("GET", "/a'$(x)"), r"curl -X GET 'R/a'\''$(x)'"),
            (entry("GET", "/%5B?prefix=[1-9]"), "curl -X GET --globoff 'R/%5B?prefix=[1-9]'"),
            (entry("A'B", "/x"), r"curl -X 'A'\''B' 'R/x'"),
            (part, "curl -X GET -H 'Range: bytes=0-9' 'R/x'"),
            (body, r"curl -X POST -H 'Content-Type: text/it'\''s' --data-binary @BODY 'R/x'"),
        ] {
            assert_eq!(request.as_curl("R"), command);
        }
    }

    #[test]
    fn long_texts_are_cut_and_say_so() {
        let long = |length: usize| "x".repeat(length);
        let uri: Uri = format!("/{}?prefix={}", long(30_000), long(30_000)).parse().unwrap();
        let headers = [(header::USER_AGENT, long(LONGEST)), (header::RANGE, long(LONGEST + 1))];
        let headers = headers.into_iter().map(|(name, value)| (name, value.parse().unwrap())).collect();
        let entry = begun(&Matched::of(&http::Method::GET, &uri), &uri, &headers, Timestamp::UNIX_EPOCH);
        assert_eq!(super::cut(&long(60_000)), self::entry(&long(60_000), "/x").method);
        assert_eq!(entry.path, format!("/{}…(30001 bytes)", long(LONGEST - 1)));
        assert!(entry.query.ends_with("x…(30007 bytes)") && entry.query.len() < LONGEST + 32);
        assert_eq!(entry.user_agent.unwrap(), long(LONGEST), "whole when it just fits");
        assert!(entry.range.unwrap().ends_with("…(2049 bytes)"));
        assert_eq!(cut(&"é".repeat(LONGEST)).chars().filter(|it| *it == 'é').count(), LONGEST / 2);
    }

    #[test]
    fn old_requests_make_room() {
        let log = RequestLog::default();
        let entry = entry("GET", "/x");
        (0..KEPT + 5).for_each(|_| log.add(entry.clone()));
        let kept = log.after(0);
        assert_eq!((kept.len(), kept[0].number), (KEPT, 6));
        assert_eq!(log.after(KEPT as u64 + 4).len(), 1);
        assert_eq!((log.after(KEPT as u64 + 9).len(), log.look(|requests| requests.len())), (0, KEPT));
        log.clear();
        log.add(kept[0].clone());
        assert_eq!(log.after(0)[0].number, KEPT as u64 + 6, "numbers go on");
    }
}
