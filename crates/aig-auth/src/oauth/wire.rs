//! The adapter between the `oauth2` crate and our HTTP client, and what its errors mean here.
//!
//! The crate's own errors keep response bodies, with the tokens in them; none of them leaves this module.

use std::{future::Future, pin::Pin, time::Duration};

use jiff::Timestamp;
use oauth2::{
    AsyncHttpClient, ErrorResponse, HttpRequest, HttpResponse, RequestTokenError, TokenResponse as _,
    basic::{BasicErrorResponse, BasicTokenResponse},
    http::StatusCode,
};
use serde_json::Value;

use crate::{
    AccessToken, AuthError, AuthErrorKind, Recovery, Secret, clock,
    http::{HttpClient, HttpFault},
    session::Loss,
};

/// Our HTTP client as the `oauth2` crate wants it. It owns all that a request needs: with a borrow in it, no future
/// around it could be proven to be `Send`.
pub(super) struct Wire(HttpClient);

impl Wire {
    pub(super) fn new(http: &HttpClient) -> Self {
        Self(http.clone())
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpFault>> + Send>>;

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = HttpFault;
    type Future = Answer;

    fn call(&'c self, request: HttpRequest) -> Answer {
        let http = self.0.clone();
        Box::pin(async move { answer(http.send(request).await?) })
    }
}

/// Lets through what follows RFC 6749 section 5: a 200, or a 4xx that names an error. A verdict inside a 429 or a 5xx
/// is not believed: a proxy or an overloaded server may say anything.
pub(crate) fn answer(mut response: HttpResponse) -> Result<HttpResponse, HttpFault> {
    let status = response.status();
    let names_error = || {
        let body = serde_json::from_slice::<Value>(response.body()).ok()?;
        body.get("error")?.as_str().map(drop)
    };
    if status == StatusCode::OK {
        lenient(response.body_mut());
        return Ok(response);
    }
    if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS && names_error().is_some() {
        return Ok(response);
    }
    Err(HttpFault::status(status, response.headers()))
}

/// Servers write numbers of seconds as strings, as fractions, as null, or as nonsense. What can be read is made a
/// number, and what cannot is left out.
fn lenient(body: &mut Vec<u8>) {
    let Ok(Value::Object(mut members)) = serde_json::from_slice::<Value>(body) else { return };
    let before = members.clone();
    for (name, sensible) in [("expires_in", 0..=u64::MAX), ("interval", 1..=u64::MAX)] {
        let Some(value) = members.remove(name) else { continue };
        if let Some(seconds) = seconds(&value).filter(|seconds| sensible.contains(seconds)) {
            members.insert(name.into(), seconds.into());
        }
    }
    if members != before
        && let Ok(bytes) = serde_json::to_vec(&Value::Object(members))
    {
        zeroize::Zeroize::zeroize(body);
        *body = bytes;
    }
}

fn seconds(value: &Value) -> Option<u64> {
    let number = match value {
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_f64()?,
    };
    (0.0..=MOST_SECONDS).contains(&number).then_some(number as u64)
}

/// Far beyond any lifetime, and exact as a floating point number.
const MOST_SECONDS: f64 = 1e15;

/// Why a grant brought no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GrantFault {
    /// The server said no, with this code (RFC 6749 section 5.2).
    Refused { code: String },
    /// No answer of the protocol arrived.
    Http(HttpFault),
    /// A success that cannot be read.
    Unreadable,
}

impl GrantFault {
    pub(crate) fn is_invalid_grant(&self) -> bool {
        matches!(self, Self::Refused { code } if code == "invalid_grant")
    }

    /// Whether the server may have acted on the request.
    pub(crate) fn loss(&self) -> Loss {
        match self {
            Self::Refused { .. } => Loss::Impossible,
            Self::Http(fault) => fault.loss(),
            Self::Unreadable => Loss::Possible,
        }
    }

    pub(crate) fn into_error(self) -> AuthError {
        match self {
            Self::Http(fault) => fault.into_error(),
            Self::Unreadable => AuthError::new(
                AuthErrorKind::Protocol,
                Recovery::Retry { after: None },
                "the authorization server answered something that is no token answer",
            ),
            Self::Refused { code } => refused(&code),
        }
    }
}

fn refused(code: &str) -> AuthError {
    match code {
        "access_denied" => AuthError::new(AuthErrorKind::Denied, Recovery::Fail, "the sign-in was denied"),
        "expired_token" => {
            let message = "the sign-in was not finished in time: start it again";
            AuthError::new(AuthErrorKind::TimedOut, Recovery::Fail, message)
        }
        "temporarily_unavailable" | "server_error" => AuthError::new(
            AuthErrorKind::Unavailable,
            Recovery::Retry { after: None },
            "the authorization server is not available now",
        ),
        code => {
            let message = format!("the authorization server refused the request: {}", legible(code));
            AuthError::new(AuthErrorKind::Configuration, Recovery::FixSetup, message)
        }
    }
}

/// An error code as far as RFC 6749 section 5.2 lets it be one: whatever else a server sends is not repeated.
pub(super) fn legible(code: &str) -> String {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=64).contains(&code.len()) && code.bytes().all(word) { code.into() } else { "an unnamed error".into() }
}

