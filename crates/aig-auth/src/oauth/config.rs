//! What an authorization server and its client are called: configuration, no defaults of anybody's platform.

use url::Url;

use crate::{
    AuthError, Secret,
    http::{endpoint, is_loopback},
    session::SessionKey,
};

/// An OAuth client and its authorization server.
///
/// ```
/// use aig_auth::oauth::OAuthConfig;
///
/// let config = OAuthConfig::new("https://login.example.com/", "https://login.example.com/oauth/token", "my-client")?
///     .with_device_endpoint("https://login.example.com/oauth/device/code")?
///     .with_scopes(["offline_access"])
///     .with_audience("https://api.example.com");
/// # Ok::<(), aig_auth::AuthError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OAuthConfig {
    /// The issuer, exactly as it says itself in `iss`.
    pub issuer: String,
    /// Where tokens are given.
    pub token_endpoint: Url,
    /// Where a browser is sent.
    pub authorization_endpoint: Option<Url>,
    /// Where device codes are given.
    pub device_endpoint: Option<Url>,
    /// Where tokens are revoked (RFC 7009).
    pub revocation_endpoint: Option<Url>,
    /// The client.
    pub client_id: String,
    /// The client of the device flow, where it is another one.
    pub device_client_id: Option<String>,
    /// The secret of a confidential client.
    pub client_secret: Option<Secret>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The API that the tokens are for, where the server wants to know.
    pub audience: Option<String>,
    /// The organization to sign in to, where the server has organizations.
    pub organization: Option<String>,
    /// Where the browser comes back to. Without one: any free port of 127.0.0.1 (RFC 8252 section 7.3).
    pub redirect_uri: Option<Url>,
    /// More parameters for the authorization endpoint.
    pub authorize_parameters: Vec<(String, String)>,
    /// Whether every callback must say who sent it (RFC 9207). One that says so is always checked.
    pub callback_issuer: CallbackIssuer,
}

/// Whether callbacks carry `iss` (RFC 9207).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CallbackIssuer {
    /// Checked where it is there.
    #[default]
    Optional,
    /// A callback without it is not ours; the server's metadata promises it.
    Required,
}

impl OAuthConfig {
    /// A client of an authorization server.
    ///
    /// # Errors
    /// When the token endpoint is no `https` URL. `http` is accepted on loopback.
    pub fn new(
        issuer: impl Into<String>,
        token_endpoint: &str,
        client_id: impl Into<String>,
    ) -> Result<Self, AuthError> {
        Ok(Self {
            issuer: issuer.into(),
            token_endpoint: endpoint("token endpoint", token_endpoint)?,
            client_id: client_id.into(),
            authorization_endpoint: None,
            device_endpoint: None,
            revocation_endpoint: None,
            device_client_id: None,
            client_secret: None,
            scopes: Vec::new(),
            audience: None,
            organization: None,
            redirect_uri: None,
            authorize_parameters: Vec::new(),
            callback_issuer: CallbackIssuer::Optional,
        })
    }

    /// With sign-in by browser at this endpoint.
    ///
    /// # Errors
    /// As for [`OAuthConfig::new`].
    pub fn with_authorization_endpoint(mut self, url: &str) -> Result<Self, AuthError> {
        self.authorization_endpoint = Some(endpoint("authorization endpoint", url)?);
        Ok(self)
    }

    /// With device authorization at this endpoint.
    ///
    /// # Errors
    /// As for [`OAuthConfig::new`].
    pub fn with_device_endpoint(mut self, url: &str) -> Result<Self, AuthError> {
        self.device_endpoint = Some(endpoint("device endpoint", url)?);
        Ok(self)
    }

    /// With revocation at this endpoint when signing out.
    ///
    /// # Errors
    /// As for [`OAuthConfig::new`].
    pub fn with_revocation_endpoint(mut self, url: &str) -> Result<Self, AuthError> {
        self.revocation_endpoint = Some(endpoint("revocation endpoint", url)?);
        Ok(self)
    }

    /// With a registered redirect URI: `http` on loopback, with a port.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn with_redirect_uri(mut self, url: &str) -> Result<Self, AuthError> {
        let parsed = Url::parse(url).map_err(|_| AuthError::setup("the redirect URI is no URL"))?;
        if parsed.scheme() != "http" || !is_loopback(&parsed) || parsed.port().is_none() {
            return Err(AuthError::setup(
                "the redirect URI must be http on loopback with a port, as in http://127.0.0.1:8989/",
            ));
        }
        self.redirect_uri = Some(parsed);
        Ok(self)
    }

    /// With a client of its own for the device flow.
    #[must_use]
    pub fn with_device_client_id(mut self, client_id: impl Into<String>) -> Self {
        self.device_client_id = Some(client_id.into());
        self
    }

    /// With the secret of a confidential client.
    #[must_use]
    pub fn with_client_secret(mut self, secret: impl Into<Secret>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// Asking for these scopes.
    #[must_use]
    pub fn with_scopes<S: Into<String>>(mut self, scopes: impl IntoIterator<Item = S>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Asking for tokens for this API.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Asking to sign in to this organization.
    #[must_use]
    pub fn with_organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = Some(organization.into());
        self
    }

    /// With one more parameter for the authorization endpoint, such as `access_type`.
    #[must_use]
    pub fn with_authorize_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.authorize_parameters.push((name.into(), value.into()));
        self
    }

    /// What tells the session of this client from others; `profile` is the caller's own name for one of several.
    pub fn session_key(&self, profile: impl Into<String>) -> SessionKey {
        let audience = match (&self.audience, &self.organization) {
            (audience, None) => audience.clone(),
            (audience, Some(organization)) => {
                Some(format!("{} organization {organization}", audience.as_deref().unwrap_or_default()))
            }
        };
        SessionKey {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            audience,
            scopes: self.scopes.clone(),
            profile: profile.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_on_loopback_and_names_its_port() {
        let config = || OAuthConfig::new("i", "https://a.example/t", "c").unwrap();
        assert!(config().with_redirect_uri("http://localhost:8989/").is_ok());
        for bad in ["http://localhost/", "https://localhost:8989/", "http://a.example:8989/", "app:/callback"] {
            assert!(config().with_redirect_uri(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn organizations_have_sessions_of_their_own() {
        let config = OAuthConfig::new("i", "https://a.example/t", "c").unwrap().with_audience("api");
        let other = config.clone().with_organization("org");
        assert_ne!(config.session_key("p"), other.session_key("p"));
    }
}
