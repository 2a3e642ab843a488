//! The grants of RFC 6749 and RFC 7009, one function each: from what is presented to what the server gave.

use jiff::Timestamp;
use oauth2::{
    AsyncHttpClient as _, AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, RefreshToken, Scope, TokenUrl,
    basic::BasicClient,
    http::{StatusCode, header},
};
use url::Url;

use super::{
    config::OAuthConfig,
    wire::{GrantFault, Granted, Wire},
};
use crate::{
    Secret,
    http::{HttpClient, HttpFault},
};

pub(crate) type Client = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// What every grant needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    pub(crate) config: &'a OAuthConfig,
    pub(crate) http: &'a HttpClient,
    pub(crate) client_id: &'a str,
    /// When the request is made: lifetimes are counted from here.
    pub(crate) now: Timestamp,
}

impl Terms<'_> {
    pub(crate) fn client(&self) -> Client {
        let client = BasicClient::new(ClientId::new(self.client_id.to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::from_url(self.config.token_endpoint.clone()));
        match &self.config.client_secret {
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose().to_owned())),
            None => client,
        }
    }

    pub(super) fn scopes(&self) -> impl Iterator<Item = Scope> + '_ {
        self.config.scopes.iter().cloned().map(Scope::new)
    }
}

/// RFC 6749 section 6. Never repeated here: the token may be good for one use.
pub(super) async fn refresh(terms: Terms<'_>, token: &Secret) -> Result<Granted, GrantFault> {
    let token = RefreshToken::new(token.expose().to_owned());
    let client = terms.client();
    let answer = client.exchange_refresh_token(&token).request_async(&Wire::new(terms.http)).await?;
    Granted::read(&answer, terms.now)
}

/// RFC 6749 section 4.1.3 with the verifier of RFC 7636.
#[cfg(feature = "interactive")]
pub(super) async fn code(
    terms: Terms<'_>,
    code: String,
    verifier: oauth2::PkceCodeVerifier,
    redirect: &Url,
) -> Result<Granted, GrantFault> {
    let client = terms.client();
    let answer = client
        .exchange_code(oauth2::AuthorizationCode::new(code))
        .set_pkce_verifier(verifier)
        .set_redirect_uri(std::borrow::Cow::Owned(oauth2::RedirectUrl::from_url(redirect.clone())))
        .request_async(&Wire::new(terms.http))
        .await?;
    Granted::read(&answer, terms.now)
}

/// RFC 6749 section 4.4.
pub(super) async fn client_credentials(terms: Terms<'_>) -> Result<Granted, GrantFault> {
    let client = terms.client();
    let mut request = client.exchange_client_credentials().add_scopes(terms.scopes());
    if let Some(audience) = &terms.config.audience {
        request = request.add_extra_param("audience", audience.as_str());
    }
    Granted::read(&request.request_async(&Wire::new(terms.http)).await?, terms.now)
}

/// RFC 7009. A token that the server does not know is as good as revoked (section 2.2). Sent without the `oauth2` crate,
/// which refuses plain `http` on loopback here and nowhere else.
pub(super) async fn revoke(terms: Terms<'_>, endpoint: &Url, token: &Secret) -> Result<(), GrantFault> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("token", token.expose());
    form.append_pair("token_type_hint", "refresh_token").append_pair("client_id", terms.client_id);
    if let Some(secret) = &terms.config.client_secret {
        form.append_pair("client_secret", secret.expose());
    }
    let answer = Wire::new(terms.http).call(post(endpoint, form.finish())?).await.map_err(GrantFault::Http)?;
    if answer.status() == StatusCode::OK { Ok(()) } else { Err(GrantFault::Refused { code: "revocation".into() }) }
}

fn post(endpoint: &Url, form: String) -> Result<oauth2::HttpRequest, GrantFault> {
    oauth2::http::Request::post(endpoint.as_str())
        .header(header::ACCEPT, "application/json")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form.into_bytes())
        .map_err(|_| GrantFault::Http(HttpFault::NotSecure))
}
