//! From a request to an answer: credentials, attempts, waits and the meaning of every status.

mod attempt;
mod behaviour;
mod failure;
mod quota;
mod redaction;
mod retry_after;
mod subject;
mod verdict;
mod wire;

pub(crate) use behaviour::{Behaviour, MissingThing};
pub(crate) use quota::Quota;
pub(crate) use subject::subject;
pub(crate) use verdict::Repeat;
pub(crate) use wire::{Answer, LANES, Prepared, Wanted, Wire};
