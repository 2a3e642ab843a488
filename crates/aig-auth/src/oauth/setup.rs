//! What a session is made of: configuration, store, clock, and who speaks to the person.

use std::sync::Arc;

#[cfg(feature = "interactive")]
use super::browser::Browser;
use super::{flow::Flow, grants::Terms, prompt::SignInPrompt};
use crate::{
    Clock, Secret, TokenVerifier,
    oauth::{HttpClient, OAuthConfig},
    session::Resilient,
};

/// All that a session needs to live.
#[derive(Debug)]
pub(super) struct Setup {
    pub(super) config: OAuthConfig,
    pub(super) http: HttpClient,
    pub(super) store: Resilient,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) seed: Option<Secret>,
    pub(super) verifier: Option<Arc<dyn TokenVerifier>>,
    pub(super) sign_in: SignIn,
}

/// Who speaks to the person, and by which way.
#[derive(Debug)]
pub(super) struct SignIn {
    pub(super) flow: Flow,
    pub(super) prompt: Arc<dyn SignInPrompt>,
    #[cfg(feature = "interactive")]
    pub(super) browser: Arc<dyn Browser>,
}

impl Setup {
    /// The terms of a request for this client, or for the usual one.
    pub(super) fn terms<'a>(&'a self, client_id: Option<&'a str>) -> Terms<'a> {
        let Self { config, http, clock, .. } = self;
        Terms { config, http, client_id: client_id.unwrap_or(&config.client_id), now: clock.now() }
    }
}
