//! Placeholder.
pub mod slide;
