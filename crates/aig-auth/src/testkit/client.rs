//! The applications that may ask for tokens.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use url::{Host, Url};

use super::{Rotation, error::OAuthError, params::Params};
use crate::Secret;

/// A registered application.
#[derive(Debug, Clone)]
pub struct Client {
    id: String,
    name: String,
    secret: Option<Secret>,
    redirects: Vec<String>,
    rotation: Option<Rotation>,
}

impl Client {
    /// A public client: no secret, PKCE, any loopback redirect URI (RFC 8252 section 7.3), device authorization.
    pub fn native(id: impl Into<String>) -> Self {
        let id = id.into();
        Self { name: id.clone(), id, secret: None, redirects: Vec::new(), rotation: None }
    }

    /// A confidential client: it may use client credentials.
    pub fn machine(id: impl Into<String>, secret: impl Into<Secret>) -> Self {
        Self { secret: Some(secret.into()), ..Self::native(id) }
    }

    /// The same client with the name that pages show.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same client with one more redirect URI, compared character by character.
    #[must_use]
    pub fn with_redirect(mut self, uri: impl Into<String>) -> Self {
        self.redirects.push(uri.into());
        self
    }

    /// The same client with its own rule for refresh tokens, in place of the server's.
    #[must_use]
    pub fn with_rotation(mut self, rotation: Rotation) -> Self {
        self.rotation = Some(rotation);
        self
    }

    /// The client id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name that pages show.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn rotation(&self) -> Option<Rotation> {
        self.rotation
    }

    pub(super) fn is_confidential(&self) -> bool {
        self.secret.is_some()
    }

    /// Whether an answer may be sent to this URI.
    pub(super) fn may_redirect_to(&self, uri: &str) -> bool {
        self.redirects.iter().any(|registered| registered == uri) || (!self.is_confidential() && is_loopback(uri))
    }

    fn has_secret(&self, presented: Option<&str>) -> bool {
        self.secret.as_ref().map(Secret::expose) == presented
    }
}

/// An `http` URI of this machine, on any port and path (RFC 8252 section 7.3, and `localhost` as existing clients do).
fn is_loopback(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    url.scheme() == "http" && local && bare
}

/// Who calls the token endpoint: a secret in the header or in the form, or a public client by its id alone
/// (RFC 6749 section 2.3.1).
pub(super) fn authenticate<'a>(
    clients: &'a [Client],
    params: &Params,
    authorization: Option<&str>,
) -> Result<&'a Client, OAuthError> {
    let (id, secret) = match authorization.and_then(basic) {
        Some((id, secret)) => (id, Some(secret)),
        None => (params.text("client_id").to_owned(), params.get("client_secret").map(str::to_owned)),
    };
    let client = clients.iter().find(|client| client.id == id);
    client
        .filter(|client| client.has_secret(secret.as_deref()))
        .ok_or(OAuthError::invalid_client("the client is not known here, or its secret is not right"))
}

/// The id and the secret of HTTP Basic, each form-encoded.
fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode(id), decode(secret)))
}

fn decode(text: &str) -> String {
    let pair = format!("x={}", text.replace('&', "%26").replace('=', "%3D"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_native_client_may_use_any_loopback_address_and_nothing_else() {
        let client = Client::native("cli").with_redirect("https://app.example/callback");
        for uri in [
            "http://127.0.0.1:49152/",
            "http://127.0.0.1/callback?x=1",
            "http://[::1]:8080/cb",
            "http://localhost:8989/",
            "https://app.example/callback",
        ] {
            assert!(client.may_redirect_to(uri), "{uri}");
        }
        for uri in [
            "https://127.0.0.1/",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "http://evil.example/",
            "http://user@127.0.0.1/",
            "http://127.0.0.1/#fragment",
            "https://app.example/callback/",
            "javascript:alert(1)",
            "//127.0.0.1/",
            "",
        ] {
            assert!(!client.may_redirect_to(uri), "{uri}");
        }
    }

    #[test]
    fn a_confidential_client_may_use_registered_addresses_only() {
        assert!(!Client::machine("web", "s").may_redirect_to("http://127.0.0.1/"));
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let header = format!("basic {}", STANDARD.encode("a%3Ab:s%2B1 &="));
        assert_eq!(basic(&header), Some(("a:b".into(), "s+1 &=".into())));
    }
}
