//! The end of a program whose output nobody reads any more.

use std::fmt;

/// The reader of stdout has gone away (`aig run list | head`): nothing is wrong, and nothing more is to be said.
#[derive(Debug)]
pub(crate) struct StdoutClosed;

impl fmt::Display for StdoutClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reader of the output has gone away")
    }
}

impl std::error::Error for StdoutClosed {}
