//! `/oauth/token`: every grant ends in one answer with tokens.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Client, GrantType, Request, Response, client,
    core::Core,
    error::OAuthError,
    params::Params,
    session::{Ended, Grant, Session},
    state::{Code, Spent},
    tokens::{Issue, Subject},
};

impl Core {
    /// The key comes first: once a grant is used up, nothing waits any more, so a caller that goes away loses nothing.
    pub(super) async fn token(&self, request: &Request, params: &Params) -> Response {
        let Some(key) = self.keys.signing().await else {
            return Response::of_json(500, &json!({ "error": "server_error" }));
        };
        match self.grant(request, params) {
            Ok(issue) => self.token_answer(&key, &issue),
            Err(error) => error.answer(self.settings.dialect),
        }
    }

    fn grant(&self, request: &Request, params: &Params) -> Result<Issue, OAuthError> {
        params.check()?;
        let grant_type = params.require("grant_type", "grant_type is missing")?;
        let client = client::authenticate(&self.settings.clients, params, request.header("authorization"))?;
        match GrantType::parse(grant_type) {
            GrantType::AuthorizationCode => self.redeem(client, params),
            GrantType::DeviceCode => Ok(self.open(&self.poll_device(client, params)?)),
            GrantType::RefreshToken => self.refresh(client, params),
            GrantType::ClientCredentials => self.credentials(client, params),
            GrantType::Other => Err(OAuthError::unsupported_grant_type("this grant type is not offered")),
        }
    }

    /// RFC 6749 section 4.1.3 and RFC 7636 section 4.6.
    fn redeem(&self, client: &Client, params: &Params) -> Result<Issue, OAuthError> {
        let text = params.require("code", "code is missing")?;
        let now = self.now();
        let mut state = self.state();
        let code = state.codes.get_mut(text).ok_or(OAuthError::invalid_grant("the code is not known"))?;
        if let Spent::For(session) = code.spent.clone() {
            state.sessions.get_mut(&session).into_iter().for_each(|session| session.end(Ended::CodeReplayed));
            return Err(OAuthError::invalid_grant("the code was used before, so what came of it is revoked"));
        }
        if now >= code.expires_at {
            return Err(OAuthError::invalid_grant("the code has expired"));
        }
        code.belongs_to(client, params)?;
        let mut session = Session::begin(&code.grant, now, self.settings.session_lifetime);
        code.spent = Spent::For(session.id.clone());
        let nonce = code.nonce.clone();
        let issue = Issue { nonce, ..self.first_issue(&mut session) };
        state.sessions.insert(session.id.clone(), session);
        Ok(issue)
    }

    /// A session, and its first tokens.
    pub(super) fn open(&self, grant: &Grant) -> Issue {
        let mut session = Session::begin(grant, self.now(), self.settings.session_lifetime);
        let issue = self.first_issue(&mut session);
        self.state().sessions.insert(session.id.clone(), session);
        issue
    }

    /// A refresh token comes only to those who asked for `offline_access` (OpenID Connect Core section 11).
    fn first_issue(&self, session: &mut Session) -> Issue {
        let offline = session.scope.split(' ').any(|element| element == "offline_access");
        let refresh_token = offline.then(|| self.refresh_tokens.write(session));
        Issue { refresh_token, ..Issue::of(session, session.scope.clone()) }
    }

    /// RFC 6749 section 6.
    fn refresh(&self, client: &Client, params: &Params) -> Result<Issue, OAuthError> {
        let presented = params.require("refresh_token", "refresh_token is missing")?;
        let unknown = OAuthError::invalid_grant("the refresh token is not known");
        let (id, generation) = self.refresh_tokens.read(presented).ok_or(unknown)?;
        let now = self.now();
        let mut state = self.state();
        let session = state.sessions.get_mut(&id).filter(|session| session.client_id == client.id()).ok_or(unknown)?;
        let scope = narrowed(&session.scope, params.get("scope"))?;
        let rotation = self.settings.rotation_for(client.id());
        session.present(generation, rotation, now)?;
        let refresh_token = rotation.replaces().then(|| self.refresh_tokens.write(session));
        Ok(Issue { refresh_token, ..Issue::of(session, scope) })
    }

    /// RFC 6749 section 4.4.
    fn credentials(&self, client: &Client, params: &Params) -> Result<Issue, OAuthError> {
        if !client.is_confidential() {
            return Err(OAuthError::unauthorized_client("a public client has no credentials of its own"));
        }
        Ok(Issue {
            subject: Subject::Client,
            client_id: client.id().to_owned(),
            scope: params.text("scope").to_owned(),
            audience: self.settings.audience(params.get("audience"))?.to_owned(),
            session: None,
            refresh_token: None,
            nonce: None,
        })
    }
}

impl Code {
    /// A wrong verifier spends the code, so that nobody can try twice.
    fn belongs_to(&mut self, client: &Client, params: &Params) -> Result<(), OAuthError> {
        if matches!(self.spent, Spent::InVain) {
            return Err(OAuthError::invalid_grant("the code was presented before with a wrong verifier"));
        }
        if self.grant.client_id != client.id() {
            return Err(OAuthError::invalid_grant("the code was issued to another client"));
        }
        if params.text("redirect_uri") != self.redirect_uri {
            return Err(OAuthError::invalid_grant("redirect_uri differs from the one of the authorization request"));
        }
        let verifier = params.require("code_verifier", "code_verifier is missing")?;
        if !is_verifier(verifier) || URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != self.challenge {
            self.spent = Spent::InVain;
            return Err(OAuthError::invalid_grant("code_verifier does not match the code_challenge"));
        }
        Ok(())
    }
}

/// RFC 7636 section 4.1.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// A refresh may ask for less than was allowed, never for more.
fn narrowed(allowed: &str, asked: Option<&str>) -> Result<String, OAuthError> {
    let Some(asked) = asked else { return Ok(allowed.to_owned()) };
    let within = asked.split_ascii_whitespace().all(|element| allowed.split(' ').any(|own| own == element));
    if within {
        Ok(asked.to_owned())
    } else {
        Err(OAuthError::invalid_scope("the scope is wider than what was allowed"))
    }
}
