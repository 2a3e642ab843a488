//! Which way a person signs in: what was asked for, what the configuration allows, what the surroundings can do.

use std::sync::Arc;

#[cfg(feature = "interactive")]
use super::{OAuthConfig, browser::Browser, code, prompt::SignInStep};
use super::{device, prompt::SignInPrompt, source::SessionSource, wire::Granted};
use crate::AuthError;

/// The way of a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Flow {
    /// By browser where there is one and it is configured, else by device code; the other one when the first cannot
    /// even start.
    #[default]
    Auto,
    /// By browser. The address is shown, so a browser elsewhere does, too, if what it ends at is pasted.
    #[cfg(feature = "interactive")]
    Browser,
    /// By device code.
    Device,
}

/// Who speaks to the person, and by which way.
#[derive(Debug)]
pub(super) struct SignIn {
    pub(super) flow: Flow,
    pub(super) prompt: Arc<dyn SignInPrompt>,
    #[cfg(feature = "interactive")]
    pub(super) browser: Arc<dyn Browser>,
}

/// Signs a person in: the tokens, and the client they were issued to when it is not the usual one.
pub(super) async fn run(source: &SessionSource) -> Result<(Granted, Option<String>), AuthError> {
    let flow = source.setup.sign_in.flow;
    #[cfg(feature = "interactive")]
    return match flow {
        Flow::Device => by_device(source).await,
        Flow::Browser => by_browser(source).await,
        Flow::Auto => by_what_works(source).await,
    };
    #[cfg(not(feature = "interactive"))]
    match flow {
        Flow::Auto | Flow::Device => by_device(source).await,
    }
}

async fn by_device(source: &SessionSource) -> Result<(Granted, Option<String>), AuthError> {
    let setup = &source.setup;
    let Some(endpoint) = &setup.config.device_endpoint else {
        return Err(AuthError::setup("the device flow is not configured: it needs a device endpoint"));
    };
    let client_id = setup.config.device_client_id.clone();
    let terms = source.terms(client_id.as_deref());
    let granted = device::sign_in(terms, endpoint, &*setup.sign_in.prompt, &*setup.clock).await?;
    Ok((granted, client_id))
}

#[cfg(feature = "interactive")]
async fn by_browser(source: &SessionSource) -> Result<(Granted, Option<String>), AuthError> {
    let setup = &source.setup;
    let Some(endpoint) = &setup.config.authorization_endpoint else {
        return Err(AuthError::setup("sign-in by browser is not configured: it needs an authorization endpoint"));
    };
    let SignIn { prompt, browser, .. } = &setup.sign_in;
    let stage = code::Stage { prompt: &**prompt, browser, clock: &*setup.clock };
    Ok((code::sign_in(source.terms(None), endpoint, stage).await?, None))
}

#[cfg(feature = "interactive")]
async fn by_what_works(source: &SessionSource) -> Result<(Granted, Option<String>), AuthError> {
    let OAuthConfig { authorization_endpoint: browser, device_endpoint: device, .. } = &source.setup.config;
    if browser.is_none() || device.is_none() {
        return if browser.is_some() { by_browser(source).await } else { by_device(source).await };
    }
    let reason = match source.setup.sign_in.browser.missing() {
        Some(reason) => reason,
        None => match by_browser(source).await {
            Err(error) if error.is_setup() => error.to_string(),
            outcome => return outcome,
        },
    };
    source.setup.sign_in.prompt.show(&SignInStep::Fallback { reason });
    by_device(source).await
}
