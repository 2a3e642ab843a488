//! The places where this crate reads what strangers wrote, as fuzzers want them. Not part of the API.
//!
//! Each takes any bytes and panics when a rule is broken; see `fuzz/README.md`.

use std::time::Duration;

use jiff::Timestamp;
use oauth2::{DeviceAuthorizationUrl, HttpRequest, HttpResponse, RefreshToken, http::StatusCode};
use url::Url;

use crate::{
    Secret,
    http::HttpFault,
    oauth::{
        HttpClient, OAuthConfig,
        callback::{Callback, Expected},
        device,
        grants::Terms,
        wire::{self, Granted},
    },
    session::document,
};

/// A session file: it is a record that can be written and read again, or none.
pub fn session_file(bytes: &[u8]) {
    let Ok(record) = document::read(bytes) else { return };
    let again = document::write(&record).ok().and_then(|written| document::read(&written).ok());
    assert_eq!(again, Some(record), "what was read is not what is written");
}

/// The head of a request to the loopback listener, or a pasted address: without the state it is noise.
pub fn callback(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(redirect) = Url::parse("http://127.0.0.1:8989/callback") else { return };
    for issuer_required in [false, true] {
        let expected = Expected { redirect: &redirect, state: STATE, issuer: "https://issuer/", issuer_required };
        for callback in [expected.read(text), expected.pasted(text)] {
            assert!(!is_forged(text, &callback), "believed without the state");
            assert_ne!(callback, Callback::Code(String::new()), "an empty code was believed");
        }
    }
}

const STATE: &str = "Zx81-state_of.the~sign-in";

/// Whether `text` was believed though the state is not in it.
fn is_forged(text: &str, callback: &Callback) -> bool {
    *callback != Callback::Noise && !decoded(text).contains(STATE)
}

/// All names and values of a query, as a browser's own parser has them: line breaks and tabs do not count.
fn decoded(text: &str) -> String {
    let text: String = text.chars().filter(|character| !matches!(character, '\t' | '\n' | '\r')).collect();
    url::form_urlencoded::parse(text.as_bytes()).map(|(name, value)| format!("{name} {value} ")).collect()
}

/// An answer of a device authorization endpoint, or of a token endpoint. The first two bytes are its status.
pub fn device_answer(bytes: &[u8]) {
    let [high, low, body @ ..] = bytes else { return };
    let Ok(status) = StatusCode::from_u16(u16::from_be_bytes([*high, *low])) else { return };
    let Ok(config) = OAuthConfig::new("https://issuer/", "https://issuer/token", "client") else { return };
    let http = HttpClient::default();
    let terms = Terms { config: &config, http: &http, client_id: "client", now: Timestamp::UNIX_EPOCH };
    let answer = |_: HttpRequest| {
        let mut response = HttpResponse::new(body.to_vec());
        *response.status_mut() = status;
        wire::answer(response)
    };
    codes(terms, &answer);
    tokens(terms, &answer);
}

fn codes(terms: Terms<'_>, answer: &impl Fn(HttpRequest) -> Result<HttpResponse, HttpFault>) {
    let endpoint = DeviceAuthorizationUrl::from_url(terms.config.token_endpoint.clone());
    let client = terms.client().set_device_authorization_url(endpoint);
    let Ok(codes) = client.exchange_device_code().request(answer) else { return };
    let Ok(step) = device::step(&codes, Duration::from_secs(60)) else { return };
    let shown = format!("{step:?}");
    assert!(!shown.contains("javascript:") && !shown.contains("file:"), "a person is sent to {shown}");
    assert!(!shown.contains("\\u{1b}"), "a terminal would obey {shown}");
}

fn tokens(terms: Terms<'_>, answer: &impl Fn(HttpRequest) -> Result<HttpResponse, HttpFault>) {
    let token = RefreshToken::new(Secret::new("spent").expose().to_owned());
    let client = terms.client();
    let Ok(answer) = client.exchange_refresh_token(&token).request(answer) else { return };
    let Ok(granted) = Granted::read(&answer, terms.now) else { return };
    assert!(granted.access_token.expose().bytes().all(|byte| byte.is_ascii_graphic()), "it cannot be sent");
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// What fuzzers begin with, and what they once found.
    fn seeds(target: &str, read: fn(&[u8])) -> usize {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
        let seeds: Vec<_> =
            fs::read_dir(directory).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
        seeds.iter().for_each(|seed| read(seed));
        seeds.len()
    }

    #[test]
    fn every_seed_of_the_fuzzers_is_read_by_the_rules() {
        assert!(seeds("session_file", super::session_file) >= 4);
        assert!(seeds("callback", super::callback) >= 4);
        assert!(seeds("device_answer", super::device_answer) >= 4);
    }

    #[test]
    fn control_a_callback_that_is_believed_without_the_state_is_noticed() {
        let believed = super::Callback::Code("abc".into());
        assert!(super::is_forged("GET /callback?code=abc&state=another HTTP/1.1", &believed));
        assert!(!super::is_forged(&format!("GET /callback?code=abc&state={}&x", super::STATE), &believed));
    }
}
