//! The stored document: JSON, version 1. Reading is lenient about what it does not know and strict about the rest.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::record::{Attempt, Ending, Fingerprint, Record, Session};
use crate::{AccessToken, Identity, Secret, SignInReason};

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct DocumentV1 {
    version: u32,
    #[serde(default)]
    generation: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<SessionV1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt: Option<Attempt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<EndedV1>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct SessionV1 {
    #[serde(serialize_with = "expose", deserialize_with = "conceal")]
    access_token: Secret,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    obtained_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional")]
    refresh_token: Option<Secret>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountV1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seed: Option<Fingerprint>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct AccountV1 {
    issuer: String,
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct EndedV1 {
    token: Fingerprint,
    reason: ReasonV1,
    at: Timestamp,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum ReasonV1 {
    Expired,
    Revoked,
    OutcomeUnknown,
    #[serde(other)]
    Unnamed,
}

fn expose<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

fn conceal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::from)
}

mod optional {
    use super::{Deserialize, Deserializer, Secret, Serializer, expose};

    pub(super) fn serialize<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => expose(secret, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Secret>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(Secret::from))
    }
}

/// Why a document cannot be used. It says nothing of what was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("it is not a session document")]
    Malformed,
    #[error("it was written by another version")]
    Version,
}

/// The record in `bytes`.
pub(crate) fn read(bytes: &[u8]) -> Result<Record, Unreadable> {
    let document: DocumentV1 = serde_json::from_slice(bytes).map_err(|_| unreadable(bytes))?;
    if document.version != VERSION {
        return Err(Unreadable::Version);
    }
    let session = document.session.map(SessionV1::into_session).transpose()?;
    let ending = document.ended.map(EndedV1::into_ending);
    let DocumentV1 { generation, attempt, others, .. } = document;
    Ok(Record { generation, session, attempt, ending, others })
}

fn unreadable(bytes: &[u8]) -> Unreadable {
    #[derive(Deserialize)]
    struct Versioned {
        version: u64,
    }
    match serde_json::from_slice::<Versioned>(bytes) {
        Ok(Versioned { version }) if version != u64::from(VERSION) => Unreadable::Version,
        _ => Unreadable::Malformed,
    }
}

/// The document of `record`; the bytes are wiped when they are dropped.
pub(crate) fn write(record: &Record) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    // Large enough for any token, so that no copy of a secret is left behind by a growing buffer.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    serde_json::to_writer_pretty(&mut *bytes, &DocumentV1::from(record))?;
    bytes.push(b'\n');
    Ok(bytes)
}

impl SessionV1 {
    fn into_session(self) -> Result<Session, Unreadable> {
        let token = AccessToken::new(self.access_token.expose()).map_err(|_| Unreadable::Malformed)?;
        let access_token = match self.expires_at {
            Some(expires_at) => token.with_expiry(expires_at),
            None => token,
        };
        let Self { refresh_token, obtained_at, scopes, client_id, seed, others, .. } = self;
        let account = self.account.map(AccountV1::into_identity);
        Ok(Session { access_token, refresh_token, obtained_at, scopes, account, client_id, seed, others })
    }
}

impl AccountV1 {
    fn into_identity(self) -> Identity {
        let identity = Identity::new(self.issuer, self.subject);
        match self.organization {
            Some(organization) => identity.with_organization(organization),
            None => identity,
        }
    }
}

impl EndedV1 {
    fn into_ending(self) -> Ending {
        let reason = match self.reason {
            ReasonV1::Expired => SignInReason::Expired,
            ReasonV1::Revoked => SignInReason::Revoked,
            ReasonV1::OutcomeUnknown => SignInReason::OutcomeUnknown,
            ReasonV1::Unnamed => SignInReason::NoSession,
        };
        Ending { token: self.token, reason, at: self.at }
    }
}

impl From<&Record> for DocumentV1 {
    fn from(record: &Record) -> Self {
        Self {
            version: VERSION,
            generation: record.generation,
            session: record.session.as_ref().map(SessionV1::from),
            attempt: record.attempt.clone(),
            ended: record.ending.as_ref().map(EndedV1::from),
            others: record.others.clone(),
        }
    }
}

