//! A sign-in prompt that tells the demo what it would show a person.

use aig_auth::oauth::{SignInPrompt, SignInStep};
use tokio::sync::mpsc;

/// What a person would be shown.
#[derive(Debug)]
pub(super) struct Announced {
    pub(super) user_code: String,
    pub(super) verification_uri: String,
}

/// Passes the code on to the demo instead of to a person.
#[derive(Debug)]
pub(super) struct Announcer {
    codes: mpsc::UnboundedSender<Announced>,
}

impl Announcer {
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Announced>) {
        let (codes, announced) = mpsc::unbounded_channel();
        (Self { codes }, announced)
    }
}

impl SignInPrompt for Announcer {
    fn show(&self, step: &SignInStep) {
        if let SignInStep::EnterCode { verification_uri, user_code, .. } = step {
            let announced = Announced { user_code: user_code.clone(), verification_uri: verification_uri.clone() };
            // Without a receiver the demo has ended, and nobody waits for the code.
            let _ = self.codes.send(announced);
        }
    }
}
