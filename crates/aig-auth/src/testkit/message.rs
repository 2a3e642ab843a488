//! Requests and answers as plain data: what a transport hands in and what it carries out.

use std::fmt;

use serde_json::Value;

/// One HTTP request, whatever carried it.
///
/// `Debug` shows neither the query nor the body: both hold codes and tokens.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, … in capitals.
    pub method: String,
    /// The path, percent-encoded as it came, without the query.
    pub path: String,
    /// The query without its `?`; empty when there is none.
    pub query: String,
    /// Header fields in their order; names in any case.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Request {
    /// A GET of `target`: a path, with a query or without.
    pub fn get(target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self { method: "GET".into(), path: path.into(), query: query.into(), ..Self::default() }
    }

    /// A POST of a form.
    pub fn post(path: &str, fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self { method: "POST".into(), path: path.into(), body: body.into_bytes(), ..Self::default() }
            .with_header("content-type", "application/x-www-form-urlencoded")
    }

    /// The same request with one more header field.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The first header field of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

/// One HTTP answer, and how much of it the transport may deliver.
///
/// `Debug` shows neither header values nor the body.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header fields, names in lower case; without `content-length`, which the transport adds.
    pub headers: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
    /// What the transport does with it.
    pub delivery: Delivery,
}

/// How much of an answer reaches the client: all of it, unless a [`Fault`](super::Fault) says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// All of it.
    #[default]
    Whole,
    /// The head, this many bytes of the body, then the connection is closed.
    Torn(usize),
    /// Nothing: the connection is closed without an answer.
    Lost,
}

impl Response {
    /// An answer without a body that nobody may store.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), delivery: Delivery::Whole }
            .with_header("cache-control", "no-store")
            .with_header("x-content-type-options", "nosniff")
    }

    /// A JSON document.
    pub fn of_json(status: u16, value: &Value) -> Self {
        let mut response = Self::empty(status).with_header("content-type", "application/json");
        response.body = value.to_string().into_bytes();
        response
    }

    /// "See there": the client goes on with a GET of `location`.
    pub(super) fn redirect(status: u16, location: &str) -> Self {
        Self::empty(status).with_header("location", location).with_header("referrer-policy", "no-referrer")
    }

    /// The same answer with this header field, in place of one of the same name.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(existing, _)| !existing.eq_ignore_ascii_case(name));
        self.headers.push((name.to_ascii_lowercase(), value.into()));
        self
    }

    /// The header field of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(existing, _)| existing.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
