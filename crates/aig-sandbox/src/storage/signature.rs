//! Checks the signature of a request: in its `Authorization` header or in its query.

use std::collections::HashMap;

use hmac::Mac;
use http::{HeaderMap, Method, Uri, header};
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

use super::{
    canonical::{Canonical, query_pairs, signed_headers, string_to_sign, unsigned_extensions},
    refusal::{Refusal, RefusalCode},
    scheme::{SCHEMES, Scheme, Scope, hex, unhex},
};
use crate::clock::Clock;

/// How far a client's clock may be off.
const SKEW: SignedDuration = SignedDuration::from_mins(15);
/// Seven days, the most that either dialect takes.
const LONGEST_LIFE: i64 = 604_800;
pub(super) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Who may sign, and for what.
#[derive(Debug, Default)]
pub(crate) struct Keyring {
    keys: HashMap<String, Key>,
}

struct Key {
    secret: String,
    reach: Reach,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("reach", &self.reach).finish_non_exhaustive()
    }
}

/// The buckets that a key opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Every,
    Bucket(String),
}

/// A request whose signature is good.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) reach: Reach,
    /// What the body's SHA-256 must be, in hexadecimal digits, or one of the words for bodies that are not signed as a whole.
    pub(crate) payload: String,
    /// The query without the parts of the signature.
    pub(crate) query: Vec<(String, String)>,
}

/// What there is to check of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unchecked<'r> {
    pub(crate) method: &'r Method,
    pub(crate) uri: &'r Uri,
    pub(crate) headers: &'r HeaderMap,
}

/// The signature of a request and what it claims.
struct Claim<'r> {
    scheme: &'static Scheme,
    key_id: String,
    scope: Scope,
    stamp: String,
    signature: Vec<u8>,
    canonical: Canonical<'r>,
    /// Of a signed URL only.
    lifetime: Option<SignedDuration>,
}

impl Keyring {
    pub(crate) fn add(&mut self, id: impl Into<String>, secret: impl Into<String>, reach: Reach) {
        self.keys.insert(id.into(), Key { secret: secret.into(), reach });
    }

    pub(super) fn secret(&self, id: &str) -> Option<&str> {
        self.keys.get(id).map(|key| key.secret.as_str())
    }

    /// # Errors
    /// The rule that the request breaks.
    pub(crate) fn check(&self, request: Unchecked<'_>, clock: &Clock) -> Result<Signed, Refusal> {
        let query = query_pairs(request.uri.query().unwrap_or_default());
        // A bearer token means nothing here. Clients that follow a redirect of the API keep it, since the host is the same.
        let authorization = request.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let authorization = authorization.filter(|value| !value.starts_with("Bearer "));
        let payload;
        let claim = match authorization {
            Some(authorization) => {
                payload = header_payload(request.headers)?;
                header_claim(request, authorization, query.clone(), &payload)?
            }
            None => {
                payload = UNSIGNED.to_owned();
                query_claim(request, query.clone())?
            }
        };
        check_time(&claim, clock)?;
        let key = self.keys.get(&claim.key_id).ok_or_else(|| {
            Refusal::new(RefusalCode::InvalidAccessKeyId, "the access key id is not one that this sandbox issued")
        })?;
        check_mac(&claim, &key.secret)?;
        let query = query.into_iter().filter(|(name, _)| !is_signature_part(name)).collect();
        Ok(Signed { reach: key.reach.clone(), payload, query })
    }
}

fn is_signature_part(name: &str) -> bool {
    let part = |scheme: &&Scheme| {
        let prefix = name.get(..scheme.query_prefix.len());
        prefix.is_some_and(|prefix| prefix.eq_ignore_ascii_case(scheme.query_prefix))
    };
    SCHEMES.iter().any(part)
}

/// Amazon asks for the header whatever the method: <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
fn header_payload(headers: &HeaderMap) -> Result<String, Refusal> {
    let given = SCHEMES.iter().find_map(|scheme| headers.get(scheme.content_header));
    let given = given.and_then(|value| value.to_str().ok()).map(str::to_owned);
    given.ok_or_else(|| {
        let message = "a signed request needs the header x-amz-content-sha256 (or x-goog-content-sha256): \
            the SHA-256 of the body, or UNSIGNED-PAYLOAD";
        Refusal::new(RefusalCode::InvalidRequest, message)
    })
}

