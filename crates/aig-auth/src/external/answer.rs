//! What a foreign source answered: a plain token, or a JSON document with one.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::Value;

use super::said::Said;
use crate::{AccessToken, AuthError, AuthErrorKind, InvalidToken, Recovery, Secret};

/// Why an answer gives no token. It says nothing of what was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AnswerFault {
    #[error("gave an empty answer where a token was expected")]
    Empty,
    #[error("gave an answer that is not text")]
    NotText,
    #[error("gave an answer that is not a JSON document with a token")]
    NotJson,
    #[error("gave a document without a token: it needs a member `token` or `access_token`")]
    NoToken,
    #[error("gave no usable token: {0}")]
    Token(#[from] InvalidToken),
}

impl AnswerFault {
    /// `origin` is the subject of the sentence.
    pub(crate) fn into_error(self, origin: &str) -> AuthError {
        AuthError::new(AuthErrorKind::Source, Recovery::FixSetup, format!("{origin} {self}"))
    }
}

/// The question that an answer belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// Who was asked, for people.
    pub(crate) origin: &'a str,
    /// Lifetimes are counted from here.
    pub(crate) asked_at: Timestamp,
}

impl Question<'_> {
    /// The token in an answer that is one, or that is a JSON document with one.
    pub(crate) fn plain_or_document(&self, answer: &[u8]) -> Result<AccessToken, AnswerFault> {
        let text = str::from_utf8(answer).map_err(|_| AnswerFault::NotText)?.trim();
        match text.as_bytes().first() {
            None => Err(AnswerFault::Empty),
            Some(b'{') => self.document(answer),
            Some(_) => Ok(AccessToken::new(text)?),
        }
    }

    /// The token in a JSON document: `token` or `access_token` with `expires_at` or `expires_in`, or a Kubernetes
    /// `ExecCredential` (client.authentication.k8s.io), which has them in `status`.
    pub(crate) fn document(&self, answer: &[u8]) -> Result<AccessToken, AnswerFault> {
        if answer.trim_ascii().is_empty() {
            return Err(AnswerFault::Empty);
        }
        let document: Document = serde_json::from_slice(answer).map_err(|_| AnswerFault::NotJson)?;
        let token = AccessToken::new(document.token().ok_or(AnswerFault::NoToken)?.expose())?;
        match document.said().end(self.asked_at, self.origin) {
            Some(end) => Ok(token.with_expiry(end)),
            None => Ok(token),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Document {
    token: Option<Concealed>,
    #[serde(alias = "accessToken")]
    access_token: Option<Concealed>,
    #[serde(alias = "expiresAt")]
    expires_at: Option<Value>,
    /// `az account get-access-token` has this beside an `expiresOn` without an offset.
    expires_on: Option<Value>,
    #[serde(alias = "expiresIn")]
    expires_in: Option<Value>,
    status: Option<Status>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Status {
    Credential(Credential),
    /// Other documents have a status, too.
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Credential {
    token: Concealed,
    #[serde(default, rename = "expirationTimestamp")]
    expiration_timestamp: Option<Value>,
}

/// A secret as a JSON string.
struct Concealed(Secret);

impl<'de> Deserialize<'de> for Concealed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::from(text)))
    }
}

impl Document {
    /// The first that is there and not empty: registries answer with both names, one of them may be blank.
    fn token(&self) -> Option<&Secret> {
        let in_status = self.credential().map(|credential| &credential.token);
        let candidates = [self.token.as_ref(), self.access_token.as_ref(), in_status];
        candidates.into_iter().flatten().map(|Concealed(secret)| secret).find(|secret| !secret.is_empty())
    }

