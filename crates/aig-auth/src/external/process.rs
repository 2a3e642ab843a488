//! Running a program for what it prints: no shell, nothing left behind, nothing read without an end.

use std::{ffi::OsString, fmt, io, process::Stdio};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, Command},
};
use zeroize::Zeroizing;

use crate::Secret;

/// What to run.
#[derive(Clone)]
pub(super) struct Program {
    pub(super) path: OsString,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(OsString, Secret)>,
}

/// What came of it.
pub(super) struct Printed {
    pub(super) ending: Ending,
    pub(super) stdout: Zeroizing<Vec<u8>>,
    /// The end of it, fit to be shown.
    pub(super) stderr: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Success,
    Code(i32),
    /// By a signal, where the system has them.
    Killed,
}

#[derive(Debug)]
pub(super) enum ProcessFault {
    NotStarted(io::Error),
    /// More than [`LARGEST_OUTPUT`].
    TooMuch,
    Broken(io::Error),
}

/// A token with all that may be around it is a few KiB; an `ExecCredential` with certificates some more.
pub(super) const LARGEST_OUTPUT: u64 = 256 * 1024;

impl Program {
    /// Runs to the end. When the future is dropped before that, the program and its children are killed.
    pub(super) async fn run(&self) -> Result<Printed, ProcessFault> {
        let mut running = Running::start(self.command())?;
        let (stdout, stderr) = (running.child.stdout.take(), running.child.stderr.take());
        let (stdout, stderr) = tokio::try_join!(all_of(stdout), end_of(stderr))?;
        // Waited for last: until then the program's id cannot become somebody else's.
        let status = running.child.wait().await.map_err(ProcessFault::Broken)?;
        running.group.spare();
        let ending = match status.code() {
            Some(0) => Ending::Success,
            Some(code) => Ending::Code(code),
            None => Ending::Killed,
        };
        Ok(Printed { ending, stdout, stderr })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command
            .args(&self.arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value.expose())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        command
    }
}

impl fmt::Debug for Program {
    /// Arguments and values may be secrets; the program and the names are not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.environment.iter().map(|(name, _)| name).collect();
        f.debug_struct("Program")
            .field("path", &self.path)
            .field("arguments", &format_args!("{} of them", self.arguments.len()))
            .field("environment", &names)
            .finish()
    }
}

/// The group goes before the child: while the child is not waited for, its id is the group's.
struct Running {
    group: Group,
    child: Child,
}

impl Running {
    fn start(mut command: Command) -> Result<Self, ProcessFault> {
        let child = command.spawn().map_err(ProcessFault::NotStarted)?;
        Ok(Self { group: Group::of(&child), child })
    }
}

/// The program with its children, killed when this is dropped. Where there are no process groups, the program alone is
/// killed, by its handle.
#[cfg(unix)]
struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(rustix::process::Pid::from_raw))
    }

    fn spare(&mut self) {
        self.0 = None;
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(not(unix))]
struct Group;

#[cfg(not(unix))]
impl Group {
    fn of(_: &Child) -> Self {
        Self
    }

    fn spare(&mut self) {}
}

async fn all_of(from: Option<impl AsyncRead + Unpin>) -> Result<Zeroizing<Vec<u8>>, ProcessFault> {
    // Large enough for any token, so that a growing buffer leaves no copy of it behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
    let Some(from) = from else { return Ok(bytes) };
    from.take(LARGEST_OUTPUT + 1).read_to_end(&mut bytes).await.map_err(ProcessFault::Broken)?;
    if bytes.len() as u64 > LARGEST_OUTPUT { Err(ProcessFault::TooMuch) } else { Ok(bytes) }
}

/// The last words of `from`: why a program failed stands at the end.
async fn end_of(from: Option<impl AsyncRead + Unpin>) -> Result<String, ProcessFault> {
    const KEPT: usize = 2 * 1024;
    let (mut end, mut chunk) = (Vec::new(), vec![0; KEPT]);
    let Some(mut from) = from else { return Ok(String::new()) };
    while let read @ 1.. = from.read(&mut chunk).await.map_err(ProcessFault::Broken)? {
        end.extend_from_slice(&chunk[..read]);
        end.drain(..end.len().saturating_sub(KEPT));
    }
    Ok(legible(&end))
}

/// Text of a stranger on one line, with nothing in it that moves a cursor or hides what is beside it.
fn legible(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim().chars().fold(String::new(), |mut legible, char| {
        match char {
            '"' | '\'' | '\\' => legible.push(char),
            _ => legible.extend(char.escape_debug()),
        }
        legible
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_text_cannot_move_the_cursor_or_hide() {
        let shown = legible("\u{1b}[2Jde\u{301}nied:\r\n \"grüße\" C:\\x \u{202e}gpj\0\n".as_bytes());
        assert!(shown.contains("\"grüße\" C:\\x"), "{shown}");
        assert!(!shown.chars().any(|char| char.is_control() || char == '\u{202e}'), "{shown:?}");
        assert_eq!(legible(b"  plain words\n"), "plain words");
        assert!(legible(b"\xff bytes").ends_with(" bytes"));
    }

    #[tokio::test]
    async fn of_a_long_text_the_end_is_kept() {
        let text = format!("{}the reason", "noise\n".repeat(10_000));
        let end = end_of(Some(text.as_bytes())).await.unwrap();
        assert!(end.ends_with("the reason") && end.len() < 4 * 1024, "{} bytes", end.len());
    }

    #[tokio::test]
    async fn output_is_read_up_to_a_limit() {
        let largest = usize::try_from(LARGEST_OUTPUT).unwrap();
        assert_eq!(all_of(Some(&*vec![b'x'; largest])).await.unwrap().len(), largest);
        assert!(matches!(all_of(Some(&*vec![b'x'; largest + 1])).await, Err(ProcessFault::TooMuch)));
    }
}
