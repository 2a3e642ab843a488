//! The server itself: settings, memory, keys, and the way of a request.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{Timestamp, fmt::rfc2822::DateTimePrinter};
use serde_json::json;

use super::{
    Endpoint, Fault, Request, Response,
    endpoint::Arrival,
    error::OAuthError,
    fault,
    keys::Keys,
    observed::{Observed, Recorded},
    session::RefreshTokens,
    settings::Settings,
    snapshot::Snapshot,
    state::State,
};
use crate::clock::after;

/// More than any form of this server needs.
pub(super) const MAX_BODY: usize = 64 * 1024;

pub(super) struct Core {
    pub(super) settings: Settings,
    pub(super) keys: Keys,
    pub(super) refresh_tokens: RefreshTokens,
    state: Mutex<State>,
    observed: Mutex<Observed>,
    faults: Mutex<Vec<Fault>>,
    dials: Mutex<Dials>,
}

/// What may be turned while the server runs.
pub(super) struct Dials {
    /// Without a slash at its end.
    pub(super) base: String,
    pub(super) latency: Duration,
    /// How far the server is ahead of its clock.
    pub(super) ahead: Duration,
}

impl Core {
    pub(super) fn new(settings: Settings, keys: Keys, dials: Dials, sessions: Snapshot) -> Self {
        let (refresh_tokens, state) = sessions.into_state(&keys);
        Self {
            settings,
            keys,
            refresh_tokens,
            state: Mutex::new(state),
            observed: Mutex::default(),
            faults: Mutex::default(),
            dials: Mutex::new(dials),
        }
    }

    pub(super) async fn handle(&self, request: Request) -> Response {
        let arrival = Arrival::of(&request);
        self.observed().count(&arrival);
        let fault = self.fault(&arrival);
        wait(self.latency() + fault.before()).await;
        let response = match fault.instead(self.settings.dialect) {
            Some(response) => response,
            None => fault.spoil(self.route(&request, &arrival).await),
        };
        wait(fault.after()).await;
        let now = self.now();
        self.observed().record(Recorded::new(now, request, arrival, response.status));
        dated(response, now)
    }

    async fn route(&self, request: &Request, arrival: &Arrival) -> Response {
        let Arrival { endpoint, params, .. } = arrival;
        if *endpoint == Endpoint::Unknown {
            return Response::of_json(404, &json!({ "error": "not_found" }));
        }
        if !endpoint.takes(&request.method) {
            return Response::of_json(405, &json!({ "error": "method_not_allowed" }))
                .with_header("allow", endpoint.methods());
        }
        if request.query.len().max(request.body.len()) > MAX_BODY {
            return Response::of_json(413, &json!({ "error": "content_too_large" }));
        }
        let Some(params) = params else {
            let error = OAuthError::invalid_request("the body has to be a form, or an object as application/json");
            return error.answer(self.settings.dialect);
        };
        let response = match endpoint {
            Endpoint::Authorize => self.authorize(params),
            Endpoint::SignIn => self.answer_sign_in(params),
            Endpoint::Token => self.token(request, params).await,
            Endpoint::DeviceAuthorization => self.authorize_device(request, params),
            Endpoint::Activate if request.method == "POST" => self.answer_device(params),
            Endpoint::Activate => self.activate(params),
            Endpoint::Revocation => self.revoke(request, params),
            Endpoint::Jwks => self.jwks().await,
            Endpoint::UserInfo => self.user_info(request),
            Endpoint::Discovery | Endpoint::Unknown => self.discovery(),
        };
        if request.method == "HEAD" { Response { body: Vec::new(), ..response } } else { response }
    }

    fn fault(&self, arrival: &Arrival) -> Fault {
        fault::strike(&mut self.faults(), arrival).unwrap_or_else(Fault::none)
    }

    fn latency(&self) -> Duration {
        self.dials().latency
    }

    pub(super) fn now(&self) -> Timestamp {
        let ahead = self.dials().ahead;
        after((self.settings.clock)(), ahead)
    }

    pub(super) fn base(&self) -> String {
        self.dials().base.clone()
    }

    /// Auth0's issuers end with a slash.
    pub(super) fn issuer(&self) -> String {
        format!("{}/", self.dials().base)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn observed(&self) -> MutexGuard<'_, Observed> {
        self.observed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn dials(&self) -> MutexGuard<'_, Dials> {
        self.dials.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// With the time here (RFC 9110 section 6.6.1): clients tell by it that their clock is off.
fn dated(response: Response, now: Timestamp) -> Response {
    match DateTimePrinter::new().timestamp_to_rfc9110_string(&now) {
        Ok(date) => response.with_header("date", &date),
        Err(_) => response,
    }
}

async fn wait(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}