    fn said(&self) -> Said<'_> {
        let moments = [
            self.expires_at.as_ref(),
            self.expires_on.as_ref(),
            self.credential().and_then(|credential| credential.expiration_timestamp.as_ref()),
        ];
        Said { at: moments.into_iter().flatten().next(), within: self.expires_in.as_ref() }
    }

    fn credential(&self) -> Option<&Credential> {
        match &self.status {
            Some(Status::Credential(credential)) => Some(credential),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: Question<'_> = Question { origin: "the test", asked_at: Timestamp::UNIX_EPOCH };

    fn read(answer: &str) -> Result<(String, Option<String>), AnswerFault> {
        let token = QUESTION.plain_or_document(answer.as_bytes())?;
        Ok((token.expose().to_owned(), token.expires_at().map(|end| end.to_string())))
    }

    /// P2.
    #[test]
    fn a_plain_token_is_taken_as_it_is_and_loses_its_scheme() {
        for text in ["abc", "abc\n", "  abc\r\n", "Bearer abc\n", "bearer   abc", "BEARER\tabc"] {
            assert_eq!(read(text), Ok(("abc".into(), None)), "{text:?}");
        }
    }

    /// A1, A4.
    #[test]
    fn a_document_brings_its_token_and_its_expiry() {
        let hour = Some("1970-01-01T01:00:00Z".to_owned());
        for (document, end) in [
            (r#"{"token":"abc"}"#, &None),
            (r#"{"access_token":"abc","token_type":"Bearer","expires_in":3600}"#, &hour),
            (r#"{"token":"abc","access_token":"abc","expires_in":"3600"}"#, &hour),
            (r#"{"token":"","access_token":"abc","expires_in":3600}"#, &hour),
            (r#"{"token":"Bearer abc","expires_at":"1970-01-01T01:00:00Z"}"#, &hour),
            (r#"{"token":"abc","expiresAt":"1970-01-01T02:00:00.000+01:00"}"#, &hour),
            (r#"{"token":"abc","expires_at":3600}"#, &hour),
            (r#"{"token":"abc","expires_at":null,"status":"ok"}"#, &None),
            (r#"{"token":"abc","expires_at":"someday"}"#, &None),
            (r#"{"accessToken":"abc","expiresOn":"1970-01-01 02:00:00.000000","expires_on":3600}"#, &hour),
        ] {
            assert_eq!(read(document), Ok(("abc".into(), end.clone())), "{document}");
        }
    }

    #[test]
    fn a_kubernetes_credential_is_understood() {
        let credential = r#"{
            "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "spec": {"interactive": false},
            "status": {"expirationTimestamp": "1970-01-01T00:15:00Z", "token": "k8s-aws-v1.abc"}
        }"#;
        assert_eq!(read(credential), Ok(("k8s-aws-v1.abc".into(), Some("1970-01-01T00:15:00Z".into()))));
        let certificates = r#"{"kind":"ExecCredential","status":{"clientCertificateData":"x","clientKeyData":"y"}}"#;
        assert_eq!(read(certificates), Err(AnswerFault::NoToken));
    }

    #[test]
    fn what_holds_no_token_is_an_error_that_says_which_way() {
        for (answer, fault) in [
            ("", AnswerFault::Empty),
            (" \r\n\t", AnswerFault::Empty),
            ("Bearer ", AnswerFault::Token(InvalidToken::Empty)),
            ("two words", AnswerFault::Token(InvalidToken::Character)),
            ("{", AnswerFault::NotJson),
            ("{}", AnswerFault::NoToken),
            (r#"{"token":null}"#, AnswerFault::NoToken),
            (r#"{"token":""}"#, AnswerFault::NoToken),
            (r#"{"token":"  "}"#, AnswerFault::Token(InvalidToken::Empty)),
            (r#"{"token":7}"#, AnswerFault::NotJson),
            (r#"{"token":"a"} {"token":"b"}"#, AnswerFault::NotJson),
        ] {
            assert_eq!(read(answer), Err(fault), "{answer:?}");
        }
        assert_eq!(QUESTION.plain_or_document(b"\xff\xfe"), Err(AnswerFault::NotText));
        assert_eq!(QUESTION.document(b"abc"), Err(AnswerFault::NotJson), "where a document was agreed on");
        assert_eq!(QUESTION.document(b" \n"), Err(AnswerFault::Empty));
    }

    proptest::proptest! {
        #[test]
        fn no_answer_panics(answer in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = QUESTION.plain_or_document(&answer);
        }
    }

    #[test]
    fn an_answer_cut_or_bent_anywhere_never_panics() {
        let whole = br#"{"token":"abc","expires_at":"1970-01-01T01:00:00Z","status":{"token":"x"}}"#;
        for place in 0..whole.len() {
            let _ = QUESTION.plain_or_document(&whole[..place]);
            for bit in 0..8 {
                let mut bent = whole.to_vec();
                bent[place] ^= 1 << bit;
                let _ = QUESTION.plain_or_document(&bent);
            }
        }
    }

    #[test]
    fn an_error_repeats_nothing_of_the_answer() {
        for answer in ["canary one", r#"{"token":"canary\n"#, r#"{"tokens":"canary"}"#, r#"{"token":"canary one"}"#] {
            let error = QUESTION.plain_or_document(answer.as_bytes()).unwrap_err().into_error("the test");
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
    }
}
