//! Error answers: the codes of the RFCs, and the statuses that go with them.

use serde_json::json;

use super::Response;

/// Which HTTP statuses the errors of the token endpoint have. The JSON is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Dialect {
    /// RFC 6749 section 5.2: 400, and 401 for a client that did not authenticate.
    #[default]
    Rfc6749,
    /// As Auth0 answers: 403 for refused grants and pending devices, 429 for `slow_down`.
    Auth0,
}

impl Dialect {
    pub(super) fn status(self, code: &str) -> u16 {
        match (self, code) {
            (_, "invalid_client") => 401,
            (_, "server_error") => 500,
            (_, "temporarily_unavailable") => 503,
            (Self::Auth0, "slow_down") => 429,
            (Self::Auth0, "invalid_grant" | "authorization_pending" | "access_denied" | "expired_token") => 403,
            (Self::Auth0, "unauthorized_client") => 403,
            _ => 400,
        }
    }
}

/// A refusal in the words of RFC 6749, 7009, 8628 or OpenID Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OAuthError {
    pub(super) code: &'static str,
    pub(super) description: &'static str,
}

macro_rules! codes {
    ($($code:ident),* $(,)?) => {
        $(pub(super) const fn $code(description: &'static str) -> Self {
            Self { code: stringify!($code), description }
        })*
    };
}

impl OAuthError {
    codes! {
        access_denied, authorization_pending, expired_token, invalid_client, invalid_grant, invalid_request,
        invalid_scope, login_required, slow_down, unauthorized_client, unsupported_grant_type,
        unsupported_response_type, unsupported_token_type,
    }

    /// The JSON answer (RFC 6749 section 5.2).
    pub(super) fn answer(self, dialect: Dialect) -> Response {
        let body = json!({ "error": self.code, "error_description": self.description });
        let response = Response::of_json(dialect.status(self.code), &body).with_header("pragma", "no-cache");
        if self.code == "invalid_client" {
            return response.with_header("www-authenticate", "Basic realm=\"oauth\"");
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialects_differ_in_statuses_and_in_nothing_else() {
        for (error, rfc, auth0) in [
            (OAuthError::invalid_grant("x"), 400, 403),
            (OAuthError::slow_down("x"), 400, 429),
            (OAuthError::invalid_client("x"), 401, 401),
            (OAuthError::invalid_request("x"), 400, 400),
        ] {
            let (plain, tenant) = (error.answer(Dialect::Rfc6749), error.answer(Dialect::Auth0));
            assert_eq!((plain.status, tenant.status), (rfc, auth0), "{error:?}");
            assert_eq!(plain.json(), tenant.json());
        }
    }
}
