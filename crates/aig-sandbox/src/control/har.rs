//! The log of requests as an HTTP archive (HAR 1.2), for the tools that read it.

use serde_json::{Value, json};

use crate::request_log::LoggedRequest;

pub(super) fn archive(requests: &[LoggedRequest], root: &str) -> Value {
    let creator = json!({"name": "aig-sandbox", "version": env!("CARGO_PKG_VERSION")});
    let entries: Vec<Value> = requests.iter().map(|request| entry(request, root)).collect();
    json!({"log": {"version": "1.2", "creator": creator, "entries": entries}})
}

fn entry(request: &LoggedRequest, root: &str) -> Value {
    let query: Vec<Value> = request.query.split('&').filter_map(|part| part.split_once('=')).map(pair).collect();
    let known =
        [("User-Agent", &request.user_agent), ("Range", &request.range), ("Content-Type", &request.content_type)];
    let headers: Vec<Value> =
        known.into_iter().filter_map(|(name, value)| Some(pair((name, value.as_ref()?)))).collect();
    let query_text = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    json!({
        "startedDateTime": request.at,
        "time": request.duration_ms,
        "request": {
            "method": request.method,
            "url": format!("{root}{}{query_text}", request.path),
            "httpVersion": "HTTP/1.1",
            "cookies": [], "headers": headers, "queryString": query,
            "headersSize": -1, "bodySize": -1,
        },
        "response": {
            "status": request.status,
            "statusText": reason(request.status), "httpVersion": "HTTP/1.1", "cookies": [], "headers": [],
            "content": {"size": 0, "mimeType": ""}, "redirectURL": "", "headersSize": -1, "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": request.duration_ms, "receive": 0},
    })
}

fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

fn pair((name, value): (&str, &str)) -> Value {
    json!({"name": name, "value": value})
}