impl<E> From<RequestTokenError<HttpFault, E>> for GrantFault
where
    E: ErrorResponse + Named + 'static,
{
    fn from(error: RequestTokenError<HttpFault, E>) -> Self {
        match error {
            RequestTokenError::ServerResponse(answer) => Self::Refused { code: answer.code() },
            RequestTokenError::Request(fault) => Self::Http(fault),
            RequestTokenError::Parse(_, mut body) => {
                zeroize::Zeroize::zeroize(&mut body);
                Self::Unreadable
            }
            RequestTokenError::Other(_) => Self::Unreadable,
        }
    }
}

/// An error answer that says its code.
pub(super) trait Named {
    fn code(&self) -> String;
}

impl Named for BasicErrorResponse {
    fn code(&self) -> String {
        self.error().as_ref().to_owned()
    }
}

impl Named for oauth2::DeviceCodeErrorResponse {
    fn code(&self) -> String {
        self.error().as_ref().to_owned()
    }
}

/// Tokens as a grant gave them.
#[derive(Debug, Clone)]
pub(crate) struct Granted {
    pub(crate) access_token: AccessToken,
    pub(crate) refresh_token: Option<Secret>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) asked_at: Timestamp,
}

impl Granted {
    /// Reads an answer to a question asked at `asked_at`, from when its lifetime is counted.
    pub(crate) fn read(answer: &BasicTokenResponse, asked_at: Timestamp) -> Result<Self, GrantFault> {
        if !answer.token_type().as_ref().eq_ignore_ascii_case("bearer") {
            return Err(GrantFault::Unreadable);
        }
        let token = AccessToken::new(answer.access_token().secret()).map_err(|_| GrantFault::Unreadable)?;
        let end = answer.expires_in().filter(|life| *life < LONGEST_LIFE).map(|life| clock::after(asked_at, life));
        let access_token = end.map_or(token.clone(), |end| token.with_expiry(end));
        let refresh_token = answer.refresh_token().map(|token| Secret::new(token.secret().as_str()));
        let scopes = answer.scopes().map(|scopes| scopes.iter().map(|scope| scope.to_string()).collect());
        Ok(Self { access_token, refresh_token: refresh_token.filter(|token| !token.is_empty()), scopes, asked_at })
    }
}

/// A lifetime beyond a century is no lifetime.
const LONGEST_LIFE: Duration = Duration::from_secs(100 * 365 * 86_400);

#[cfg(test)]
mod tests {
    use super::*;

    fn made_lenient(body: &str) -> String {
        let mut body = body.as_bytes().to_vec();
        lenient(&mut body);
        String::from_utf8(body).unwrap()
    }

    #[test]
    fn numbers_are_read_however_they_are_written() {
        for (body, expected) in [
            (r#"{"expires_in":3600}"#, r#"{"expires_in":3600}"#),
            (r#"{"expires_in":"3600"}"#, r#"{"expires_in":3600}"#),
            (r#"{"expires_in":3600.7}"#, r#"{"expires_in":3600}"#),
            (r#"{"expires_in":-1,"interval":null}"#, r#"{}"#),
            (r#"{"interval":"soon","x":1}"#, r#"{"x":1}"#),
            (r#"{"interval":1e300}"#, r#"{}"#),
            (r#"{"interval":0,"expires_in":0}"#, r#"{"expires_in":0}"#),
            (r#"{"interval":18446744073709551615}"#, r#"{}"#),
            (r#"[1]"#, r#"[1]"#),
            ("junk", "junk"),
        ] {
            assert_eq!(made_lenient(body), expected);
        }
    }

    #[test]
    fn an_error_code_is_repeated_only_if_it_is_one() {
        assert_eq!(legible("invalid_client"), "invalid_client");
        for bad in ["", "a b", "\u{1b}[31m", "<b>", &"x".repeat(65)] {
            assert_eq!(legible(bad), "an unnamed error");
        }
    }

    #[test]
    fn a_verdict_inside_an_overload_is_not_believed() {
        let respond = |status: u16, body: &str| {
            let mut response = HttpResponse::new(body.as_bytes().to_vec());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            answer(response).map(|response| response.status().as_u16())
        };
        const VERDICT: &str = r#"{"error":"invalid_grant"}"#;
        assert_eq!(respond(400, VERDICT), Ok(400));
        assert_eq!(respond(401, VERDICT), Ok(401));
        for status in [429, 500, 502, 503] {
            assert_eq!(respond(status, VERDICT), Err(HttpFault::Status { status, retry_after: None }));
        }
        assert_eq!(respond(404, "<html>"), Err(HttpFault::Status { status: 404, retry_after: None }));
        assert_eq!(respond(307, ""), Err(HttpFault::Redirected));
    }

    proptest::proptest! {
        #[test]
        fn any_answer_is_tokens_or_a_fault(status in 100u16..600, body: Vec<u8>) {
            let mut response = HttpResponse::new(body);
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            let _ = answer(response);
        }

        #[test]
        fn any_number_of_seconds_is_made_one_or_left_out(value in "-?[0-9]{1,30}(\\.[0-9]{1,5})?(e[0-9]{1,4})?") {
            let made = made_lenient(&format!(r#"{{"expires_in":{value},"interval":"{value}"}}"#));
            let made: Value = serde_json::from_str(&made).unwrap_or_default();
            proptest::prop_assert!(made.get("expires_in").is_none_or(Value::is_u64) || made.is_null());
        }
    }
}
