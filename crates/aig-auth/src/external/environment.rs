//! A token in an environment variable.

use async_trait::async_trait;

use crate::{
    AccessToken, AuthError, Identity, RefreshPolicy, RefreshingProvider, SystemClock, TokenSource, Want, environment,
};

/// A source that reads a variable whenever it is asked: what is not set yet is looked for again.
///
/// ```
/// use aig_auth::{TokenProvider, TokenRequest, external::EnvironmentToken};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let provider = EnvironmentToken::new("AIG_AUTH_DOC_TOKEN").into_provider();
/// let error = provider.token(&TokenRequest::new()).await.unwrap_err();
/// assert_eq!(error.to_string(), "the environment variable AIG_AUTH_DOC_TOKEN is empty or not set: put a token in it");
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct EnvironmentToken {
    variable: String,
    identity: Option<Identity>,
}

impl EnvironmentToken {
    /// The token in `variable`, with or without `Bearer ` before it.
    pub fn new(variable: impl Into<String>) -> Self {
        Self { variable: variable.into(), identity: None }
    }

    /// The same, known to be `identity`'s.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// With the memory layer around it.
    pub fn into_provider(self) -> RefreshingProvider<Self> {
        RefreshingProvider::with(self, std::sync::Arc::new(SystemClock::new()), RefreshPolicy::external())
    }
}

#[async_trait]
impl TokenSource for EnvironmentToken {
    async fn fetch(&self, _: &Want) -> Result<AccessToken, AuthError> {
        let name = &self.variable;
        let value = environment::variable(name).and_then(|value| value.into_string().ok());
        let Some(value) = value.filter(|value| !value.trim().is_empty()) else {
            return Err(AuthError::setup(format!(
                "the environment variable {name} is empty or not set: put a token in it"
            )));
        };
        AccessToken::new(&value).map_err(|flaw| AuthError::setup(format!("the environment variable {name}: {flaw}")))
    }

    fn identity(&self) -> Option<Identity> {
        self.identity.clone()
    }
}
