//! Which way a person signs in: what was asked for, what the configuration allows, what the surroundings can do.

#[cfg(feature = "interactive")]
use super::{OAuthConfig, code, prompt::SignInStep, setup::SignIn};
use super::{device, flow::Flow, setup::Setup, wire::Granted};
use crate::AuthError;

/// Signs a person in: the tokens, and the client they were issued to when it is not the usual one.
pub(super) async fn run(setup: &Setup) -> Result<(Granted, Option<String>), AuthError> {
    let flow = setup.sign_in.flow;
    #[cfg(feature = "interactive")]
    return match flow {
        Flow::Device => by_device(setup).await,
        Flow::Browser => by_browser(setup).await,
        Flow::Auto => by_what_works(setup).await,
    };
    #[cfg(not(feature = "interactive"))]
    match flow {
        Flow::Auto | Flow::Device => by_device(setup).await,
    }
}

async fn by_device(setup: &Setup) -> Result<(Granted, Option<String>), AuthError> {
    let Some(endpoint) = &setup.config.device_endpoint else {
        return Err(AuthError::setup("the device flow is not configured: it needs a device endpoint"));
    };
    let client_id = setup.config.device_client_id.clone();
    let terms = setup.terms(client_id.as_deref());
    let granted = device::sign_in(terms, endpoint, &*setup.sign_in.prompt, &*setup.clock).await?;
    Ok((granted, client_id))
}

#[cfg(feature = "interactive")]
async fn by_browser(setup: &Setup) -> Result<(Granted, Option<String>), AuthError> {
    let Some(endpoint) = &setup.config.authorization_endpoint else {
        return Err(AuthError::setup("sign-in by browser is not configured: it needs an authorization endpoint"));
    };
    let SignIn { prompt, browser, .. } = &setup.sign_in;
    let stage = code::Stage { prompt: &**prompt, browser, clock: &*setup.clock };
    Ok((code::sign_in(setup.terms(None), endpoint, stage).await?, None))
}

#[cfg(feature = "interactive")]
async fn by_what_works(setup: &Setup) -> Result<(Granted, Option<String>), AuthError> {
    let OAuthConfig { authorization_endpoint: browser, device_endpoint: device, .. } = &setup.config;
    if browser.is_none() || device.is_none() {
        return if browser.is_some() { by_browser(setup).await } else { by_device(setup).await };
    }
    let reason = match setup.sign_in.browser.missing() {
        Some(reason) => reason,
        None => match by_browser(setup).await {
            Err(error) if error.is_setup() => error.to_string(),
            outcome => return outcome,
        },
    };
    setup.sign_in.prompt.show(&SignInStep::Fallback { reason });
    by_device(setup).await
}
