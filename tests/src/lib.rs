//! What the end-to-end tests share: the binary under test, and the README's example as a doc test.
#![expect(clippy::expect_used, clippy::panic, reason = "tests fail by panicking, and this is a part of tests")]

pub mod behaviour;
mod binary;
mod wire;

pub use binary::{Finished, aig, run};
pub use wire::{Answer, Record, Sent, Wire};

#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;
