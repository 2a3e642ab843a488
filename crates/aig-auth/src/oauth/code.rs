//! Sign-in by browser: authorization code (RFC 6749 section 4.1) with PKCE (RFC 7636), back over loopback.

use std::{sync::Arc, time::Duration};

use oauth2::{AuthUrl, CsrfToken, PkceCodeChallenge, RedirectUrl};
use url::Url;

use super::{
    browser::Browser,
    callback::{Callback, Expected},
    config::{CallbackIssuer, OAuthConfig},
    grants::{self, Terms},
    loopback::Loopback,
    prompt::{SignInPrompt, SignInStep},
    wire::{GrantFault, Granted},
};
use crate::{AuthError, AuthErrorKind, Clock, Recovery, random};

/// How long a person may take in the browser.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

/// What surrounds a sign-in by browser.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stage<'a> {
    pub(super) prompt: &'a dyn SignInPrompt,
    pub(super) browser: &'a Arc<dyn Browser>,
    pub(super) clock: &'a dyn Clock,
}

/// A browser that is on its way, and what will be needed when it comes back.
struct Departure {
    loopback: Loopback,
    state: String,
    verifier: oauth2::PkceCodeVerifier,
    url: Url,
}

/// Signs a person in with a browser.
pub(super) async fn sign_in(terms: Terms<'_>, endpoint: &Url, stage: Stage<'_>) -> Result<Granted, AuthError> {
    let departure = depart(terms, endpoint).await?;
    let opened = open(stage.browser.clone(), departure.url.to_string()).await;
    stage.prompt.show(&SignInStep::OpenUrl { url: departure.url.to_string(), opened });
    let code = arrival(terms.config, &departure, stage).await?;
    let Departure { loopback, verifier, .. } = departure;
    let redirect = loopback.redirect().clone();
    drop(loopback);
    let terms = Terms { now: stage.clock.now(), ..terms };
    grants::code(terms, code, verifier, &redirect).await.map_err(GrantFault::into_error)
}

async fn depart(terms: Terms<'_>, endpoint: &Url) -> Result<Departure, AuthError> {
    let loopback = Loopback::open(terms.config.redirect_uri.as_ref()).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let state = random::token().map_err(|error| {
        AuthError::new(AuthErrorKind::Source, Recovery::Fail, "this machine has no source of randomness")
            .with_source(error)
    })?;
    let url = address(terms, endpoint, loopback.redirect(), challenge, state.clone());
    Ok(Departure { loopback, state, verifier, url })
}

fn address(terms: Terms<'_>, endpoint: &Url, redirect: &Url, challenge: PkceCodeChallenge, state: String) -> Url {
    let client = terms
        .client()
        .set_auth_uri(AuthUrl::from_url(endpoint.clone()))
        .set_redirect_uri(RedirectUrl::from_url(redirect.clone()));
    let config = terms.config;
    let named = [("audience", &config.audience), ("organization", &config.organization)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
    let more = config.authorize_parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let request =
        client.authorize_url(|| CsrfToken::new(state)).add_scopes(terms.scopes()).set_pkce_challenge(challenge);
    named.chain(more).fold(request, |request, (name, value)| request.add_extra_param(name, value)).url().0
}

/// Starting a program may block: on a text browser, for as long as somebody reads.
async fn open(browser: Arc<dyn Browser>, url: String) -> bool {
    let opened = tokio::task::spawn_blocking(move || browser.missing().is_none() && browser.open(&url).is_ok());
    tokio::time::timeout(Duration::from_secs(3), opened).await.is_ok_and(|opened| opened.unwrap_or(false))
}

/// The code, by whichever way it comes first.
async fn arrival(config: &OAuthConfig, departure: &Departure, stage: Stage<'_>) -> Result<String, AuthError> {
    let expected = Expected {
        redirect: departure.loopback.redirect(),
        state: &departure.state,
        issuer: &config.issuer,
        issuer_required: config.callback_issuer == CallbackIssuer::Required,
    };
    let callback = tokio::select! {
        callback = departure.loopback.wait(&expected) => callback,
        callback = pasted(&expected, stage.prompt) => callback,
        () = stage.clock.sleep(LONGEST_WAIT) => return Err(too_late()),
    };
    match callback {
        Callback::Code(code) => Ok(code),
        Callback::Refused(code) => Err(GrantFault::Refused { code }.into_error()),
        Callback::Noise => Err(too_late()),
    }
}

async fn pasted(expected: &Expected<'_>, prompt: &dyn SignInPrompt) -> Callback {
    loop {
        match expected.pasted(&prompt.pasted().await) {
            Callback::Noise => {
                let reason = "this is not the address that the browser ended at: copy all of it".into();
                prompt.show(&SignInStep::Fallback { reason });
            }
            callback => return callback,
        }
    }
}

fn too_late() -> AuthError {
    let message = "the sign-in in the browser was not finished in time: start it again";
    AuthError::new(AuthErrorKind::TimedOut, Recovery::Fail, message)
}
