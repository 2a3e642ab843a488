//! The handle of a server: a person, an operator and an onlooker in one.

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Builder, Claims, Endpoint, Endpoints, Fault, GrantType, PendingDevice, Recorded, Refused, Request, Response,
    Session, Snapshot, User,
    core::Core,
    device::Decision,
    jwt,
    keys::SigningKey,
    listener::Listener,
    session::{Ended, Grant},
};
use crate::Secret;

/// An OAuth 2.0 and OpenID Connect authorization server in this process. Clones are the same server.
#[derive(Clone)]
pub struct AuthorizationServer {
    pub(super) core: Arc<Core>,
    pub(super) listener: Option<Arc<Listener>>,
}

/// Something that the server does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unknown {
    /// No such user.
    #[error("the authorization server has no such user")]
    User,
    /// No such client.
    #[error("the authorization server has no such client")]
    Client,
    /// No such audience.
    #[error("the authorization server has no audience")]
    Audience,
    /// The machine cannot make a key to sign with.
    #[error("the authorization server has no key")]
    Key,
    /// No device waits with this code: it was answered, or is too old, or never was.
    #[error("no device waits with this user code")]
    UserCode,
}

/// Tokens of a session that was opened without a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tokens {
    /// The access token.
    pub access_token: Secret,
    /// The refresh token, when the scope has `offline_access`.
    pub refresh_token: Option<Secret>,
    /// The ID token, when the scope has `openid`.
    pub id_token: Option<Secret>,
    /// How long the access token lives.
    pub expires_in: Duration,
}

/// A sign-in that did not come to its redirect: the status of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sign-in ended at a page with status {status}, not at a redirect")]
#[non_exhaustive]
pub struct NoRedirect {
    /// The status of the page.
    pub status: u16,
}

impl AuthorizationServer {
    /// Begins a server: end with [`Builder::serve`], or with [`Builder::build`] to mount it somewhere.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Answers a request. Never fails: what is wrong is in the answer.
    pub async fn handle(&self, request: Request) -> Response {
        self.core.handle(request).await
    }

    /// Where it is, without a slash at the end.
    pub fn base_url(&self) -> String {
        self.core.base()
    }

    /// Tells the server where it is mounted. Tokens issued before are foreign from then on.
    pub fn set_base_url(&self, base: &str) {
        self.core.dials().base = base.trim_end_matches('/').to_owned();
    }

    /// The issuer of its tokens: the base URL with a slash at the end.
    pub fn issuer(&self) -> String {
        self.core.issuer()
    }

    /// Where to send what.
    pub fn endpoints(&self) -> Endpoints {
        self.core.endpoints()
    }

    /// Waits until there is a key to sign with. The first one of a process takes a moment.
    pub async fn ready(&self) {
        self.core.keys.signing().await;
    }

    /// The claims of a bearer token, with the word `Bearer` or without.
    ///
    /// # Errors
    /// The reason, when this server did not issue the token or does not stand by it any more.
    pub fn verify(&self, bearer: &str) -> Result<Arc<Claims>, Refused> {
        self.core.verify(bearer)
    }

    /// As a person: lets a device in.
    ///
    /// # Errors
    /// When there is no such user, or no device waits with this code.
    pub fn approve_device(&self, user_code: &str, user_id: &str) -> Result<(), Unknown> {
        self.core.decide(user_code, Decision::By(user_id.to_owned()))
    }

    /// As a person: refuses a device.
    ///
    /// # Errors
    /// When no device waits with this code.
    pub fn deny_device(&self, user_code: &str) -> Result<(), Unknown> {
        self.core.decide(user_code, Decision::Denied)
    }

    /// The devices that wait for a person, the oldest first.
    pub fn pending_devices(&self) -> Vec<PendingDevice> {
        self.core.pending_devices()
    }

    /// As a person with a browser: opens the page of an authorization request, chooses the account and allows.
    /// The answer is the address that the browser is sent to, with the code in it.
    ///
    /// # Errors
    /// When the server shows an error page in place of a redirect.
    pub async fn sign_in(&self, authorize_url: &str, user_id: &str) -> Result<String, NoRedirect> {
        self.fill_in(authorize_url, &[("user", user_id), ("decision", "allow")]).await
    }

    /// As a person with a browser: opens the page and says no.
    ///
    /// # Errors
    /// When the server shows an error page in place of a redirect.
    pub async fn decline(&self, authorize_url: &str) -> Result<String, NoRedirect> {
        self.fill_in(authorize_url, &[("decision", "deny")]).await
    }

    async fn fill_in(&self, authorize_url: &str, fields: &[(&str, &str)]) -> Result<String, NoRedirect> {
        let query = authorize_url.split_once('?').map_or("", |(_, query)| query);
        let page = self.handle(Request::get(&format!("/authorize?{query}"))).await;
        let text = page.text();
        let response = match text.split_once("name=\"ticket\" value=\"").and_then(|(_, rest)| rest.split_once('"')) {
            Some((ticket, _)) => {
                let fields: Vec<(&str, &str)> =
                    [("ticket", ticket)].into_iter().chain(fields.iter().copied()).collect();
                self.handle(Request::post("/u/login", &fields)).await
            }
            None => page,
        };
        response.header("location").map(str::to_owned).ok_or(NoRedirect { status: response.status })
    }

