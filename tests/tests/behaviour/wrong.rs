//! A sandbox behind a transport that changes one thing of what is asked or of what is told.

use std::sync::Arc;

use aig_platform::transport::{Body, Request, Response, Transport, TransportError};
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// An answer on its way.
pub(crate) struct Told {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Told {
    /// Changes the JSON of an answer.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut Value)) {
        let Ok(mut body) = serde_json::from_slice::<Value>(&self.bytes) else { return };
        change(&mut body);
        self.bytes = body.to_string().into_bytes();
    }

    /// Whether it is the answer to a request of one of the paths that end like this.
    pub(crate) fn is(&self, method: &str, end: &str) -> bool {
        self.method == method && self.path.ends_with(end)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wrong {
    /// Query parameters that are not listened to.
    Deaf(&'static [&'static str]),
    /// A status for another.
    Status(u16, u16),
    /// Anything else.
    Tells(fn(&mut Told)),
}

#[derive(Debug)]
pub(crate) struct Liar {
    pub(crate) honest: Arc<dyn Transport>,
    pub(crate) wrong: Wrong,
}

impl Liar {
    fn ask(&self, request: &mut Request) {
        let Wrong::Deaf(names) = self.wrong else { return };
        let kept: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
        let kept = kept.iter().filter(|(name, _)| !names.contains(&name.as_str()));
        let mut url = request.url.clone();
        url.query_pairs_mut().clear().extend_pairs(kept);
        request.url = url;
    }

    fn tell(&self, told: &mut Told) {
        match self.wrong {
            Wrong::Deaf(_) => {}
            Wrong::Status(from, to) if told.status == from => told.status = to,
            Wrong::Status(..) => {}
            Wrong::Tells(lie) => lie(told),
        }
    }
}

#[async_trait::async_trait]
impl Transport for Liar {
    async fn send(&self, mut request: Request) -> Result<Response, TransportError> {
        self.ask(&mut request);
        let (method, path) = (request.method.to_string(), request.url.path().to_owned());
        let answer = self.honest.send(request).await?;
        let (status, headers) = (answer.status.as_u16(), answer.headers);
        let bytes = answer.body.bytes(64 << 20).await?.to_vec();
        let mut told = Told { method, path, status, headers, bytes };
        self.tell(&mut told);
        let status = StatusCode::from_u16(told.status).unwrap();
        Ok(Response::new(status, told.headers, Body::from_bytes(told.bytes)))
    }
}
