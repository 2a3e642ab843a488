//! Whom a request goes to, in words fit for an error: never a path, a query or a password.

use std::fmt;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

/// Scheme, host and port, and the proxy on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Peer {
    origin: String,
    proxy: Option<String>,
}

impl Peer {
    /// The peer of `url`, by way of what `proxies` say.
    pub(crate) fn new(url: &Url, proxies: Option<&Matcher>) -> Self {
        let origin = url.origin().ascii_serialization();
        let proxy = proxies.and_then(|proxies| {
            let uri: Uri = origin.parse().ok()?;
            let intercept = proxies.intercept(&uri)?;
            let (host, port) = (intercept.uri().host()?, intercept.uri().port_u16());
            Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
        });
        Self { origin, proxy }
    }

    pub(crate) fn is_behind_proxy(&self) -> bool {
        self.proxy.is_some()
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.origin)?;
        match &self.proxy {
            Some(proxy) => write!(f, " through the proxy {proxy}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_paths_nor_passwords_are_shown() {
        let url = Url::parse("https://user:canary@storage.example:8443/canary?signature=canary").unwrap();
        assert_eq!(Peer::new(&url, None).to_string(), "https://storage.example:8443/");
        let proxies = Matcher::builder().all("http://user:canary@proxy.example:3128").build();
        let peer = Peer::new(&url, Some(&proxies));
        assert_eq!(peer.to_string(), "https://storage.example:8443/ through the proxy proxy.example:3128");
        assert!(!format!("{peer:?}").contains("canary"));
    }
}
