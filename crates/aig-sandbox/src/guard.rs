//! What every request passes: it must be meant for this sandbox, and every answer says what it comes from.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

/// The header of every answer.
pub const SANDBOX_HEADER: &str = "x-aignostics-sandbox";
/// Numbers every request of the process.
static REQUESTS: AtomicU64 = AtomicU64::new(1);
const NOTICE: HeaderValue = HeaderValue::from_static("SANDBOX; synthetic, not for clinical use");

/// Refuses requests that a foreign page has brought a browser to send (DNS rebinding): their `Host` or `Origin` is another.
pub(crate) async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let mut response = match refuse(request.headers(), port) {
        Some(message) => (StatusCode::FORBIDDEN, axum::Json(serde_json::json!({"detail": message}))).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static(SANDBOX_HEADER), NOTICE);
    if let Ok(id) = HeaderValue::try_from(format!("sandbox-{:08x}", REQUESTS.fetch_add(1, Ordering::Relaxed))) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

fn refuse(headers: &HeaderMap, port: u16) -> Option<&'static str> {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(|host| is_here(host, port)) {
        return Some("SANDBOX: this host name is not the sandbox's; use 127.0.0.1 or localhost with its port");
    }
    let origin = headers.get(header::ORIGIN)?;
    let site = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
    let own = site.is_some_and(|site| is_here(site, port));
    (!own).then_some("SANDBOX: requests of other sites' pages are refused")
}

fn is_here(authority: &str, port: u16) -> bool {
    let Some((host, given)) = authority.rsplit_once(':') else { return false };
    (host == "127.0.0.1" || host.eq_ignore_ascii_case("localhost")) && given.parse() == Ok(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_pass() {
        let headers = |host: &str, origin: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            origin.map(|origin| headers.insert(header::ORIGIN, origin.parse().unwrap()));
            headers
        };
        for host in ["127.0.0.1:80", "localhost:80", "LOCALHOST:80"] {
            assert!(refuse(&headers(host, None), 80).is_none(), "{host}");
        }
        for host in ["127.0.0.1:81", "evil.example:80", "127.0.0.1", "127.0.0.1.evil.example:80", "localhost:80@evil:1"]
        {
            assert!(refuse(&headers(host, None), 80).is_some(), "{host}");
        }
        assert!(refuse(&headers("127.0.0.1:80", Some("http://localhost:80")), 80).is_none());
        for origin in ["https://evil.example", "null", "http://127.0.0.1:81", "https://127.0.0.1:80"] {
            assert!(refuse(&headers("127.0.0.1:80", Some(origin)), 80).is_some(), "{origin}");
        }
        assert!(refuse(&HeaderMap::new(), 80).is_some());
    }
}
