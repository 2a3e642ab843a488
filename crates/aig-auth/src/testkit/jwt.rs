//! Writing and reading signed tokens (RFC 7515 compact form, RS256 only).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    claims::Refused,
    keys::{Keys, SigningKey},
};

/// A token with an ordinary header.
pub(super) fn write(key: &SigningKey, claims: &Value) -> Option<String> {
    write_with(key, &json!({ "alg": "RS256", "typ": "JWT", "kid": key.kid() }), claims)
}

/// A token with any header; signed with RS256 whatever the header says.
pub(super) fn write_with(key: &SigningKey, header: &Value, claims: &Value) -> Option<String> {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(text.as_bytes())?;
    Some(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The claims of a token that one of `keys` signed.
pub(super) fn read(keys: &Keys, token: &str) -> Result<Value, Refused> {
    let (text, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
    let (header, claims) = text.split_once('.').ok_or(Refused::Malformed)?;
    let header = decode(header)?;
    if header.get("alg").and_then(Value::as_str) != Some("RS256") {
        return Err(Refused::Foreign);
    }
    let kid = header.get("kid").and_then(Value::as_str).ok_or(Refused::Foreign)?;
    let key = keys.find(kid).ok_or(Refused::Foreign)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refused::Malformed)?;
    if !key.verifies(text.as_bytes(), &signature) {
        return Err(Refused::Foreign);
    }
    decode(claims)
}

fn decode(part: &str) -> Result<Value, Refused> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refused::Malformed)
}
