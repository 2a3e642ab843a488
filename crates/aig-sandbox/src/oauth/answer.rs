//! Answers of the authorization server on their way out: whole, torn or lost, as it says.

use std::io;

use aig_auth::testkit::{Delivery, Response as Answer};
use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// The answer with a body that the connection delivers, or that breaks it.
pub(super) fn carried_out(answer: Answer) -> Response {
    let length = answer.body.len();
    let body = match answer.delivery {
        Delivery::Whole => Body::from(answer.body),
        Delivery::Torn(bytes) => torn(answer.body, bytes),
        Delivery::Lost => broken(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in &answer.headers {
        // What is no header field cannot be sent, and the authorization server writes none.
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            headers.append(name, value);
        }
    }
    if answer.delivery != Delivery::Whole {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
    response
}

/// An answer without a body.
pub(super) fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The first bytes, then a broken connection. What was written is flushed only when the body lets others run.
fn torn(mut body: Vec<u8>, bytes: usize) -> Body {
    body.truncate(bytes);
    let head = stream::iter([Ok(Bytes::from(body))]);
    let end = stream::once(async {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        Err(cut())
    });
    Body::from_stream(head.chain(end))
}

/// A broken connection at once: not even the head of the answer leaves.
fn broken() -> Body {
    Body::from_stream(stream::iter([Err::<Bytes, _>(cut())]))
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the connection is cut, as ordered")
}
