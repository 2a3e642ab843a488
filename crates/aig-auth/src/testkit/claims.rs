//! What an access token of this server says, and why one is refused.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The claims of an access token that this server issued and still stands by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Claims {
    /// The issuer: the server's base URL with a slash at its end.
    pub iss: String,
    /// The user, or `{client id}@clients` for client credentials.
    pub sub: String,
    /// What the token is good for.
    #[serde(deserialize_with = "one_or_many")]
    pub aud: Vec<String>,
    /// The client that the token was issued to.
    pub azp: String,
    /// The scope, space separated.
    #[serde(default)]
    pub scope: String,
    /// The organization that the user acts for.
    pub org_id: Option<String>,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Ends at, in seconds since 1970.
    pub exp: i64,
    /// The name of the token.
    pub jti: String,
    /// The claim `{audience}/role`, of the first audience.
    #[serde(skip)]
    pub role: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Claims {
    pub(super) fn from_json(value: Value) -> Option<Self> {
        let mut claims: Self = serde_json::from_value(value).ok()?;
        let name = format!("{}/role", claims.aud.first()?);
        claims.role = claims.rest.get(&name).and_then(Value::as_str).map(str::to_owned);
        Some(claims)
    }

    /// Whether the scope has this element.
    pub fn allows(&self, element: &str) -> bool {
        self.scope.split(' ').any(|own| own == element)
    }
}

/// Why a bearer token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// There is none.
    #[error("no bearer token was sent")]
    Missing,
    /// It is no signed JWT, or lacks a claim.
    #[error("the bearer token is not a signed access token")]
    Malformed,
    /// Another server issued it, or nobody did.
    #[error("the bearer token was not issued by this server")]
    Foreign,
    /// It is good for something else.
    #[error("the bearer token is for another audience")]
    Audience,
    /// Its time is over.
    #[error("the bearer token has expired")]
    Expired,
    /// It, or the session it came from, was revoked.
    #[error("the bearer token was revoked")]
    Revoked,
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    Ok(match OneOrMany::deserialize(input)? {
        OneOrMany::One(value) => vec![value],
        OneOrMany::Many(values) => values,
    })
}
