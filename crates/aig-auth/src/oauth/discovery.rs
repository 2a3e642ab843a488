//! Finding an authorization server's endpoints: RFC 8414, and OpenID Connect Discovery 1.0 where that is what there is.

use serde::Deserialize;
use url::Url;

use super::config::{CallbackIssuer, OAuthConfig};
use crate::{
    AuthError, AuthErrorKind, Recovery,
    http::{HttpClient, HttpFault, endpoint},
};

/// What a server publishes about itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    /// Who it is, exactly as asked.
    pub issuer: String,
    /// Where tokens are given.
    pub token_endpoint: String,
    /// Where a browser is sent.
    pub authorization_endpoint: Option<String>,
    /// Where device codes are given (RFC 8628 section 4).
    pub device_authorization_endpoint: Option<String>,
    /// Where tokens are revoked (RFC 7009).
    pub revocation_endpoint: Option<String>,
    /// Where its keys are.
    pub jwks_uri: Option<String>,
    /// Whether every browser callback names the issuer (RFC 9207 section 3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    /// How PKCE challenges may be made; without a word, the server may have none.
    #[serde(default)]
    pub code_challenge_methods_supported: Vec<String>,
}

impl Metadata {
    /// Asks `issuer` where its endpoints are.
    ///
    /// # Errors
    /// When it publishes nothing, or names itself otherwise (RFC 8414 section 3.3).
    pub async fn discover(issuer: &str, http: &HttpClient) -> Result<Self, AuthError> {
        let base = endpoint("issuer", issuer)?;
        let mut last = HttpFault::NotSecure;
        for url in addresses(&base) {
            match http.get(&url).await {
                Ok(answer) => return read(issuer, answer.body()),
                Err(fault @ HttpFault::Status { status: 400..=499, .. }) => last = fault,
                Err(fault) => return Err(fault.into_error()),
            }
        }
        Err(last.into_error())
    }

    /// A client of this server.
    ///
    /// # Errors
    /// When an endpoint is neither `https` nor on loopback.
    pub fn client(&self, client_id: impl Into<String>) -> Result<OAuthConfig, AuthError> {
        let mut config = OAuthConfig::new(&self.issuer, &self.token_endpoint, client_id)?;
        if let Some(url) = &self.authorization_endpoint {
            config = config.with_authorization_endpoint(url)?;
        }
        if let Some(url) = &self.device_authorization_endpoint {
            config = config.with_device_endpoint(url)?;
        }
        if let Some(url) = &self.revocation_endpoint {
            config = config.with_revocation_endpoint(url)?;
        }
        if self.authorization_response_iss_parameter_supported {
            config.callback_issuer = CallbackIssuer::Required;
        }
        Ok(config)
    }
}

/// The well-known places, best first: in RFC 8414 the issuer's path comes last, in OpenID Connect first.
fn addresses(issuer: &Url) -> Vec<Url> {
    let path = issuer.path().trim_end_matches('/');
    let places = [
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("{path}/.well-known/openid-configuration"),
        format!("/.well-known/openid-configuration{path}"),
    ];
    let mut urls: Vec<Url> = places.iter().filter_map(|place| issuer.join(place).ok()).collect();
    urls.dedup();
    urls
}

fn read(issuer: &str, body: &[u8]) -> Result<Metadata, AuthError> {
    let metadata: Metadata =
        serde_json::from_slice(body).map_err(|_| protocol("the issuer publishes no usable metadata"))?;
    if metadata.issuer != issuer {
        return Err(protocol("the metadata is of another issuer than was asked: check the issuer, to the last slash"));
    }
    let methods = &metadata.code_challenge_methods_supported;
    if !methods.is_empty() && !methods.iter().any(|method| method == "S256") {
        return Err(protocol("the server does not support PKCE with S256, and nothing less is used"));
    }
    Ok(metadata)
}

fn protocol(message: &'static str) -> AuthError {
    AuthError::new(AuthErrorKind::Protocol, Recovery::FixSetup, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_issuer_s_path_goes_where_each_standard_wants_it() {
        let urls = |issuer: &str| -> Vec<String> {
            addresses(&issuer.parse().unwrap()).iter().map(|url| url.path().to_owned()).collect()
        };
        assert_eq!(
            urls("https://a.example/"),
            ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
        );
        assert_eq!(
            urls("https://a.example/tenant/"),
            [
                "/.well-known/oauth-authorization-server/tenant",
                "/tenant/.well-known/openid-configuration",
                "/.well-known/openid-configuration/tenant",
            ]
        );
    }

    #[test]
    fn metadata_of_another_issuer_or_without_s256_is_refused() {
        let body = |issuer: &str, methods: &str| {
            format!(
                r#"{{"issuer":"{issuer}","token_endpoint":"https://a/t","code_challenge_methods_supported":{methods}}}"#
            )
        };
        let read = |body: String| read("https://a/", body.as_bytes());
        assert!(read(body("https://a/", "[]")).is_ok());
        assert!(read(body("https://a/", r#"["plain","S256"]"#)).is_ok());
        assert!(read(body("https://a/", r#"["plain"]"#)).is_err());
        for other in ["https://a", "https://b/", "HTTPS://a/", ""] {
            assert!(read(body(other, "[]")).is_err(), "{other}");
        }
    }
}
