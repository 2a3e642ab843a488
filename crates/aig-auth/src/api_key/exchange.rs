//! How an API key is exchanged: configuration, with a way to a provider.

use std::{fmt, sync::Arc, time::Duration};

use ::http::Request;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{ApiKeyProvider, KeyPlacement};
use crate::{
    AccessToken, AuthError, Clock, RefreshPolicy, Secret, SystemClock,
    external::{
        answer::{AnswerFault, Question},
        endpoint::without_query,
    },
    http::{HttpClient, endpoint},
    session::StoreSettings,
};

/// A token endpoint that takes an API key and answers with a token: `{"access_token": …, "expires_in": …}` or
/// `{"token": …, "expires_at": …}`.
///
/// The token ends when the answer says so, else when the token does (`exp` of a JWT), else after a configured lifetime.
/// One without any end is kept in memory alone and asked for again after a minute.
///
/// ```
/// use aig_auth::{Secret, api_key::{ApiKeyExchange, KeyPlacement}, session::StoreSettings};
///
/// let exchange = ApiKeyExchange::new("https://api.example.com", "https://api.example.com/auth/token")?
///     .with_placement(KeyPlacement::FormField("key".into()))
///     .with_cache(StoreSettings::new("example").with_opt_out_variable("EXAMPLE_NO_CACHE"));
/// let provider = exchange.provider(Secret::new("the key"));
/// # Ok::<(), aig_auth::AuthError>(())
/// ```
#[derive(Clone)]
pub struct ApiKeyExchange {
    pub(super) base_url: String,
    pub(super) url: Url,
    pub(super) http: HttpClient,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) policy: RefreshPolicy,
    pub(super) cache: Option<StoreSettings>,
    placement: KeyPlacement,
    parameters: Vec<(String, String)>,
    lifetime: Option<Duration>,
}

impl ApiKeyExchange {
    /// Keys of the API at `base_url`, exchanged with a POST to `token_endpoint`. Tokens are kept in memory alone.
    ///
    /// # Errors
    /// When the token endpoint is no `https` URL. `http` is accepted on loopback.
    pub fn new(base_url: impl Into<String>, token_endpoint: &str) -> Result<Self, AuthError> {
        Ok(Self {
            base_url: base_url.into(),
            url: endpoint("token endpoint", token_endpoint)?,
            http: HttpClient::default(),
            clock: Arc::new(SystemClock::new()),
            policy: RefreshPolicy::external(),
            cache: None,
            placement: KeyPlacement::default(),
            parameters: Vec::new(),
            lifetime: None,
        })
    }

    /// With the key at this place of the request.
    #[must_use]
    pub fn with_placement(mut self, placement: KeyPlacement) -> Self {
        self.placement = placement;
        self
    }

    /// With this beside the key: a member of the JSON object or a field of the form. It is not treated as a secret.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Tokens that do not say when they end live this long.
    #[must_use]
    pub fn with_lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    /// Tokens rest on disk between processes.
    #[must_use]
    pub fn with_cache(mut self, cache: StoreSettings) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Through this client.
    #[must_use]
    pub fn with_http(mut self, http: HttpClient) -> Self {
        self.http = http;
        self
    }

    /// On this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With this policy of asking again.
    #[must_use]
    pub fn with_policy(mut self, policy: RefreshPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// A provider for `key`. Nothing is sent or read before a token is needed.
    pub fn provider(self, key: impl Into<Secret>) -> ApiKeyProvider {
        ApiKeyProvider::new(Arc::new(self), key.into())
    }

    /// What tells one key of one API from another, and tells nothing else: 16 hexadecimal digits.
    pub(super) fn fingerprint(&self, key: &Secret) -> String {
        let mut hash = Sha256::new();
        hash.update(&self.base_url);
        hash.update("|");
        hash.update(key.expose());
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn request(&self, key: &Secret) -> Result<Request<Vec<u8>>, AuthError> {
        if key.is_empty() {
            return Err(AuthError::setup("the API key is empty"));
        }
        self.placement.request(&self.url, key, &self.parameters)
    }

    /// The token in an answer to a question asked at `asked_at`.
    pub(super) fn token(&self, answer: &[u8], asked_at: jiff::Timestamp) -> Result<AccessToken, AnswerFault> {
        let origin = self.origin();
        let token = Question { origin: &origin, asked_at }.document(answer)?;
        if token.expires_at().is_some() {
            return Ok(token);
        }
        let configured = || self.lifetime.map(|lifetime| crate::clock::after(asked_at, lifetime));
        let end = super::jwt_times::end(&token, asked_at).or_else(configured);
        Ok(end.map_or(token.clone(), |end| token.with_expiry(end)))
    }

    /// Who is asked, for people.
    pub(super) fn origin(&self) -> String {
        format!("the token endpoint {}", without_query(&self.url))
    }
}

impl fmt::Debug for ApiKeyExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKeyExchange")
            .field("base_url", &self.base_url)
            .field("url", &without_query(&self.url).as_str())
            .field("placement", &self.placement)
            .field("lifetime", &self.lifetime)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange() -> ApiKeyExchange {
        ApiKeyExchange::new("https://api.example", "https://api.example/token?tenant=canary").unwrap()
    }

    /// C1. The expected digits come from `printf '%s' 'https://api.example|key' | sha256sum`.
    #[test]
    fn a_key_is_known_by_the_first_digits_of_a_hash_over_its_api_and_itself() {
        assert_eq!(exchange().fingerprint(&Secret::new("key")), "8b6ece7ab47967b3");
        assert_ne!(exchange().fingerprint(&Secret::new("Key")), "8b6ece7ab47967b3");
        let other = ApiKeyExchange::new("https://api.example/", "https://api.example/token").unwrap();
        assert_ne!(other.fingerprint(&Secret::new("key")), "8b6ece7ab47967b3");
    }

    #[test]
    fn the_end_is_what_the_answer_says_then_the_token_then_the_configuration() {
        const JWT: &str = "e30.eyJleHAiOjcyMDB9.c2ln";
        let end = |exchange: &ApiKeyExchange, answer: &str| {
            let token = exchange.token(answer.as_bytes(), jiff::Timestamp::UNIX_EPOCH).unwrap();
            token.expires_at().map(jiff::Timestamp::as_second)
        };
        let (plain, configured) = (exchange(), exchange().with_lifetime(Duration::from_secs(900)));
        for exchange in [&plain, &configured] {
            assert_eq!(end(exchange, &format!(r#"{{"token":"{JWT}","expires_in":3600}}"#)), Some(3_600));
            assert_eq!(end(exchange, &format!(r#"{{"token":"{JWT}"}}"#)), Some(7_200));
            assert_eq!(end(exchange, &format!(r#"{{"token":"{JWT}","expires_in":"soon"}}"#)), Some(7_200));
        }
        assert_eq!(end(&configured, r#"{"token":"opaque"}"#), Some(900));
        assert_eq!(end(&plain, r#"{"token":"opaque"}"#), None);
    }

    #[test]
    fn an_empty_key_is_not_sent() {
        assert_eq!(exchange().request(&Secret::new("")).unwrap_err().to_string(), "the API key is empty");
    }

    #[test]
    fn a_query_of_the_endpoint_is_not_shown() {
        assert!(!format!("{:?} {}", exchange(), exchange().origin()).contains("canary"));
    }
}