    /// As the operator: opens a session without a flow, such as for a refresh token that a test begins with.
    ///
    /// # Errors
    /// When there is no such user or client.
    pub async fn issue(&self, user_id: &str, client_id: &str, scope: &str) -> Result<Tokens, Unknown> {
        let grant = self.grant(user_id, client_id, scope)?;
        let key = self.core.keys.signing().await.ok_or(Unknown::Key)?;
        Ok(self.tokens(&key, &grant))
    }

    /// The same for those who may not await. Makes the key in this thread if it is not there yet.
    ///
    /// # Errors
    /// When there is no such user or client.
    pub fn issue_blocking(&self, user_id: &str, client_id: &str, scope: &str) -> Result<Tokens, Unknown> {
        let grant = self.grant(user_id, client_id, scope)?;
        let key = self.core.keys.signing_blocking().ok_or(Unknown::Key)?;
        Ok(self.tokens(&key, &grant))
    }

    fn grant(&self, user_id: &str, client_id: &str, scope: &str) -> Result<Grant, Unknown> {
        let settings = &self.core.settings;
        Ok(Grant {
            user_id: settings.user(user_id).ok_or(Unknown::User)?.id.clone(),
            client_id: settings.client(client_id).ok_or(Unknown::Client)?.id().to_owned(),
            scope: scope.to_owned(),
            audience: settings.audience(None).map_err(|_| Unknown::Audience)?.to_owned(),
        })
    }

    fn tokens(&self, key: &SigningKey, grant: &Grant) -> Tokens {
        let answer = self.core.token_answer(key, &self.core.open(grant)).json();
        let secret = |name: &str| answer.get(name).and_then(Value::as_str).map(Secret::from);
        Tokens {
            access_token: secret("access_token").unwrap_or_else(|| Secret::new("")),
            refresh_token: secret("refresh_token"),
            id_token: secret("id_token"),
            expires_in: self.core.settings.access_token_lifetime,
        }
    }

    /// As the operator: signs with a new key from now on. The old ones stay published.
    pub async fn rotate_keys(&self) {
        self.core.keys.rotate().await;
    }

    /// As the operator: publishes the newest key alone, so that tokens of the older ones stop verifying.
    pub fn forget_old_keys(&self) {
        self.core.keys.forget_old();
    }

    /// Any JWT with the server's signature (RS256, whatever the header says): for tokens that must not pass.
    /// A header without `kid` gets the right one.
    pub async fn sign(&self, mut header: Value, claims: Value) -> Option<String> {
        let key = self.core.keys.signing().await?;
        if let Some(header) = header.as_object_mut() {
            header.entry("kid").or_insert_with(|| key.kid().into());
        }
        jwt::write_with(&key, &header, &claims)
    }

    /// As the operator: ends all sessions of a user. How many that were.
    pub fn revoke_sessions_of(&self, user_id: &str) -> usize {
        let mut state = self.core.state();
        let open = state.sessions.values_mut().filter(|session| session.user_id == user_id && session.ended.is_none());
        open.map(|session| session.end(Ended::Revoked)).count()
    }

    /// The sessions, the oldest first.
    pub fn sessions(&self) -> Vec<Session> {
        self.core.state().sessions.values().cloned().collect()
    }

    /// What the next server needs to go on with these sessions: see [`Builder::resume`].
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.core.refresh_tokens, &self.core.state())
    }

    /// The same with the signing keys in use, so that access tokens outlive the restart, too: as long as the next server
    /// has the same issuer.
    pub fn snapshot_with_keys(&self) -> Snapshot {
        self.snapshot().with_keys(&self.core.keys)
    }

    /// Who can sign in.
    pub fn users(&self) -> &[User] {
        &self.core.settings.users
    }

    /// The user with this id.
    pub fn user(&self, id: &str) -> Option<&User> {
        self.core.settings.user(id)
    }

    /// The time here.
    pub fn now(&self) -> Timestamp {
        self.core.now()
    }

    /// Moves the time here ahead, on top of the clock.
    pub fn advance(&self, duration: Duration) {
        let mut dials = self.core.dials();
        dials.ahead = dials.ahead.saturating_add(duration);
    }

    /// How long every answer takes from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.core.dials().latency = latency;
    }

    /// Orders a fault. Of several that match a request, the one ordered first strikes.
    pub fn inject(&self, fault: Fault) {
        self.core.faults().push(fault);
    }

    /// No more faults.
    pub fn clear_faults(&self) {
        self.core.faults().clear();
    }

    /// How many requests came to this place, answered or not.
    pub fn requests(&self, endpoint: Endpoint) -> u64 {
        self.core.observed().requests(endpoint)
    }

    /// How many token requests of this kind came, answered or not.
    pub fn token_requests(&self, grant_type: GrantType) -> u64 {
        self.core.observed().grants(grant_type)
    }

    /// The last 1,000 requests that were answered, the oldest first.
    pub fn log(&self) -> Vec<Recorded> {
        self.core.observed().log()
    }
}

impl fmt::Debug for AuthorizationServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationServer")
            .field("base", &self.base_url())
            .field("served", &self.listener.is_some())
            .finish_non_exhaustive()
    }
}
