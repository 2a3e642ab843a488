//! The sign-in of the demo: device authorization, where the demo itself plays the person who approves.

use serde::Serialize;

use super::{announcer::Announced, scribe::Scribe, stage::Stage};
use crate::{commands::login::Person, text};

/// The sign-in as the story tells it: no token, no code that still works.
#[derive(Debug, Serialize)]
pub(super) struct SignInFacts {
    flow: &'static str,
    approved_by: &'static str,
    issuer: String,
    subject: String,
    token_verified: bool,
    #[serde(flatten)]
    person: Person,
}

pub(super) async fn sign_in(stage: &Stage, scribe: &mut Scribe) -> anyhow::Result<SignInFacts> {
    scribe.step("sign_in", "Sign-in by device authorization (RFC 8628)");
    let session = &stage.platform.session;
    let token = tokio::select! {
        token = session.sign_in() => token?,
        outcome = approve(stage, scribe) => return Err(outcome),
    };
    let claims = stage.platform.verifier.verify(token.expose()).await?;
    let me = stage.platform.client.me().await?;
    let person = Person::new(&me, token.expires_at());
    scribe.say("token verified: signature (RS256, JWKS of the sandbox), issuer, audience, expiry");
    scribe.say(format_args!("signed in as {}", person.sentence()));
    if !session.is_degraded() {
        scribe.say(format_args!("session stored in {}", session.location()));
    }
    stage.platform.warn_if_not_stored(scribe.printer());
    Ok(SignInFacts {
        flow: "device_authorization",
        approved_by: "the demo itself",
        issuer: claims.issuer.clone(),
        subject: claims.subject.clone(),
        token_verified: true,
        person,
    })
}

/// Approves each code that is shown; ends only when that fails.
async fn approve(stage: &Stage, scribe: &Scribe) -> anyhow::Error {
    let mut announced = stage.announced.lock().await;
    while let Some(Announced { user_code, verification_uri }) = announced.recv().await {
        scribe.say(format_args!("code {} at {}", text::plain(&user_code), text::plain(&verification_uri)));
        if let Err(error) = stage.sandbox.approve_device(&user_code).await {
            return error.into();
        }
        scribe.say("approved by this demo itself; on the live platform a person does that in a browser");
    }
    std::future::pending().await
}
