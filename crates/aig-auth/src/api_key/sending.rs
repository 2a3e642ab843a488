//! Sending the key: tried again when the server asks for that, or did not answer. An exchange spends nothing, so it can
//! be repeated.

use std::time::Duration;

use ::http::{Request, Response, StatusCode};

use super::ApiKeyExchange;
use crate::{
    AuthError, AuthErrorKind, Recovery, Secret,
    external::endpoint::at,
    http::{HttpClient, HttpFault},
    random,
};

/// Tries in all. Three is what the clouds' own libraries make of it.
const TRIES: u32 = 3;

/// The longest wait that a server can ask for.
const LONGEST_SERVER_PAUSE: Duration = Duration::from_secs(60);

/// The answer to `key`.
pub(super) async fn send(exchange: &ApiKeyExchange, key: &Secret) -> Result<Vec<u8>, AuthError> {
    let request = exchange.request(key)?;
    let mut tries = 1;
    loop {
        let fault = match once(&exchange.http, &request).await {
            Ok(response) => return accepted(exchange, response),
            Err(fault) => fault,
        };
        match pause(&fault, tries, random::fraction()) {
            Some(pause) if tries < TRIES => exchange.clock.sleep(pause).await,
            _ => return Err(at(&exchange.origin(), fault)),
        }
        tries += 1;
    }
}

/// Any answer that another try would not change.
async fn once(http: &HttpClient, request: &Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpFault> {
    let response = http.send_once(request).await?;
    match response.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST => Ok(response),
        status if status.is_success() => Ok(response),
        status => Err(clamped(HttpFault::status(status, response.headers()))),
    }
}

fn accepted(exchange: &ApiKeyExchange, response: Response<Vec<u8>>) -> Result<Vec<u8>, AuthError> {
    if response.status().is_success() {
        return Ok(response.into_body());
    }
    let (origin, status) = (exchange.origin(), response.status().as_u16());
    let message = format!("{origin} refused the API key with status {status}: check the key and where it is to stand");
    Err(AuthError::new(AuthErrorKind::Denied, Recovery::FixSetup, message))
}

fn clamped(fault: HttpFault) -> HttpFault {
    match fault {
        HttpFault::Status { status, retry_after } => {
            HttpFault::Status { status, retry_after: retry_after.map(|pause| pause.min(LONGEST_SERVER_PAUSE)) }
        }
        fault => fault,
    }
}

/// How long to wait before the next try, if one may help: what the server asks for, else 0.5, 1, 2 … 20 s, jittered.
fn pause(fault: &HttpFault, tries: u32, jitter: f64) -> Option<Duration> {
    let longest = Duration::from_millis(500 << tries.saturating_sub(1).min(8)).min(Duration::from_secs(20));
    let own = longest.mul_f64(0.5 + jitter / 2.0);
    match fault {
        HttpFault::Status { status: 429 | 502..=504, retry_after } => Some(retry_after.unwrap_or(own)),
        HttpFault::Connect { .. } | HttpFault::Proxy { .. } | HttpFault::Cut { .. } => Some(own),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16, retry_after: Option<u64>) -> HttpFault {
        clamped(HttpFault::Status { status, retry_after: retry_after.map(Duration::from_secs) })
    }

    #[test]
    fn another_try_is_for_passing_faults_alone() {
        let host = || "a.example".to_owned();
        let passing = [HttpFault::Cut { host: host() }, HttpFault::Connect { host: host() }];
        assert!(passing.iter().all(|fault| pause(fault, 1, 0.0).is_some()));
        let lasting = [
            HttpFault::Certificate { host: host() },
            HttpFault::Timeout { host: host() },
            HttpFault::Redirected,
            HttpFault::TooLarge,
            HttpFault::NotSecure,
        ];
        assert!(lasting.iter().all(|fault| pause(fault, 1, 0.0).is_none()));
        let retried: Vec<_> = (100..600).filter(|code| pause(&status(*code, None), 1, 0.0).is_some()).collect();
        assert_eq!(retried, [429, 502, 503, 504]);
    }

    #[test]
    fn the_servers_wait_goes_before_our_own_and_neither_is_endless() {
        let seconds = |fault: &HttpFault, tries, jitter| pause(fault, tries, jitter).unwrap().as_secs_f64();
        assert_eq!(seconds(&status(503, None), 1, 0.0), 0.25);
        assert_eq!(seconds(&status(503, None), 2, 1.0), 1.0);
        assert_eq!(seconds(&status(503, None), 40, 1.0), 20.0);
        assert_eq!(seconds(&status(429, Some(7)), 1, 1.0), 7.0);
        assert_eq!(seconds(&status(429, Some(0)), 1, 1.0), 0.0);
        assert_eq!(seconds(&status(429, Some(1_000_000_000)), 1, 1.0), 60.0);
    }
}
