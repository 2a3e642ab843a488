//! The code that the generator makes of odd documents compiles and behaves.
//!
//! Each directory holds a document and what `cargo xtask codegen --golden` makes of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(dead_code, unreachable_pub, reason = "that it compiles is the first test")]

mod behaviour;
#[rustfmt::skip]
mod limits;
#[rustfmt::skip]
mod names;
#[rustfmt::skip]
mod openapi30;
#[rustfmt::skip]
mod operations;
#[rustfmt::skip]
mod prose;
#[rustfmt::skip]
mod recursion;
#[rustfmt::skip]
mod shapes;
#[rustfmt::skip]
mod unions;
