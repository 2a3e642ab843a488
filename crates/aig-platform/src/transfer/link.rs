//! A signed URL: whoever has it may read, so it shows itself to nobody.

use std::fmt;

use aig_auth::Secret;
use url::Url;

use crate::{Error, ErrorKind, Result, transport::is_loopback};

/// A link that carries its own permission. `Debug` shows the host alone; there is no `Display`.
#[derive(Clone)]
pub struct SignedUrl {
    text: Secret,
    host: String,
}

impl SignedUrl {
    /// Takes a link into custody.
    ///
    /// # Errors
    /// When it is no `https` URL (or `http` on this machine).
    pub fn new(text: &str) -> Result<Self> {
        let url = Url::parse(text).map_err(|_| unusable("is no URL"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(unusable("is not https"));
        }
        Ok(Self { text: Secret::new(url.as_str()), host: url.host_str().unwrap_or_default().to_owned() })
    }

    /// The link itself.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    pub(crate) fn url(&self) -> Result<Url> {
        Url::parse(self.expose()).map_err(|_| unusable("is no URL"))
    }
}

fn unusable(what: &str) -> Error {
    Error::new(ErrorKind::Protocol, format!("a link to a file {what}"))
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedUrl({}, [redacted])", self.host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_shows_its_host_alone_and_goes_over_https_only() {
        let link = SignedUrl::new("https://storage.example/bucket/key?X-Signature=canary").unwrap();
        assert_eq!(format!("{link:?}"), "SignedUrl(storage.example, [redacted])");
        assert!(SignedUrl::new("http://127.0.0.1:1/x?s=1").is_ok());
        for text in ["http://storage.example/x?s=canary", "file:///etc/passwd", "canary"] {
            assert!(!SignedUrl::new(text).unwrap_err().to_string().contains("canary"));
        }
    }
}
