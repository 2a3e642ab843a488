//! How a server behaves: who may sign in, for which clients, for how long.

use std::time::Duration;

use jiff::Timestamp;

use super::{Client, Dialect, Rotation, User, error::OAuthError};

pub(super) type ReadClock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// Everything that does not change while the server runs.
pub(super) struct Settings {
    pub(super) users: Vec<User>,
    pub(super) clients: Vec<Client>,
    /// The first is taken when a client asks for none.
    pub(super) audiences: Vec<String>,
    pub(super) access_token_lifetime: Duration,
    pub(super) session_lifetime: Duration,
    pub(super) code_lifetime: Duration,
    pub(super) device_lifetime: Duration,
    pub(super) device_interval: Duration,
    pub(super) rotation: Rotation,
    pub(super) auto_approve: Option<String>,
    pub(super) dialect: Dialect,
    pub(super) banner: Option<String>,
    pub(super) clock: ReadClock,
}

impl Settings {
    pub(super) fn user(&self, id: &str) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(super) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.id() == id)
    }

    pub(super) fn rotation_for(&self, client_id: &str) -> Rotation {
        self.client(client_id).and_then(Client::rotation).unwrap_or(self.rotation)
    }

    /// The audience asked for, or the default one. Auth0 refuses an API that it does not know.
    pub(super) fn audience(&self, asked: Option<&str>) -> Result<&str, OAuthError> {
        let Some(asked) = asked else {
            return self.audiences.first().map(String::as_str).ok_or(UNKNOWN_AUDIENCE);
        };
        self.audiences.iter().find(|known| *known == asked).map(String::as_str).ok_or(UNKNOWN_AUDIENCE)
    }

    /// Whether anybody is a member of this organization.
    pub(super) fn has_organization(&self, asked: Option<&str>) -> Result<(), OAuthError> {
        if self.users.iter().any(|user| user.belongs_to(asked)) {
            return Ok(());
        }
        Err(OAuthError::invalid_request("the organization is not known here"))
    }

    /// The user, when known and a member of the organization asked for.
    pub(super) fn admit(&self, user_id: &str, organization: Option<&str>) -> Result<&User, OAuthError> {
        let user = self.user(user_id).ok_or(OAuthError::access_denied("the user is not known here"))?;
        if !user.belongs_to(organization) {
            return Err(OAuthError::access_denied("the user is not a member of the organization"));
        }
        Ok(user)
    }
}

const UNKNOWN_AUDIENCE: OAuthError = OAuthError::access_denied("the audience is not known here");
