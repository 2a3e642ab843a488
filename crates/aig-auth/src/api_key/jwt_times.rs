//! When a JWT says that it ends. Read without verification: it decides when to ask again, and nothing else.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    AccessToken,
    clock::{after, elapsed},
    external::said::moment,
};

/// RFC 7519 sections 4.1.4 and 4.1.6.
#[derive(Deserialize)]
struct Times {
    exp: Option<Value>,
    iat: Option<Value>,
}

/// The end of `token`, if it is a JWT with an `exp`.
///
/// A clock of this machine that is behind would make it live too long: so it lives no longer from the question on than
/// its issuer meant it to live.
pub(super) fn end(token: &AccessToken, asked_at: Timestamp) -> Option<Timestamp> {
    let times = times(token.expose())?;
    let end = moment(&times.exp?)?;
    match times.iat.as_ref().and_then(moment) {
        Some(issued) if issued < end => Some(end.min(after(asked_at, elapsed(issued, end)))),
        _ => Some(end),
    }
}

fn times(token: &str) -> Option<Times> {
    let mut parts = token.split('.');
    let (_, payload, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else { return None };
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end_of(payload: &str, asked_at: i64) -> Option<i64> {
        let token = AccessToken::new(&format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))).unwrap();
        end(&token, Timestamp::from_second(asked_at).unwrap()).map(Timestamp::as_second)
    }

    #[test]
    fn a_jwt_ends_at_its_exp() {
        for payload in [r#"{"exp":5000}"#, r#"{"exp":5000.0,"iat":1000}"#, r#"{"exp":"5000","iat":null}"#] {
            assert_eq!(end_of(payload, 1_000), Some(5_000), "{payload}");
        }
    }

    #[test]
    fn a_clock_that_is_behind_does_not_make_it_live_longer() {
        assert_eq!(end_of(r#"{"exp":5000,"iat":1400}"#, 400), Some(4_000), "an hour from the question on");
        assert_eq!(end_of(r#"{"exp":5000,"iat":1400}"#, 2_000), Some(5_000), "a clock ahead is not believed either");
        assert_eq!(end_of(r#"{"exp":5000,"iat":9000}"#, 2_000), Some(5_000), "issued after its end: junk");
    }

    #[test]
    fn what_is_no_jwt_has_no_end() {
        for payload in ["{}", "[]", "", "junk", r#"{"exp":"soon"}"#, r#"{"exp":-1}"#, r#"{"exp":1e300}"#] {
            assert_eq!(end_of(payload, 0), None, "{payload}");
        }
        for token in ["opaque", "a.b", "a.b.c", "a.b.c.d", "e30.e30=.c2ln", "..."] {
            assert_eq!(end(&AccessToken::new(token).unwrap(), Timestamp::UNIX_EPOCH), None, "{token}");
        }
    }
}
