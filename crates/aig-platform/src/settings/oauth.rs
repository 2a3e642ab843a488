//! How to sign in: the table of the environment, with every part that the user overrides.

use aig_auth::Secret;
use url::Url;

use crate::settings::{EnvironmentName, Origin, environment::Endpoints, reader::Reader};

/// What a sign-in needs to know.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OAuthSettings {
    /// Whom the tokens are for.
    pub audience: String,
    /// Where a person signs in.
    pub authorization_base_url: Url,
    /// Where tokens come from.
    pub token_url: Url,
    /// Where the browser returns to.
    pub redirect_uri: Url,
    /// Where a device authorization begins.
    pub device_url: Url,
    /// The keys that tokens are signed with.
    pub jws_json_url: Url,
    /// The client id of flows with a browser, and of refreshes.
    pub client_id_interactive: String,
    /// The client id of the device flow. The environments have none of their own.
    pub client_id_device: Option<Secret>,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// The organization to sign in to.
    pub organization_id: Option<String>,
}

impl OAuthSettings {
    /// The issuer of the tokens: scheme and host of the page where a person signs in, with a slash.
    pub fn issuer(&self) -> String {
        format!("{}/", self.authorization_base_url.origin().ascii_serialization())
    }
}

const REDIRECT_URI: &str = "http://localhost:8989/";

/// Variables without which an API root of the user's own has no sign-in.
const REQUIRED: [&str; 6] = [
    "AIGNOSTICS_AUDIENCE",
    "AIGNOSTICS_AUTHORIZATION_BASE_URL",
    "AIGNOSTICS_TOKEN_URL",
    "AIGNOSTICS_DEVICE_URL",
    "AIGNOSTICS_JWS_JSON_URL",
    "AIGNOSTICS_CLIENT_ID_INTERACTIVE",
];

/// The parts that are set override the table one by one. Without a table (an API root of the user's own) either all
/// required parts are set, or none, and then signing in is left to a token provider.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    name: Option<EnvironmentName>,
    table: Option<&Endpoints>,
) -> Option<OAuthSettings> {
    if table.is_none() {
        refuse_half(reader);
    }
    let origin = name.map_or(Origin::Default, Origin::Environment);
    let tenant = |path: &str| table.map(|table| format!("https://{}{path}", table.tenant));
    let mut url = |name: &str, path: &str, meaning: &str| {
        let default = tenant(path);
        reader.url_from(name, default.as_deref().map(|text| (text, origin.clone())), meaning)
    };
    let authorization = url("AIGNOSTICS_AUTHORIZATION_BASE_URL", "/authorize", "page where a person signs in");
    let token = url("AIGNOSTICS_TOKEN_URL", "/oauth/token", "token endpoint");
    let device = url("AIGNOSTICS_DEVICE_URL", "/oauth/device/code", "endpoint of the device authorization");
    let keys = url("AIGNOSTICS_JWS_JSON_URL", "/.well-known/jwks.json", "signing keys of the tokens");
    let redirect = reader.url("AIGNOSTICS_REDIRECT_URI", Some(REDIRECT_URI), "where the browser returns to");
    let mut text = |name: &str, default: Option<&'static str>, length, meaning: &str| {
        reader.text_from(name, default.map(|text| (text, origin.clone())), length, meaning)
    };
    let audience = text("AIGNOSTICS_AUDIENCE", table.map(|table| table.audience), 10..=100, "whom tokens are for");
    let client = text("AIGNOSTICS_CLIENT_ID_INTERACTIVE", table.map(|table| table.client_id), 1..=200, "client id");
    let organization_id = text("AIGNOSTICS_ORGANIZATION_ID", None, 1..=200, "organization to sign in to");
    let client_id_device = reader.secret("AIGNOSTICS_CLIENT_ID_DEVICE", 1..=200, "client id of the device flow");
    let scopes = reader.text("AIGNOSTICS_SCOPE", Some("offline_access"), 3..=1000, "scopes, separated by commas");
    Some(OAuthSettings {
        audience: audience?,
        authorization_base_url: authorization?,
        token_url: token?,
        redirect_uri: redirect?,
        device_url: device?,
        jws_json_url: keys?,
        client_id_interactive: client?,
        client_id_device,
        scopes: elements(&scopes?),
        organization_id,
    })
}

fn refuse_half(reader: &mut Reader<'_>) {
    let (set, missing): (Vec<&str>, Vec<&str>) = REQUIRED.into_iter().partition(|name| reader.is_set(name));
    if set.is_empty() {
        return;
    }
    for name in missing {
        let message = format!("is needed, because AIGNOSTICS_API_ROOT is no known environment and {} is set", set[0]);
        reader.refuse(name, message);
    }
}

fn elements(text: &str) -> Vec<String> {
    text.split([',', ' ']).map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}