/// `ALGORITHM Credential=…, SignedHeaders=…, Signature=…`
fn header_claim<'r>(
    request: Unchecked<'r>,
    authorization: &str,
    query: Vec<(String, String)>,
    payload: &'r str,
) -> Result<Claim<'r>, Refusal> {
    let malformed = || Refusal::new(RefusalCode::InvalidArgument, "the Authorization header is not a V4 signature");
    let (algorithm, parts) = authorization.split_once(' ').ok_or_else(malformed)?;
    let scheme = SCHEMES.into_iter().find(|scheme| scheme.algorithm == algorithm).ok_or_else(malformed)?;
    let part = |name: &str| parts.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let stamp = request.headers.get(scheme.date_header).and_then(|value| value.to_str().ok()).ok_or_else(|| {
        Refusal::new(RefusalCode::AccessDenied, "a signed request needs the header x-amz-date (or x-goog-date)")
    })?;
    let names: Vec<&str> = part("SignedHeaders").ok_or_else(malformed)?.split(';').collect();
    let (key_id, scope) = credential(scheme, part("Credential").ok_or_else(malformed)?)?;
    Ok(Claim {
        scheme,
        key_id,
        scope,
        stamp: stamp.to_owned(),
        signature: part("Signature").and_then(unhex).ok_or_else(malformed)?,
        canonical: canonical(request, query, &names, payload)?,
        lifetime: None,
    })
}

fn query_claim(request: Unchecked<'_>, query: Vec<(String, String)>) -> Result<Claim<'_>, Refusal> {
    let get =
        |name: &str| query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str());
    let scheme = SCHEMES
        .into_iter()
        .find(|scheme| get(&scheme.query_name("Algorithm")) == Some(scheme.algorithm))
        .ok_or_else(|| Refusal::new(RefusalCode::AccessDenied, "the request is not signed: anonymous access is off"))?;
    let part = |name: &str| {
        get(&scheme.query_name(name)).ok_or_else(|| {
            let message = format!("the query parameter {}{name} is missing", scheme.query_prefix);
            Refusal::new(RefusalCode::AuthorizationQueryParametersError, message)
        })
    };
    let bad = |what: &str| Refusal::new(RefusalCode::AuthorizationQueryParametersError, what.to_owned());
    let seconds: i64 = part("Expires")?.parse().map_err(|_| bad("X-Amz-Expires is not a whole number of seconds"))?;
    if !(1..=LONGEST_LIFE).contains(&seconds) {
        return Err(bad("X-Amz-Expires must be between 1 and 604800 seconds"));
    }
    let (key_id, scope) = credential(scheme, part("Credential")?)?;
    let names: Vec<&str> = part("SignedHeaders")?.split(';').collect();
    let signature = unhex(part("Signature")?).ok_or_else(|| bad("the signature is not hexadecimal"))?;
    let stamp = part("Date")?.to_owned();
    let signature_name = scheme.query_name("Signature");
    let signed = query.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(&signature_name)).cloned().collect();
    let canonical = canonical(request, signed, &names, UNSIGNED)?;
    let lifetime = Some(SignedDuration::from_secs(seconds));
    Ok(Claim { scheme, key_id, scope, stamp, signature, canonical, lifetime })
}

/// `KEY/20260101/region/service/terminator`; the key itself may hold slashes.
fn credential(scheme: &Scheme, text: &str) -> Result<(String, Scope), Refusal> {
    let mut parts = text.rsplitn(5, '/');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let (terminator, service, region, day, key_id) = (next(), next(), next(), next(), next());
    if terminator != scheme.terminator || service != scheme.service || key_id.is_empty() {
        let message = format!("the credential must end in /{}/{}", scheme.service, scheme.terminator);
        return Err(Refusal::new(RefusalCode::AuthorizationHeaderMalformed, message));
    }
    Ok((key_id, Scope { day, region }))
}

fn canonical<'r>(
    request: Unchecked<'r>,
    query: Vec<(String, String)>,
    names: &[&str],
    payload: &'r str,
) -> Result<Canonical<'r>, Refusal> {
    if !names.contains(&"host") {
        return Err(Refusal::new(RefusalCode::AccessDenied, "the signature must cover the host header"));
    }
    let unsigned = unsigned_extensions(request.headers, names);
    if !unsigned.is_empty() {
        let message = "the signature must cover every x-amz- and x-goog- header of the request";
        return Err(Refusal::new(RefusalCode::AccessDenied, message).detail("HeadersNotSigned", unsigned.join(", ")));
    }
    let headers = signed_headers(request.headers, names);
    Ok(Canonical { method: request.method.as_str(), path: request.uri.path(), query, headers, payload })
}

