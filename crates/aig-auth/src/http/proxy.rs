//! Which proxy a request would go through, as the HTTP client sees it: the environment, then the system.

use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

/// The proxies that were configured when this was made.
#[derive(Debug)]
pub(super) struct Proxies(Matcher);

impl Proxies {
    pub(super) fn of_the_system() -> Self {
        Self(Matcher::from_system())
    }

    /// Host and port of the proxy for `url`, never its password.
    pub(super) fn proxy_for(&self, url: &Url) -> Option<String> {
        let proxy = self.0.intercept(&url.as_str().parse().ok()?)?;
        let (host, port) = (proxy.uri().host()?, proxy.uri().port_u16());
        Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_without_its_password_and_only_for_what_goes_through_it() {
        let proxies =
            Proxies(Matcher::builder().https("http://user:canary@proxy.example:3128").no("direct.example").build());
        let proxy = |url: &str| proxies.proxy_for(&Url::parse(url).unwrap());
        assert_eq!(proxy("https://login.example/token").as_deref(), Some("proxy.example:3128"));
        assert_eq!(proxy("https://direct.example/token"), None);
        assert_eq!(proxy("http://login.example/token"), None);
    }
}
