//! A token in a file that somebody else keeps fresh: mounted by an orchestrator, written by an agent.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use zeroize::Zeroizing;

use super::answer::Question;
use crate::{
    AccessToken, AuthError, AuthErrorKind, Clock, Identity, Recovery, RefreshPolicy, RefreshingProvider, SystemClock,
    TokenSource, Want,
};

/// A source that reads a file: a plain token, or a JSON document with `token` or `access_token` and perhaps
/// `expires_at`.
///
/// The file is read again every minute, shortly before the token ends, and when a server refuses the token. While it is
/// gone or empty, as it may be when it is replaced, the last good token stays.
///
/// ```
/// use std::io::Write;
/// use aig_auth::{TokenProvider, TokenRequest, external::FileToken};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut file = tempfile::NamedTempFile::new()?;
/// writeln!(file, "abc")?;
/// let provider = FileToken::new(file.path()).into_provider();
/// assert_eq!(provider.token(&TokenRequest::new()).await?.expose(), "abc");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FileToken {
    path: PathBuf,
    identity: Option<Identity>,
    clock: Arc<dyn Clock>,
    last_good: Arc<Mutex<Option<AccessToken>>>,
}

/// A token file is a few KiB.
const LARGEST: u64 = 256 * 1024;

impl FileToken {
    /// The token in the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), identity: None, clock: Arc::new(SystemClock::new()), last_good: Arc::default() }
    }

    /// The same, known to be `identity`'s.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// The same on another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With the memory layer around it.
    pub fn into_provider(self) -> RefreshingProvider<Self> {
        let clock = self.clock.clone();
        RefreshingProvider::with(self, clock, RefreshPolicy::external())
    }

    async fn read(&self) -> Result<AccessToken, AuthError> {
        let path = self.path.clone();
        let asked_at = self.clock.now();
        let read = tokio::task::spawn_blocking(move || contents(&path)).await;
        let origin = format!("the token file {}", self.path.display());
        let bytes = read.map_err(io::Error::other).flatten().map_err(|error| {
            let message = format!("{origin} cannot be read: {error}");
            AuthError::new(AuthErrorKind::Source, Recovery::FixSetup, message)
        })?;
        let question = Question { origin: &origin, asked_at };
        question.plain_or_document(&bytes).map_err(|fault| fault.into_error(&origin))
    }
}

fn contents(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[async_trait]
impl TokenSource for FileToken {
    async fn fetch(&self, _: &Want) -> Result<AccessToken, AuthError> {
        let read = self.read().await;
        let mut last_good = self.last_good.lock().unwrap_or_else(PoisonError::into_inner);
        match (read, &*last_good) {
            (Ok(token), _) => {
                *last_good = Some(token.clone());
                Ok(token)
            }
            (Err(error), Some(token)) => {
                tracing::warn!(%error, "going on with the token that was there before");
                Ok(token.clone())
            }
            (Err(error), None) => Err(error),
        }
    }

    fn identity(&self) -> Option<Identity> {
        self.identity.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _, time::Duration};

    use super::*;
    use crate::{ManualClock, TokenProvider as _, TokenRequest};

    struct Mounted {
        directory: tempfile::TempDir,
        clock: Arc<ManualClock>,
        provider: RefreshingProvider<FileToken>,
    }

    impl Mounted {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let clock = Arc::new(ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap()));
            let provider = FileToken::new(directory.path().join("token")).with_clock(clock.clone()).into_provider();
            Self { directory, clock, provider }
        }

        fn put(&self, text: &str) {
            File::create(self.directory.path().join("token")).unwrap().write_all(text.as_bytes()).unwrap();
        }

        async fn token(&self) -> Result<String, AuthError> {
            Ok(self.provider.token(&TokenRequest::new()).await?.expose().to_owned())
        }

        /// Two minutes later everybody waits for the file to be read again.
        async fn token_later(&self) -> String {
            self.clock.advance(Duration::from_secs(120));
            self.token().await.unwrap()
        }
    }

    #[tokio::test]
    async fn a_file_is_read_again_and_its_last_good_token_outlives_it() {
        let mounted = Mounted::new();
        let error = mounted.token().await.unwrap_err().to_string();
        assert!(error.contains("token file") && error.contains("cannot be read"), "{error}");
        mounted.clock.advance(Duration::from_secs(5));
        mounted.put("Bearer one\n");
        assert_eq!(mounted.token().await.unwrap(), "one");
        mounted.put("two");
        assert_eq!(mounted.token().await.unwrap(), "one", "read a moment ago");
        assert_eq!(mounted.token_later().await, "two");
        mounted.put("  \n");
        assert_eq!(mounted.token_later().await, "two", "empty while it is replaced");
        fs::remove_file(mounted.directory.path().join("token")).unwrap();
        assert_eq!(mounted.token_later().await, "two", "gone");
        mounted.put("three");
        assert_eq!(mounted.token_later().await, "three");
    }

    #[tokio::test]
    async fn a_document_with_an_end_is_read_again_ahead_of_it() {
        let mounted = Mounted::new();
        mounted.put(r#"{"token":"one","expires_at":"2026-01-01T01:00:00Z"}"#);
        assert_eq!(mounted.token().await.unwrap(), "one");
        mounted.put(r#"{"access_token":"two","expires_at":"2026-01-01T03:00:00+01:00"}"#);
        mounted.clock.advance(Duration::from_secs(3_000));
        assert_eq!(mounted.token().await.unwrap(), "one", "it lives for ten minutes still");
        mounted.clock.advance(Duration::from_secs(590));
        assert_eq!(mounted.token().await.unwrap(), "two");
    }
}
