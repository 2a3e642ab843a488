//! What this client is and how it is configured: for people who look for a fault. Sends nothing.

use aig_cache::Statistics;

use crate::{Client, settings::Reading};

/// What a client is and how it is configured. Secrets are masked.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Info {
    /// The version of this library.
    pub version: &'static str,
    /// The version of the API that it knows.
    pub api_version: &'static str,
    /// How it calls itself.
    pub user_agent: String,
    /// The root of the API.
    pub api_root: String,
    /// The environment, when it is a known one.
    pub environment: Option<String>,
    /// Every setting.
    pub settings: Vec<Reading>,
    /// What the cache did so far.
    pub cache: Statistics,
}

impl Client {
    /// What this client is and how it is configured. Nothing is sent.
    pub fn info(&self) -> Info {
        let settings = self.settings();
        Info {
            version: env!("CARGO_PKG_VERSION"),
            api_version: aig_codegen::API_VERSION,
            user_agent: self.inner().writer.user_agent.clone(),
            api_root: settings.api_root.to_string(),
            environment: settings.environment.map(|name| name.to_string()),
            settings: settings.report().to_vec(),
            cache: self.cache_statistics(),
        }
    }
}
