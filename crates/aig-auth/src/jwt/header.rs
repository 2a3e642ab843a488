//! What an unverified token says of itself (RFC 7515 section 4.1): believed in nothing but which key to try.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;

use super::{algorithm::SignatureAlgorithm, flaw::Flaw};

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: Option<String>,
    crit: Option<Value>,
    zip: Option<Value>,
}

/// The algorithm and the key of a token.
pub(super) struct Named {
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) key: String,
}

/// Longer than any token that fits a header.
const LONGEST: usize = 32 * 1024;

/// Reads the header of `token`. Keys that it brings or points to (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
pub(super) fn read(token: &str, allowed: &[SignatureAlgorithm]) -> Result<Named, Flaw> {
    let parts: Vec<&str> = token.splitn(4, '.').collect();
    let &[header, _, _] = parts.as_slice() else { return Err(Flaw::Form) };
    if token.len() > LONGEST {
        return Err(Flaw::Form);
    }
    let bytes = URL_SAFE_NO_PAD.decode(header).map_err(|_| Flaw::Form)?;
    let header: Header = serde_json::from_slice(&bytes).map_err(|_| Flaw::Form)?;
    let named = SignatureAlgorithm::named(&header.alg).filter(|algorithm| allowed.contains(algorithm));
    let algorithm = named.ok_or(Flaw::Algorithm)?;
    // An extension that must be understood is not (RFC 7515 section 4.1.11).
    if header.crit.is_some() || header.zip.is_some() || !header.typ.is_none_or(|typ| is_access_token(&typ)) {
        return Err(Flaw::Form);
    }
    Ok(Named { algorithm, key: header.kid })
}

/// `JWT`, or an access token by its name (RFC 9068 section 2.1); never another kind of token (RFC 8725 section 3.11).
fn is_access_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    ["jwt", "at+jwt", "application/at+jwt"].contains(&typ.as_str())
}
