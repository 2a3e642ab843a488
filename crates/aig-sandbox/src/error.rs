//! Why a sandbox does not do what it is asked.

use std::{io, path::PathBuf};

use uuid::Uuid;

use crate::{KeepError, SnapshotError};

/// What went wrong with the sandbox itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// Somebody else listens there.
    #[error("port {port} on 127.0.0.1 is in use")]
    PortInUse {
        /// The port that was asked for.
        port: u16,
    },
    /// The port cannot be had for another reason.
    #[error("cannot listen on 127.0.0.1 port {port}: {source}")]
    Bind {
        /// The port that was asked for.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// There is no place for what is stored.
    #[error("cannot write to the sandbox's directory: {source}")]
    Storage {
        /// What the system says.
        source: io::Error,
    },
    /// The directory to keep things in cannot be used.
    #[error("cannot keep a sandbox in {}: {problem}", directory.display())]
    Kept {
        /// The directory that was named.
        directory: PathBuf,
        /// What is wrong with it.
        problem: KeepError,
    },
    /// The document to begin with cannot be used.
    #[error("cannot begin with {}: {message}", path.display())]
    Seed {
        /// The file that was named.
        path: PathBuf,
        /// Where in it something is wrong, and what.
        message: String,
    },
    /// Who shall agree to every sign-in is not there.
    #[error("there is no user {name:?} who could agree to everything; known: {}", known.join(", "))]
    NoSuchUser {
        /// The id or e-mail address that was given.
        name: String,
        /// The ids of those who are there.
        known: Vec<String>,
    },
    /// A snapshot cannot be saved or loaded.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// No device waits for this code.
    #[error("no device waits for the user code {user_code:?}; it may have expired")]
    Device {
        /// The code that was given.
        user_code: String,
    },
    /// The authorization server gives no token.
    #[error("the sandbox's authorization server gives no token")]
    Token,
    /// The clock cannot be put forward so far.
    #[error("the sandbox's clock ends before the year 3000")]
    ClockEnds,
    /// The run does not wait to be moved on.
    #[error("run {run_id} does not wait: it is unknown, or the run plan is not manual")]
    NotWaiting {
        /// The run that was named.
        run_id: Uuid,
    },
}
