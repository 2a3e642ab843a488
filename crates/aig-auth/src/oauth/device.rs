//! Device authorization (RFC 8628): a code for the person, and patience.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use oauth2::{DeviceAuthorizationUrl, StandardDeviceAuthorizationResponse};
use url::Url;

use super::{
    grants::Terms,
    prompt::{SignInPrompt, SignInStep},
    wire::{GrantFault, Granted, Wire},
};
use crate::{AuthError, AuthErrorKind, Clock, Recovery, http::is_secure};

/// A longer interval is a mistake: nobody would wait for it.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);
/// A device code does not live for ever, whatever the server says.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// Signs a person in by a code that is entered on another device.
pub(super) async fn sign_in(
    terms: Terms<'_>,
    endpoint: &Url,
    prompt: &dyn SignInPrompt,
    clock: &dyn Clock,
) -> Result<Granted, AuthError> {
    let codes = authorize(terms, endpoint).await.map_err(GrantFault::into_error)?;
    let deadline = codes.expires_in().min(LONGEST_WAIT);
    prompt.show(&step(&codes, deadline)?);
    tokio::select! {
        granted = poll(terms, &codes, clock) => granted.map_err(GrantFault::into_error),
        () = clock.sleep(deadline) => Err(too_late()),
    }
}

async fn authorize(terms: Terms<'_>, endpoint: &Url) -> Result<StandardDeviceAuthorizationResponse, GrantFault> {
    let client = terms.client().set_device_authorization_url(DeviceAuthorizationUrl::from_url(endpoint.clone()));
    let mut request = client.exchange_device_code().add_scopes(terms.scopes());
    if let Some(audience) = &terms.config.audience {
        request = request.add_extra_param("audience", audience.as_str());
    }
    Ok(request.request_async(&Wire::new(terms.http)).await?)
}

/// Asks until there is an answer. The first question comes after a wait (RFC 8628 section 3.5); `slow_down` and lost
/// connections make the waits longer.
async fn poll(
    terms: Terms<'_>,
    codes: &StandardDeviceAuthorizationResponse,
    clock: &dyn Clock,
) -> Result<Granted, GrantFault> {
    let asked_at = Mutex::new(clock.now());
    let pause = |wait: Duration| {
        let asked_at = &asked_at;
        async move {
            clock.sleep(wait.min(LONGEST_INTERVAL)).await;
            *asked_at.lock().unwrap_or_else(PoisonError::into_inner) = clock.now();
        }
    };
    pause(codes.interval()).await;
    let client = terms.client();
    let request = client.exchange_device_access_token(codes).set_max_backoff_interval(LONGEST_INTERVAL);
    let answer = request.request_async(&Wire::new(terms.http), pause, Some(LONGEST_WAIT * 2)).await?;
    let asked_at = *asked_at.lock().unwrap_or_else(PoisonError::into_inner);
    Granted::read(&answer, asked_at)
}

pub(crate) fn step(codes: &StandardDeviceAuthorizationResponse, expires_in: Duration) -> Result<SignInStep, AuthError> {
    let uri = codes.verification_uri().as_str();
    if !safe(uri) {
        return Err(unsafe_address());
    }
    let complete = codes.verification_uri_complete().map(|uri| uri.secret().clone()).filter(|uri| safe(uri));
    Ok(SignInStep::EnterCode {
        verification_uri: uri.to_owned(),
        verification_uri_complete: complete,
        user_code: codes.user_code().secret().chars().filter(|character| !character.is_control()).collect(),
        expires_in,
    })
}

/// A page that a person can be sent to: `https`, nothing that starts a program, nothing that a terminal would obey.
fn safe(uri: &str) -> bool {
    let plain = uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    plain && Url::parse(uri).is_ok_and(|url| is_secure(&url) && url.username().is_empty())
}

fn unsafe_address() -> AuthError {
    let message = "the authorization server sends people to an address that is not https";
    AuthError::new(AuthErrorKind::Protocol, Recovery::Fail, message)
}

fn too_late() -> AuthError {
    let message = "the code was not entered in time: start the sign-in again";
    AuthError::new(AuthErrorKind::TimedOut, Recovery::Fail, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_to_web_pages_alone() {
        assert!(safe("https://login.example.com/activate?user_code=ABCD"));
        assert!(safe("http://127.0.0.1:8080/activate"));
        for bad in [
            "http://login.example.com/activate",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "smb://host/share",
            "https://user@login.example.com/",
            "https://login.example.com/\" --flag",
            "https://login.example.com/\u{1b}[2J",
            "https://login.example.com/ --flag",
            "--flag",
            "",
        ] {
            assert!(!safe(bad), "{bad}");
        }
    }
}
