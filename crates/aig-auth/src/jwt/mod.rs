//! Genuine tokens: JWTs checked against the keys that their issuer publishes.

mod algorithm;
mod claims;
mod flaw;
mod header;
mod keys;
mod verifier;

pub use algorithm::SignatureAlgorithm;
pub use claims::Claims;
pub use verifier::{JwtRules, JwtVerifier};
