//! The tokens themselves: what they say, and the answer that carries them.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Claims, Refused, Response, User, core::Core, entropy, jwt, keys::SigningKey, session::Session};
use crate::{AccessToken, InvalidToken};

/// Tokens that are about to be written.
pub(super) struct Issue {
    pub(super) subject: Subject,
    pub(super) client_id: String,
    pub(super) scope: String,
    pub(super) audience: String,
    pub(super) session: Option<String>,
    pub(super) refresh_token: Option<String>,
    pub(super) nonce: Option<String>,
}

/// Whom the tokens speak for.
pub(super) enum Subject {
    User(String),
    /// The client itself.
    Client,
}

impl Issue {
    pub(super) fn of(session: &Session, scope: String) -> Self {
        Self {
            subject: Subject::User(session.user_id.clone()),
            client_id: session.client_id.clone(),
            scope,
            audience: session.audience.clone(),
            session: Some(session.id.clone()),
            refresh_token: None,
            nonce: None,
        }
    }

    fn has(&self, element: &str) -> bool {
        self.scope.split(' ').any(|own| own == element)
    }
}

/// The first part of the name of a token that no session stands behind.
const NO_SESSION: &str = "client";

impl Core {
    /// RFC 6749 section 5.1.
    pub(super) fn token_answer(&self, key: &SigningKey, issue: &Issue) -> Response {
        let Some(access_token) = jwt::write(key, &self.access_claims(issue)) else {
            return Response::of_json(500, &json!({ "error": "server_error" }));
        };
        let mut answer = Map::new();
        answer.insert("access_token".into(), access_token.into());
        answer.insert("token_type".into(), "Bearer".into());
        answer.insert("expires_in".into(), self.settings.access_token_lifetime.as_secs().into());
        if !issue.scope.is_empty() {
            answer.insert("scope".into(), issue.scope.clone().into());
        }
        if let Some(refresh_token) = &issue.refresh_token {
            answer.insert("refresh_token".into(), refresh_token.clone().into());
        }
        if let Some(id_token) = self.id_claims(issue).and_then(|claims| jwt::write(key, &claims)) {
            answer.insert("id_token".into(), id_token.into());
        }
        Response::of_json(200, &Value::Object(answer)).with_header("pragma", "no-cache")
    }

    fn access_claims(&self, issue: &Issue) -> Value {
        let (now, issuer) = (self.now().as_second(), self.issuer());
        let audience = match issue.has("openid") {
            // As Auth0: the token is good for the user's profile, too.
            true => json!([issue.audience, format!("{issuer}userinfo")]),
            false => json!(issue.audience),
        };
        let mut claims = json!({
            "iss": issuer,
            "aud": audience,
            "azp": issue.client_id,
            "scope": issue.scope,
            "iat": now,
            "exp": now.saturating_add(seconds(self.settings.access_token_lifetime)),
            "jti": format!("{}.{}", issue.session.as_deref().unwrap_or(NO_SESSION), entropy::name::<12>()),
        });
        match self.subject(issue) {
            None => {
                claims["sub"] = format!("{}@clients", issue.client_id).into();
                claims["gty"] = "client-credentials".into();
            }
            Some(user) => {
                claims["sub"] = user.id.clone().into();
                put(&mut claims, "org_id", user.organization.as_ref().map(|organization| &organization.id));
                put(&mut claims, &format!("{}/role", issue.audience), user.role.as_ref());
            }
        }
        claims
    }

    fn subject(&self, issue: &Issue) -> Option<&User> {
        match &issue.subject {
            Subject::User(id) => self.settings.user(id),
            Subject::Client => None,
        }
    }

    /// OpenID Connect Core section 2.
    fn id_claims(&self, issue: &Issue) -> Option<Value> {
        let user = self.subject(issue).filter(|_| issue.has("openid"))?;
        let now = self.now().as_second();
        let mut claims = profile(user, &issue.scope);
        claims["iss"] = self.issuer().into();
        claims["aud"] = issue.client_id.clone().into();
        claims["iat"] = now.into();
        claims["exp"] = now.saturating_add(seconds(self.settings.access_token_lifetime)).into();
        put(&mut claims, "nonce", issue.nonce.as_ref());
        put(&mut claims, "org_id", user.organization.as_ref().map(|organization| &organization.id));
        Some(claims)
    }

    /// The claims of a bearer token that this server issued and still stands by.
    pub(super) fn verify(&self, bearer: &str) -> Result<Arc<Claims>, Refused> {
        let token = AccessToken::new(bearer).map_err(|invalid| match invalid {
            InvalidToken::Empty => Refused::Missing,
            InvalidToken::Character => Refused::Malformed,
        })?;
        let claims = self.signed(token.expose())?;
        if claims.iss != self.issuer() {
            return Err(Refused::Foreign);
        }
        if claims.exp <= self.now().as_second() {
            return Err(Refused::Expired);
        }
        if self.is_revoked(&claims) {
            return Err(Refused::Revoked);
        }
        Ok(claims)
    }

    /// The claims of a token with a good signature. Looked up by hash the second time: RSA is slow.
    fn signed(&self, token: &str) -> Result<Arc<Claims>, Refused> {
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(token));
        if let Some(claims) = self.state().verified.get(&hash) {
            return Ok(claims.clone());
        }
        let claims = Claims::from_json(jwt::read(&self.keys, token)?).ok_or(Refused::Malformed)?;
        if !claims.aud.iter().any(|audience| self.settings.audiences.contains(audience)) {
            return Err(Refused::Audience);
        }
        let claims = Arc::new(claims);
        self.state().verified.insert(hash, claims.clone());
        Ok(claims)
    }

    fn is_revoked(&self, claims: &Claims) -> bool {
        let state = self.state();
        let session = claims.jti.split_once('.').map(|(session, _)| session);
        let over = match session {
            Some(NO_SESSION) | None => false,
            Some(id) => state.sessions.get(id).is_none_or(|session| session.ended.is_some()),
        };
        over || state.revoked.get(&claims.jti).is_some()
    }
}

/// What OpenID Connect says about a user, as far as the scope goes.
pub(super) fn profile(user: &User, scope: &str) -> Value {
    let has = |element: &str| scope.split(' ').any(|own| own == element);
    let mut claims = json!({ "sub": user.id });
    if has("profile") {
        let (given, family) = user.name.split_once(' ').unwrap_or((&user.name, ""));
        claims["name"] = user.name.clone().into();
        claims["given_name"] = given.into();
        claims["family_name"] = family.into();
        claims["nickname"] = user.email.split('@').next().into();
    }
    if has("email") {
        claims["email"] = user.email.clone().into();
        claims["email_verified"] = true.into();
    }
    claims
}

fn put(claims: &mut Value, name: &str, value: Option<&String>) {
    if let Some(value) = value {
        claims[name] = value.clone().into();
    }
}

fn seconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
