//! The sessions of a server, carried over to the next one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Session, session::RefreshTokens, state::State};

/// What outlives a restart: the sessions, and what makes their refresh tokens good. No signing key is in it, so access
/// tokens end with the server that issued them, and clients refresh.
///
/// Whoever has it can refresh every session: keep it as you would keep the tokens. `Debug` shows a count.
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
}

impl Snapshot {
    pub(super) fn of(refresh_tokens: &RefreshTokens, state: &State) -> Self {
        Self { secret: refresh_tokens.secret, sessions: state.sessions.values().cloned().collect() }
    }

    /// No session yet.
    pub(super) fn blank() -> Self {
        Self { secret: RefreshTokens::new().secret, sessions: Vec::new() }
    }

    pub(super) fn into_state(self) -> (RefreshTokens, State) {
        let mut state = State::new();
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
