//! The sessions of a server, carried over to the next one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Session,
    keys::{KeptKey, Keys},
    session::RefreshTokens,
    state::State,
};

/// What outlives a restart: the sessions, what makes their refresh tokens good, and the names of access tokens that
/// were revoked. Without the signing keys access tokens end with the server that issued them, and clients refresh;
/// [`AuthorizationServer::snapshot_with_keys`](super::AuthorizationServer::snapshot_with_keys) has them, too.
///
/// Whoever has it can refresh every session, or with the keys issue any token: keep it as you would keep those.
/// `Debug` shows a count.
///
/// ```
/// use aig_auth::testkit::{AuthorizationServer, Request, Snapshot};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let server = AuthorizationServer::builder().build();
/// let tokens = server.issue("auth0|ada", "native", "offline_access").await?;
/// let kept = serde_json::to_string(&server.snapshot())?;
/// drop(server);
///
/// let server = AuthorizationServer::builder().resume(serde_json::from_str(&kept)?).build();
/// let refresh_token = tokens.refresh_token.ok_or("offline_access was asked for")?;
/// let fields = [("grant_type", "refresh_token"), ("client_id", "native"), ("refresh_token", refresh_token.expose())];
/// assert_eq!(server.handle(Request::post("/oauth/token", &fields)).await.status, 200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    secret: [u8; 32],
    sessions: Vec<Session>,
    #[serde(default)]
    revoked: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<KeptKey>,
}

impl Snapshot {
    pub(super) fn of(refresh_tokens: &RefreshTokens, state: &State) -> Self {
        Self {
            secret: refresh_tokens.secret,
            sessions: state.sessions.values().cloned().collect(),
            revoked: state.revoked.names().cloned().collect(),
            keys: Vec::new(),
        }
    }

    pub(super) fn with_keys(self, keys: &Keys) -> Self {
        Self { keys: keys.kept(), ..self }
    }

    /// No session yet.
    pub(super) fn blank() -> Self {
        Self { secret: RefreshTokens::new().secret, sessions: Vec::new(), revoked: Vec::new(), keys: Vec::new() }
    }

    pub(super) fn into_state(self, keys: &Keys) -> (RefreshTokens, State) {
        keys.go_on_with(&self.keys);
        let mut state = State::new();
        self.revoked.into_iter().for_each(|name| state.revoked.insert(name, ()));
        for session in self.sessions {
            state.sessions.insert(session.id.clone(), session);
        }
        (RefreshTokens { secret: self.secret }, state)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("sessions", &self.sessions.len()).finish_non_exhaustive()
    }
}