fn check_time(claim: &Claim<'_>, clock: &Clock) -> Result<(), Refusal> {
    let signed_at = parse_stamp(&claim.stamp)
        .ok_or_else(|| Refusal::new(RefusalCode::AccessDenied, "the date is not of the form 20260101T000000Z"))?;
    if !claim.stamp.starts_with(&claim.scope.day) {
        return Err(Refusal::new(RefusalCode::SignatureDoesNotMatch, "the credential's day is not that of the date"));
    }
    let latest = clock.now().max(clock.real_now());
    if signed_at.duration_since(latest) > SKEW {
        let message = "the request is signed for a time that has not come yet: is the clock of the signer right?";
        let code = claim.lifetime.map_or(RefusalCode::RequestTimeTooSkewed, |_| RefusalCode::AccessDenied);
        return Err(Refusal::new(code, message));
    }
    match claim.lifetime {
        // A signed URL ends by the sandbox's clock; whoever signs now does so by the machine's.
        Some(lifetime) if clock.now().duration_since(signed_at) > lifetime => Err(Refusal::new(
            RefusalCode::ExpiredToken,
            format!("the signed URL expired; it was good for {lifetime:#}"),
        )),
        None if clock.real_now().duration_since(signed_at) > SKEW => {
            let message = "the request was signed more than 15 minutes ago: is the clock of the signer right?";
            Err(Refusal::new(RefusalCode::RequestTimeTooSkewed, message))
        }
        _ => Ok(()),
    }
}

fn check_mac(claim: &Claim<'_>, secret: &str) -> Result<(), Refusal> {
    let text = claim.canonical.text();
    let scope = claim.scheme.scope_text(&claim.scope);
    let string = string_to_sign(claim.scheme.algorithm, &claim.stamp, &scope, &text);
    let mac = claim.scheme.mac(secret, &claim.scope, &string);
    mac.verify_slice(&claim.signature).map_err(|_| {
        Refusal::new(
            RefusalCode::SignatureDoesNotMatch,
            "the signature is not that of this request; see what was signed",
        )
        .detail("StringToSign", string)
        .detail("CanonicalRequest", text)
    })
}

pub(super) fn parse_stamp(text: &str) -> Option<Timestamp> {
    let stamp = civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(stamp.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

pub(super) fn stamp(time: Timestamp) -> String {
    time.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A URL of `host` that stays good for `lifetime`: `path` is decoded, `extra` are query parameters and `headers` are those besides
/// `host` to sign along.
#[derive(Clone, Debug)]
pub(crate) struct UrlToSign<'a> {
    pub(crate) scheme: &'static Scheme,
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) extra: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) signed_at: Timestamp,
    pub(crate) lifetime: SignedDuration,
}

impl UrlToSign<'_> {
    pub(crate) fn sign(self, key_id: &str, secret: &str) -> String {
        let stamp = stamp(self.signed_at);
        let day = stamp.split('T').next().unwrap_or_default().to_owned();
        let scope = Scope { day, region: "auto".to_owned() };
        let scope_text = self.scheme.scope_text(&scope);
        let mut query = self.extra;
        let mut push = |name: &str, value: String| query.push((self.scheme.query_name(name), value));
        push("Algorithm", self.scheme.algorithm.to_owned());
        push("Credential", format!("{key_id}/{scope_text}"));
        push("Date", stamp.clone());
        push("Expires", self.lifetime.as_secs().to_string());
        let mut headers = self.headers;
        headers.push(("host".to_owned(), self.host.to_owned()));
        headers.sort();
        push("SignedHeaders", headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";"));
        let path = super::canonical::encode_path(self.path);
        let canonical = Canonical { method: self.method, path: &path, query, headers, payload: UNSIGNED };
        let string = string_to_sign(self.scheme.algorithm, &stamp, &scope_text, &canonical.text());
        let signature = hex(&self.scheme.mac(secret, &scope, &string).finalize().into_bytes());
        let query = super::canonical::encode_query(&canonical.query);
        format!("http://{}{path}?{query}&{}={signature}", self.host, self.scheme.query_name("Signature"))
    }
}
