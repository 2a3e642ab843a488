//! The way to the platform: settings, the session on this machine, the client.

use std::{sync::Arc, time::Duration};

use aig_auth::{
    jwt::JwtVerifier,
    oauth::{Flow, OAuthProvider, SignInPrompt, SignInStep},
};
use aig_platform::{Client, sdk_metadata::Interface, settings::Settings, sign_in::SignIn};
use anyhow::Context as _;

use crate::{printer::Printer, text};

/// How long a refresh that goes on in the background may keep a command whose work is done: cut off, it could spend the
/// refresh token without keeping the next one.
const LAST_REFRESH: Duration = Duration::from_secs(5);

/// A client, and the session whose tokens it uses.
pub(crate) struct Platform {
    pub(crate) client: Client,
    pub(crate) session: Arc<OAuthProvider>,
    pub(crate) verifier: JwtVerifier,
}

impl Platform {
    /// As the environment of the process says. No network, nobody is asked.
    pub(crate) fn from_process(printer: &Printer) -> anyhow::Result<Self> {
        Self::with_flow(printer, Flow::Auto)
    }

    /// The same, with the flow that a sign-in will take.
    pub(crate) fn with_flow(printer: &Printer, flow: Flow) -> anyhow::Result<Self> {
        let settings = Settings::from_process()?;
        let prompt = Arc::new(TerminalPrompt { printer: printer.clone() });
        Self::open(settings, flow, prompt)
    }

    /// With settings and a prompt of the caller's own.
    pub(crate) fn open(settings: Settings, flow: Flow, prompt: Arc<dyn SignInPrompt>) -> anyhow::Result<Self> {
        let sign_in = SignIn::new(&settings).flow(flow).prompt(prompt);
        let verifier = sign_in.verifier().context("cannot set up the sign-in")?;
        let session = Arc::new(sign_in.build().context("cannot set up the sign-in")?);
        let client = Client::builder()
            .settings(settings)
            .token_provider(session.clone())
            .user_agent(concat!("aig/", env!("CARGO_PKG_VERSION")))
            .interface(Interface::Cli)
            .build()
            .context("cannot set up the client")?;
        Ok(Self { client, session, verifier })
    }

    /// Waits for a refresh that goes on in the background. The last thing that a command does with its session.
    pub(crate) async fn settle(&self) {
        self.session.settle(LAST_REFRESH).await;
    }

    /// Says that the session is gone when the process is, where it could not be written.
    pub(crate) fn warn_if_not_stored(&self, printer: &Printer) {
        if self.session.is_degraded() {
            let place = self.session.location();
            printer.warn(format_args!("the session cannot be stored in {place}: it ends with this command"));
        }
    }
}

/// Tells the person at the terminal what to do.
#[derive(Debug)]
struct TerminalPrompt {
    printer: Printer,
}

impl SignInPrompt for TerminalPrompt {
    fn show(&self, step: &SignInStep) {
        if let Some(words) = words(step) {
            self.printer.prompt(words);
        }
    }
}

/// What a person is to do. Addresses and codes come from a server: nothing in them may steer the terminal.
fn words(step: &SignInStep) -> Option<String> {
    let said = match step {
        SignInStep::OpenUrl { url, opened: true, .. } => {
            format!("Sign in in the browser. If no window opens, open this in one:\n  {}", text::plain(url))
        }
        SignInStep::OpenUrl { url, .. } => format!("Open this in a browser, and sign in:\n  {}", text::plain(url)),
        SignInStep::EnterCode { verification_uri, verification_uri_complete, user_code, expires_in, .. } => {
            let address = verification_uri_complete.as_ref().unwrap_or(verification_uri);
            format!(
                "Open this on any device, sign in, and check that it shows the code {}:\n  {}\nThe code is good for {}.",
                text::plain(user_code),
                text::plain(address),
                text::duration(*expires_in)
            )
        }
        SignInStep::Fallback { reason, .. } => text::plain(reason),
        _ => return None,
    };
    Some(said)
}
