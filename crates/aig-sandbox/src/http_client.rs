//! The one constructor of this crate's HTTP clients, and who is near enough to be reached without a proxy.

use std::time::Duration;

use url::Host;

/// A server that is silent for longer has failed.
const SILENCE: Duration = Duration::from_secs(30);

/// Whether requests may take a way round.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Proxy {
    Never,
    System,
}

#[expect(clippy::disallowed_methods, reason = "the one constructor of this crate")]
pub(crate) fn build(proxy: Proxy) -> Option<reqwest::Client> {
    // Without a process-wide provider the TLS backend cannot start; somebody else may have set one.
    _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().connect_timeout(Duration::from_secs(10)).read_timeout(SILENCE);
    let builder = match proxy {
        Proxy::Never => builder.no_proxy(),
        Proxy::System => builder,
    };
    builder.build().ok()
}

pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}
