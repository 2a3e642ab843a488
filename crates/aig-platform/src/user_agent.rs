//! Who calls, in words.

/// `aig-platform/VERSION (SYSTEM; ARCHITECTURE)`: nothing about the machine or its user beyond that.
pub(crate) fn base() -> String {
    format!("aig-platform/{} ({}; {})", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH)
}
