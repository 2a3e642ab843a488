//! What the server remembers between requests, all of it bounded.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    authorize::AuthorizeRequest,
    bounded::Bounded,
    claims::Claims,
    device::Device,
    session::{Grant, Session},
};

/// Sign-ins, codes and devices that wait for somebody.
const WAITING: usize = 1_000;
const SESSIONS: usize = 20_000;
const TOKENS: usize = 10_000;

pub(super) struct State {
    pub(super) tickets: Bounded<Ticket>,
    pub(super) codes: Bounded<Code>,
    pub(super) devices: Bounded<Device>,
    pub(super) sessions: Bounded<Session>,
    /// Names of access tokens that were revoked one by one.
    pub(super) revoked: Bounded<()>,
    /// Access tokens whose signature was found good, by their hash.
    pub(super) verified: Bounded<Arc<Claims>>,
}

/// A page was shown; the answer to it carries the ticket, once.
pub(super) struct Ticket {
    pub(super) about: About,
    pub(super) expires_at: Timestamp,
}

/// What a page asked.
#[derive(Clone)]
pub(super) enum About {
    /// May this client sign in?
    SignIn(Box<AuthorizeRequest>),
    /// May the device with this user code?
    Device(String),
}

/// An authorization code (RFC 6749 section 4.1.2).
pub(super) struct Code {
    pub(super) grant: Grant,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    pub(super) expires_at: Timestamp,
    pub(super) spent: Spent,
}

/// Whether a code was presented.
#[derive(Clone)]
pub(super) enum Spent {
    No,
    /// With a wrong verifier: nothing came of it.
    InVain,
    /// This session began with it.
    For(String),
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            tickets: Bounded::new(WAITING),
            codes: Bounded::new(WAITING),
            devices: Bounded::new(WAITING),
            sessions: Bounded::new(SESSIONS),
            revoked: Bounded::new(TOKENS),
            verified: Bounded::new(TOKENS),
        }
    }
}
