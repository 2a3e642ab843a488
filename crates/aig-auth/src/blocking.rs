//! Tokens for callers that do not await.

use std::{
    future::Future,
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, sync_channel},
    },
    time::Duration,
};

use crate::{
    AccessToken, AuthError, AuthErrorKind, Identity, Interaction, Recovery, Rejection, TokenProvider, TokenRequest,
    task,
};

/// The blocking front of any provider: the same tokens, the same memory, the same session file.
///
/// Works without a runtime, and on the threads of a multi-threaded one. On the only thread of a current-thread runtime,
/// where a refresh may be waiting for the very thread that waits for it, it gives up after two minutes: await there.
///
/// ```
/// use std::sync::Arc;
/// use aig_auth::{AccessToken, BlockingProvider, TokenRequest, external};
///
/// let provider = external::from_fn(|| async { Ok(AccessToken::new("abc")?) });
/// let provider = BlockingProvider::new(Arc::new(provider));
/// assert_eq!(provider.token(&TokenRequest::new())?.expose(), "abc");
/// # Ok::<(), aig_auth::AuthError>(())
/// ```
#[derive(Debug, Clone)]
pub struct BlockingProvider {
    provider: Arc<dyn TokenProvider>,
}

/// Longer than a lock and a request may take together.
const LONGEST_SILENT: Duration = Duration::from_secs(120);
/// Longer than people may take to sign in.
const LONGEST_WITH_PERSON: Duration = Duration::from_secs(4_000);

impl BlockingProvider {
    /// A blocking front of `provider`.
    pub fn new(provider: Arc<dyn TokenProvider>) -> Self {
        Self { provider }
    }

    /// As [`TokenProvider::token`].
    ///
    /// # Errors
    /// Those of the provider.
    pub fn token(&self, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        if let Some(token) = self.provider.ready(request) {
            return Ok(token);
        }
        let longest = match request.interaction {
            Interaction::Never => LONGEST_SILENT,
            Interaction::Allowed => LONGEST_WITH_PERSON,
        };
        let (provider, request) = (self.provider.clone(), request.clone());
        wait(longest, async move { provider.token(&request).await })?
    }

    /// As [`TokenProvider::reject`].
    pub fn reject(&self, token: &AccessToken, reason: Rejection) {
        let (provider, token) = (self.provider.clone(), token.clone());
        let _ = wait(LONGEST_SILENT, async move { provider.reject(&token, reason).await });
    }

    /// As [`TokenProvider::identity`].
    pub fn identity(&self) -> Option<Identity> {
        self.provider.identity()
    }
}

/// Has `work` done in the background, and waits for it.
fn wait<T: Send + 'static>(longest: Duration, work: impl Future<Output = T> + Send + 'static) -> Result<T, AuthError> {
    let (sender, receiver) = sync_channel(1);
    let runtime =
        task::background().map_err(|error| failed("no thread can be started for tokens").with_source(error))?;
    runtime.spawn(async move { sender.send(work.await) });
    receiver.recv_timeout(longest).map_err(|error| match error {
        RecvTimeoutError::Timeout => failed("a token was waited for too long on a thread that may be needed for it"),
        RecvTimeoutError::Disconnected => failed("the source of tokens panicked"),
    })
}

fn failed(message: &'static str) -> AuthError {
    AuthError::new(AuthErrorKind::Source, Recovery::Fail, message)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::external;

    fn counted() -> (BlockingProvider, Arc<AtomicUsize>) {
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = calls.clone();
        let provider = external::from_fn(move || {
            let number = counter.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Ok(AccessToken::new(&format!("token-{number}"))?)
            }
        });
        (BlockingProvider::new(Arc::new(provider)), calls)
    }

    #[test]
    fn threads_without_a_runtime_share_one_token() {
        let (provider, calls) = counted();
        let threads: Vec<_> = (0..16)
            .map(|_| {
                let provider = provider.clone();
                std::thread::spawn(move || provider.token(&TokenRequest::new()).unwrap())
            })
            .collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap().expose(), "token-1");
        }
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn inside_a_runtime_it_works_too() {
        let (provider, _) = counted();
        let token = provider.token(&TokenRequest::new()).unwrap();
        provider.reject(&token, Rejection::Unauthorized);
        assert_eq!(provider.token(&TokenRequest::new()).unwrap().expose(), "token-2");
    }
}
