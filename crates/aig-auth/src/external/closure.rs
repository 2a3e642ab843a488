//! A function that gives tokens.

use std::{fmt, future::Future, sync::Arc};

use async_trait::async_trait;

use crate::{AccessToken, AuthError, Identity, RefreshPolicy, RefreshingProvider, SystemClock, TokenSource, Want};

/// A function as a source of tokens. Made by [`from_fn`] and [`from_sync_fn`].
#[derive(Clone)]
pub struct Closure<F> {
    ask: F,
    identity: Option<Identity>,
}

/// A provider that asks an async function.
///
/// Its answer is kept: with an expiry until shortly before that, without one for a minute, and in any case until a
/// server refuses it.
///
/// ```
/// use aig_auth::{AccessToken, AuthError, TokenProvider, TokenRequest, external};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), AuthError> {
/// let provider = external::from_fn(|| async {
///     // Ask whoever has the token.
///     AccessToken::new("abc").map_err(AuthError::from)
/// });
/// assert_eq!(provider.token(&TokenRequest::new()).await?.expose(), "abc");
/// # Ok(())
/// # }
/// ```
pub fn from_fn<F, A>(ask: F) -> RefreshingProvider<Closure<F>>
where
    F: Fn() -> A + Send + Sync + 'static,
    A: Future<Output = Result<AccessToken, AuthError>> + Send,
{
    let clock = Arc::new(SystemClock::new());
    RefreshingProvider::with(Closure { ask, identity: None }, clock, RefreshPolicy::external())
}

/// A provider that asks a function which may block; it is called where that is allowed.
///
/// ```
/// use aig_auth::{AccessToken, AuthError, TokenProvider, TokenRequest, external};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), AuthError> {
/// let provider = external::from_sync_fn(|| Ok(AccessToken::new("abc")?));
/// assert_eq!(provider.token(&TokenRequest::new()).await?.expose(), "abc");
/// # Ok(())
/// # }
/// ```
pub fn from_sync_fn<F>(ask: F) -> RefreshingProvider<impl TokenSource>
where
    F: Fn() -> Result<AccessToken, AuthError> + Send + Sync + 'static,
{
    let ask = Arc::new(ask);
    from_fn(move || {
        let ask = ask.clone();
        async move { tokio::task::spawn_blocking(move || ask()).await.map_err(|_| panicked())? }
    })
}

fn panicked() -> AuthError {
    use crate::{AuthErrorKind, Recovery};
    AuthError::new(AuthErrorKind::Source, Recovery::Fail, "the function that gives tokens panicked")
}

impl<F> Closure<F> {
    /// A source that asks `ask`, for a [`RefreshingProvider`] of the caller's making.
    pub fn new(ask: F) -> Self {
        Self { ask, identity: None }
    }

    /// The same, known to give tokens of `identity`.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }
}

#[async_trait]
impl<F, A> TokenSource for Closure<F>
where
    F: Fn() -> A + Send + Sync + 'static,
    A: Future<Output = Result<AccessToken, AuthError>> + Send,
{
    async fn fetch(&self, _: &Want) -> Result<AccessToken, AuthError> {
        (self.ask)().await
    }

    fn identity(&self) -> Option<Identity> {
        self.identity.clone()
    }
}

impl<F> fmt::Debug for Closure<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Closure").field("identity", &self.identity).finish_non_exhaustive()
    }
}
