//! The known environments of the platform, and what belongs to each.

use std::{fmt, str::FromStr};

use url::Url;

use crate::settings::reader::{Reader, web_address};

/// One of the platform's environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EnvironmentName {
    /// Where the work is done.
    Production,
    /// Where releases are tried.
    Staging,
    /// Where the platform's own tests run.
    Test,
    /// Where it is developed.
    Dev,
}

/// What belongs to an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Endpoints {
    pub(crate) root: &'static str,
    pub(crate) audience: &'static str,
    /// The host of the authorization server.
    pub(crate) tenant: &'static str,
    pub(crate) client_id: &'static str,
    pub(crate) status_page: Option<&'static str>,
}

const DEVELOPMENT_TENANT: &str = "dev-8ouohmmrbuh2h4vu.eu.auth0.com";
const DEVELOPMENT_AUDIENCE: &str = "https://dev-8ouohmmrbuh2h4vu-samia";
const DEVELOPMENT_CLIENT: &str = "gqduveFvx7LX90drQPGzr4JGUYdh24gA";

impl EnvironmentName {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Production, Self::Staging, Self::Test, Self::Dev];

    /// The root of its API.
    pub fn root(self) -> Url {
        parse_known(self.endpoints().root)
    }

    /// The environment with this API root; a trailing slash does not matter.
    pub fn of_root(root: &Url) -> Option<Self> {
        let bare = root.as_str().trim_end_matches('/');
        Self::ALL.into_iter().find(|name| name.endpoints().root == bare)
    }

    pub(crate) fn endpoints(self) -> Endpoints {
        match self {
            Self::Production => Endpoints {
                root: "https://platform.aignostics.com",
                audience: "https://aignostics-platform-samia",
                tenant: "aignostics-platform.eu.auth0.com",
                client_id: "YtJ7F9lAtxx16SZGQlYPe6wcjlXB78MM",
                status_page: Some("https://status.platform.aignostics.com"),
            },
            Self::Staging => Endpoints {
                root: "https://platform-staging.aignostics.com",
                audience: "https://aignostics-platform-staging-samia",
                tenant: "aignostics-platform-staging.eu.auth0.com",
                client_id: "fQkbvYzQPPVwLxc3uque5JsyFW00rJ7b",
                status_page: Some("https://status.platform-staging.aignostics.com"),
            },
            Self::Test => development("https://platform-test.aignostics.ai"),
            Self::Dev => development("https://platform-dev.aignostics.ai"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Staging => "staging",
            Self::Test => "test",
            Self::Dev => "dev",
        }
    }
}

fn development(root: &'static str) -> Endpoints {
    Endpoints {
        root,
        audience: DEVELOPMENT_AUDIENCE,
        tenant: DEVELOPMENT_TENANT,
        client_id: DEVELOPMENT_CLIENT,
        status_page: None,
    }
}

#[expect(clippy::expect_used, reason = "the addresses are constants, and a test parses every one")]
fn parse_known(root: &str) -> Url {
    Url::parse(root).expect("a constant URL")
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is no name of an environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown environment; known are production, staging, test and dev")]
pub struct UnknownEnvironment;

impl FromStr for EnvironmentName {
    type Err = UnknownEnvironment;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "production" | "prod" => Ok(Self::Production),
            "staging" => Ok(Self::Staging),
            "test" => Ok(Self::Test),
            "dev" | "development" => Ok(Self::Dev),
            _ => Err(UnknownEnvironment),
        }
    }
}

/// The API root: a URL, or the name of an environment.
pub(crate) fn read_api_root(reader: &mut Reader<'_>) -> Option<Url> {
    reader.parsed(
        "AIGNOSTICS_API_ROOT",
        EnvironmentName::Production.endpoints().root,
        "https URL (http on loopback), or production, staging, test, dev",
        "root of the API, or the name of an environment",
        |text| match text.parse::<EnvironmentName>() {
            Ok(name) => Ok(name.root()),
            Err(_) => api_root(text),
        },
    )
}

fn api_root(text: &str) -> Result<Url, String> {
    let url = web_address(text)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must have no query and no fragment".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_environment_is_found_by_name_and_by_root_with_and_without_slash() {
        for name in EnvironmentName::ALL {
            assert_eq!(name.to_string().parse(), Ok(name));
            let root = name.endpoints().root;
            for text in [root.to_owned(), format!("{root}/")] {
                assert_eq!(EnvironmentName::of_root(&Url::parse(&text).unwrap()), Some(name));
            }
        }
        assert_eq!(
            EnvironmentName::of_root(&Url::parse("https://platform.aignostics.com.evil.example").unwrap()),
            None
        );
    }
}
