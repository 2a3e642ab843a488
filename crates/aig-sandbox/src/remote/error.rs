//! Why a running sandbox could not be asked.

use http::StatusCode;
use serde_json::Value;

/// Why a running sandbox could not be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// Sandboxes are on loopback only.
    #[error("`{url}` is not the address of a sandbox: those are like http://127.0.0.1:PORT")]
    Address {
        /// The address that was given.
        url: String,
    },
    /// Nothing answers there.
    #[error("no sandbox answers at {url}: {reason}")]
    Unreachable {
        /// Where.
        url: String,
        /// What happened.
        reason: &'static str,
    },
    /// Something else answers there.
    #[error("what answers at {url} is not a sandbox")]
    NotASandbox {
        /// Where.
        url: String,
    },
    /// What was named is not there.
    #[error("the sandbox refused: {message}")]
    Missing {
        /// The sandbox's own words.
        message: String,
    },
    /// The name is taken.
    #[error("the sandbox refused: {message}")]
    Taken {
        /// The sandbox's own words.
        message: String,
    },
    /// It does not take what it was asked.
    #[error("the sandbox refused: {message}")]
    Refused {
        /// The sandbox's own words.
        message: String,
    },
    /// It could not do it.
    #[error("the sandbox failed: {message}")]
    Failed {
        /// The sandbox's own words.
        message: String,
    },
    /// The answer cannot be read.
    #[error("the sandbox at {url} answers in a way that is not understood: it may be of another version")]
    Protocol {
        /// Where.
        url: String,
    },
}

impl RemoteError {
    /// What an answer that is no success means.
    pub(super) fn of_answer(status: StatusCode, text: &str) -> Self {
        let answer: Option<Value> = serde_json::from_str(text).ok();
        let detail = answer.as_ref().and_then(|answer| answer.get("detail")?.as_str());
        let message = detail.unwrap_or_else(|| status.canonical_reason().unwrap_or("no reason given"));
        let message = message.to_owned();
        match status {
            StatusCode::NOT_FOUND => Self::Missing { message },
            StatusCode::CONFLICT => Self::Taken { message },
            status if status.is_server_error() => Self::Failed { message },
            _ => Self::Refused { message },
        }
    }
}
