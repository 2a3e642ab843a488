//! Carries out a fault on one request.

use std::{io, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::Effect;
use crate::storage;

/// A stalled body ends at last: nobody waits for longer.
const STALL: Duration = Duration::from_secs(3600);
/// What was written before a cut is flushed only when the body lets others run.
const FLUSH: Duration = Duration::from_millis(20);
const HASH: HeaderName = HeaderName::from_static("x-goog-hash");

pub(super) async fn carry_out(effect: Effect, mut request: Request, next: Next) -> Response {
    match effect {
        Effect::Answer { status, body, retry_after } => answer(request.uri().path(), status, body, retry_after),
        Effect::ExpiredUrl => answer(request.uri().path(), StatusCode::FORBIDDEN.as_u16(), None, None),
        Effect::Delay(milliseconds) => {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            next.run(request).await
        }
        Effect::Drop => Response::new(cut_at_once()),
        Effect::Lose => {
            let response = next.run(request).await;
            drop(axum::body::to_bytes(response.into_body(), usize::MAX).await);
            Response::new(cut_at_once())
        }
        Effect::Cut(bytes) => next.run(request).await.map(|body| first(body, bytes, End::Cut)),
        Effect::Stall(bytes) => next.run(request).await.map(|body| first(body, bytes, End::Stall)),
        Effect::Corrupt(place) => next.run(request).await.map(|body| corrupt(body, place)),
        Effect::WrongChecksum => with_header(next.run(request).await, HASH, "crc32c=AAAAAA=="),
        Effect::Replaced => {
            request.headers_mut().remove(header::RANGE);
            with_header(next.run(request).await, header::ETAG, "\"replaced\"")
        }
    }
}

fn answer(path: &str, status: u16, body: Option<String>, retry_after: Option<String>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let xml = path.starts_with(storage::PREFIX);
    let body = body.unwrap_or_else(|| default_body(xml, status));
    let kind = if xml { "application/xml" } else { "application/json" };
    let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
    if let Some(value) = retry_after.and_then(|value| HeaderValue::try_from(value).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

fn default_body(xml: bool, status: StatusCode) -> String {
    match (xml, status) {
        (true, StatusCode::FORBIDDEN) => "<?xml version='1.0' encoding='UTF-8'?><Error><Code>ExpiredToken</Code>\
            <Message>the signed URL expired, as ordered</Message></Error>"
            .to_owned(),
        (true, _) => "<?xml version='1.0' encoding='UTF-8'?><Error><Code>InternalError</Code>\
            <Message>an error, as ordered</Message></Error>"
            .to_owned(),
        (false, _) => r#"{"detail":"SANDBOX: an error, as ordered"}"#.to_owned(),
    }
}

fn with_header(mut response: Response, name: HeaderName, value: &'static str) -> Response {
    if response.headers().contains_key(&name) {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Not even the head of the answer leaves.
fn cut_at_once() -> Body {
    Body::from_stream(stream::iter([Err::<Bytes, _>(cut())]))
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the connection is cut, as ordered")
}

#[derive(Clone, Copy)]
enum End {
    Cut,
    Stall,
}

/// So many bytes of a body, then its end.
fn first(body: Body, bytes: u64, end: End) -> Body {
    let head = body.into_data_stream().scan(bytes, |left, piece| {
        if *left == 0 {
            return std::future::ready(None);
        }
        let piece = piece.map(|mut piece| {
            piece.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= piece.len() as u64;
            piece
        });
        std::future::ready(Some(piece.map_err(io::Error::other)))
    });
    let tail = stream::once(async move {
        tokio::time::sleep(if matches!(end, End::Stall) { STALL } else { FLUSH }).await;
        Err(cut())
    });
    Body::from_stream(head.chain(tail))
}

fn corrupt(body: Body, place: u64) -> Body {
    let pieces = body.into_data_stream().scan(0_u64, move |passed, piece| {
        let piece = piece.map(|piece| {
            let at = place.checked_sub(*passed).and_then(|at| usize::try_from(at).ok());
            *passed += piece.len() as u64;
            flipped(piece, at)
        });
        std::future::ready(Some(piece))
    });
    Body::from_stream(pieces)
}

fn flipped(piece: Bytes, at: Option<usize>) -> Bytes {
    let Some(at) = at.filter(|at| *at < piece.len()) else { return piece };
    let mut bytes = piece.to_vec();
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 0x20;
    }
    bytes.into()
}
