//! Signals: the first one stops the job cleanly, the second one at once.

use std::future::Future;

use anyhow::Context;
use tokio::sync::watch;

use crate::{exit::Exit, failure::Failure};

/// Tells whoever waits that a person, or the system, wants the job to stop.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    signal: watch::Receiver<Option<Exit>>,
}

impl Interrupt {
    /// Starts to listen. Ctrl-C is [`Exit::Interrupted`], SIGTERM is [`Exit::Terminated`].
    pub(crate) fn listen() -> anyhow::Result<Self> {
        let (sender, signal) = watch::channel(None);
        let mut signals = Signals::open().context("cannot listen for signals")?;
        tokio::spawn(async move {
            sender.send_replace(Some(signals.next().await));
            leave_now(signals.next().await);
        });
        Ok(Self { signal })
    }

    /// Resolves when the job is to stop, with the way the process will end.
    pub(crate) async fn raised(&self) -> Exit {
        let mut signal = self.signal.clone();
        loop {
            if let Some(exit) = *signal.borrow_and_update() {
                return exit;
            }
            if signal.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Runs `job` until it ends or a signal comes; then the job is dropped where it stands.
    pub(crate) async fn guard<T>(&self, job: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        tokio::select! {
            outcome = job => outcome,
            exit = self.raised() => Err(stopped(exit).into()),
        }
    }
}

fn stopped(exit: Exit) -> Failure {
    Failure::new(exit, if exit == Exit::Terminated { "terminated" } else { "interrupted" })
}

/// The same failure with what to do next, when it comes from a signal.
pub(crate) fn advised(error: anyhow::Error, advice: Option<String>) -> anyhow::Error {
    match (error.downcast::<Failure>(), advice) {
        (Ok(failure), Some(advice)) if failure.is_stop() => failure.with_hint(advice).into(),
        (Ok(failure), _) => failure.into(),
        (Err(error), _) => error,
    }
}

#[expect(clippy::exit, reason = "the second signal means now: nothing is waited for and nothing is cleaned up")]
fn leave_now(exit: Exit) {
    std::process::exit(exit.code().into());
}

/// The streams of signals, opened once, so that none is lost between two of them.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn open() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn open() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Exit {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Interrupted,
            Err(_) => std::future::pending().await,
        }
    }
}
