//! API keys that are exchanged for tokens: a token endpoint takes the key and answers with a JWT.
//!
//! The token rests on disk between processes, so that a thousand short runs cause one exchange. The entry is a session
//! file as any other (see [`session`](crate::session)), named by the first 16 hexadecimal digits of
//! `sha256("{base_url}|{key}")`.

mod entry;
mod exchange;
mod jwt_times;
mod placement;
mod provider;
mod sending;
mod source;

pub use exchange::ApiKeyExchange;
pub use placement::KeyPlacement;
pub use provider::ApiKeyProvider;
