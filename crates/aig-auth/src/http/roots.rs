//! Which certificates are trusted: the common ones, the system's, and those of configured bundles, all together.

use std::{fs, path::Path};

use reqwest::Certificate;

use super::{HttpSettings, fault::HttpFault};

/// What is trusted beside the system's own certificates.
pub(super) fn beside_the_system(settings: &HttpSettings) -> Result<Vec<Certificate>, HttpFault> {
    Ok([common()?, of_bundles(settings)?].concat())
}

/// The certificates of the configured bundles.
pub(super) fn of_bundles(settings: &HttpSettings) -> Result<Vec<Certificate>, HttpFault> {
    let bundles: Result<Vec<_>, _> = settings.ca_bundles.iter().map(|path| bundle(path)).collect();
    Ok(bundles?.concat())
}

/// The roots that browsers trust, so that a machine without a certificate store can sign in.
fn common() -> Result<Vec<Certificate>, HttpFault> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .map(|root| Certificate::from_der(root))
        .collect::<Result<_, _>>()
        .map_err(|_| HttpFault::Setup("the built-in certificates cannot be read".into()))
}

fn bundle(path: &Path) -> Result<Vec<Certificate>, HttpFault> {
    let unusable = |why: &str| HttpFault::Setup(format!("the CA bundle {} {why}", path.display()));
    let pem = fs::read(path).map_err(|error| unusable(&format!("cannot be read: {error}")))?;
    let roots = Certificate::from_pem_bundle(&pem).map_err(|_| unusable("is not in PEM form"))?;
    if roots.is_empty() {
        return Err(unusable("has no certificate"));
    }
    Ok(roots)
}
