//! HTTP as tokens need it: one client, wary, and what can go wrong with it.

mod address;
mod client;
mod fault;
mod proxy;
mod retry_after;
mod roots;
mod settings;

pub(crate) use address::endpoint;
#[cfg(feature = "oauth")]
pub(crate) use address::{is_loopback, is_secure};
pub use client::HttpClient;
pub(crate) use fault::HttpFault;
pub use settings::{HttpSettings, ProxyFailure};
