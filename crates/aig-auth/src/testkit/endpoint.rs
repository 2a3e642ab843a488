//! The paths of the server, as Auth0 has them.

use super::{Request, params::Params};

/// One of the server's places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/authorize`: a browser arrives to sign in.
    Authorize,
    /// `/u/login`: the form of the sign-in page comes back.
    SignIn,
    /// `/oauth/token`.
    Token,
    /// `/oauth/device/code`.
    DeviceAuthorization,
    /// `/activate`: a person enters the code of a device.
    Activate,
    /// `/oauth/revoke`.
    Revocation,
    /// `/.well-known/jwks.json`.
    Jwks,
    /// `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
    Discovery,
    /// `/userinfo`.
    UserInfo,
    /// Any other path.
    Unknown,
}

impl Endpoint {
    /// All paths of the server, for whoever mounts it.
    pub const PATHS: [&'static str; 10] = [
        "/authorize",
        "/u/login",
        "/oauth/token",
        "/oauth/device/code",
        "/activate",
        "/oauth/revoke",
        "/userinfo",
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
    ];

    /// The place of a path.
    pub fn of(path: &str) -> Self {
        match path {
            "/authorize" => Self::Authorize,
            "/u/login" => Self::SignIn,
            "/oauth/token" => Self::Token,
            "/oauth/device/code" => Self::DeviceAuthorization,
            "/activate" => Self::Activate,
            "/oauth/revoke" => Self::Revocation,
            "/.well-known/jwks.json" => Self::Jwks,
            "/.well-known/openid-configuration" | "/.well-known/oauth-authorization-server" => Self::Discovery,
            "/userinfo" => Self::UserInfo,
            _ => Self::Unknown,
        }
    }

    /// The methods it takes, as an `Allow` header says them.
    pub(super) fn methods(self) -> &'static str {
        match self {
            Self::Authorize | Self::Activate | Self::UserInfo => "GET, HEAD, POST",
            Self::Token | Self::DeviceAuthorization | Self::Revocation | Self::SignIn => "POST",
            Self::Jwks | Self::Discovery => "GET, HEAD",
            Self::Unknown => "",
        }
    }

    pub(super) fn takes(self, method: &str) -> bool {
        self.methods().split(", ").any(|own| own == method)
    }
}

/// What a token request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GrantType {
    /// RFC 6749 section 4.1.
    AuthorizationCode,
    /// RFC 8628.
    DeviceCode,
    /// RFC 6749 section 6.
    RefreshToken,
    /// RFC 6749 section 4.4.
    ClientCredentials,
    /// Anything else.
    Other,
}

impl GrantType {
    pub(super) fn parse(text: &str) -> Self {
        match text {
            "authorization_code" => Self::AuthorizationCode,
            "urn:ietf:params:oauth:grant-type:device_code" => Self::DeviceCode,
            "refresh_token" => Self::RefreshToken,
            "client_credentials" => Self::ClientCredentials,
            _ => Self::Other,
        }
    }
}

/// A request, sorted: where it goes and what it says.
pub(super) struct Arrival {
    pub(super) endpoint: Endpoint,
    pub(super) grant_type: Option<GrantType>,
    /// `None` where the body cannot be read.
    pub(super) params: Option<Params>,
}

impl Arrival {
    pub(super) fn of(request: &Request) -> Self {
        let endpoint = Endpoint::of(&request.path);
        let params = Params::of(request);
        let asked = params.as_ref().map_or("", |params| params.text("grant_type"));
        let grant_type = (endpoint == Endpoint::Token).then(|| GrantType::parse(asked));
        Self { endpoint, grant_type, params }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_leads_somewhere() {
        for path in Endpoint::PATHS {
            assert_ne!(Endpoint::of(path), Endpoint::Unknown, "{path}");
        }
        assert_eq!(Endpoint::of("/oauth/token/"), Endpoint::Unknown);
    }
}
