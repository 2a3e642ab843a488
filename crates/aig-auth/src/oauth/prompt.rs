//! How a sign-in speaks to the person: this crate never prints.

use std::{fmt, future, time::Duration};

use async_trait::async_trait;

/// Shows a person what to do. Implemented by whoever owns the terminal or the window.
#[async_trait]
pub trait SignInPrompt: fmt::Debug + Send + Sync {
    /// Shows a step. The texts come from a server: escape what a terminal would obey.
    fn show(&self, step: &SignInStep);

    /// The address that the browser ended at, pasted by a person whose browser cannot reach this machine. Never ends
    /// where nothing can be pasted, which is the default.
    async fn pasted(&self) -> String {
        future::pending().await
    }
}

/// What a person is asked to do, or told.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInStep {
    /// Sign in at this address. Always shown: a browser that was started may show nothing.
    #[non_exhaustive]
    OpenUrl {
        /// The address.
        url: String,
        /// Whether a browser was asked to open it.
        opened: bool,
    },
    /// Enter this code at this address, on any device. Whoever did not ask for a sign-in must not.
    #[non_exhaustive]
    EnterCode {
        /// The address.
        verification_uri: String,
        /// The address with the code in it, for a link or a QR code; the code is shown all the same.
        verification_uri_complete: Option<String>,
        /// The code.
        user_code: String,
        /// How long the code is good.
        expires_in: Duration,
    },
    /// One way does not work here; another is tried.
    #[non_exhaustive]
    Fallback {
        /// What does not work.
        reason: String,
    },
}

/// The address of a browser sign-in holds its `state`; a device address may hold the code.
impl fmt::Debug for SignInStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenUrl { .. } => "OpenUrl { .. }",
            Self::EnterCode { .. } => "EnterCode { .. }",
            Self::Fallback { .. } => "Fallback { .. }",
        })
    }
}

/// Shows nothing: for sessions that are never signed in to from here.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilentPrompt;

#[async_trait]
impl SignInPrompt for SilentPrompt {
    fn show(&self, _: &SignInStep) {}
}
