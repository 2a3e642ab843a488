//! How much a client may ask of us: how long it may keep us waiting, and how much of its body is held in memory.

use std::{
    error::Error,
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::{Request, StatusCode, header};
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::{
    runtime::Handle,
    time::{Instant, Sleep},
};

/// A sender of a body may be silent for so long, or slower than [`PACE`] for a little longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes a second by which patience comes back.
const PACE: u64 = 1 << 10;
/// Every body may have so much in memory; what is more comes out of [`SHARED`].
const OWN: usize = 64 << 10;
/// For the bodies of all requests of the process.
const SHARED: usize = 128 << 20;
/// How long, and how much, is heard of a body that nobody reads.
const FAREWELL: Duration = Duration::from_secs(1);
const FAREWELL_BYTES: usize = 16 << 20;
static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// Time that a peer may keep us waiting: it melts while we wait and comes back with what the peer does.
#[derive(Debug)]
pub(crate) struct Patience {
    whole: Duration,
    left: Duration,
    waiting: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(crate) fn of(whole: Duration) -> Self {
        Self { whole, left: whole, waiting: None, alarm: None }
    }

    /// The peer is not ready. Ready when it has been so for too long.
    pub(crate) fn poll_lost(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = Instant::now();
        let end = *self.waiting.get_or_insert(now) + self.left;
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
        // An alarm that was set for an earlier wait rings too early: cheaper than setting it for each.
        while alarm.as_mut().poll(cx).is_ready() {
            if now >= end {
                return Poll::Ready(());
            }
            alarm.as_mut().reset(end);
        }
        Poll::Pending
    }

    /// The peer has taken or sent so many bytes.
    pub(crate) fn reward(&mut self, bytes: usize) {
        let Some(since) = self.waiting.take() else { return };
        let earned = Duration::from_millis((bytes as u64).saturating_mul(1000) / PACE);
        self.left = (self.left.saturating_sub(since.elapsed()) + earned).min(self.whole);
    }
}

/// Why a body was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    #[error("the request body is too large")]
    TooLarge,
    #[error("the request body stopped coming, or came too slowly")]
    Slow,
    #[error("too many large request bodies at once; try again in a while")]
    Crowded,
    #[error("the request body broke off")]
    Broken,
}

impl Unread {
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Crowded => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<axum::Error> for Unread {
    fn from(error: axum::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(&error);
        while let Some(error) = cause {
            if let Some(unread) = error.downcast_ref::<Self>() {
                return *unread;
            }
            cause = error.source();
        }
        Self::Broken
    }
}

/// A whole body, if it has at most `most` bytes. One that announces more is not read at all.
pub(crate) async fn whole(body: Body, most: usize) -> Result<Bytes, Unread> {
    if body.size_hint().lower() > most as u64 {
        return Err(Unread::TooLarge);
    }
    let (mut bytes, mut share) = (BytesMut::new(), Share::default());
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        if bytes.len() + piece.len() > most {
            return Err(Unread::TooLarge);
        }
        share.grow(bytes.len() + piece.len())?;
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.freeze())
}

/// What a body has taken of the common memory while it is read.
#[derive(Default)]
struct Share(usize);

impl Share {
    fn grow(&mut self, length: usize) -> Result<(), Unread> {
        let more = length.saturating_sub(OWN).saturating_sub(self.0);
        self.0 += more;
        if TAKEN.fetch_add(more, Ordering::Relaxed) + more > SHARED { Err(Unread::Crowded) } else { Ok(()) }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        TAKEN.fetch_sub(self.0, Ordering::Relaxed);
    }
}

/// The body of a request: its sender is given up when it is too slow, and listened to for a moment when its body is not
/// wanted, so that it hears why.
pub(crate) struct Timely {
    body: Option<Incoming>,
    patience: Patience,
    sending: Sending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    Now,
    /// After a 100 (Continue): RFC 9110, section 10.1.1.
    WhenAsked,
    Over,
}

/// The request with a body that is watched.
pub(crate) fn timely(request: Request<Incoming>) -> Request<Timely> {
    let waits = request.headers().contains_key(header::EXPECT);
    let sending = if waits { Sending::WhenAsked } else { Sending::Now };
    request.map(|body| Timely { body: Some(body), patience: Patience::of(PATIENCE), sending })
}

impl HttpBody for Timely {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let Self { body: Some(body), patience, sending } = &mut *self else { return Poll::Ready(None) };
        let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) else {
            ready!(patience.poll_lost(cx));
            return Poll::Ready(Some(Err(Unread::Slow.into())));
        };
        match &frame {
            Some(Ok(frame)) => patience.reward(frame.data_ref().map_or(0, Bytes::len)),
            _ => *sending = Sending::Over,
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Timely {
    fn drop(&mut self) {
        if self.sending == Sending::Now
            && !self.is_end_stream()
            && let (Some(body), Ok(runtime)) = (self.body.take(), Handle::try_current())
        {
            runtime.spawn(tokio::time::timeout(FAREWELL, overhear(body)));
        }
    }
}

/// A connection that is closed on a sender who still sends is reset, and the answer may be lost with it.
async fn overhear(body: Incoming) {
    let mut pieces = Body::new(body).into_data_stream();
    let mut heard = 0;
    while let Some(Ok(piece)) = pieces.next().await {
        heard += piece.len();
        if heard > FAREWELL_BYTES {
            break;
        }
    }
}
