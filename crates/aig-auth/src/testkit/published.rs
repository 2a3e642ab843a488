//! What the server says about itself, and about a user: discovery, keys, user info; and revocation.

use serde_json::{Value, json};

use super::{
    Refused, Request, Response, client, core::Core, error::OAuthError, params::Params, session::Ended, tokens::profile,
};

/// Where to send what.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoints {
    /// `/authorize`.
    pub authorization: String,
    /// `/oauth/token`.
    pub token: String,
    /// `/oauth/device/code`.
    pub device_authorization: String,
    /// `/activate`.
    pub activate: String,
    /// `/oauth/revoke`.
    pub revocation: String,
    /// `/userinfo`.
    pub userinfo: String,
    /// `/.well-known/jwks.json`.
    pub jwks: String,
    /// `/.well-known/openid-configuration`.
    pub discovery: String,
}

impl Core {
    pub(super) fn endpoints(&self) -> Endpoints {
        let base = self.base();
        let at = |path: &str| format!("{base}{path}");
        Endpoints {
            authorization: at("/authorize"),
            token: at("/oauth/token"),
            device_authorization: at("/oauth/device/code"),
            activate: at("/activate"),
            revocation: at("/oauth/revoke"),
            userinfo: at("/userinfo"),
            jwks: at("/.well-known/jwks.json"),
            discovery: at("/.well-known/openid-configuration"),
        }
    }

    /// OpenID Connect Discovery section 3, RFC 8414 section 2, RFC 9207 section 3.
    pub(super) fn discovery(&self) -> Response {
        let endpoints = self.endpoints();
        let document = json!({
            "issuer": self.issuer(),
            "authorization_endpoint": endpoints.authorization,
            "token_endpoint": endpoints.token,
            "device_authorization_endpoint": endpoints.device_authorization,
            "revocation_endpoint": endpoints.revocation,
            "userinfo_endpoint": endpoints.userinfo,
            "jwks_uri": endpoints.jwks,
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "urn:ietf:params:oauth:grant-type:device_code",
            ],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "name", "email", "email_verified", "org_id"],
            "authorization_response_iss_parameter_supported": true,
        });
        Response::of_json(200, &document).with_header("cache-control", "public, max-age=15")
    }

    pub(super) async fn jwks(&self) -> Response {
        self.keys.signing().await;
        Response::of_json(200, &self.keys.published()).with_header("cache-control", "public, max-age=15")
    }

    /// OpenID Connect Core section 5.3; refusals as RFC 6750 section 3 has them.
    pub(super) fn user_info(&self, request: &Request) -> Response {
        let claims = match self.verify(request.header("authorization").unwrap_or_default()) {
            Ok(claims) => claims,
            Err(Refused::Missing) => return Response::empty(401).with_header("www-authenticate", "Bearer"),
            Err(_) => return challenge(401, "invalid_token"),
        };
        match self.settings.user(&claims.sub) {
            Some(user) if claims.allows("openid") => Response::of_json(200, &self.described(user, &claims.scope)),
            _ => challenge(403, "insufficient_scope"),
        }
    }

    fn described(&self, user: &super::User, scope: &str) -> Value {
        let mut described = profile(user, scope);
        if let Some(organization) = &user.organization {
            described["org_id"] = organization.id.clone().into();
        }
        described
    }

    /// RFC 7009: a token that nobody knows is revoked already.
    pub(super) fn revoke(&self, request: &Request, params: &Params) -> Response {
        match self.revoked(request, params) {
            Ok(()) => Response::empty(200),
            Err(error) => error.answer(self.settings.dialect),
        }
    }

    fn revoked(&self, request: &Request, params: &Params) -> Result<(), OAuthError> {
        params.check()?;
        let client = client::authenticate(&self.settings.clients, params, request.header("authorization"))?;
        let token = params.require("token", "token is missing")?;
        if !matches!(params.text("token_type_hint"), "" | "refresh_token" | "access_token") {
            return Err(OAuthError::unsupported_token_type("tokens of this type cannot be revoked"));
        }
        let foreign = OAuthError::invalid_grant("the token was issued to another client");
        if let Some((id, _)) = self.refresh_tokens.read(token) {
            let mut state = self.state();
            let Some(session) = state.sessions.get_mut(&id) else { return Ok(()) };
            if session.client_id != client.id() {
                return Err(foreign);
            }
            session.end(Ended::Revoked);
            return Ok(());
        }
        let Ok(claims) = self.verify(token) else { return Ok(()) };
        if claims.azp != client.id() {
            return Err(foreign);
        }
        self.state().revoked.insert(claims.jti.clone(), ());
        Ok(())
    }
}

fn challenge(status: u16, code: &str) -> Response {
    Response::of_json(status, &json!({ "error": code }))
        .with_header("www-authenticate", &format!("Bearer error=\"{code}\""))
}
