//! The variables by which programs find a sandbox.

use std::fmt;

use aig_auth::testkit::AuthorizationServer;

use crate::{
    sandbox::{AUDIENCE, CLIENT_ID_DEVICE, CLIENT_ID_INTERACTIVE},
    storage,
};

/// Names and values, in a fixed order. `Debug` shows the names.
#[derive(Clone, PartialEq, Eq)]
pub struct Environment(Vec<(&'static str, String)>);

impl Environment {
    /// Of the sandbox at `root`.
    pub(crate) fn of(root: &str, authorization: &AuthorizationServer) -> Self {
        let endpoints = authorization.endpoints();
        Self(vec![
            ("AIGNOSTICS_API_ROOT", root.to_owned()),
            ("AIGNOSTICS_AUDIENCE", AUDIENCE.to_owned()),
            ("AIGNOSTICS_AUTHORIZATION_BASE_URL", endpoints.authorization),
            ("AIGNOSTICS_TOKEN_URL", endpoints.token),
            ("AIGNOSTICS_REDIRECT_URI", "http://localhost:8989/".to_owned()),
            ("AIGNOSTICS_DEVICE_URL", endpoints.device_authorization),
            ("AIGNOSTICS_JWS_JSON_URL", endpoints.jwks),
            ("AIGNOSTICS_CLIENT_ID_INTERACTIVE", CLIENT_ID_INTERACTIVE.to_owned()),
            ("AIGNOSTICS_CLIENT_ID_DEVICE", CLIENT_ID_DEVICE.to_owned()),
            ("AIGNOSTICS_BUCKET_ENDPOINT", format!("{root}{}", storage::PREFIX)),
            // The Python SDK's OAuth library refuses http without it.
            ("OAUTHLIB_INSECURE_TRANSPORT", "1".to_owned()),
        ])
    }

    /// Each name with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(given, _)| *given == name).map(|(_, value)| value)
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
