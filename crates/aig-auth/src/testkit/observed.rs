//! What happened here: counts and a short log, for tests to look at.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
};

use jiff::Timestamp;

use super::{Endpoint, GrantType, Request, endpoint::Arrival};

const LOG: usize = 1_000;
/// Whatever strangers send, the log stays this small.
const LOG_BYTES: usize = 4 << 20;

/// A request that was answered, or that should have been.
///
/// `Debug` names the parameters and shows no values.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// When it came.
    pub at: Timestamp,
    /// Where it went.
    pub endpoint: Endpoint,
    /// What it asked for, if it was a token request.
    pub grant_type: Option<GrantType>,
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// Its parameters, from the query or the form.
    pub params: Vec<(String, String)>,
    /// Its header fields.
    pub headers: Vec<(String, String)>,
    /// The status of the answer, whether or not it arrived.
    pub status: u16,
}

impl Recorded {
    pub(super) fn new(at: Timestamp, request: Request, arrival: Arrival, status: u16) -> Self {
        Self {
            at,
            endpoint: arrival.endpoint,
            grant_type: arrival.grant_type,
            method: request.method,
            path: request.path,
            params: arrival.params.unwrap_or_default().into_pairs(),
            headers: request.headers,
            status,
        }
    }

    fn bytes(&self) -> usize {
        let texts = self.params.iter().chain(&self.headers);
        texts.map(|(name, value)| size_of::<(String, String)>() + name.len() + value.len()).sum::<usize>()
            + self.path.len()
    }

    /// The value of a parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(existing, _)| existing == name).map(|(_, value)| value.as_str())
    }

    /// The value of a header field.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(existing, _)| existing.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let params: Vec<&str> = self.params.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Recorded")
            .field("at", &self.at)
            .field("endpoint", &self.endpoint)
            .field("grant_type", &self.grant_type)
            .field("params", &params)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// The counts and the log.
#[derive(Default)]
pub(super) struct Observed {
    requests: HashMap<Endpoint, u64>,
    grants: HashMap<GrantType, u64>,
    log: VecDeque<Recorded>,
    bytes: usize,
}

impl Observed {
    /// Counted on arrival, so that a request whose answer is lost counts.
    pub(super) fn count(&mut self, arrival: &Arrival) {
        *self.requests.entry(arrival.endpoint).or_default() += 1;
        if let Some(grant_type) = arrival.grant_type {
            *self.grants.entry(grant_type).or_default() += 1;
        }
    }

    pub(super) fn record(&mut self, recorded: Recorded) {
        self.bytes += recorded.bytes();
        self.log.push_back(recorded);
        while self.log.len() > LOG || self.bytes > LOG_BYTES {
            let Some(oldest) = self.log.pop_front() else { return };
            self.bytes -= oldest.bytes();
        }
    }

    pub(super) fn requests(&self, endpoint: Endpoint) -> u64 {
        self.requests.get(&endpoint).copied().unwrap_or_default()
    }

    pub(super) fn grants(&self, grant_type: GrantType) -> u64 {
        self.grants.get(&grant_type).copied().unwrap_or_default()
    }

    pub(super) fn log(&self) -> Vec<Recorded> {
        self.log.iter().cloned().collect()
    }
}
