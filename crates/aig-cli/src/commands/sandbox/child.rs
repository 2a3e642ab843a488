//! Another program: started, told what signals say, and how it ended.

use std::io;

use tokio::process::{Child, Command};

use crate::{exit::Exit, failure::Failure};

pub(super) fn start(command: &mut Command) -> Result<Child, Failure> {
    command.spawn().map_err(|error| not_started(command, &error))
}

/// Waits for its end. Its exit code is ours, as a shell has it: 128 and the number of the signal that ended it.
pub(super) async fn wait(mut child: Child, mut signals: Signals) -> anyhow::Result<Exit> {
    loop {
        tokio::select! {
            status = child.wait() => return Ok(Exit::Command(code(status?))),
            signal = signals.next() => signal.pass_on(&child),
        }
    }
}

/// The codes of POSIX shells: 127 for what is not there, 126 for what cannot be run.
fn not_started(command: &Command, error: &io::Error) -> Failure {
    let name = command.as_std().get_program().to_string_lossy();
    let failed = |code, what: &str| Failure::new(Exit::Command(code), format!("cannot run `{name}`: {what}"));
    match error.kind() {
        io::ErrorKind::NotFound => failed(127, "there is no such command")
            .with_hint("check its spelling, the PATH, and its `#!` line if it is a script"),
        io::ErrorKind::PermissionDenied => failed(126, "it is not executable").with_hint("make it so with `chmod +x`"),
        _ => failed(126, &error.to_string()),
    }
}

#[cfg(unix)]
fn code(status: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(u8::MAX)
}

#[cfg(not(unix))]
fn code(status: std::process::ExitStatus) -> u8 {
    u8::try_from(status.code().unwrap_or(1)).unwrap_or(u8::MAX)
}

/// A signal that came.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    Interrupt,
    #[cfg(unix)]
    Terminate,
}

impl Signal {
    /// Tells the child, unless it has heard: Ctrl-C on a terminal goes to everybody in the foreground.
    #[cfg(unix)]
    fn pass_on(self, child: &Child) {
        use rustix::process::{Pid, Signal as Number, kill_process};
        let number = match self {
            Self::Interrupt if are_in_foreground() => return,
            Self::Interrupt => Number::INT,
            Self::Terminate => Number::TERM,
        };
        let pid = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        // A child that has just ended needs no signal.
        let _ = pid.map(|pid| kill_process(pid, number));
    }

    /// The console has told the child.
    #[cfg(not(unix))]
    fn pass_on(self, _: &Child) {}
}

/// Whether we, and with us the child, are who a terminal sends Ctrl-C to.
#[cfg(unix)]
fn are_in_foreground() -> bool {
    let Ok(terminal) = std::fs::File::open("/dev/tty") else { return false };
    rustix::termios::tcgetpgrp(terminal).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Signals that end a program, heard by us and meant for the child.
#[cfg(unix)]
pub(super) struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn open() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Signal::Interrupt,
            Err(_) => std::future::pending().await,
        }
    }
}
