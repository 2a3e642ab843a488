//! The certificates that are trusted: built-in roots, the system's, and the user's own, together.

use std::path::Path;

use reqwest::Certificate;

use crate::{Error, ErrorKind, Result};

/// The built-in roots and those of the user's files. The system's are added by the verifier itself.
///
/// Together, because each alone fails somewhere: containers have no system roots, hospitals have their own.
pub(crate) fn certificates<'p>(bundles: impl IntoIterator<Item = &'p Path>) -> Result<Vec<Certificate>> {
    let mut roots: Vec<Certificate> =
        webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|root| Certificate::from_der(root).ok()).collect();
    for bundle in bundles {
        roots.extend(read_bundle(bundle)?);
    }
    Ok(roots)
}

fn read_bundle(path: &Path) -> Result<Vec<Certificate>> {
    let pem = std::fs::read(path).map_err(|error| {
        Error::io("read the certificates of", path, error).with_kind(ErrorKind::Configuration).with_hint(HINT)
    })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => {
            let message = format!("{} holds no certificate in PEM form", path.display());
            Err(Error::new(ErrorKind::Configuration, message).with_hint(HINT))
        }
    }
}

const HINT: &str = "correct REQUESTS_CA_BUNDLE or SSL_CERT_FILE";
