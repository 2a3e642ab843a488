//! The way to the platform: settings, the session on this machine, the client.

use std::sync::Arc;

use aig_auth::{Flow, SignInPrompt, SignInStep};
use aig_platform::{
    Client, Interface, Settings,
    sign_in::{Session, SignIn},
};
use anyhow::Context as _;

use crate::{printer::Printer, text};

/// A client, and the session whose tokens it uses.
pub(crate) struct Platform {
    pub(crate) client: Client,
    pub(crate) session: Session,
    pub(crate) settings: Settings,
}

impl Platform {
    /// As the environment of the process says. No network, nobody is asked.
    pub(crate) fn from_process(printer: &Printer) -> anyhow::Result<Self> {
        Self::with_flow(printer, Flow::Auto)
    }

    /// The same, with the flow that a sign-in will take.
    pub(crate) fn with_flow(printer: &Printer, flow: Flow) -> anyhow::Result<Self> {
        let settings = Settings::from_process().map_err(aig_platform::Error::from)?;
        let prompt = Arc::new(TerminalPrompt { printer: printer.clone() });
        Self::open(printer, settings, flow, prompt)
    }

    /// With settings and a prompt of the caller's own.
    pub(crate) fn open(
        printer: &Printer,
        settings: Settings,
        flow: Flow,
        prompt: Arc<dyn SignInPrompt>,
    ) -> anyhow::Result<Self> {
        let session = SignIn::new(&settings).flow(flow).prompt(prompt).build().context("cannot set up the sign-in")?;
        for warning in session.warnings() {
            printer.warn(warning);
        }
        let client = Client::builder()
            .settings(settings.clone())
            .token_provider(session.provider())
            .user_agent_suffix(concat!("aig-cli/", env!("CARGO_PKG_VERSION")))
            .interface(Interface::Cli)
            .build()
            .context("cannot set up the client")?;
        Ok(Self { client, session, settings })
    }
}

/// Tells the person at the terminal what to do.
#[derive(Debug)]
struct TerminalPrompt {
    printer: Printer,
}

impl SignInPrompt for TerminalPrompt {
    fn show(&self, step: &SignInStep) {
        match step {
            SignInStep::OpenUrl { url, opened: true } => {
                self.printer
                    .prompt(format_args!("Sign in in the browser window that has opened. If none has, open:\n  {url}"));
            }
            SignInStep::OpenUrl { url, opened: false } => {
                self.printer.prompt(format_args!("Open this in a browser, and sign in:\n  {url}"));
            }
            SignInStep::EnterCode { verification_uri, verification_uri_complete, user_code, expires_in } => {
                let address = verification_uri_complete.as_ref().unwrap_or(verification_uri);
                self.printer.prompt(format_args!(
                    "Open this on any device, sign in, and check that it shows the code {user_code}:\n  {address}\n\
                     The code is good for {}.",
                    text::duration(*expires_in)
                ));
            }
            SignInStep::Fallback { reason } => self.printer.prompt(reason),
            _ => {}
        }
    }
}
