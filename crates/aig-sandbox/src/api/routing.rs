//! Which operation a request is for. What is for none is answered as Starlette does it: before anybody asks for a token.

use aig_codegen::{Method, OPERATIONS, Route, SERVER_PREFIX, route};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header, request::Parts};

use super::problem::Problem;

const METHODS: [Method; 7] =
    [Method::Get, Method::Post, Method::Put, Method::Delete, Method::Patch, Method::Head, Method::Options];

/// Why there is no operation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unrouted {
    Nowhere,
    /// The path is known with these methods.
    Method(Vec<&'static str>),
    /// The path is known without the slash at its end.
    Slash(String),
}

pub(super) fn find(parts: &Parts) -> Result<Route, Unrouted> {
    let path = parts.uri.path().strip_prefix(SERVER_PREFIX).unwrap_or_default();
    let wanted = METHODS.into_iter().find(|method| method.as_str() == parts.method.as_str());
    if let Some(found) = wanted.and_then(|method| route(OPERATIONS, method, path)) {
        return Ok(found);
    }
    let known = methods(path);
    if !known.is_empty() {
        return Err(Unrouted::Method(known));
    }
    match path.strip_suffix('/') {
        Some(bare) if !methods(bare).is_empty() => Err(Unrouted::Slash(elsewhere(parts, bare))),
        _ => Err(Unrouted::Nowhere),
    }
}

fn methods(path: &str) -> Vec<&'static str> {
    METHODS.into_iter().filter(|method| route(OPERATIONS, *method, path).is_some()).map(Method::as_str).collect()
}

fn elsewhere(parts: &Parts, path: &str) -> String {
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("http://{host}{SERVER_PREFIX}{path}{query}")
}

impl IntoResponse for Unrouted {
    fn into_response(self) -> Response {
        match self {
            Self::Nowhere => Problem::not_found("Not Found").into_response(),
            Self::Method(known) => {
                let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
                with(problem.into_response(), header::ALLOW, &known.join(", "))
            }
            Self::Slash(url) => with(StatusCode::TEMPORARY_REDIRECT.into_response(), header::LOCATION, &url),
        }
    }
}

fn with(mut response: Response, name: header::HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
