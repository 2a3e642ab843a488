//! What every request passes: it must be meant for this sandbox, and every answer says what it comes from.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};

use crate::storage::{self, google};

/// The header of every answer.
pub const SANDBOX_HEADER: &str = "x-aignostics-sandbox";
/// Numbers every request of the process.
static REQUESTS: AtomicU64 = AtomicU64::new(1);
/// An object may be a page with scripts, and it has the console's origin: in a browser it gets one of its own.
const NO_PAGE: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
const NOTICE: HeaderValue = HeaderValue::from_static("SANDBOX; synthetic, not for clinical use");

/// Refuses requests that a foreign page has brought a browser to send (DNS rebinding): their `Host` or `Origin` is another.
pub(crate) async fn guard(State(port): State<u16>, request: Request, next: Next) -> Response {
    let is_object = request.uri().path().starts_with(storage::PREFIX);
    let mut response = match refuse(request.uri(), request.headers(), port) {
        Some(message) if is_object => storage::access_denied(message),
        Some(message) => (StatusCode::FORBIDDEN, axum::Json(serde_json::json!({"detail": message}))).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static(SANDBOX_HEADER), NOTICE);
    if is_object {
        headers.insert(header::CONTENT_SECURITY_POLICY, NO_PAGE);
    }
    if let Ok(id) = HeaderValue::try_from(format!("sandbox-{:08x}", REQUESTS.fetch_add(1, Ordering::Relaxed))) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}

fn refuse(uri: &Uri, headers: &HeaderMap, port: u16) -> Option<&'static str> {
    // The request line may name a host too (RFC 9112, section 3.2.2), and every name counts.
    let in_line = uri.authority().is_none_or(|authority| is_here(authority.as_str(), port));
    let names = || headers.get_all(header::HOST).iter().filter_map(|host| host.to_str().ok());
    let mut hosts = headers.get_all(header::HOST).iter().map(|host| host.to_str().ok());
    let in_header = hosts.next().flatten().is_some_and(|host| is_here(host, port)) && hosts.next().is_none();
    if names().any(|host| is_below(host, port)) {
        return Some("SANDBOX: buckets are named in the path here, not in the host (set your client to path style)");
    }
    // Object storage alone goes by that name, and there nothing is done without a signature.
    let is_signed = google::is_meant(headers) && uri.path().starts_with(&format!("{}/", storage::PREFIX));
    if !in_line || !(in_header || is_signed) {
        return Some("SANDBOX: this host name is not the sandbox's; use 127.0.0.1 or localhost with its port");
    }
    let site = |origin: &HeaderValue| {
        let site = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
        site.is_some_and(|site| is_here(site, port))
    };
    let own = headers.get_all(header::ORIGIN).iter().all(site);
    (!own).then_some("SANDBOX: requests of other sites' pages are refused")
}

fn is_here(authority: &str, port: u16) -> bool {
    let Some((host, given)) = authority.rsplit_once(':') else { return false };
    (host == "127.0.0.1" || host.eq_ignore_ascii_case("localhost")) && given == port.to_string()
}

/// `bucket.localhost:PORT`, as S3's virtual-hosted style has it.
fn is_below(authority: &str, port: u16) -> bool {
    let own = ["127.0.0.1", "localhost"].map(|host| format!(".{host}:{port}"));
    own.iter().any(|end| authority.strip_suffix(end.as_str()).is_some_and(|bucket| !bucket.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(target: &str, hosts: &[&str], origins: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        hosts.iter().for_each(|host| _ = headers.append(header::HOST, host.parse().unwrap()));
        origins.iter().for_each(|origin| _ = headers.append(header::ORIGIN, origin.parse().unwrap()));
        refuse(&target.parse().unwrap(), &headers, 80).is_none()
    }

    #[test]
    fn only_our_own_names_pass() {
        for host in ["127.0.0.1:80", "localhost:80", "LOCALHOST:80"] {
            assert!(passes("/", &[host], &[]), "{host}");
            assert!(passes(&format!("http://{host}/"), &[host], &[&format!("http://{host}")]), "{host}");
        }
        let foreign = [
            "127.0.0.1:81",
            "127.0.0.1",
            "localhost",
            "",
            "evil.example",
            "evil.example:80",
            "127.0.0.1.evil.example:80",
            "localhost.evil.example:80",
            "localhost.:80",
            "localhost:80@evil.example:80",
            "evil.example:80@localhost:80",
            "127.1:80",
            "0.0.0.0:80",
            "2130706433:80",
            "0x7f.0.0.1:80",
            "[::1]:80",
            "[::ffff:127.0.0.1]:80",
            "127.0.0.1:80,evil.example",
            "127.0.0.1 :80",
            "127.0.0.1:+80",
            "127.0.0.1:080",
        ];
        for host in foreign {
            assert!(!passes("/", &[host], &[]), "{host}");
            assert!(!passes("/", &["127.0.0.1:80", host], &[]), "{host} after ours");
        }
        let google = "storage.googleapis.com";
        assert!(passes("/storage/bucket", &[google], &[]), "signed for Google's host");
        assert!(
            !passes("/", &[google], &[]) && !passes("/storage", &[google], &[]) && !passes("/storage*", &[google], &[])
        );
        assert!(!passes("/storage/bucket", &[google, "127.0.0.1:80"], &[]), "two names");
        assert!(!passes("/storage/bucket", &[google], &["http://storage.googleapis.com"]), "a page of Google's host");
        assert!(!passes("/", &[], &[]), "no host at all");
        assert!(!passes("http://evil.example/", &["127.0.0.1:80"], &[]), "another host on the request line");
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let foreign = [
            "https://evil.example",
            "http://evil.example",
            "null",
            "http://127.0.0.1:81",
            "https://127.0.0.1:80",
            "",
            "file://",
        ];
        for origin in foreign {
            assert!(!passes("/", &["127.0.0.1:80"], &[origin]), "{origin}");
            assert!(!passes("/", &["127.0.0.1:80"], &["http://localhost:80", origin]), "{origin} after ours");
        }
    }
}
