//! What a verified token says (RFC 7519 section 4.1): the usual claims typed, the rest as it came.

use std::fmt;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::flaw::Flaw;
use crate::Identity;

/// The claims of a token whose signature, issuer, audience and times were checked.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Claims {
    /// `iss`: who issued it.
    pub issuer: String,
    /// `sub`: whom it is about.
    pub subject: String,
    /// `aud`: for whom it is.
    pub audience: Vec<String>,
    /// `exp`: when it ends.
    pub expires_at: Timestamp,
    /// `nbf`: from when it is good.
    pub not_before: Option<Timestamp>,
    /// `iat`: when it was issued, as the issuer's clock says.
    pub issued_at: Option<Timestamp>,
    /// `azp`: which client it was issued to.
    pub authorized_party: Option<String>,
    /// `scope`: what it allows.
    pub scope: Vec<String>,
    /// `org_id`: which organization the subject acts for, where the issuer has organizations.
    pub organization: Option<String>,
    /// All claims, these and the rest, as they came.
    pub all: Map<String, Value>,
}

impl Claims {
    /// Reads claims; those that decide must be there and of the right type.
    pub(super) fn read(all: Map<String, Value>) -> Result<Self, Flaw> {
        let text = |name: &str| all.get(name).and_then(Value::as_str).map(str::to_owned);
        let required = |name: &'static str| text(name).filter(|text| !text.is_empty()).ok_or(Flaw::Claim(name));
        Ok(Self {
            issuer: required("iss")?,
            subject: required("sub")?,
            audience: audience(all.get("aud"))?,
            expires_at: time(&all, "exp")?.ok_or(Flaw::Claim("exp"))?,
            not_before: time(&all, "nbf")?,
            issued_at: time(&all, "iat").unwrap_or_default(),
            authorized_party: text("azp"),
            scope: text("scope").map(|scope| scope.split(' ').map(str::to_owned).collect()).unwrap_or_default(),
            organization: text("org_id"),
            all,
        })
    }

    /// Whom the token is for.
    pub fn identity(&self) -> Identity {
        let identity = Identity::new(&self.issuer, &self.subject);
        match &self.organization {
            Some(organization) => identity.with_organization(organization),
            None => identity,
        }
    }
}

/// One string or several (RFC 7519 section 4.1.3).
fn audience(claim: Option<&Value>) -> Result<Vec<String>, Flaw> {
    let flaw = Flaw::Claim("aud");
    match claim {
        Some(Value::String(one)) => Ok(vec![one.clone()]),
        Some(Value::Array(several)) => {
            several.iter().map(|one| one.as_str().map(str::to_owned)).collect::<Option<_>>().ok_or(flaw)
        }
        _ => Err(flaw),
    }
}

/// Seconds since 1970, perhaps with a fraction (RFC 7519 section 2, NumericDate). A string is no date.
fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<Timestamp>, Flaw> {
    let Some(claim) = claims.get(name) else { return Ok(None) };
    let seconds = claim.as_i64().or_else(|| claim.as_f64().map(f64::floor).and_then(whole)).ok_or(Flaw::Claim(name))?;
    Timestamp::from_second(seconds).map(Some).map_err(|_| Flaw::Claim(name))
}

fn whole(seconds: f64) -> Option<i64> {
    const FAR: f64 = 1e12;
    (-FAR..=FAR).contains(&seconds).then_some(seconds as i64)
}

/// Claims are about a person: a log gets to see none of them.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
