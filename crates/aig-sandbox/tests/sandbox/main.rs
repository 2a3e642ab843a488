//! The sandbox over real HTTP, as clients see it.

mod errors;
mod listings;
mod main_job;
mod sharing;
mod wire;