impl From<&Session> for SessionV1 {
    fn from(session: &Session) -> Self {
        Self {
            access_token: Secret::new(session.access_token.expose()),
            expires_at: session.access_token.expires_at(),
            obtained_at: session.obtained_at,
            refresh_token: session.refresh_token.clone(),
            scopes: session.scopes.clone(),
            account: session.account.as_ref().map(AccountV1::from),
            client_id: session.client_id.clone(),
            seed: session.seed.clone(),
            others: session.others.clone(),
        }
    }
}

impl From<&Identity> for AccountV1 {
    fn from(identity: &Identity) -> Self {
        Self {
            issuer: identity.issuer.clone(),
            subject: identity.subject.clone(),
            organization: identity.organization.clone(),
        }
    }
}

impl From<&Ending> for EndedV1 {
    fn from(ending: &Ending) -> Self {
        let reason = match ending.reason {
            SignInReason::Expired => ReasonV1::Expired,
            // Whether a token was given is known by whoever asks, not by the file.
            SignInReason::Revoked | SignInReason::GivenTokenRefused => ReasonV1::Revoked,
            SignInReason::OutcomeUnknown => ReasonV1::OutcomeUnknown,
            SignInReason::NoSession | SignInReason::Requested => ReasonV1::Unnamed,
        };
        Self { token: ending.token.clone(), reason, at: ending.at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let token = AccessToken::new("access").unwrap().with_expiry("2026-01-01T01:00:00Z".parse().unwrap());
        let session = Session::new(token, now)
            .with_refresh_token(Secret::new("refresh"))
            .with_account(Identity::new("https://issuer", "user").with_organization("org"));
        let fingerprint = Fingerprint::of(&Secret::new("refresh"));
        Record::default().with_session(session).attempting(&fingerprint, now)
    }

    #[test]
    fn a_record_survives_the_round_trip() {
        let record = record();
        assert_eq!(read(&write(&record).unwrap()), Ok(record.clone()));
        let fingerprint = Fingerprint::of(&Secret::new("refresh"));
        let buried = record.buried(&fingerprint, SignInReason::Revoked, Timestamp::UNIX_EPOCH);
        assert_eq!(read(&write(&buried).unwrap()), Ok(buried));
    }

    #[test]
    fn members_of_a_later_minor_version_are_kept() {
        let mut json: Value = serde_json::from_slice(&write(&record()).unwrap()).unwrap();
        json["colour"] = "blue".into();
        json["session"]["token_binding"] = serde_json::json!({ "key": 1 });
        let record = read(json.to_string().as_bytes()).unwrap();
        let again: Value = serde_json::from_slice(&write(&record).unwrap()).unwrap();
        assert_eq!(again, json);
    }

    #[test]
    fn times_are_rfc_3339() {
        let text = String::from_utf8(write(&record()).unwrap().to_vec()).unwrap();
        assert!(text.contains(r#""expires_at": "2026-01-01T01:00:00Z""#), "{text}");
    }

    #[test]
    fn what_is_no_document_of_this_version_is_refused_without_a_word_of_it() {
        let cases: [(&[u8], Unreadable); 7] = [
            (b"", Unreadable::Malformed),
            (b"{}", Unreadable::Malformed),
            (b"secret", Unreadable::Malformed),
            (b"\xef\xbb\xbf{\"version\":1}", Unreadable::Malformed),
            (br#"{"version":2,"session":7}"#, Unreadable::Version),
            (br#"{"version":2}"#, Unreadable::Version),
            (
                br#"{"version":1,"session":{"access_token":"a b","obtained_at":"2026-01-01T00:00:00Z"}}"#,
                Unreadable::Malformed,
            ),
        ];
        for (bytes, expected) in cases {
            assert_eq!(read(bytes), Err(expected), "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_document_cut_or_bent_anywhere_never_panics() {
        let whole = write(&record()).unwrap();
        for end in 0..whole.len() - 1 {
            assert!(read(&whole[..end]).is_err() || whole[end..].iter().all(u8::is_ascii_whitespace));
        }
        for place in 0..whole.len() {
            for bit in 0..8 {
                let mut bent = whole.to_vec();
                bent[place] ^= 1 << bit;
                let _ = read(&bent);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_a_record_or_none(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }

        #[test]
        fn any_json_is_a_record_or_none(text in r#"\{("(version|generation|session|attempt|ended|x)":(1|2|-1|1e999|null|"a"|\[\]|\{\}),){0,6}"version":1\}"#) {
            let _ = read(text.as_bytes());
        }
    }
}
