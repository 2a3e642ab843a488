//! The person at the machine: reads prompts, enters codes, uses a browser.

use std::{
    io,
    sync::{Arc, Mutex},
};

use aig_auth::{
    oauth::{Browser, SignInPrompt, SignInStep},
    testkit::AuthorizationServer,
};
use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::world::USER;

/// What a person does with a device code.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Answer {
    Approve,
    Deny,
    Nothing,
}

/// Remembers what was shown, and acts on it.
#[derive(Debug)]
pub(crate) struct Person {
    server: AuthorizationServer,
    answer: Answer,
    pasted: (mpsc::UnboundedSender<String>, tokio::sync::Mutex<mpsc::UnboundedReceiver<String>>),
    pub(crate) shown: Mutex<Vec<SignInStep>>,
}

impl Person {
    pub(crate) fn who(server: &AuthorizationServer, answer: Answer) -> Arc<Self> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let pasted = (sender, tokio::sync::Mutex::new(receiver));
        Arc::new(Self { server: server.clone(), answer, pasted, shown: Mutex::default() })
    }

    pub(crate) fn pastes(&self, text: impl Into<String>) {
        self.pasted.0.send(text.into()).unwrap();
    }

    /// The address that was shown to be opened.
    pub(crate) fn address(&self) -> Option<String> {
        self.shown.lock().unwrap().iter().find_map(|step| match step {
            SignInStep::OpenUrl { url, .. } => Some(url.clone()),
            _ => None,
        })
    }

    pub(crate) fn fallbacks(&self) -> usize {
        self.shown.lock().unwrap().iter().filter(|step| matches!(step, SignInStep::Fallback { .. })).count()
    }
}

#[async_trait]
impl SignInPrompt for Person {
    fn show(&self, step: &SignInStep) {
        self.shown.lock().unwrap().push(step.clone());
        let SignInStep::EnterCode { user_code, .. } = step else { return };
        match self.answer {
            Answer::Approve => self.server.approve_device(user_code, USER).unwrap(),
            Answer::Deny => self.server.deny_device(user_code).unwrap(),
            Answer::Nothing => {}
        }
    }

    async fn pasted(&self) -> String {
        self.pasted.1.lock().await.recv().await.unwrap()
    }
}

/// A browser that is there; the address is handed over to the test.
#[derive(Debug)]
pub(crate) struct TestBrowser {
    pub(crate) opened: mpsc::UnboundedSender<String>,
}

impl Browser for TestBrowser {
    fn open(&self, url: &str) -> io::Result<()> {
        self.opened.send(url.to_owned()).map_err(io::Error::other)
    }
}
