//! `/_sandbox/requests`: what was asked, chosen by what it was, and followed as it comes.

use std::sync::Arc;

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use futures_util::stream;
use http::{StatusCode, header};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Control, har, refused};
use crate::request_log::LoggedRequest;

/// Which requests are wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Which {
    /// Newer than a number already seen.
    after: u64,
    since: Option<Timestamp>,
    method: Option<String>,
    operation: Option<String>,
    /// `404`, or `5xx`.
    status: Option<String>,
    /// A part of it.
    path: Option<String>,
    /// Go on with those that come.
    follow: bool,
}

impl Which {
    fn wants(&self, entry: &LoggedRequest) -> bool {
        self.since.is_none_or(|since| entry.at >= since)
            && self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&entry.method))
            && (self.operation.is_none() || self.operation.as_deref() == entry.operation)
            && self.status.as_ref().is_none_or(|status| is_status(status, entry.status))
            && self.path.as_ref().is_none_or(|part| entry.path.contains(part.as_str()))
    }

    fn check(&self) -> Result<(), &'static str> {
        let digits = |text: &str| text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        let class = |text: &str| matches!(text.as_bytes(), [b'1'..=b'5', b'x', b'x']);
        match &self.status {
            Some(status) if !digits(status) && !class(status) => {
                Err("`status` is one such as 404, or a class such as 5xx")
            }
            _ => Ok(()),
        }
    }
}

fn is_status(wanted: &str, status: u16) -> bool {
    match wanted.strip_suffix("xx") {
        Some(class) => class.parse() == Ok(status / 100),
        None => wanted.parse() == Ok(status),
    }
}

type Asked = Result<Query<Which>, QueryRejection>;

/// One JSON document a line.
pub(super) async fn list(State(control): State<Control>, asked: Asked) -> Response {
    let which = match chosen(asked) {
        Ok(which) => which,
        Err(message) => return refused(&message),
    };
    let body = if which.follow { followed(control, which) } else { Body::from(lines(&control, &which, which.after).0) };
    ([(header::CONTENT_TYPE, "application/jsonl")], body).into_response()
}

pub(super) async fn archive(State(control): State<Control>, asked: Asked) -> Response {
    match chosen(asked) {
        Ok(which) => {
            let wanted = control.log.after(which.after).into_iter().filter(|entry| which.wants(entry));
            Json(har::archive(&wanted.collect::<Vec<_>>(), &control.url)).into_response()
        }
        Err(message) => refused(&message),
    }
}

pub(super) async fn clear(State(control): State<Control>) -> StatusCode {
    control.log.clear();
    StatusCode::NO_CONTENT
}

fn chosen(asked: Asked) -> Result<Which, String> {
    let Query(which) = asked.map_err(|error| error.body_text())?;
    which.check()?;
    Ok(which)
}

/// The lines after a number, and the number of the last request that was looked at.
fn lines(control: &Control, which: &Which, after: u64) -> (String, u64) {
    let entries = control.log.after(after);
    let last = entries.last().map_or(after, |entry| entry.number);
    let wanted = entries.iter().filter(|entry| which.wants(entry));
    (wanted.filter_map(|entry| line(entry, &control.url)).collect(), last)
}

fn line(entry: &LoggedRequest, root: &str) -> Option<String> {
    let mut value = serde_json::to_value(entry).ok()?;
    value["curl"] = Value::from(entry.as_curl(root));
    Some(format!("{value}\n"))
}

/// What there is, then what comes, until the client leaves or the sandbox ends.
fn followed(control: Control, which: Which) -> Body {
    let news = control.log.news();
    let begin = (Arc::new(which), control, news, None::<u64>);
    Body::from_stream(stream::unfold(begin, |(which, control, mut news, seen)| async move {
        let mut after = seen.unwrap_or(which.after);
        loop {
            let (text, last) = lines(&control, &which, after);
            after = last;
            // The head of the answer leaves with the first piece, so there is one at once, even if empty of entries.
            if !text.is_empty() || seen.is_none() {
                let piece = if text.is_empty() { "\n".to_owned() } else { text };
                return Some((Ok::<_, std::io::Error>(Bytes::from(piece)), (which, control, news, Some(after))));
            }
            if !news.more().await {
                return None;
            }
        }
    }))
}
