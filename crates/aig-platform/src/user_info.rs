//! Who is signed in: the claims of the token and the answer of `me`, in the shape that users of the Python SDK know.

use aig_auth::{AccessToken, jwt::Claims};
use aig_codegen::models::MeReadResponse;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Client, Result, sign_in::SignIn, text::masked};

/// Whether secrets and personal data are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Masking {
    /// They are replaced by a mask that tells their length.
    #[default]
    On,
    /// They are shown.
    Off,
}

/// Who is signed in.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct UserInfo {
    /// The role in the organization, where the token says one.
    pub role: Option<String>,
    /// What the token says, where it could be verified.
    pub token: Option<TokenInfo>,
    /// The user, as the API says it.
    pub user: Map<String, Value>,
    /// The organization, as the API says it.
    pub organization: Map<String, Value>,
}

/// What a token says. Claims that it does not have are none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TokenInfo {
    /// Who issued it.
    pub issuer: String,
    /// When it was issued, in seconds since 1970.
    pub issued_at: Option<i64>,
    /// When it ends, in seconds since 1970.
    pub expires_at: i64,
    /// How long it has left, in seconds; negative when it is over.
    pub expires_in: i64,
    /// What it allows.
    pub scope: Vec<String>,
    /// For whom it is.
    pub audience: Vec<String>,
    /// Which client it was issued to.
    pub authorized_party: Option<String>,
    /// The organization that the user acts for.
    pub org_id: Option<String>,
    /// The role in the organization.
    pub role: Option<String>,
}

/// Values that let somebody in, or name a person.
const MASKED_OF_USER: [&str; 1] = ["email"];
const MASKED_OF_ORGANIZATION: [&str; 4] = [
    "aignostics_bucket_hmac_access_key_id",
    "aignostics_bucket_hmac_secret_access_key",
    "aignostics_logfire_token",
    "aignostics_sentry_dsn",
];

impl Client {
    /// Who is signed in, by the token and by the API.
    ///
    /// # Errors
    /// When there is no token, or `me` fails. A token that cannot be verified here is left out.
    pub async fn user_info(&self, masking: Masking) -> Result<UserInfo> {
        let me = self.me().await?;
        let token = self.inner().wire.token().await?;
        let claims = self.verified(&token).await;
        Ok(UserInfo::new(&me, claims.as_ref(), self.inner().wire.clock.now(), masking))
    }

    async fn verified(&self, token: &AccessToken) -> Option<Claims> {
        let verifier = SignIn::new(self.settings()).verifier().ok()?;
        let verified = verifier.verify(token.expose()).await;
        verified.inspect_err(|error| tracing::debug!(%error, "the token tells nothing")).ok()
    }
}

impl UserInfo {
    fn new(me: &MeReadResponse, claims: Option<&Claims>, now: Timestamp, masking: Masking) -> Self {
        let token = claims.map(|claims| TokenInfo::new(claims, now));
        let mut user = object(serde_json::to_value(&me.user));
        let mut organization = object(serde_json::to_value(&me.organization));
        if masking == Masking::On {
            mask(&mut user, &MASKED_OF_USER);
            mask(&mut organization, &MASKED_OF_ORGANIZATION);
        }
        Self { role: token.as_ref().and_then(|token| token.role.clone()), token, user, organization }
    }
}

impl TokenInfo {
    fn new(claims: &Claims, now: Timestamp) -> Self {
        // The platform's tokens say the role under a name made of the audience.
        let role = claims.audience.iter().find_map(|audience| claims.all.get(&format!("{audience}/role"))?.as_str());
        let expires_at = claims.expires_at.as_second();
        Self {
            issuer: claims.issuer.clone(),
            issued_at: claims.issued_at.map(Timestamp::as_second),
            expires_at,
            expires_in: expires_at - now.as_second(),
            scope: claims.scope.clone(),
            audience: claims.audience.clone(),
            authorized_party: claims.authorized_party.clone(),
            org_id: claims.organization.clone(),
            role: role.map(str::to_owned),
        }
    }
}

/// Whatever was said of masking, a debug print shows no values.
impl std::fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserInfo").field("role", &self.role).field("token", &self.token).finish_non_exhaustive()
    }
}

fn object(value: serde_json::Result<Value>) -> Map<String, Value> {
    match value {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

fn mask(object: &mut Map<String, Value>, names: &[&str]) {
    for name in names {
        if let Some(Value::String(text)) = object.get_mut(*name)
            && !text.is_empty()
        {
            *text = masked(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn me() -> MeReadResponse {
        serde_json::from_value(json!({ "user": { "id": "u", "email": "canary@example.org", "name": "Ada" },
            "organization": { "id": "o", "aignostics_bucket_hmac_access_key_id": "canary-id",
            "aignostics_bucket_hmac_secret_access_key": "canary-secret", "aignostics_bucket_name": "bucket",
            "aignostics_bucket_protocol": "gs", "aignostics_logfire_token": "", "aignostics_sentry_dsn": "canary-dsn" } }))
        .unwrap()
    }

    #[test]
    fn secrets_and_the_address_are_masked_unless_asked_for() {
        let masked = UserInfo::new(&me(), None, Timestamp::UNIX_EPOCH, Masking::On);
        let text = serde_json::to_string(&masked).unwrap();
        assert!(!text.contains("canary"), "{text}");
        assert_eq!(masked.organization["aignostics_bucket_hmac_secret_access_key"], "***MASKED(13)***");
        assert_eq!(
            (&masked.organization["aignostics_logfire_token"], &masked.user["name"]),
            (&json!(""), &json!("Ada"))
        );
        let open = UserInfo::new(&me(), None, Timestamp::UNIX_EPOCH, Masking::Off);
        assert_eq!(open.user["email"], "canary@example.org");
        assert!(!format!("{open:?}").contains("canary"));
    }
}
