//! Where secrets may be sent: over `https`, or to this machine.

use url::{Host, Url};

use crate::AuthError;

/// A URL to which secrets may be sent: `https`, or `http` on loopback, and without a user in it.
pub(crate) fn endpoint(what: &str, url: &str) -> Result<Url, AuthError> {
    let url = Url::parse(url).map_err(|_| AuthError::setup(format!("the {what} is no URL")))?;
    if !is_secure(&url) {
        return Err(AuthError::setup(format!("the {what} must be https, or http on loopback")));
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(AuthError::setup(format!("the {what} must have neither a user nor a fragment")));
    }
    Ok(url)
}

pub(crate) fn is_secure(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => is_loopback(url),
        _ => false,
    }
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_https_or_stay_on_the_machine() {
        for good in ["https://a.example/t", "http://127.0.0.1:1/t", "http://[::1]:1/t", "http://localhost/t"] {
            assert!(endpoint("token endpoint", good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example/t",
            "http://127.0.0.1.evil.example/t",
            "http://localhost.evil.example/t",
            "ftp://127.0.0.1/t",
            "file:///t",
            "https://user@a.example/t",
            "https://a.example/t#x",
            "a.example",
            "",
        ] {
            assert!(endpoint("token endpoint", bad).is_err(), "{bad}");
        }
    }
}
